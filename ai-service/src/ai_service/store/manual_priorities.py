"""The priorities that people set, and their comparison with the proposed ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.database.pg_arrays import pg_array
from sqlalchemy import text
from sqlalchemy.orm import Session

from ai_service.domain.priority.levels import Priority

MAX_COMPARED_TICKETS = 10_000

# The highest revision is the latest decision, whatever the order of arrival.
_UPSERT = text("""
    insert into examples as e (company_id, ticket_id, priority, priority_revision)
    select distinct on (company_id, ticket_id) company_id, ticket_id, priority, revision
    from unnest(
        cast(:companies as int[]), cast(:tickets as bigint[]), cast(:priorities as text[]), cast(:revisions as int[])
    ) as t (company_id, ticket_id, priority, revision)
    order by company_id, ticket_id, revision desc
    on conflict (company_id, ticket_id) do update
    set priority = excluded.priority, priority_revision = excluded.priority_revision
    where e.priority_revision < excluded.priority_revision
""")

# Index: the primary key of predictions, backwards.
_COMPARED = text("""
    with proposals as (
        select distinct on (ticket_id) ticket_id, priority, priority_reason from predictions
        where company_id = :company order by ticket_id desc, revision desc limit :most
    )
    select p.priority as proposed, coalesce(e.priority, p.priority) as actual, count(*) as tickets
    from proposals p
    left join examples e on e.company_id = :company and e.ticket_id = p.ticket_id
    where p.priority_reason <> :manual_reason
    group by 1, 2
""")


@dataclass(frozen=True)
class ManualPriority:
    """A priority that a person set; `revision` counts the changes of that ticket."""

    company_id: int
    ticket_id: int
    priority: Priority
    revision: int


@dataclass(frozen=True)
class Compared:
    """The number of tickets with a proposed and an actual priority."""

    proposed: Priority
    actual: Priority
    tickets: int


def upsert(session: Session, rows: Sequence[ManualPriority]) -> None:
    """Insert or replace priorities; a priority may come before the ticket's text."""
    if rows:
        session.execute(
            _UPSERT,
            {
                "companies": pg_array(each.company_id for each in rows),
                "tickets": pg_array(each.ticket_id for each in rows),
                "priorities": pg_array(each.priority for each in rows),
                "revisions": pg_array(each.revision for each in rows),
            },
        )


def compare(session: Session, company_id: int, *, manual_reason: str) -> list[Compared]:
    """Count the newest 10,000 tickets by proposed and actual priority.

    Tickets with the reason `manual_reason` are left out: no priority was proposed for them.
    """
    rows = session.execute(
        _COMPARED, {"company": company_id, "most": MAX_COMPARED_TICKETS, "manual_reason": manual_reason}
    )
    return [Compared(**row._mapping) for row in rows]
