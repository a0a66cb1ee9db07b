"""Evaluations: plans, progress and reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

LATEST = 2**63 - 1
MAX_EVALUATIONS = 50
"""Per company; the oldest finished ones are deleted when new ones come."""

_COLUMNS = """
    id, kind, name, state, asked_by as requested_by, asked_at as requested_at, begun_at as started_at, ended_at, step,
    plan, report, error
"""

_INSERT = text("""
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
"""Sets the current step of an evaluation; one statement, for `execute_and_commit`."""

# The input is not needed any more.
_FINISH = text("""
    update evaluations
    set state = :state, ended_at = clock_timestamp(), step = '', report = cast(:report as jsonb), chart = :chart,
        error = :error, input = null
    where company_id = :company and id = :number and state in ('waiting', 'running')
""")


@dataclass(frozen=True)
class Evaluation:
    """An evaluation: waiting, running or ended."""

    id: int
    kind: str
    name: str
    state: str
    requested_by: str
    requested_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    step: str
    plan: Mapping[str, Any]
    report: Mapping[str, Any] | None
    error: str | None


def insert(
    session: Session, company_id: int, *, kind: str, name: str, requested_by: str, plan: Mapping[str, Any], job: bytes
) -> int:
    """Insert a waiting evaluation and return its number; `job` is the child process's input, compressed by zlib."""
    session.execute(_SWEEP, {"company": company_id, "kept": MAX_EVALUATIONS - 1})
    values = {"company": company_id, "kind": kind, "name": name, "asked_by": requested_by, "input": job}
    return int(session.execute(_INSERT, {**values, "plan": orjson.dumps(plan).decode()}).scalar_one())


def lock_and_count_open(session: Session, company_id: int) -> int:
    """Return how many are waiting or running; a lock makes a concurrent caller wait until this transaction ends."""
    lock = text("select pg_advisory_xact_lock(hashtextextended('evaluations', :company))")
    session.execute(lock, {"company": company_id})
    query = text("select count(*) from evaluations where company_id = :company and state in ('waiting', 'running')")
    return int(session.execute(query, {"company": company_id}).scalar_one())


def input_of(session: Session, company_id: int, number: int) -> bytes | None:
    """Return the input of an evaluation's child process; None where the evaluation has ended."""
    query = text("select input from evaluations where company_id = :company and id = :number")
    found = session.execute(query, {"company": company_id, "number": number}).scalar_one_or_none()
    return None if found is None else bytes(found)


def finish(
    session: Session,
    company_id: int,
    number: int,
    *,
    report: Mapping[str, Any] | None,
    chart: bytes | None,
    error: str | None,
) -> None:
    """Store the report or the error of an evaluation, once."""
    session.execute(
        _FINISH,
        {
            "company": company_id,
            "number": number,
            "state": "failed" if error else "done",
            "report": None if report is None else orjson.dumps(report).decode(),
            "chart": chart,
            "error": error,
        },
    )


def page(session: Session, company_id: int, *, before: int | None, limit: int) -> list[Evaluation]:
    """Return up to `limit` evaluations of a company with a lower number than `before`, newest first."""
    query = text(
        f"select {_COLUMNS} from evaluations where company_id = :company and id < :before order by id desc limit :limit"  # noqa: S608
    )
    values = {"company": company_id, "before": LATEST if before is None else before, "limit": limit}
    return [_evaluation(row) for row in session.execute(query, values)]


def get(session: Session, company_id: int, number: int) -> Evaluation | None:
    """Return one evaluation."""
    query = text(f"select {_COLUMNS} from evaluations where company_id = :company and id = :number")  # noqa: S608
    row = session.execute(query, {"company": company_id, "number": number}).one_or_none()
    return None if row is None else _evaluation(row)


def chart_of(session: Session, company_id: int, number: int) -> bytes | None:
    """Return an evaluation's chart, a PNG; None where there is none."""
    query = text("select chart from evaluations where company_id = :company and id = :number")
    found = session.execute(query, {"company": company_id, "number": number}).scalar_one_or_none()
    return None if found is None else bytes(found)


def _evaluation(row: Row[Any]) -> Evaluation:
    return Evaluation(**row._mapping)
