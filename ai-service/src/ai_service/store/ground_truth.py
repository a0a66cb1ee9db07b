"""Ground truth: tickets that a person routed, or that were closed in the department of the prediction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service_kit.database.pg_arrays import pg_array, pg_text_array
from sqlalchemy import text
from sqlalchemy.orm import Session

MAX_TRAINING_EXAMPLES = 20_000

# Indexes: examples_settled, and per ticket the primary key of predictions.
_NEWEST = text("""
    select e.created_at, e.text, coalesce(e.label, p.department) as label, e.label is not null as by_person,
           p.department as predicted, p.confidence / 100 as confidence, not p.need_admin as accepted
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
    select created_at, text, label, true as by_person, '' as predicted, 0.0 as confidence, false as accepted
    from (
        select * from examples
        where company_id = :company and text is not null and label is not null and created_at < :before
        order by created_at desc limit :most
    ) as e
    order by created_at
""")

_UPSERT = text("""
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
class GroundTruth:
    """A ticket's text, its true label, and the prediction made when it came."""

    created_at: datetime
    text: str
    label: str
    by_person: bool
    """Whether a person gave the label; otherwise the ticket was closed without a correction."""
    predicted: str
    confidence: float
    """0 to 1."""
    accepted: bool
    """Whether the prediction was acted on; else a person was asked."""


def newest(session: Session, company_id: int, most: int) -> list[GroundTruth]:
    """Return the newest `most` tickets, oldest first, without abstentions that were closed uncorrected."""
    return [
        GroundTruth(**row._mapping)
        for row in session.execute(_NEWEST, {"company": company_id, "most": most, "people": False})
    ]


def labelled_before(session: Session, company_id: int, before: datetime) -> list[GroundTruth]:
    """Return the tickets before a time that a person labelled, oldest first, at most 20,000."""
    values = {"company": company_id, "before": before, "most": MAX_TRAINING_EXAMPLES}
    return [GroundTruth(**row._mapping) for row in session.execute(_BEFORE, values)]


def labelled_by_people(session: Session, company_id: int, most: int) -> list[GroundTruth]:
    """Return the newest `most` tickets that a person labelled, oldest first."""
    return [
        GroundTruth(**row._mapping)
        for row in session.execute(_NEWEST, {"company": company_id, "most": most, "people": True})
    ]


@dataclass(frozen=True)
class StatusChange:
    """When a ticket was closed, None where it is open; `revision` counts ticket-service's events about it."""

    company_id: int
    ticket_id: int
    closed_at: str | None
    revision: int


def upsert(session: Session, changes: Sequence[StatusChange]) -> None:
    """Store which tickets are closed; an event of a lower revision changes nothing."""
    session.execute(
        _UPSERT,
        {
            "companies": pg_array(each.company_id for each in changes),
            "tickets": pg_array(each.ticket_id for each in changes),
            "times": pg_text_array(each.closed_at for each in changes),
            "revisions": pg_array(each.revision for each in changes),
        },
    )
