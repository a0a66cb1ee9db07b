"""Trainings, and the count of analyses that triggers one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from service_kit.database.pg_arrays import pg_array
from service_kit.database.statements import Prepared, run
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from ai_service.domain.training import BY_THRESHOLD

LATEST = 2**63 - 1

_COLUMNS = """
    id, state, asked_by as requested_by, asked_at as requested_at, begun_at as started_at, ended_at, step, examples,
    version, report, error
"""

_COUNT = Prepared(
    "count_analyses",
    """
    insert into learning as l (company_id, analyses)
    select company_id, number from unnest(:companies, :numbers) as t (company_id, number) order by company_id
    on conflict (company_id) do update set analyses = l.analyses + excluded.analyses
    """,
    {"companies": "int[]", "numbers": "bigint[]"},
)

_COUNT_ONE = text("""
    insert into learning as l (company_id, analyses) values (:company, 1)
    on conflict (company_id) do update set analyses = l.analyses + 1 returning analyses
""")

# One open run per company. Index: training_runs_open.
_INSERT = text("""
    insert into training_runs (company_id, state, asked_by) values (:company, 'waiting', :asked_by)
    on conflict do nothing returning id
""")

_HAS_NEW_LABELS = text("""
    select exists (
        select 1 from examples
        where company_id = :company and label is not null and text is not null
          and labelled_at > coalesce(
              (
                  select max(asked_at) from training_runs
                  where company_id = :company and id < coalesce(cast(:before as bigint), id + 1)
              ),
              '-infinity'
          )
    )
""")

_FOUND_NO_NEW_LABELS = text("""
    select coalesce((report ->> 'nothing_new')::boolean, false)
    from training_runs where company_id = :company order by id desc limit 1
""")

STEP_SQL = """
    update training_runs
    set state = 'running', begun_at = coalesce(begun_at, clock_timestamp()), step = %(step)s
    where company_id = %(company)s and id = %(run)s and state in ('waiting', 'running')
"""
"""Sets the current step of a run; one statement, for `execute_and_commit`."""

_FINISH = text("""
    update training_runs
    set state = :state, ended_at = clock_timestamp(), step = '', examples = :examples, version = :version,
        report = cast(:report as jsonb), error = :error
    where company_id = :company and id = :run
""")


@dataclass(frozen=True)
class Run:
    """A training: waiting, running or ended."""

    id: int
    state: str
    requested_by: str
    requested_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    step: str
    examples: int | None
    version: str | None
    report: Mapping[str, Any] | None
    error: str | None


def count(session: Session, numbers: Mapping[int, int]) -> None:
    """Add to the companies' counts of analyses."""
    run(session, [_COUNT], {"companies": pg_array(numbers), "numbers": pg_array(numbers.values())})


def lock_count(session: Session, company_id: int) -> None:
    """Lock a company's count of analyses until the transaction ends."""
    session.execute(text("select from learning where company_id = :company for update"), {"company": company_id})


def reset_count(session: Session, company_id: int) -> None:
    """Set a company's count of analyses to 0."""
    session.execute(text("update learning set analyses = 0 where company_id = :company"), {"company": company_id})


def analyses(session: Session, company_id: int) -> int:
    """Return the number of analyses since the last training."""
    query = text("select analyses from learning where company_id = :company")
    return int(session.execute(query, {"company": company_id}).scalar_one_or_none() or 0)


def next_promotion(session: Session, company_id: int) -> int:
    """Count one more change of the serving model and return its number."""
    query = text("""
        insert into learning as l (company_id, promotions) values (:company, 1)
        on conflict (company_id) do update set promotions = l.promotions + 1 returning promotions
    """)
    return int(session.execute(query, {"company": company_id}).scalar_one())


def count_one(session: Session, company_id: int) -> int:
    """Count one analysis; return the number since the last training."""
    return int(session.execute(_COUNT_ONE, {"company": company_id}).scalar_one())


def has_new_labels(session: Session, company_id: int, *, before: int | None = None) -> bool:
    """Return whether there are labels since the last run, or the last one before that number, was requested."""
    return bool(session.execute(_HAS_NEW_LABELS, {"company": company_id, "before": before}).scalar_one())


def is_pointless(session: Session, company_id: int, number: int) -> bool:
    """Return whether a run that the threshold triggered has no new labels; a person's request always trains."""
    run = get(session, company_id, number)
    is_automatic = run is not None and run.requested_by == BY_THRESHOLD
    return is_automatic and not has_new_labels(session, company_id, before=number)


def found_no_new_labels(session: Session, company_id: int) -> bool:
    """Return whether the latest run found no new labels."""
    return bool(session.execute(_FOUND_NO_NEW_LABELS, {"company": company_id}).scalar_one_or_none())


def insert(session: Session, company_id: int, requested_by: str) -> int | None:
    """Insert a waiting run and return its number; None where one is open."""
    number = session.execute(_INSERT, {"company": company_id, "asked_by": requested_by}).scalar_one_or_none()
    return None if number is None else int(number)


def finish(
    session: Session,
    company_id: int,
    run: int,
    *,
    state: str,
    examples: int,
    version: str | None,
    report: Mapping[str, Any] | None,
    error: str | None,
) -> None:
    """Store the result of a run."""
    values = {
        "company": company_id,
        "run": run,
        "state": state,
        "examples": examples,
        "version": version,
        "error": error,
    }
    session.execute(_FINISH, {**values, "report": None if report is None else orjson.dumps(report).decode()})


def page(session: Session, company_id: int, *, before: int | None, limit: int) -> list[Run]:
    """Return up to `limit` runs of a company with a lower number than `before`, newest first."""
    query = text(
        f"select {_COLUMNS} from training_runs where company_id = :company and id < :before"  # noqa: S608
        " order by id desc limit :limit"
    )
    values = {"company": company_id, "before": LATEST if before is None else before, "limit": limit}
    return [_run(row) for row in session.execute(query, values)]


def get(session: Session, company_id: int, run: int) -> Run | None:
    """Return one run."""
    query = text(f"select {_COLUMNS} from training_runs where company_id = :company and id = :run")  # noqa: S608
    row = session.execute(query, {"company": company_id, "run": run}).one_or_none()
    return None if row is None else _run(row)


def last_exported(session: Session, company_id: int) -> int | None:
    """Return the number of the run that wrote the company's latest export."""
    query = text("""
        select id from training_runs
        where company_id = :company and cast(report -> 'export' ->> 'tickets' as int) > 0 order by id desc limit 1
    """)
    found = session.execute(query, {"company": company_id}).scalar_one_or_none()
    return None if found is None else int(found)


def _run(row: Row[Any]) -> Run:
    return Run(**row._mapping)
