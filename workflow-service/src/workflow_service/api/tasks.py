"""`/api/tasks`: lists, one task, and why it has its assignee."""

from typing import Any

from flask import Response, g
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.pages import decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.http.precondition import etag
from service_kit.identity import ADMIN, AGENT, MANAGER

from workflow_service.api.callers import address_of_tasks
from workflow_service.api.task_schemas import (
    Explanation,
    MineQuery,
    TaskDetail,
    TaskPage,
    TaskQuery,
    detail_of,
    view_of,
)
from workflow_service.domain.task import Task
from workflow_service.store.task_lists import TaskFilter, place_by_due
from workflow_service.usecases import task_queries

tasks = Blueprint("tasks", __name__, description="Tasks: where tickets are in their workflows.")


@tasks.get("/api/tasks")
@allowed(AGENT, MANAGER, ADMIN)
@tasks.arguments(TaskQuery, location="query")
@tasks.response(200, TaskPage)
def list_tasks(query: dict[str, Any]) -> Response:
    """List the company's tasks."""
    email = query["assigned_user"]
    wanted = TaskFilter(
        query["status"],
        query["priority"],
        email.lower() if email else None,
        query["workflow_id"],
        query["due_before"],
    )
    return _page(query, wanted)


@tasks.get("/api/tasks/mine")
@allowed(AGENT, MANAGER, ADMIN)
@tasks.arguments(MineQuery, location="query")
@tasks.response(200, TaskPage)
def list_mine(query: dict[str, Any]) -> Response:
    """List the tasks of the caller."""
    # Nobody has the address of a caller without one.
    return _page(query, TaskFilter(query["status"], assigned_user=address_of_tasks() or "-"))


@tasks.get("/api/tasks/<int:task_id>")
@allowed(AGENT, MANAGER, ADMIN)
@tasks.response(200, TaskDetail)
def get_task(task_id: int) -> Response:
    """Show a task with its history."""
    found = task_queries.get_task(g.session, g.caller.company_id, task_id)
    response = json_response(detail_of(found))
    # Clocks and the tries of a request to a partner change without a new version.
    response.headers["ETag"] = etag(found.task.version, response.get_data())
    return response


@tasks.get("/api/tasks/<int:task_id>/explanation")
@allowed(AGENT, MANAGER, ADMIN)
@tasks.response(200, Explanation)
def get_explanation(task_id: int) -> Response:
    """Explain why a task has its assignee."""
    task, choices = task_queries.explanation_of(g.session, g.caller.company_id, task_id)
    body = {
        "task_id": task.id,
        "assigned_user": task.assigned_user,
        "matched_by": task.matched_by,
        "choices": [dict(row._mapping) for row in choices],
    }
    return json_response(body)


def _page(query: dict[str, Any], wanted: TaskFilter) -> Response:
    limit, by_due = query["limit"], query["sort"] == "due"
    rows = task_queries.page_of_tasks(
        g.session,
        g.caller.company_id,
        wanted,
        sort=query["sort"],
        after=decode_cursor(query["cursor"], (str, int) if by_due else (int,)),
        limit=limit + 1,
    )
    body, headers = page(rows, limit, place_by_due if by_due else _place, "items", [view_of(row) for row in rows])
    return json_response(body, headers=headers)


def _place(task: Task) -> tuple[int]:
    return (task.id,)
