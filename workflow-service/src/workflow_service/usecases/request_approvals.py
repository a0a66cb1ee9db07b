"""Publish that tasks wait for an approval, in the transaction in which they come to the step."""

from collections.abc import Sequence
from datetime import datetime

from eventbus.publish import outbox
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from workflow_service.domain.deal import pool_name
from workflow_service.domain.definition import LEAD
from workflow_service.domain.task import Task
from workflow_service.events import task_approval_requested
from workflow_service.store import people


def request_approvals(session: Session, waiting: Sequence[tuple[Task, str, Cause]], now: datetime) -> None:
    """Publish `task.approval.requested` for tasks that have come to a step that requires one, with who moved each.

    Managers and admins may approve, too; the event names the leads, whom no other service knows.
    """
    events = []
    for task, actor, cause in waiting:
        name = pool_name(LEAD, task.team_id, task.department)
        pool = people.pools(session, task.company_id, [name], now, with_open=False)[name]
        leads = sorted(email for email, person in pool.people.items() if person.role == LEAD)
        events.append(task_approval_requested(task, leads, actor, now, cause))
    outbox.add_all(session, events)
