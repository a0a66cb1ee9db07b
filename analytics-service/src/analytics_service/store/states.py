"""Ticket states and rollups, locked in one order, so that replicas don't deadlock."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from service_kit.database.pg_arrays import pg_array, pg_text_array
from service_kit.database.statements import Prepared, enqueue, run
from sqlalchemy import text
from sqlalchemy.orm import Session

from analytics_service.domain.counting import TOTAL_FIELDS, Differences, differences
from analytics_service.domain.state import TicketState
from analytics_service.store.log import Key

# ruff: noqa: S608 - only column names that stand in this file or in the domain are put together here.

_COLUMNS = TicketState._fields
_TYPES = {
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
    "answer_revision": "int",
    "first_resolved_at": "timestamptz",
    "gone": "boolean",
}
_SELECTED = ", ".join(f"s.{name}" for name in _COLUMNS)
_RECORD = ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in _COLUMNS)
_CHANGED = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in ("company_id", "ticket_id"))

# The lateral join forces one lookup per ticket: on a table without statistics a plain join under row-level security
# reads all tickets of the company. The order is the order of the locks.
_LOCK = Prepared(
    "lock_states",
    f"""
    with wanted as (
        select * from unnest(:companies, :tickets) as w(company_id, ticket_id)
    ), existing as materialized (
        select k.* from (select * from wanted order by company_id, ticket_id) w cross join lateral (
            select {_SELECTED} from ticket_state s
            where s.company_id = w.company_id and s.ticket_id = w.ticket_id for update
        ) k
    ), inserted as (
        insert into ticket_state as s (company_id, ticket_id)
        select company_id, ticket_id from wanted where (company_id, ticket_id) not in (
            select company_id, ticket_id from existing
        ) order by company_id, ticket_id
        on conflict (company_id, ticket_id) do nothing
        returning {_SELECTED}
    )
    select * from existing union all select * from inserted
    """,
    {"companies": "int[]", "tickets": "bigint[]"},
)

# The rows exist and are locked; an upsert finds them by the primary key, whatever the planner's statistics.
_SAVE_STATES = Prepared(
    "save_states",
    f"""
    insert into ticket_state as s ({", ".join(_COLUMNS)})
    select * from jsonb_to_recordset(:states) as n({_RECORD})
    on conflict (company_id, ticket_id) do update set {_CHANGED}
    """,
    {"states": "jsonb"},
)

_SAVE_TOTALS = Prepared(
    "save_totals",
    f"""
    insert into ticket_totals as t (company_id, department, status, {", ".join(TOTAL_FIELDS)})
    select * from unnest(:total_companies, :total_departments, :total_statuses,
        {", ".join(f":{name}" for name in TOTAL_FIELDS)})
    on conflict (company_id, department, status) do update set
        {", ".join(f"{name} = t.{name} + excluded.{name}" for name in TOTAL_FIELDS)}
    """,
    {
        "total_companies": "int[]",
        "total_departments": "text[]",
        "total_statuses": "text[]",
        **dict.fromkeys(TOTAL_FIELDS, "bigint[]"),
    },
)

_SAVE_DAYS = Prepared(
    "save_days",
    """
    insert into tickets_by_day as t (company_id, day, department, created)
    select * from unnest(:day_companies, :days, :day_departments, :day_created)
    on conflict (company_id, day, department) do update set created = t.created + excluded.created
    """,
    {"day_companies": "int[]", "days": "date[]", "day_departments": "text[]", "day_created": "bigint[]"},
)

# Queries read only the minutes of the last day, so changes of older minutes are dropped and their rows are deleted.
# A row that is still read has had every change, because it was younger when the changes came.
_SAVE_MINUTES = Prepared(
    "save_minutes",
    """
    insert into tickets_by_minute as t (company_id, minute, created)
    select * from unnest(:minute_companies, :minutes, :minute_created) as m(company_id, minute, created)
    where m.minute > now() - interval '25 hours'
    on conflict (company_id, minute) do update set created = t.created + excluded.created
    """,
    {"minute_companies": "int[]", "minutes": "timestamptz[]", "minute_created": "bigint[]"},
)
_DELETE_OLD_MINUTES = Prepared(
    "delete_old_minutes",
    """
    delete from tickets_by_minute where (company_id, minute) in (
        select company_id, minute from tickets_by_minute
        where company_id = any(:minute_companies) and minute < now() - interval '26 hours'
        order by company_id, minute limit 500 for update skip locked
    )
    """,
    {"minute_companies": "int[]"},
)


def lock(session: Session, keys: Iterable[Key]) -> dict[Key, TicketState]:
    """Lock tickets until the transaction ends and return their states; unknown ones are inserted."""
    missing = set(keys)
    found: dict[Key, TicketState] = {}
    while missing:
        # A concurrent transaction may have inserted a ticket; the next round finds it.
        ordered = sorted(missing)
        columns = {"companies": pg_array(key[0] for key in ordered), "tickets": pg_array(key[1] for key in ordered)}
        rows = run(session, [_LOCK], columns)
        for row in rows:
            found[row.company_id, row.ticket_id] = TicketState._make(row)
        missing -= found.keys()
    return found


def save(session: Session, before: Mapping[Key, TicketState], after: Mapping[Key, TicketState]) -> None:
    """Store locked tickets' new states and add the differences to the rollups, in the commit's round trip."""
    changed = {key: state for key, state in after.items() if state != before[key]}
    if not changed:
        return
    found = differences((before[key], state) for key, state in changed.items())
    values: dict[str, Any] = {"states": orjson.dumps([state._asdict() for state in changed.values()]).decode()}
    statements = [_SAVE_STATES]
    if found.totals:
        statements.append(_SAVE_TOTALS)
        values |= _total_columns(found)
    if found.days:
        statements.append(_SAVE_DAYS)
        values |= _day_columns(found)
    if found.minutes:
        statements += [_SAVE_MINUTES, _DELETE_OLD_MINUTES]
        values |= _minute_columns(found)
    enqueue(session, statements, values)


def _total_columns(found: Differences) -> dict[str, Any]:
    return {
        "total_companies": pg_array(company_id for company_id, _, _ in found.totals),
        "total_departments": pg_text_array(department for _, department, _ in found.totals),
        "total_statuses": pg_text_array(status for _, _, status in found.totals),
        **{name: pg_array(getattr(total, name) for total in found.totals.values()) for name in TOTAL_FIELDS},
    }


def _day_columns(found: Differences) -> dict[str, Any]:
    return {
        "day_companies": pg_array(company_id for company_id, _, _ in found.days),
        "days": pg_array(day for _, day, _ in found.days),
        "day_departments": pg_text_array(department for _, _, department in found.days),
        "day_created": pg_array(found.days.values()),
    }


def _minute_columns(found: Differences) -> dict[str, Any]:
    return {
        "minute_companies": pg_array(company_id for company_id, _ in found.minutes),
        "minutes": pg_text_array(minute.isoformat() for _, minute in found.minutes),
        "minute_created": pg_array(found.minutes.values()),
    }


def clear(session: Session, company_id: int) -> None:
    """Delete a company's states and rollups for a rebuild, and lock the states until the transaction ends."""
    session.execute(text("lock table ticket_state in share row exclusive mode"))
    for table in ("ticket_state", "ticket_totals", "tickets_by_day", "tickets_by_minute"):
        session.execute(text(f"delete from {table} where company_id = :company"), {"company": company_id})
