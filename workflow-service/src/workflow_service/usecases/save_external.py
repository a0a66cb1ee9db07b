"""Store the new state of a request to a partner: the request, its task with the history, and the events."""

from dataclasses import replace
from datetime import datetime

from eventbus.publish import outbox
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from workflow_service.domain.external import APPROVED, FAILED, PREPARED, REFUSED, External
from workflow_service.domain.task import Task
from workflow_service.events import task_external_decided
from workflow_service.store import external_requests
from workflow_service.store.tasks import Change
from workflow_service.usecases.save_tasks import next_version, save_changes


def save_state(
    session: Session,
    task: Task,
    after: External,
    now: datetime,
    *,
    action: str,
    actor: str,
    notes: str,
    cause: Cause,
    ends_lease: bool = False,
) -> tuple[Task, External]:
    """Store a changed request of a locked task in the caller's transaction; return both as they are then.

    The task gets its next version, a line in its history and an event; it doesn't show a request of a later step.
    """
    external_requests.save(session, after, ends_lease=ends_lease)
    shown = task.external_state if after.state == PREPARED else after.state
    changed = next_version(task, replace(task, external_state=shown), now)
    change = Change(f"{after.kind} {action}", actor, task, changed, notes)
    (stored,) = save_changes(session, [(change, cause)], now)
    if after.state in (APPROVED, REFUSED, FAILED):
        outbox.add(session, task_external_decided(stored, after, now, cause))
    return stored, after
