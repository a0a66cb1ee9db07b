"""Publish that tasks wait for an approval, in the transaction in which they come to the step."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from eventbus.publish import outbox
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from workflow_service.domain.deal import Pool, pool_name
from workflow_service.domain.definition import LEAD
from workflow_service.domain.task import Task
from workflow_service.events import task_approval_requested
from workflow_service.store import people


def request_approvals(session: Session, waiting: Sequence[tuple[Task, str, Cause]], now: datetime) -> None:
    """Publish `task.approval.requested` for tasks that have come to a step that requires one, with who moved each.

    Managers and admins may approve, too; the event names the leads, whom no other service knows.
    """
    names: defaultdict[int, set[str]] = defaultdict(set)
    for task, _, _ in waiting:
        names[task.company_id].add(_pool(task))
    pools: dict[tuple[int, str], Pool] = {}
    for company_id, wanted in names.items():
        members = people.members(session, company_id, sorted(wanted))
        found = people.pools(session, company_id, members, now, with_open=False)
        pools |= {(company_id, name): pool for name, pool in found.items()}
    outbox.add_all(
        session,
        [
            task_approval_requested(task, _leads(pools[task.company_id, _pool(task)]), actor, now, cause)
            for task, actor, cause in waiting
        ],
    )


def _pool(task: Task) -> str:
    return pool_name(LEAD, task.team_id, task.department)


def _leads(pool: Pool) -> list[str]:
    return sorted(email for email, person in pool.people.items() if person.role == LEAD)
