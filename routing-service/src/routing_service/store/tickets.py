"""Tickets and their routing, locked in batches and in one order, so that replicas don't deadlock."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import attrgetter

import orjson
from projection_kit.changes import Change, together
from projection_kit.locked_rows import Key, LockedRows
from projection_kit.rollup import Rollup
from service_kit.database.statements import Prepared, run
from sqlalchemy import text
from sqlalchemy.orm import Session

from routing_service.domain.decision import Decision
from routing_service.domain.ticket import Ticket
from routing_service.domain.totals import differences

_TICKETS = LockedRows(
    "tickets",
    Ticket,
    types={
        "ticket_uuid": "uuid",
        "priority_given": "boolean",
        "team_id": "bigint",
        "team_by_person": "boolean",
        "confidence_score": "numeric",
        "need_admin": "boolean",
        "rerouted": "boolean",
        "routed_at": "timestamptz",
        "routings": "int",
        "revision": "int",
        "prediction_revision": "int",
        "edit_revision": "int",
        "request_revision": "int",
        "by_hand_at": "timestamptz",
        "gone": "boolean",
        "category_given": "boolean",
        "company_id": "int",
        "ticket_id": "bigint",
    },
    read_as={
        "ticket_uuid": "ticket_uuid::text",
        "confidence_score": "coalesce(confidence_score, 0)::double precision",
    },
    columns={"prediction_revision": "answer_revision", "request_revision": "wish_revision"},
)
_COUNTS = ("tickets", "routings", "rerouted", "confidence")
_TOTALS = Rollup("routing_totals", key={"company_id": "int", "department": "text"}, counts=_COUNTS)
_counts = attrgetter(*_COUNTS)

_FIND = f"select {_TICKETS.selected} from tickets where company_id = :company and ticket_id = :ticket"

_ADD_ROUTINGS = Prepared(
    "add_routings",
    """
    insert into ticket_routing (company_id, ticket_id, department, team_id, team, confidence_score, need_admin,
        decided_by, actor, reason, applied, rerouted)
    select company_id, ticket_id, department, team_id, team, confidence_score, need_admin, decided_by, actor, reason,
        applied, rerouted
    from rows from (
        jsonb_to_recordset(:routings_made) as (company_id int, ticket_id bigint, department text, team_id bigint,
            team text, confidence_score numeric, need_admin boolean, decided_by text, actor text, reason text,
            applied boolean, rerouted boolean)
    ) with ordinality as r(company_id, ticket_id, department, team_id, team, confidence_score, need_admin, decided_by,
        actor, reason, applied, rerouted, place)
    order by place
    returning id
    """,
    {"routings_made": "jsonb"},
)


def lock(session: Session, keys: Iterable[Key]) -> dict[Key, Ticket]:
    """Lock tickets until the transaction ends and return them; unknown ones are inserted, unrouted."""
    return _TICKETS.lock(session, keys)


def lock_known(session: Session, company_id: int, ticket_id: int) -> Ticket | None:
    """Lock a ticket until the transaction ends and return it; None where this service doesn't have it."""
    return _find(session, f"{_FIND} for update", company_id, ticket_id)


def get(session: Session, company_id: int, ticket_id: int) -> Ticket | None:
    """Return a ticket without a lock; None where this service doesn't have it."""
    return _find(session, _FIND, company_id, ticket_id)


def save(
    session: Session, before: Mapping[Key, Ticket], after: Mapping[Key, Ticket], decisions: Sequence[Decision]
) -> list[int]:
    """Store locked tickets, the differences of the counts and the history, in one round trip.

    Returns the ids of the history entries, one per decision.
    """
    statements, values = _changes(before, after, decisions)
    rows = run(session, statements, values) if statements else []
    return [row.id for row in rows] if decisions else []


def _changes(
    before: Mapping[Key, Ticket], after: Mapping[Key, Ticket], decisions: Sequence[Decision]
) -> tuple[list[Prepared], dict[str, str]]:
    changed = {key: ticket for key, ticket in after.items() if ticket != before[key]}
    deltas = differences((before[key], ticket) for key, ticket in changed.items())
    changes: list[Change] = []
    if changed:
        changes.append(_TICKETS.save(changed.values()))
    if deltas:
        changes.append(_TOTALS.add({place: _counts(total) for place, total in deltas.items()}))
    if decisions:
        routings = [decision.routing for decision in decisions]
        changes.append((_ADD_ROUTINGS, {"routings_made": orjson.dumps(routings).decode()}))
    return together(changes)


def delete_history(session: Session, keys: Collection[Key]) -> None:
    """Delete the history of deleted tickets."""
    session.execute(
        text(
            "delete from ticket_routing r using unnest(cast(:companies as int[]), cast(:tickets as bigint[]))"
            " as w(company_id, ticket_id) where r.company_id = w.company_id and r.ticket_id = w.ticket_id"
            " and r.ticket_id = any(cast(:tickets as bigint[]))"
        ),
        {"companies": [key[0] for key in keys], "tickets": [key[1] for key in keys]},
    )


def _find(session: Session, sql: str, company_id: int, ticket_id: int) -> Ticket | None:
    row = session.execute(text(sql), {"company": company_id, "ticket": ticket_id}).one_or_none()
    return None if row is None else Ticket._make(row)
