"""Apply ordered policies to open tasks in batches, in whichever replica comes first.

A loop over a table and not an event per step, as ticket-service's jobs have: a batch touches this service's own rows
alone, its progress is stored in its own transaction, and after a crash the row is found as it was. An event per batch
would add an outbox row, a queue and an inbox row to each, and would order nothing.
"""

from dataclasses import replace
from threading import Event as Flag
from uuid import uuid4

from eventbus.publish import outbox
from service_kit.database.engine import Database
from service_kit.telemetry.cause import Cause
from service_kit.telemetry.logs import get_logger
from sqlalchemy.orm import Session

from workflow_service.domain.application import DONE
from workflow_service.events import ticket_assigned
from workflow_service.store import applications
from workflow_service.usecases.refresh_clocks import refresh_clocks
from workflow_service.usecases.save_tasks import MACHINE
from workflow_service.usecases.task_policies import with_policy

TASKS_PER_BATCH = 500
INTERVAL_SECONDS = 2.0
ACTION = "policy"
"""The action of `ticket.assigned` where another policy has moved the clocks."""

log = get_logger(__name__)


def run_applications(database: Database, stopping: Flag) -> None:
    """Apply what is ordered until `stopping` is set."""
    while not stopping.wait(INTERVAL_SECONDS):
        try:
            while apply_next(database) and not stopping.is_set():
                pass
        except Exception as error:
            # The next look finds the same applications; a database that is down is in the checks of /ready.
            log.warning("application of a policy failed", error=type(error).__name__)


def apply_next(database: Database) -> bool:
    """Apply one batch of each ordered application; return whether there may be more to do at once."""
    companies = database.companies()
    if not companies:
        return False
    with database.session(*companies) as session, session.begin():
        found = applications.pending(session)
    goes_on = False
    for company_id, application_id in found:
        with database.session(company_id) as session, session.begin():
            goes_on |= _apply_batch(session, company_id, application_id)
    return goes_on


def _apply_batch(session: Session, company_id: int, application_id: int) -> bool:
    """Apply a policy to up to 500 tasks in the caller's transaction; return whether there may be more of them."""
    application = applications.lock(session, company_id, application_id)
    if application is None:
        return False
    target = application.target
    # Chosen before they are locked: who closes one of them meanwhile doesn't make this batch look like the last one.
    after_task = application.after_task
    chosen = applications.affected(session, company_id, target, after=after_task, limit=TASKS_PER_BATCH)
    last = chosen[-1].id if chosen else after_task
    found = applications.lock_affected(session, company_id, target, after=after_task, last=last)
    now, cause = applications.time(session), Cause(request_id=str(uuid4()))
    before = [replace(task, policies=with_policy(task, target, now)) for task in found]
    if before:
        applications.set_policies(session, before)
    after = refresh_clocks(session, before, now, cause, new_revision=True)
    changed = [task for old, task in zip(before, after, strict=True) if task != old]
    outbox.add_all(session, [ticket_assigned(task, ACTION, MACHINE, now, cause) for task in changed])
    is_done = len(chosen) < TASKS_PER_BATCH
    progress = replace(
        application,
        state=DONE if is_done else application.state,
        after_task=last,
        tasks=application.tasks + len(found),
        moved=application.moved + len(changed),
    )
    applications.advance(session, progress)
    return not is_done
