"""What this service said about tickets, one row per time it said it; never the tickets' text."""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service_kit.database.statements import Prepared, run
from service_kit.messaging.columns import plain, quoted
from sqlalchemy import text
from sqlalchemy.orm import Session

from ai_service.domain.categorized import Categorized

# The events' revision: one more for each time, per ticket. Two transactions at once can't take the same number, for the
# primary key stops the second.
_APPEND = Prepared(
    "append_predictions",
    """
    insert into predictions (company_id, ticket_id, revision, department, category, priority, confidence, need_admin,
                             decided_by, reason, model, duration_ms, cached, answer_key, priority_reason)
    select said.company_id, said.ticket_id,
           coalesce(last.revision, 0) + row_number() over (
               partition by said.company_id, said.ticket_id order by said.place),
           said.department, said.category, said.priority, said.confidence, said.need_admin,
           said.decided_by, said.reason, said.model, said.duration_ms, said.cached,
           said.answer_key, said.priority_reason
    from unnest(
        :companies, :tickets, :departments, :categories, :priorities, :confidences, :need_admins, :decided_by,
        :reasons, :models, :durations, :cached, :keys, :priority_reasons
    ) with ordinality as said (company_id, ticket_id, department, category, priority, confidence, need_admin,
                               decided_by, reason, model, duration_ms, cached, answer_key,
                               priority_reason, place)
    left join lateral (
        select max(revision) as revision from predictions
        where company_id = said.company_id and ticket_id = said.ticket_id
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

# With them go the answers to their texts: a reason may repeat what a ticket said.
_FORGET = text("""
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
    """What was said about one ticket."""

    company_id: int
    ticket_id: int
    said: Categorized


@dataclass(frozen=True)
class Appended:
    """The revision each prediction has within its ticket, and how many tickets of each company were read so far."""

    revisions: list[int]
    analyses: dict[int, int]


def append(session: Session, predictions: Sequence[Prediction]) -> Appended:
    """Keep predictions; return their revisions in the given order, and what `training.count` has counted."""
    rows = run(session, [_APPEND], _columns(predictions))
    revisions: defaultdict[tuple[int, int], deque[int]] = defaultdict(deque)
    for row in sorted(rows, key=lambda row: int(row.revision)):
        revisions[row.company_id, row.ticket_id].append(row.revision)
    return Appended(
        [revisions[each.company_id, each.ticket_id].popleft() for each in predictions],
        {row.company_id: row.analyses for row in rows},
    )


def latest(session: Session, company: int, ticket: int) -> dict[str, Any] | None:
    """Return what was said about a ticket last, as JSON values; None where nothing was."""
    query = text("""
        select department, category, confidence as confidence_score, need_admin, decided_by, reason, model, priority,
               priority_reason, created_at
        from predictions where company_id = :company and ticket_id = :ticket order by revision desc limit 1
    """)
    row = session.execute(query, {"company": company, "ticket": ticket}).one_or_none()
    return None if row is None else dict(row._mapping)


def forget(session: Session, tickets: Sequence[tuple[int, int]]) -> None:
    """Delete everything said about these tickets, each given as (company, ticket)."""
    session.execute(
        _FORGET,
        {"companies": plain(company for company, _ in tickets), "tickets": plain(ticket for _, ticket in tickets)},
    )


def _columns(predictions: Sequence[Prediction]) -> dict[str, str]:
    answers = [each.said.answer for each in predictions]
    return {
        "companies": plain(each.company_id for each in predictions),
        "tickets": plain(each.ticket_id for each in predictions),
        "departments": quoted(answer.department for answer in answers),
        "categories": quoted(each.said.category for each in predictions),
        "priorities": plain(each.said.prioritized.priority for each in predictions),
        "confidences": plain(answer.confidence for answer in answers),
        "need_admins": plain(answer.need_admin for answer in answers),
        "decided_by": plain(answer.decided_by for answer in answers),
        "reasons": quoted(answer.reason for answer in answers),
        "models": quoted(answer.model for answer in answers),
        "durations": plain(each.said.duration_ms for each in predictions),
        "cached": plain(each.said.cached for each in predictions),
        "keys": plain(each.said.key for each in predictions),
        "priority_reasons": quoted(each.said.prioritized.reason for each in predictions),
    }
