"""Tickets and their routing, locked in batches and in one order, so that replicas don't deadlock."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson
from service_kit.database.pg_arrays import pg_array, pg_text_array
from service_kit.database.statements import Prepared, enqueue, run
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from routing_service.domain.decision import Decision, Routing
from routing_service.domain.ticket import Ticket
from routing_service.domain.totals import Total, differences

Key = tuple[int, int]
"""Company and ticket."""

_COLUMNS = Ticket._fields
_TYPES = {
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
    "answer_revision": "int",
    "edit_revision": "int",
    "wish_revision": "int",
    "by_hand_at": "timestamptz",
    "gone": "boolean",
    "company_id": "int",
    "ticket_id": "bigint",
}
_READ_AS = {
    "ticket_uuid": "t.ticket_uuid::text",
    "confidence_score": "coalesce(t.confidence_score, 0)::double precision",
}
_SELECTED = ", ".join(f"{_READ_AS.get(name, f't.{name}')} as {name}" for name in _COLUMNS)
_RECORD = ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in _COLUMNS)
_CHANGED = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in ("company_id", "ticket_id"))

# The lateral join forces one lookup per ticket: on a table without statistics a plain join under row-level security
# reads all tickets of the company. The order is the order of the locks.
_LOCK = Prepared(
    "lock_tickets",
    f"""
    with wanted as (
        select * from unnest(:companies, :tickets) as w(company_id, ticket_id)
    ), existing as materialized (
        select k.* from (select * from wanted order by company_id, ticket_id) w cross join lateral (
            select {_SELECTED} from tickets t
            where t.company_id = w.company_id and t.ticket_id = w.ticket_id for update
        ) k
    ), inserted as (
        insert into tickets as t (company_id, ticket_id)
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

_LOCK_KNOWN = text(f"select {_SELECTED} from tickets t where company_id = :company and ticket_id = :ticket for update")

# The rows exist and are locked; an upsert finds them by the primary key, whatever the planner's statistics.
_SAVE_TICKETS = Prepared(
    "save_tickets",
    f"""
    insert into tickets as t ({", ".join(_COLUMNS)})
    select * from jsonb_to_recordset(:tickets) as n({_RECORD})
    on conflict (company_id, ticket_id) do update set {_CHANGED}
    """,
    {"tickets": "jsonb"},
)

_SAVE_TOTALS = Prepared(
    "save_totals",
    """
    insert into routing_totals as t (company_id, department, tickets, routings, rerouted, confidence)
    select d.* from unnest(
        :companies, :departments, :counted, :routings, :rerouted, :confidence
    ) as d(company_id, department, tickets, routings, rerouted, confidence)
    order by d.company_id, d.department
    on conflict (company_id, department) do update set
        tickets = t.tickets + excluded.tickets,
        routings = t.routings + excluded.routings,
        rerouted = t.rerouted + excluded.rerouted,
        confidence = t.confidence + excluded.confidence
    """,
    {
        "companies": "int[]",
        "departments": "text[]",
        "counted": "bigint[]",
        "routings": "bigint[]",
        "rerouted": "bigint[]",
        "confidence": "bigint[]",
    },
)

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
    missing = set(keys)
    found: dict[Key, Ticket] = {}
    while missing:
        # A concurrent transaction may have inserted a ticket; the next round finds it.
        ordered = sorted(missing)
        columns = {"companies": pg_array(key[0] for key in ordered), "tickets": pg_array(key[1] for key in ordered)}
        rows = run(session, [_LOCK], columns)
        for row in rows:
            ticket = _ticket(row)
            found[ticket.company_id, ticket.ticket_id] = ticket
        missing -= found.keys()
    return found


def lock_known(session: Session, company_id: int, ticket_id: int) -> Ticket | None:
    """Lock a ticket until the transaction ends and return it; None where this service doesn't have it."""
    row = session.execute(_LOCK_KNOWN, {"company": company_id, "ticket": ticket_id}).one_or_none()
    return None if row is None else _ticket(row)


def get(session: Session, company_id: int, ticket_id: int) -> Ticket | None:
    """Return a ticket without a lock; None where this service doesn't have it."""
    query = text(f"select {_SELECTED} from tickets t where company_id = :company and ticket_id = :ticket")
    row = session.execute(query, {"company": company_id, "ticket": ticket_id}).one_or_none()
    return None if row is None else _ticket(row)


def save(
    session: Session, before: Mapping[Key, Ticket], after: Mapping[Key, Ticket], decisions: Sequence[Decision]
) -> list[int]:
    """Store locked tickets, the differences of the counts and the history, in one round trip.

    Returns the ids of the history entries, one per decision.
    """
    statements, values = _changes(before, after, decisions)
    rows = run(session, statements, values) if statements else []
    return [row.id for row in rows] if decisions else []


def enqueue_save(
    session: Session, before: Mapping[Key, Ticket], after: Mapping[Key, Ticket], decisions: Sequence[Decision]
) -> None:
    """Store locked tickets, counts and history with the transaction's next statement or its commit."""
    statements, values = _changes(before, after, decisions)
    if statements:
        enqueue(session, statements, values)


def _changes(
    before: Mapping[Key, Ticket], after: Mapping[Key, Ticket], decisions: Sequence[Decision]
) -> tuple[list[Prepared], dict[str, Any]]:
    changed = {key: ticket for key, ticket in after.items() if ticket != before[key]}
    deltas = differences((before[key], ticket) for key, ticket in changed.items())
    statements: list[Prepared] = []
    values: dict[str, Any] = {}
    if changed:
        statements.append(_SAVE_TICKETS)
        values["tickets"] = _json([ticket._asdict() for ticket in changed.values()])
    if deltas:
        statements.append(_SAVE_TOTALS)
        values |= _columns(deltas)
    if decisions:
        statements.append(_ADD_ROUTINGS)
        values["routings_made"] = _json([decision.routing for decision in decisions])
    return statements, values


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


def _columns(deltas: dict[tuple[int, str], Total]) -> dict[str, Any]:
    return {
        "companies": pg_array(company_id for company_id, _ in deltas),
        "departments": pg_text_array(department for _, department in deltas),
        "counted": pg_array(total.tickets for total in deltas.values()),
        "routings": pg_array(total.routings for total in deltas.values()),
        "rerouted": pg_array(total.rerouted for total in deltas.values()),
        "confidence": pg_array(total.confidence for total in deltas.values()),
    }


def _json(rows: Sequence[dict[str, Any] | Routing]) -> str:
    return orjson.dumps(rows).decode()


def _ticket(row: Row[Any]) -> Ticket:
    return Ticket._make(row)
