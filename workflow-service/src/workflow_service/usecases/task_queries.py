"""Queries: tasks, their history, and why a task has its assignee."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from workflow_service.domain.definition import Definition
from workflow_service.domain.external import External
from workflow_service.domain.task import Task, TaskNotFound
from workflow_service.domain.ticket import Ticket
from workflow_service.store import external_requests, task_lists, tasks, tickets, workflows
from workflow_service.store.task_lists import TaskFilter


@dataclass(frozen=True)
class TaskWithHistory:
    """A task with the definition that it follows, its step's request to a partner, and its newest changes first."""

    task: Task
    definition: Definition
    history: Sequence[Row[Any]]
    external: External | None = None


def get_task(session: Session, company_id: int, task_id: int) -> TaskWithHistory:
    """Return a task with its history; raise TaskNotFound."""
    task = _find(session, company_id, task_id)
    definition = workflows.definition_of(session, company_id, task.workflow_id, task.workflow_version)
    external = None if task.external_state is None else external_requests.newest(session, task)
    return TaskWithHistory(task, definition, task_lists.history(session, company_id, task_id), external)


def page_of_tasks(
    session: Session, company_id: int, wanted: TaskFilter, *, sort: str, after: tuple[Any, ...] | None, limit: int
) -> list[Task]:
    """Return a page of a company's tasks: the newest first, or the earliest due."""
    return task_lists.page(session, company_id, wanted, by_due=sort == "due", after=after, limit=limit)


def explanation_of(session: Session, company_id: int, task_id: int) -> tuple[Task, Sequence[Row[Any]]]:
    """Return a task and how its assignees were chosen, the newest choice first; raise TaskNotFound."""
    task = _find(session, company_id, task_id)
    return task, task_lists.choices(session, company_id, task_id)


def page_of_unmatched(session: Session, company_id: int, *, after: int, limit: int) -> list[Ticket]:
    """Return a page of the tickets that no workflow takes, by number."""
    return tickets.unmatched(session, company_id, after=after, limit=limit)


def _find(session: Session, company_id: int, task_id: int) -> Task:
    task = tasks.find(session, company_id, task_id)
    if task is None:
        raise TaskNotFound(task_id)
    return task
