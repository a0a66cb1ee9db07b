"""A task: where a ticket is in its workflow, and who works on it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

PENDING, IN_PROGRESS, COMPLETED, CLOSED = "pending", "in_progress", "completed", "closed"
TASK_STATUSES = (PENDING, IN_PROGRESS, COMPLETED, CLOSED)
OPEN = (PENDING, IN_PROGRESS)


class TaskNotFound(Exception):
    """The company has no such task."""

    def __init__(self, task_id: int) -> None:
        super().__init__(f"there is no task {task_id}")


class NotAssignee(Exception):
    """Only the assignee, a manager or an admin moves a task."""

    def __init__(self) -> None:
        super().__init__("Only the task's assignee, a manager or an admin may do this.")


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task as stored.

    `version` is the ETag and grows with every change that people see as one; `revision` numbers its events.
    `resume_step` is the step to which a completed task goes back. `workflow_version` never changes. `external_state` is
    that of the newest request of its step to a partner.
    """

    company_id: int
    id: int
    ticket_id: int
    ticket_uuid: str | None
    external_ticket_id: str | None
    workflow_id: int
    workflow_version: int
    matched_by: str
    department: str | None
    team_id: int | None
    team: str | None
    priority: str
    status: str
    step: str
    resume_step: str | None
    assigned_user: str | None
    assigned_at: datetime | None
    sla_deadline: datetime | None
    is_sla_breached: bool
    clocks: Any
    version: int
    revision: int
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    external_state: str | None = None
    calendar_version: int | None = None
    """The version of its calendar with which it began; None where every hour counts."""
    policies: Any = None
    """The policies that were applied to it since, the oldest first: `at`, `version`, `calendar_version`."""

    @property
    def is_open(self) -> bool:
        """Return whether there is work to do."""
        return self.status in OPEN


@dataclass(frozen=True)
class Mover:
    """A person who changes a task."""

    name: str
    """Whom the history names, such as `person:user:7`."""
    email: str
    is_manager: bool
    """Managers and admins move every task of the company."""
    user_id: int | None = None
    """The number of the person's account; its address may be a newer one than tasks have."""

    def check_may_move(self, task: Task) -> None:
        """Raise NotAssignee for another person's task."""
        if not (self.is_manager or (self.email and self.email == task.assigned_user)):
            raise NotAssignee
