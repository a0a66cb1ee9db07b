"""What models answered lately, for every process and replica of this service; no text, only what stands for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from service_kit.messaging.columns import plain, quoted
from sqlalchemy import text
from sqlalchemy.orm import Session

from ai_service.domain.answer import Answer

_FIND = text("""
    select department, confidence, reason, decided_by, model from answers
    where company_id = :company and key = cast(:key as uuid)
      and created_at > clock_timestamp() - make_interval(secs => :seconds)
""")

# Sorted, so that two batches with the same texts never wait for each other in a circle.
_KEEP = text("""
    insert into answers (company_id, key, department, confidence, decided_by, reason, model)
    select distinct on (company_id, key) *
    from unnest(
        cast(:companies as int[]), cast(:keys as uuid[]), cast(:departments as text[]), cast(:confidences as float8[]),
        cast(:decided_by as text[]), cast(:reasons as text[]), cast(:models as text[])
    ) as said (company_id, key, department, confidence, decided_by, reason, model)
    order by company_id, key
    on conflict (company_id, key) do update
    set department = excluded.department, confidence = excluded.confidence, decided_by = excluded.decided_by,
        reason = excluded.reason, model = excluded.model, created_at = excluded.created_at
""")

# A few more than come in, by answers_by_age: so the table never holds much that is too old.
_PRUNE = text("""
    delete from answers where (company_id, key) in (
        select company_id, key from answers
        where company_id = any(cast(:companies as int[]))
          and created_at < clock_timestamp() - make_interval(secs => :seconds)
        order by created_at limit :most for update skip locked
    )
""")

PRUNE_PER_ANSWER = 4


@dataclass(frozen=True)
class Kept:
    """An answer and what it answers."""

    company_id: int
    key: UUID
    answer: Answer


def find(session: Session, company: int, key: UUID, *, seconds: float) -> Answer | None:
    """Return the answer to a text, None where nobody asked within `seconds`."""
    row = session.execute(_FIND, {"company": company, "key": str(key), "seconds": seconds}).one_or_none()
    return Answer(row.department, row.confidence, row.reason, row.decided_by, row.model) if row else None


def keep(session: Session, kept: Sequence[Kept], *, seconds: float) -> None:
    """Keep answers, and drop some that are older than `seconds`."""
    if not kept:
        return
    session.execute(
        _KEEP,
        {
            "companies": plain(each.company_id for each in kept),
            "keys": plain(each.key for each in kept),
            "departments": quoted(each.answer.department for each in kept),
            "confidences": plain(each.answer.confidence for each in kept),
            "decided_by": plain(each.answer.decided_by for each in kept),
            "reasons": quoted(each.answer.reason for each in kept),
            "models": quoted(each.answer.model for each in kept),
        },
    )
    companies = plain({each.company_id for each in kept})
    session.execute(_PRUNE, {"companies": companies, "seconds": seconds, "most": PRUNE_PER_ANSWER * len(kept)})
