"""Predictions: a row per categorization of a ticket, without the ticket's text."""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service_kit.database.pg_arrays import pg_array, pg_text_array
from service_kit.database.statements import Prepared, run
from sqlalchemy import text
from sqlalchemy.orm import Session

from ai_service.domain.categorization import Categorization

# The events' revision grows by one per ticket. The primary key keeps concurrent transactions from using it twice.
_APPEND = Prepared(
    "append_predictions",
    """
    insert into predictions (company_id, ticket_id, revision, department, category, priority, confidence, need_admin,
                             decided_by, reason, model, duration_ms, cached, answer_key, priority_reason)
    select given.company_id, given.ticket_id,
           coalesce(last.revision, 0) + row_number() over (
               partition by given.company_id, given.ticket_id order by given.place),
           given.department, given.category, given.priority, given.confidence, given.need_admin,
           given.decided_by, given.reason, given.model, given.duration_ms, given.cached,
           given.answer_key, given.priority_reason
    from unnest(
        :companies, :tickets, :departments, :categories, :priorities, :confidences, :need_admins, :decided_by,
        :reasons, :models, :durations, :cached, :keys, :priority_reasons
    ) with ordinality as given (company_id, ticket_id, department, category, priority, confidence, need_admin,
                               decided_by, reason, model, duration_ms, cached, answer_key,
                               priority_reason, place)
    left join lateral (
        select max(revision) as revision from predictions
        where company_id = given.company_id and ticket_id = given.ticket_id
    ) as last on true
    returning company_id, ticket_id, revision,
        (select analyses from learning where company_id = predictions.company_id) as analyses
    """,
    {
        "companies": "int[]",
        "tickets": "bigint[]",
        "departments": "text[]",
        "categories": "text[]",
        "priorities": "text[]",
        "confidences": "float8[]",
        "need_admins": "boolean[]",
        "decided_by": "text[]",
        "reasons": "text[]",
        "models": "text[]",
        "durations": "float8[]",
        "cached": "boolean[]",
        "keys": "uuid[]",
        "priority_reasons": "text[]",
    },
)

# Also deletes their cached classifications: a reason may repeat the text.
_DELETE = text("""
    with gone as (
        delete from predictions
        using unnest(cast(:companies as int[]), cast(:tickets as bigint[])) as ended (company_id, id)
        where predictions.company_id = ended.company_id and predictions.ticket_id = ended.id
        returning predictions.company_id, predictions.answer_key
    )
    delete from answers using gone where answers.company_id = gone.company_id and answers.key = gone.answer_key
""")


@dataclass(frozen=True)
class Prediction:
    """The categorization of one ticket."""

    company_id: int
    ticket_id: int
    categorization: Categorization


@dataclass(frozen=True)
class Appended:
    """The revision of each prediction within its ticket, and the count of analyses of each company."""

    revisions: list[int]
    analyses: dict[int, int]


def append(session: Session, predictions: Sequence[Prediction]) -> Appended:
    """Insert predictions; return their revisions in the given order, and the counts of `training.count`."""
    rows = run(session, [_APPEND], _columns(predictions))
    revisions: defaultdict[tuple[int, int], deque[int]] = defaultdict(deque)
    for row in sorted(rows, key=lambda row: int(row.revision)):
        revisions[row.company_id, row.ticket_id].append(row.revision)
    return Appended(
        [revisions[each.company_id, each.ticket_id].popleft() for each in predictions],
        {row.company_id: row.analyses for row in rows},
    )


def latest(session: Session, company_id: int, ticket: int) -> dict[str, Any] | None:
    """Return the latest prediction of a ticket as JSON values; None without one."""
    query = text("""
        select department, category, confidence as confidence_score, need_admin, decided_by, reason, model, priority,
               priority_reason, created_at
        from predictions where company_id = :company and ticket_id = :ticket order by revision desc limit 1
    """)
    row = session.execute(query, {"company": company_id, "ticket": ticket}).one_or_none()
    return None if row is None else dict(row._mapping)


def delete(session: Session, tickets: Sequence[tuple[int, int]]) -> None:
    """Delete the predictions of these tickets, each given as (company, ticket)."""
    session.execute(
        _DELETE,
        {
            "companies": pg_array(company_id for company_id, _ in tickets),
            "tickets": pg_array(ticket for _, ticket in tickets),
        },
    )


def _columns(predictions: Sequence[Prediction]) -> dict[str, str]:
    classifications = [each.categorization.classification for each in predictions]
    return {
        "companies": pg_array(each.company_id for each in predictions),
        "tickets": pg_array(each.ticket_id for each in predictions),
        "departments": pg_text_array(each.department for each in classifications),
        "categories": pg_text_array(each.categorization.category for each in predictions),
        "priorities": pg_array(each.categorization.prioritized.priority for each in predictions),
        "confidences": pg_array(each.confidence for each in classifications),
        "need_admins": pg_array(each.need_admin for each in classifications),
        "decided_by": pg_array(each.decided_by for each in classifications),
        "reasons": pg_text_array(each.reason for each in classifications),
        "models": pg_text_array(each.model for each in classifications),
        "durations": pg_array(each.categorization.duration_ms for each in predictions),
        "cached": pg_array(each.categorization.cached for each in predictions),
        "keys": pg_array(each.categorization.key for each in predictions),
        "priority_reasons": pg_text_array(each.categorization.prioritized.reason for each in predictions),
    }
