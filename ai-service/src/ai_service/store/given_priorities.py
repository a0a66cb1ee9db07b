"""The priorities that people gave tickets, and how they compare with what was proposed."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.columns import plain
from sqlalchemy import text
from sqlalchemy.orm import Session

from ai_service.domain.priority.levels import Priority

MOST_COMPARED = 10_000

# The highest revision is what people gave last, whatever the order of arrival.
_KEEP = text("""
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

# The newest predictions are read along their primary key, backwards.
_COMPARED = text("""
    with proposals as (
        select distinct on (ticket_id) ticket_id, priority, priority_reason from predictions
        where company_id = :company order by ticket_id desc, revision desc limit :most
    )
    select p.priority as proposed, coalesce(e.priority, p.priority) as given, count(*) as tickets
    from proposals p
    left join examples e on e.company_id = :company and e.ticket_id = p.ticket_id
    where p.priority_reason <> :by_hand
    group by 1, 2
""")


@dataclass(frozen=True)
class PersonGave:
    """A priority that a person gave a ticket; `revision` counts the changes of that ticket."""

    company_id: int
    ticket_id: int
    priority: Priority
    revision: int


@dataclass(frozen=True)
class Compared:
    """So many tickets were proposed one priority and have another now, or the same."""

    proposed: Priority
    given: Priority
    tickets: int


def keep(session: Session, given: Sequence[PersonGave]) -> None:
    """Note the priorities that people gave, also before the text has come."""
    if given:
        session.execute(
            _KEEP,
            {
                "companies": plain(each.company_id for each in given),
                "tickets": plain(each.ticket_id for each in given),
                "priorities": plain(each.priority for each in given),
                "revisions": plain(each.revision for each in given),
            },
        )


def compared(session: Session, company: int, *, by_hand: str) -> list[Compared]:
    """Count the newest 10,000 tickets by what was proposed and what people gave them since.

    Tickets whose reason is `by_hand` are left out: nothing was proposed for them.
    """
    rows = session.execute(_COMPARED, {"company": company, "most": MOST_COMPARED, "by_hand": by_hand})
    return [Compared(**row._mapping) for row in rows]
