"""Evaluations: what was asked for, what came of it, and what was said and done about tickets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

LATEST = 2**63 - 1
KEPT = 50
"""Evaluations of a company; the oldest go when new ones come."""

_COLUMNS = "id, kind, name, state, asked_by, asked_at, begun_at, ended_at, step, plan, report, error"

_ENTER = text("""
    insert into evaluations (company_id, kind, name, asked_by, plan, input)
    values (:company, :kind, :name, :asked_by, cast(:plan as jsonb), :input) returning id
""")

_SWEEP = text("""
    delete from evaluations where company_id = :company and id in (
        select id from evaluations where company_id = :company and ended_at is not null order by id desc offset :kept
    )
""")

STEP_SQL = """
    update evaluations
    set state = 'running', begun_at = coalesce(begun_at, clock_timestamp()), step = %(step)s
    where company_id = %(company)s and id = %(number)s and state in ('waiting', 'running')
"""
"""Tells how far an evaluation is; one statement, for `execute_and_commit`."""

# What was handed in is of no use any more.
_END = text("""
    update evaluations
    set state = :state, ended_at = clock_timestamp(), step = '', report = cast(:report as jsonb), chart = :chart,
        error = :error, input = null
    where company_id = :company and id = :number and state in ('waiting', 'running')
""")


@dataclass(frozen=True)
class Evaluation:
    """One evaluation: asked for, under way or ended."""

    id: int
    kind: str
    name: str
    state: str
    asked_by: str
    asked_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None
    step: str
    plan: Mapping[str, Any]
    report: Mapping[str, Any] | None
    error: str | None


def enter(
    session: Session, company: int, *, kind: str, name: str, asked_by: str, plan: Mapping[str, Any], job: bytes
) -> int:
    """Enter an evaluation that waits and return its number; `job` is what the process gets, compressed by zlib."""
    session.execute(_SWEEP, {"company": company, "kept": KEPT - 1})
    values = {"company": company, "kind": kind, "name": name, "asked_by": asked_by, "input": job}
    return int(session.execute(_ENTER, {**values, "plan": orjson.dumps(plan).decode()}).scalar_one())


def open_ones(session: Session, company: int) -> int:
    """Return how many wait or are under way; of two who ask at once the second one waits for the first one's end."""
    lock = text("select pg_advisory_xact_lock(hashtextextended('evaluations', :company))")
    session.execute(lock, {"company": company})
    query = text("select count(*) from evaluations where company_id = :company and state in ('waiting', 'running')")
    return int(session.execute(query, {"company": company}).scalar_one())


def input_of(session: Session, company: int, number: int) -> bytes | None:
    """Return what an evaluation's process gets; None where it has ended."""
    query = text("select input from evaluations where company_id = :company and id = :number")
    found = session.execute(query, {"company": company, "number": number}).scalar_one_or_none()
    return None if found is None else bytes(found)


def end(
    session: Session,
    company: int,
    number: int,
    *,
    report: Mapping[str, Any] | None,
    chart: bytes | None,
    error: str | None,
) -> None:
    """Note how an evaluation ended, once."""
    session.execute(
        _END,
        {
            "company": company,
            "number": number,
            "state": "failed" if error else "done",
            "report": None if report is None else orjson.dumps(report).decode(),
            "chart": chart,
            "error": error,
        },
    )


def page(session: Session, company: int, *, before: int | None, limit: int) -> list[Evaluation]:
    """Return up to `limit` evaluations of a company older than the one of the number `before`, newest first."""
    query = text(
        f"select {_COLUMNS} from evaluations where company_id = :company and id < :before order by id desc limit :limit"  # noqa: S608
    )
    values = {"company": company, "before": LATEST if before is None else before, "limit": limit}
    return [_evaluation(row) for row in session.execute(query, values)]


def get(session: Session, company: int, number: int) -> Evaluation | None:
    """Return one evaluation."""
    query = text(f"select {_COLUMNS} from evaluations where company_id = :company and id = :number")  # noqa: S608
    row = session.execute(query, {"company": company, "number": number}).one_or_none()
    return None if row is None else _evaluation(row)


def chart_of(session: Session, company: int, number: int) -> bytes | None:
    """Return an evaluation's picture, a PNG; None where there is none."""
    query = text("select chart from evaluations where company_id = :company and id = :number")
    found = session.execute(query, {"company": company, "number": number}).scalar_one_or_none()
    return None if found is None else bytes(found)


def _evaluation(row: Row[Any]) -> Evaluation:
    return Evaluation(**row._mapping)
