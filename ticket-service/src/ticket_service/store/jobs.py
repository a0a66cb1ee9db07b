"""Jobs: their progress, and which of a company's jobs is next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from service_kit.telemetry.cause import Cause
from sqlalchemy import Row, Select, delete, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ticket_service.domain.jobs import UNFINISHED, Job, JobKind, JobNotFound, JobState, state_of
from ticket_service.store.tables import jobs

MAX_DELETED_PER_RUN = 20

_LOCK_COMPANY = text("select pg_advisory_xact_lock(hashtext('jobs:' || current_schema()), :company_id)")
_OF_JOB = (
    jobs.c.id, jobs.c.company_id, jobs.c.kind, jobs.c.state, jobs.c.created_by, jobs.c.total, jobs.c.succeeded,
    jobs.c.failed, jobs.c.steps, jobs.c.created_at, jobs.c.finished_at,
)  # fmt: skip
_UNFINISHED = jobs.c.state.in_(UNFINISHED)


@dataclass(frozen=True)
class Order:
    """A job with what its steps need: the change, and the caller and request that the tickets' events name."""

    job: Job
    change: Mapping[str, Any] | None
    actor: str
    cause: Cause
    audit_actor: str
    """Whom the audit names: `company_kit.actor.current_actor` of the request."""


def lock_company(session: Session, company_id: int) -> None:
    """Lock the order of a company's jobs until the commit: one step of one job is announced at any time."""
    session.execute(_LOCK_COMPANY, {"company_id": company_id})


def count_unfinished(session: Session, company_id: int) -> int:
    """Return the number of a company's unfinished jobs. Index: jobs_unfinished."""
    query = select(func.count()).where(jobs.c.company_id == company_id, _UNFINISHED)
    return int(session.execute(query).scalar_one())


def next_unfinished(session: Session, company_id: int) -> Order | None:
    """Return the unfinished job that has waited longest for its next step. Index: jobs_unfinished."""
    query = _orders(company_id).where(_UNFINISHED).order_by(jobs.c.stepped_at.nulls_first(), jobs.c.created_at).limit(1)
    row = session.execute(query).one_or_none()
    return None if row is None else _order(row)


def add(session: Session, order: Order) -> Job:
    """Store a new job and return it with its time."""
    job, cause = order.job, order.cause
    values = {
        "company_id": job.company_id,
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "change": order.change,
        "created_by": job.created_by,
        "actor": order.actor,
        "request_id": cause.request_id,
        "traceparent": cause.traceparent,
        "actor_kind": cause.actor_kind,
        "audit_actor": order.audit_actor,
        "total": job.total,
        "succeeded": job.succeeded,
        "failed": job.failed,
        "steps": 0,
        "finished_at": func.now() if job.finished else None,
    }
    return _job(session.execute(insert(jobs).values(values).returning(*_OF_JOB)).one())


def lock(session: Session, company_id: int, job_id: UUID) -> Order | None:
    """Lock a job until the transaction ends and return it, None where it is gone."""
    row = session.execute(_orders(company_id).where(jobs.c.id == job_id).with_for_update()).one_or_none()
    return None if row is None else _order(row)


def get(session: Session, company_id: int, job_id: UUID, own: str | None, *, locked: bool = False) -> Job:
    """Return a job, `locked` until the transaction ends; raise JobNotFound, with `own` also for those of others."""
    query = _of(select(*_OF_JOB).where(jobs.c.company_id == company_id, jobs.c.id == job_id), own)
    row = session.execute(query.with_for_update() if locked else query).one_or_none()
    if row is None:
        raise JobNotFound
    return _job(row)


def page(
    session: Session, company_id: int, own: str | None, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Job]:
    """Return up to `limit` jobs older than `before`, newest first; with `own` one caller's only. Index: jobs_newest."""
    query = _of(select(*_OF_JOB).where(jobs.c.company_id == company_id), own)
    if before is not None:
        query = query.where(tuple_(jobs.c.created_at, jobs.c.id) < before)
    query = query.order_by(jobs.c.created_at.desc(), jobs.c.id.desc()).limit(limit)
    return [_job(row) for row in session.execute(query)]


def count_step(session: Session, job: Job, *, succeeded: int, failed: int) -> None:
    """Store a locked job's progress after a step."""
    succeeded, failed = job.succeeded + succeeded, job.failed + failed
    state = state_of(job.total, succeeded, failed)
    values = {"succeeded": succeeded, "failed": failed, "state": state, "steps": job.steps + 1}
    finished_at = None if state in UNFINISHED else func.now()
    session.execute(_one(job).values(**values, stepped_at=func.now(), finished_at=finished_at))


def cancel(session: Session, job: Job) -> None:
    """Store that a locked job is cancelled."""
    session.execute(_one(job).values(state=JobState.CANCELLED, finished_at=func.now()))


def touch_stalled(session: Session, companies: Sequence[int], seconds: float) -> list[Order]:
    """Return a job of each company whose unfinished jobs had no step for that long; the next call waits as long again.

    Index: jobs_unfinished.
    """
    last = func.max(func.coalesce(jobs.c.stepped_at, jobs.c.created_at))
    stalled = (
        select(jobs.c.company_id)
        .where(jobs.c.company_id.in_(companies), _UNFINISHED)
        .group_by(jobs.c.company_id)
        .having(last < func.now() - func.make_interval(0, 0, 0, 0, 0, 0, seconds))
    )
    orders = []
    for company_id in session.execute(stalled).scalars().all():
        order = next_unfinished(session, company_id)
        if order is not None:
            session.execute(_one(order.job).values(stepped_at=func.now()))
            orders.append(order)
    return orders


def delete_finished(session: Session, companies: Sequence[int], days: int) -> None:
    """Delete some of the jobs that finished more than `days` days ago, with their items. Index: jobs_finished."""
    old = (
        select(jobs.c.company_id, jobs.c.id)
        .where(jobs.c.company_id.in_(companies), jobs.c.finished_at < func.now() - func.make_interval(0, 0, 0, days))
        .limit(MAX_DELETED_PER_RUN)
    )
    session.execute(delete(jobs).where(tuple_(jobs.c.company_id, jobs.c.id).in_(old)))


def _orders(company_id: int) -> Select[Any]:
    needed = (jobs.c.change, jobs.c.actor, jobs.c.request_id, jobs.c.traceparent, jobs.c.actor_kind, jobs.c.audit_actor)
    return select(*_OF_JOB, *needed).where(jobs.c.company_id == company_id)


def _of(query: Select[Any], own: str | None) -> Select[Any]:
    return query if own is None else query.where(jobs.c.created_by == own)


def _one(job: Job) -> Any:
    return update(jobs).where(jobs.c.company_id == job.company_id, jobs.c.id == job.id)


def _order(row: Row[Any]) -> Order:
    cause = Cause(row.request_id, row.traceparent, row.actor_kind)
    return Order(_job(row), row.change, row.actor, cause, row.audit_actor)


def _job(row: Row[Any]) -> Job:
    values = {column.name: row._mapping[column.name] for column in _OF_JOB}
    return Job(**values | {"kind": JobKind(values["kind"]), "state": JobState(values["state"])})
