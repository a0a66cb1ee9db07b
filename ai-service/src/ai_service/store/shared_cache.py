"""The classification cache that all processes and replicas share, in the table `answers`; texts appear as digests."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from service_kit.database.pg_arrays import pg_array, pg_text_array
from sqlalchemy import text
from sqlalchemy.orm import Session

from ai_service.domain.classification import Classification

_FIND = text("""
    select department, confidence, reason, decided_by, model from answers
    where company_id = :company and key = cast(:key as uuid)
      and created_at > clock_timestamp() - make_interval(secs => :seconds)
""")

# Sorted, so that two batches with the same texts can't deadlock.
_UPSERT = text("""
    insert into answers (company_id, key, department, confidence, decided_by, reason, model)
    select distinct on (company_id, key) *
    from unnest(
        cast(:companies as int[]), cast(:keys as uuid[]), cast(:departments as text[]), cast(:confidences as float8[]),
        cast(:decided_by as text[]), cast(:reasons as text[]), cast(:models as text[])
    ) as given (company_id, key, department, confidence, decided_by, reason, model)
    order by company_id, key
    on conflict (company_id, key) do update
    set department = excluded.department, confidence = excluded.confidence, decided_by = excluded.decided_by,
        reason = excluded.reason, model = excluded.model, created_at = excluded.created_at
""")

# Deletes a few more rows than are inserted, so that few expired ones remain. Index: answers_by_age.
_PRUNE = text("""
    delete from answers where (company_id, key) in (
        select company_id, key from answers
        where company_id = any(cast(:companies as int[]))
          and created_at < clock_timestamp() - make_interval(secs => :seconds)
        order by created_at limit :most for update skip locked
    )
""")

PRUNED_PER_ROW = 4


@dataclass(frozen=True)
class CachedClassification:
    """A classification and its cache key."""

    company_id: int
    key: UUID
    classification: Classification


def find(session: Session, company_id: int, key: UUID, *, seconds: float) -> Classification | None:
    """Return the classification for a key; None without one of the last `seconds`."""
    row = session.execute(_FIND, {"company": company_id, "key": str(key), "seconds": seconds}).one_or_none()
    return Classification(row.department, row.confidence, row.reason, row.decided_by, row.model) if row else None


def upsert(session: Session, rows: Sequence[CachedClassification], *, seconds: float) -> None:
    """Insert or replace classifications, and delete some that are older than `seconds`."""
    if not rows:
        return
    session.execute(
        _UPSERT,
        {
            "companies": pg_array(each.company_id for each in rows),
            "keys": pg_array(each.key for each in rows),
            "departments": pg_text_array(each.classification.department for each in rows),
            "confidences": pg_array(each.classification.confidence for each in rows),
            "decided_by": pg_array(each.classification.decided_by for each in rows),
            "reasons": pg_text_array(each.classification.reason for each in rows),
            "models": pg_text_array(each.classification.model for each in rows),
        },
    )
    companies = pg_array({each.company_id for each in rows})
    session.execute(_PRUNE, {"companies": companies, "seconds": seconds, "most": PRUNED_PER_ROW * len(rows)})
