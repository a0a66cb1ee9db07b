"""The append-only log of ticket events, read only by a rebuild. It holds no ticket text and no names of people."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from service_kit.database.pg_arrays import pg_array, pg_text_array
from service_kit.database.statements import Prepared, run
from sqlalchemy import text
from sqlalchemy.orm import Session

from analytics_service.domain.state import Kind, TicketEvent

Key = tuple[int, int]
"""Company and ticket."""

MAX_CHUNK_ENTRIES = 2_000


@dataclass(frozen=True)
class Entry:
    """A logged event about a ticket."""

    company_id: int
    ticket_id: int
    event_id: str
    source: str
    event: TicketEvent


_APPEND = Prepared(
    "append_events",
    """
    insert into analytics_events (company_id, event_id, type, source, ticket_id, revision, occurred_at, status,
        department, confidence, need_admin, rerouted, decided_by)
    select * from unnest(:companies, :events, :types, :sources, :tickets, :revisions, :times, :statuses, :departments,
        :confidences, :need_admins, :rerouteds, :deciders)
    """,
    {
        "companies": "int[]",
        "events": "uuid[]",
        "types": "text[]",
        "sources": "text[]",
        "tickets": "bigint[]",
        "revisions": "int[]",
        "times": "timestamptz[]",
        "statuses": "text[]",
        "departments": "text[]",
        "confidences": "int[]",
        "need_admins": "boolean[]",
        "rerouteds": "boolean[]",
        "deciders": "text[]",
    },
)

_DELETE_ENTRIES = text("""
    delete from analytics_events e
    using unnest(cast(:companies as int[]), cast(:tickets as bigint[])) as g(company_id, ticket_id)
    where e.company_id = g.company_id and e.ticket_id = g.ticket_id and e.type <> :deleted
        and e.ticket_id = any(cast(:tickets as bigint[]))
""")

# Index: analytics_events_of. A chunk holds whole tickets.
_CHUNK = text("""
    with chunk as (
        select max(ticket_id) as last from (
            select ticket_id from analytics_events where company_id = :company and ticket_id > :after
            order by ticket_id, id limit :chunk
        ) as next
    )
    select ticket_id, event_id, source, type, revision, occurred_at, status, department, confidence, need_admin,
        rerouted, decided_by
    from analytics_events, chunk
    where company_id = :company and ticket_id > :after and ticket_id <= chunk.last
    order by ticket_id, id
""")


def append(session: Session, entries: Sequence[Entry]) -> None:
    """Append entries in their order."""
    events = [entry.event for entry in entries]
    run(
        session,
        [_APPEND],
        {
            "companies": pg_array(entry.company_id for entry in entries),
            "events": pg_array(entry.event_id for entry in entries),
            "types": pg_text_array(event.kind for event in events),
            "sources": pg_text_array(entry.source for entry in entries),
            "tickets": pg_array(entry.ticket_id for entry in entries),
            "revisions": pg_array(event.revision for event in events),
            "times": pg_text_array(event.at.isoformat() for event in events),
            "statuses": pg_text_array(event.status for event in events),
            "departments": pg_text_array(event.department for event in events),
            "confidences": _nullable(event.confidence for event in events),
            "need_admins": _nullable(event.need_admin for event in events),
            "rerouteds": _nullable(event.rerouted for event in events),
            "deciders": pg_text_array(event.decided_by for event in events),
        },
    )


def delete_entries(session: Session, keys: Collection[Key]) -> None:
    """Delete the entries of deleted tickets, except those of the deletion itself."""
    session.execute(
        _DELETE_ENTRIES,
        {
            "companies": pg_array(company_id for company_id, _ in keys),
            "tickets": pg_array(ticket for _, ticket in keys),
            "deleted": Kind.DELETED,
        },
    )


def size(session: Session, company_id: int) -> int:
    """Return the number of entries in a company's log."""
    query = text("select count(*) from analytics_events where company_id = :company")
    return int(session.execute(query, {"company": company_id}).scalar_one())


def chunks(session: Session, company_id: int) -> Iterator[list[Entry]]:
    """Yield a company's whole log in chunks of about MAX_CHUNK_ENTRIES entries; a chunk holds whole tickets."""
    after = 0
    while True:
        rows = session.execute(_CHUNK, {"company": company_id, "after": after, "chunk": MAX_CHUNK_ENTRIES}).all()
        if not rows:
            return
        yield [
            Entry(
                company_id,
                row.ticket_id,
                str(row.event_id),
                row.source,
                TicketEvent(
                    kind=Kind(row.type),
                    revision=row.revision,
                    at=row.occurred_at,
                    status=row.status,
                    department=row.department,
                    confidence=row.confidence,
                    need_admin=row.need_admin,
                    rerouted=row.rerouted,
                    decided_by=row.decided_by,
                ),
            )
            for row in rows
        ]
        after = rows[-1].ticket_id


def _nullable(values: Iterable[object]) -> str:
    return pg_array("NULL" if value is None else value for value in values)
