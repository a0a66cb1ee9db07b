"""The trail of a ticket. The application's database role may insert and select, nothing else."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from service_kit.database.pg_arrays import pg_array, pg_text_array
from service_kit.database.statements import Prepared, run
from sqlalchemy import select
from sqlalchemy.orm import Session

from ticket_service.domain.trail import Entry
from ticket_service.store.tables import ticket_events


class TrailRow(NamedTuple):
    """A stored entry of a trail."""

    id: int
    event_type: str
    actor: str
    cause: str
    payload: Mapping[str, Any]
    request_id: str
    created_at: datetime


APPEND = Prepared(
    "append_trail",
    """
    insert into ticket_events (company_id, ticket_id, event_type, actor, cause, payload, request_id)
    select t.company_id, t.id, e.event_type, e.actor, e.cause, e.payload, e.request_id
    from unnest(:company_ids, :ticket_ids, :event_types, :actors, :causes, :payloads, :request_ids)
         with ordinality as e (company_id, ticket_id, event_type, actor, cause, payload, request_id, place)
    join tickets t on t.company_id = e.company_id and t.id = e.ticket_id
    order by e.place
    -- The lock keeps a ticket that is being deleted from leaving trail entries behind.
    for key share of t
    """,
    {
        "company_ids": "int[]",
        "ticket_ids": "bigint[]",
        "event_types": "text[]",
        "actors": "text[]",
        "causes": "text[]",
        "payloads": "jsonb[]",
        "request_ids": "text[]",
    },
)


def append(session: Session, entries: Sequence[Entry]) -> None:
    """Append entries in their order; entries of deleted tickets are dropped."""
    if not entries:
        return
    run(
        session,
        [APPEND],
        {
            "company_ids": pg_array(entry.company_id for entry in entries),
            "ticket_ids": pg_array(entry.ticket_id for entry in entries),
            "event_types": pg_text_array(entry.event_type for entry in entries),
            "actors": pg_text_array(entry.actor for entry in entries),
            "causes": pg_text_array(entry.cause for entry in entries),
            "payloads": pg_text_array(orjson.dumps(dict(entry.payload)).decode() for entry in entries),
            "request_ids": pg_text_array(entry.request_id for entry in entries),
        },
    )


def page(
    session: Session, company_id: int, ticket_id: int, *, only: Sequence[str] = (), after: int, limit: int
) -> list[TrailRow]:
    """Return up to `limit` entries newer than the entry `after`, oldest first; `only` of these types, if it names any.

    Index: ticket_events_of. Entries of other types are read and left out; a ticket has few.
    """
    query = (
        select(*(ticket_events.c[name] for name in TrailRow._fields))
        .where(
            ticket_events.c.company_id == company_id,
            ticket_events.c.ticket_id == ticket_id,
            ticket_events.c.id > after,
        )
        .order_by(ticket_events.c.id)
        .limit(limit)
    )
    if only:
        query = query.where(ticket_events.c.event_type.in_(only))
    return [TrailRow(*row) for row in session.execute(query)]
