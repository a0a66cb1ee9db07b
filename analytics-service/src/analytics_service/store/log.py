"""The log of what happened: appended to, read again only for a rebuild. No ticket text, no names of people."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from service_kit.database.statements import Prepared, run_later
from service_kit.messaging.columns import plain, quoted
from sqlalchemy import text
from sqlalchemy.orm import Session

from analytics_service.domain.state import Fact, Kind

Key = tuple[int, int]
"""Company and ticket."""

CHUNK = 2_000


@dataclass(frozen=True)
class Entry:
    """A fact about a ticket, and the event that told it."""

    company_id: int
    ticket_id: int
    event_id: str
    source: str
    fact: Fact


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

_FORGET = text("""
    delete from analytics_events e
    using unnest(cast(:companies as int[]), cast(:tickets as bigint[])) as g(company_id, ticket_id)
    where e.company_id = g.company_id and e.ticket_id = g.ticket_id and e.type <> :deleted
        and e.ticket_id = any(cast(:tickets as bigint[]))
""")

# Relies on the index analytics_events_of; a chunk holds whole tickets.
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
    """Add entries in their order."""
    facts = [entry.fact for entry in entries]
    run_later(
        session,
        [_APPEND],
        {
            "companies": plain(entry.company_id for entry in entries),
            "events": plain(entry.event_id for entry in entries),
            "types": quoted(fact.kind for fact in facts),
            "sources": quoted(entry.source for entry in entries),
            "tickets": plain(entry.ticket_id for entry in entries),
            "revisions": plain(fact.revision for fact in facts),
            "times": quoted(fact.at.isoformat() for fact in facts),
            "statuses": quoted(fact.status for fact in facts),
            "departments": quoted(fact.department for fact in facts),
            "confidences": _nullable(fact.confidence for fact in facts),
            "need_admins": _nullable(fact.need_admin for fact in facts),
            "rerouteds": _nullable(fact.rerouted for fact in facts),
            "deciders": quoted(fact.decided_by for fact in facts),
        },
    )


def forget(session: Session, keys: Collection[Key]) -> None:
    """Remove all that is logged of tickets that are gone, but that they are."""
    session.execute(
        _FORGET,
        {
            "companies": plain(company for company, _ in keys),
            "tickets": plain(ticket for _, ticket in keys),
            "deleted": Kind.DELETED,
        },
    )


def size(session: Session, company: int) -> int:
    """Return how many entries a company's log has."""
    query = text("select count(*) from analytics_events where company_id = :company")
    return int(session.execute(query, {"company": company}).scalar_one())


def chunks(session: Session, company: int) -> Iterator[list[Entry]]:
    """Yield a company's whole log, a bounded number of whole tickets at a time."""
    after = 0
    while True:
        rows = session.execute(_CHUNK, {"company": company, "after": after, "chunk": CHUNK}).all()
        if not rows:
            return
        yield [
            Entry(
                company,
                row.ticket_id,
                str(row.event_id),
                row.source,
                Fact(
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
    return plain("NULL" if value is None else value for value in values)
