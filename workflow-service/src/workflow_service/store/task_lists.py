"""Lists of tasks, and what is kept of one task's past."""

# ruff: noqa: S608 - only column names and conditions that stand in this file are put together here.

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from workflow_service.domain.task import Task
from workflow_service.store.tasks import COLUMNS, task_of

MAX_ID = 2**63 - 1
MAX_HISTORY = 200
"""How many changes of a task are shown."""
MAX_CHOICES = 20
NEVER = "infinity"
"""The due date of tasks without one: they come last."""

# As the indexes have it.
_DUE = "case when sla_deadline is null then 'infinity' else sla_deadline end"
_CONDITIONS = {
    "status": "and status = any(:status)",
    "priority": "and priority = any(:priority)",
    "assigned_user": "and assigned_user = :assigned_user",
    "workflow_id": "and workflow_id = :workflow_id",
    "due_before": "and sla_deadline < :due_before",
}
_HISTORY = text("""
    select at, action, actor, from_status, to_status, from_step, to_step, from_user, to_user, notes
    from task_events where company_id = :company and task_id = :task order by id desc limit :limit
""")
_CHOICES = text("""
    select at, assigned_user, method, pool, candidates
    from assignments where company_id = :company and task_id = :task order by id desc limit :limit
""")


@dataclass(frozen=True)
class TaskFilter:
    """Which tasks are asked for; None and () for all."""

    status: Sequence[str] | None = None
    priority: Sequence[str] | None = None
    assigned_user: str | None = None
    workflow_id: int | None = None
    due_before: datetime | None = None


def page(
    session: Session,
    company_id: int,
    wanted: TaskFilter,
    *,
    by_due: bool,
    after: tuple[Any, ...] | None,
    limit: int,
) -> list[Task]:
    """Return up to `limit` tasks after the last row of the page before: (id,), or (due, id) by due.

    Index: the primary key, tasks_by_due, tasks_open_by_due, tasks_of_person.
    """
    given = {name: value for name, value in vars(wanted).items() if value}
    conditions = " ".join(_CONDITIONS[name] for name in given)
    values = {"company": company_id, "limit": limit, **given}
    if by_due:
        values["due"], values["id"] = after or ("-infinity", 0)
        place = f"and ({_DUE}, id) > (cast(:due as timestamptz), :id) {conditions} order by {_DUE}, id"
    else:
        values["id"] = after[0] if after else MAX_ID
        place = f"and id < :id {conditions} order by id desc"
    query = text(f"select {COLUMNS} from tasks where company_id = :company {place} limit :limit")
    return [task_of(row) for row in session.execute(query, values)]


def place_by_due(task: Task) -> tuple[str, int]:
    """Return a task's place in the list by due."""
    return (NEVER if task.sla_deadline is None else task.sla_deadline.isoformat()), task.id


def history(session: Session, company_id: int, task_id: int) -> Sequence[Row[Any]]:
    """Return the newest changes of a task, the newest first."""
    return session.execute(_HISTORY, {"company": company_id, "task": task_id, "limit": MAX_HISTORY}).all()


def choices(session: Session, company_id: int, task_id: int) -> Sequence[Row[Any]]:
    """Return the newest choices of a task's assignees, the newest first."""
    return session.execute(_CHOICES, {"company": company_id, "task": task_id, "limit": MAX_CHOICES}).all()
