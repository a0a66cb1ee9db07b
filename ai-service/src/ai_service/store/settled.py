"""Tickets whose department is settled: a person put them there, or they were closed where they lay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service_kit.messaging.columns import plain, quoted
from sqlalchemy import text
from sqlalchemy.orm import Session

MOST = 20_000

# By examples_settled; what was said comes by the primary key of predictions, per ticket.
_NEWEST = text("""
    select e.created_at, e.text, coalesce(e.label, p.department) as label, e.label is not null as by_person,
           p.department as said, p.confidence / 100 as confidence, not p.need_admin as believed
    from (
        select * from examples
        where company_id = :company and text is not null and (closed_at is not null or label is not null)
          and (label is not null or not :people)
        order by created_at desc limit :most
    ) as e
    join lateral (
        select department, confidence, need_admin from predictions
        where company_id = :company and ticket_id = e.ticket_id and decided_by <> 'nobody'
        order by revision desc limit 1
    ) as p on true
    where e.label is not null or not p.need_admin
    order by e.created_at
""")

_BEFORE = text("""
    select created_at, text, label, true as by_person, '' as said, 0.0 as confidence, false as believed
    from (
        select * from examples
        where company_id = :company and text is not null and label is not null and created_at < :before
        order by created_at desc limit :most
    ) as e
    order by created_at
""")

_KEEP = text("""
    insert into examples as e (company_id, ticket_id, closed_at, status_revision)
    select distinct on (company_id, ticket_id) *
    from unnest(
        cast(:companies as int[]), cast(:tickets as bigint[]), cast(:times as timestamptz[]), cast(:revisions as int[])
    ) as t (company_id, ticket_id, closed_at, revision)
    order by company_id, ticket_id, revision desc
    on conflict (company_id, ticket_id) do update
    set closed_at = excluded.closed_at, status_revision = excluded.status_revision
    where e.status_revision < excluded.status_revision
""")


@dataclass(frozen=True)
class Settled:
    """A ticket's text, where it ended, and what was said when it came."""

    created_at: datetime
    text: str
    label: str
    by_person: bool
    """Whether a person said so; otherwise nobody objected before it was closed."""
    said: str
    confidence: float
    """0 to 1."""
    believed: bool


def newest(session: Session, company: int, most: int) -> list[Settled]:
    """Return the newest so many, oldest first; without those that waited at General and were closed there unread."""
    return [
        Settled(**row._mapping) for row in session.execute(_NEWEST, {"company": company, "most": most, "people": False})
    ]


def labelled_before(session: Session, company: int, before: datetime) -> list[Settled]:
    """Return those older ones that a person decided, oldest first, at most 20,000."""
    values = {"company": company, "before": before, "most": MOST}
    return [Settled(**row._mapping) for row in session.execute(_BEFORE, values)]


def judged_by_people(session: Session, company: int, most: int) -> list[Settled]:
    """Return the newest so many that a person decided, oldest first."""
    return [
        Settled(**row._mapping) for row in session.execute(_NEWEST, {"company": company, "most": most, "people": True})
    ]


@dataclass(frozen=True)
class Moved:
    """When a ticket was closed, None where it is open; `revision` counts its producer's events about it."""

    company_id: int
    ticket_id: int
    closed_at: str | None
    revision: int


def keep(session: Session, moved: Sequence[Moved]) -> None:
    """Note which tickets are closed; a late event changes nothing."""
    session.execute(
        _KEEP,
        {
            "companies": plain(each.company_id for each in moved),
            "tickets": plain(each.ticket_id for each in moved),
            "times": quoted(each.closed_at for each in moved),
            "revisions": plain(each.revision for each in moved),
        },
    )
