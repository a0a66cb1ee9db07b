"""Ticket states and rollups, locked in one order, so that replicas don't deadlock."""

from collections.abc import Iterable, Mapping

from projection_kit.changes import Change, together
from projection_kit.locked_rows import LockedRows
from projection_kit.rollup import Rollup
from service_kit.database.statements import Prepared, run
from sqlalchemy import text
from sqlalchemy.orm import Session

from analytics_service.domain.counting import TOTAL_FIELDS, differences, values
from analytics_service.domain.state import TicketState
from analytics_service.store.log import Key

# ruff: noqa: S608 - only names of tables that stand in this file are put together here.

_STATES = LockedRows(
    "ticket_state",
    TicketState,
    types={
        "company_id": "int",
        "ticket_id": "bigint",
        "created_at": "timestamptz",
        "status_revision": "int",
        "confidence": "int",
        "need_admin": "boolean",
        "rerouted": "boolean",
        "routed_revision": "int",
        "first_routed_at": "timestamptz",
        "answer_confidence": "int",
        "prediction_revision": "int",
        "first_resolved_at": "timestamptz",
        "gone": "boolean",
    },
    columns={"prediction_revision": "answer_revision"},
)
_TOTALS = Rollup(
    "ticket_totals", key={"company_id": "int", "department": "text", "status": "text"}, counts=TOTAL_FIELDS
)
_DAYS = Rollup("tickets_by_day", key={"company_id": "int", "day": "date", "department": "text"}, counts=("created",))
# Queries read only the minutes of the last day, so changes of older minutes are dropped and their rows are deleted.
# A row that is still read has had every change, because it was younger when the changes came.
_MINUTES = Rollup(
    "tickets_by_minute",
    key={"company_id": "int", "minute": "timestamptz"},
    counts=("created",),
    where="minute > now() - interval '25 hours'",
)
_DELETE_OLD_MINUTES = Prepared(
    "delete_old_minutes",
    """
    delete from tickets_by_minute where (company_id, minute) in (
        select company_id, minute from tickets_by_minute
        where company_id = any(:tickets_by_minute_company_id) and minute < now() - interval '26 hours'
        order by company_id, minute limit 500 for update skip locked
    )
    """,
    {"tickets_by_minute_company_id": "int[]"},
)


def lock(session: Session, keys: Iterable[Key]) -> dict[Key, TicketState]:
    """Lock tickets until the transaction ends and return their states; unknown ones are inserted."""
    return _STATES.lock(session, keys)


def save(session: Session, before: Mapping[Key, TicketState], after: Mapping[Key, TicketState]) -> None:
    """Store locked tickets' new states and add the differences to the rollups, in one round trip."""
    changed = {key: state for key, state in after.items() if state != before[key]}
    if not changed:
        return
    found = differences((before[key], state) for key, state in changed.items())
    changes: list[Change] = [_STATES.save(changed.values())]
    if found.totals:
        changes.append(_TOTALS.add({place: values(total) for place, total in found.totals.items()}))
    if found.days:
        changes.append(_DAYS.add({place: (created,) for place, created in found.days.items()}))
    if found.minutes:
        minutes = _MINUTES.add({place: (created,) for place, created in found.minutes.items()})
        changes += [minutes, (_DELETE_OLD_MINUTES, minutes[1])]
    run(session, *together(changes))


def clear(session: Session, company_id: int) -> None:
    """Delete a company's states and rollups for a rebuild, and lock the states until the transaction ends."""
    session.execute(text("lock table ticket_state in share row exclusive mode"))
    for table in ("ticket_state", "ticket_totals", "tickets_by_day", "tickets_by_minute"):
        session.execute(text(f"delete from {table} where company_id = :company"), {"company": company_id})
