"""The latest tuning of a company's retrieval, and the fusion in use; one row per company."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from rag_service.domain.fusion import Fusion, Method

# Psycopg2 statements, because each runs alone: during a tuning, and before a search.
PROGRESS_SQL = """
    update tunings set state = 'running', done = %(done)s, total = %(total)s
    where company_id = %(company)s and number = %(number)s
"""
FUSION_SQL = "select fusion from tunings where company_id = %(company)s and fusion is not null"


@dataclass(frozen=True)
class Tuning:
    """The latest tuning."""

    number: int
    state: str
    keep: bool
    done: int
    total: int
    result: Mapping[str, Any] | None
    reason: str | None
    fusion: Mapping[str, Any] | None
    requested_at: datetime
    finished_at: datetime | None


def request(session: Session, company_id: int, *, keep: bool) -> int:
    """Store a request; return its number. The fusion in use stays."""
    query = text("""
        insert into tunings as before (company_id, state, keep) values (:company, 'requested', :keep)
        on conflict (company_id) do update
        set number = before.number + 1, state = 'requested', keep = excluded.keep, done = 0, total = 0, result = null,
            reason = null, requested_at = clock_timestamp(), finished_at = null
        returning number
    """)
    return int(session.execute(query, {"company": company_id, "keep": keep}).scalar_one())


def store_result(session: Session, company_id: int, number: int, result: Mapping[str, Any], reason: str) -> None:
    """Store the result of the tuning of this number, unless another was requested since."""
    session.execute(
        text("""
            update tunings set result = cast(:result as jsonb), reason = :reason
            where company_id = :company and number = :number
        """),
        {"company": company_id, "number": number, "result": orjson.dumps(result).decode(), "reason": reason},
    )


def use(session: Session, company_id: int, number: int, fusion: Fusion) -> None:
    """Use a fusion from now on, unless another tuning was requested since."""
    session.execute(
        text("""
            update tunings set fusion = cast(:fusion as jsonb) where company_id = :company and number = :number
        """),
        {"company": company_id, "number": number, "fusion": orjson.dumps(asdict(fusion)).decode()},
    )


def use_default(session: Session, company_id: int) -> None:
    """Use the default fusion from now on."""
    session.execute(text("update tunings set fusion = null where company_id = :company"), {"company": company_id})


def finish(session: Session, company_id: int, number: int, state: str, reason: str | None = None) -> None:
    """Store that the tuning of this number has ended; `reason` replaces what was stored, if it isn't None."""
    session.execute(
        text("""
            update tunings set state = :state, finished_at = clock_timestamp(), done = total,
                reason = coalesce(:reason, reason)
            where company_id = :company and number = :number
        """),
        {"company": company_id, "number": number, "state": state, "reason": reason},
    )


def find(session: Session, company_id: int, *, lock: bool = False) -> Tuning | None:
    """Return the latest tuning, or None."""
    query = """
        select number, state, keep, done, total, result, reason, fusion, requested_at, finished_at
        from tunings where company_id = :company
    """
    row = session.execute(text(query + "for update" * lock), {"company": company_id}).one_or_none()
    return None if row is None else Tuning(**row._mapping)


def as_fusion(stored: Mapping[str, Any] | str) -> Fusion | None:
    """Return a stored fusion; None, the default, for one that this version doesn't know."""
    values = orjson.loads(stored) if isinstance(stored, str) else stored
    try:
        return Fusion(Method(values["method"]), float(values["weight"]), int(values["k"]))
    except (KeyError, TypeError, ValueError):
        return None
