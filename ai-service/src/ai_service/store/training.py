"""Runs of the training, and the count that asks for one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from service_kit.database.statements import Prepared, run_later
from service_kit.messaging.columns import plain
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from ai_service.domain.learning import BY_THRESHOLD

LATEST = 2**63 - 1

_COLUMNS = "id, state, asked_by, asked_at, begun_at, ended_at, step, examples, version, report, error"

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

# One run at a time (training_runs_open).
_ENTER = text("""
    insert into training_runs (company_id, state, asked_by) values (:company, 'waiting', :asked_by)
    on conflict do nothing returning id
""")

_SOMETHING_NEW = text("""
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

_FOUND_NOTHING_NEW = text("""
    select coalesce((report ->> 'nothing_new')::boolean, false)
    from training_runs where company_id = :company order by id desc limit 1
""")

STEP_SQL = """
    update training_runs
    set state = 'running', begun_at = coalesce(begun_at, clock_timestamp()), step = %(step)s
    where company_id = %(company)s and id = %(run)s and state in ('waiting', 'running')
"""
"""Tells how far a run is; one statement, for `execute_and_commit`."""

_END = text("""
    update training_runs
    set state = :state, ended_at = clock_timestamp(), step = '', examples = :examples, version = :version,
        report = cast(:report as jsonb), error = :error
    where company_id = :company and id = :run
""")


@dataclass(frozen=True)
class Run:
    """One training: asked for, under way or ended."""

    id: int
    state: str
    asked_by: str
    asked_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None
    step: str
    examples: int | None
    version: str | None
    report: Mapping[str, Any] | None
    error: str | None


def count(session: Session, numbers: Mapping[int, int]) -> None:
    """Add to the companies' counts of tickets read, in the round trip of the transaction's next statement."""
    run_later(session, [_COUNT], {"companies": plain(numbers), "numbers": plain(numbers.values())})


def hold_count(session: Session, company: int) -> None:
    """Keep a company's count of tickets read as it is until the transaction ends."""
    session.execute(text("select from learning where company_id = :company for update"), {"company": company})


def start_over(session: Session, company: int) -> None:
    """Set a company's count of tickets read to 0."""
    session.execute(text("update learning set analyses = 0 where company_id = :company"), {"company": company})


def analyses(session: Session, company: int) -> int:
    """Return how many tickets were read since the last training."""
    query = text("select analyses from learning where company_id = :company")
    return int(session.execute(query, {"company": company}).scalar_one_or_none() or 0)


def next_promotion(session: Session, company: int) -> int:
    """Count one more change of the serving model and return its number."""
    query = text("""
        insert into learning as l (company_id, promotions) values (:company, 1)
        on conflict (company_id) do update set promotions = l.promotions + 1 returning promotions
    """)
    return int(session.execute(query, {"company": company}).scalar_one())


def count_one(session: Session, company: int) -> int:
    """Count one more text that was analyzed; return how many there were since the last training."""
    return int(session.execute(_COUNT_ONE, {"company": company}).scalar_one())


def something_new(session: Session, company: int, *, before: int | None = None) -> bool:
    """Tell whether people decided anything since the last run, or the last one before that number, was asked for."""
    return bool(session.execute(_SOMETHING_NEW, {"company": company, "before": before}).scalar_one())


def nothing_new_for(session: Session, company: int, number: int) -> bool:
    """Tell whether a run that nobody asked for has nothing to learn; one that a person asked for learns again."""
    run = get(session, company, number)
    by_itself = run is not None and run.asked_by == BY_THRESHOLD
    return by_itself and not something_new(session, company, before=number)


def found_nothing_new(session: Session, company: int) -> bool:
    """Tell whether the latest run found nothing new to learn."""
    return bool(session.execute(_FOUND_NOTHING_NEW, {"company": company}).scalar_one_or_none())


def enter(session: Session, company: int, asked_by: str) -> int | None:
    """Enter a run that waits and return its number; None where one is open."""
    number = session.execute(_ENTER, {"company": company, "asked_by": asked_by}).scalar_one_or_none()
    return None if number is None else int(number)


def end(
    session: Session,
    company: int,
    run: int,
    *,
    state: str,
    examples: int,
    version: str | None,
    report: Mapping[str, Any] | None,
    error: str | None,
) -> None:
    """Note how a run ended."""
    values = {"company": company, "run": run, "state": state, "examples": examples, "version": version, "error": error}
    session.execute(_END, {**values, "report": None if report is None else orjson.dumps(report).decode()})


def page(session: Session, company: int, *, before: int | None, limit: int) -> list[Run]:
    """Return up to `limit` runs of a company older than the one of the number `before`, newest first."""
    query = text(
        f"select {_COLUMNS} from training_runs where company_id = :company and id < :before"  # noqa: S608
        " order by id desc limit :limit"
    )
    values = {"company": company, "before": LATEST if before is None else before, "limit": limit}
    return [_run(row) for row in session.execute(query, values)]


def get(session: Session, company: int, run: int) -> Run | None:
    """Return one run."""
    query = text(f"select {_COLUMNS} from training_runs where company_id = :company and id = :run")  # noqa: S608
    row = session.execute(query, {"company": company, "run": run}).one_or_none()
    return None if row is None else _run(row)


def last_exported(session: Session, company: int) -> int | None:
    """Return the run that wrote the company's export last."""
    query = text("""
        select id from training_runs
        where company_id = :company and cast(report -> 'export' ->> 'tickets' as int) > 0 order by id desc limit 1
    """)
    found = session.execute(query, {"company": company}).scalar_one_or_none()
    return None if found is None else int(found)


def _run(row: Row[Any]) -> Run:
    return Run(**row._mapping)
