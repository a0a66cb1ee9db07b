"""The maintenance of jobs: cancel one, delete old ones, announce the next step where it got lost."""

from uuid import UUID

from eventbus.publish import outbox
from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger
from sqlalchemy.orm import Session

from ticket_service import events
from ticket_service.domain.jobs import JobFinished, JobState
from ticket_service.store import job_items, jobs

STALLED_SECONDS = 900.0
"""Longer than the retries of an event take; by then it is a dead letter."""
COMPANIES_PER_BATCH = 500

log = get_logger(__name__)


def cancel_job(session: Session, company_id: int, job_id: UUID, own: str | None) -> None:
    """Cancel a job's items that have no result yet; a cancelled job stays cancelled.

    Raises JobNotFound, with `own` also for jobs of other callers, and JobFinished.
    """
    with session.begin():
        job = jobs.get(session, company_id, job_id, own, locked=True)
        if job.state is JobState.CANCELLED:
            return
        if job.finished:
            raise JobFinished
        job_items.cancel(session, job)
        jobs.cancel(session, job)


def maintain_jobs(database: Database, days: int) -> None:
    """Delete jobs that finished more than `days` days ago, and announce the next step of stalled ones again."""
    companies = database.companies()
    for start in range(0, len(companies), COMPANIES_PER_BATCH):
        batch = companies[start : start + COMPANIES_PER_BATCH]
        with database.session(*batch) as session, session.begin():
            jobs.delete_finished(session, batch, days)
            stalled = jobs.touch_stalled(session, batch, STALLED_SECONDS)
            outbox.add_all(session, [events.job_step_requested(order.job, order.cause) for order in stalled])
        if stalled:
            log.warning("jobs had stalled", number=len(stalled))
