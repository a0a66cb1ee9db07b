"""`/api/workflows/unmatched`: tickets that no workflow takes."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.http.precondition import etag
from service_kit.identity import ADMIN, MANAGER

from workflow_service.api.callers import mover
from workflow_service.api.fields import number
from workflow_service.api.task_schemas import TaskSchema, view_of
from workflow_service.domain.task import Task
from workflow_service.usecases.assign_unmatched import assign_unmatched
from workflow_service.usecases.task_queries import page_of_unmatched

unmatched = Blueprint("unmatched", __name__, description="Tickets that no workflow takes.")


class UnmatchedView(Schema):
    """A ticket that waits until a person chooses its workflow."""

    ticket_id = fields.Integer(required=True)
    category = fields.String(required=True, allow_none=True)
    sub_category = fields.String(required=True, allow_none=True)
    department = fields.String(required=True, allow_none=True)
    team = fields.String(required=True, allow_none=True)
    priority = fields.String(required=True)
    unmatched_since = fields.DateTime(required=True)


class UnmatchedPage(PageView):
    """A page of unmatched tickets, by number."""

    items = fields.List(fields.Nested(UnmatchedView), required=True)


class WorkflowChoice(Schema):
    """The workflow that is to take the ticket."""

    workflow_id = number(required=True)


@unmatched.get("/api/workflows/unmatched")
@allowed(MANAGER, ADMIN)
@unmatched.arguments(PageQuery, location="query")
@unmatched.response(200, UnmatchedPage)
def list_unmatched(query: dict[str, Any]) -> Response:
    """List the tickets that no workflow takes, by number."""
    after, limit = decode_cursor(query["cursor"], (int,)), query["limit"]
    rows = page_of_unmatched(g.session, g.caller.company_id, after=after[0] if after else 0, limit=limit + 1)
    shown = [{name: getattr(row, name) for name in UnmatchedView().fields} for row in rows]
    body, headers = page(rows, limit, lambda row: (row.ticket_id,), "items", shown)
    return json_response(body, headers=headers)


@unmatched.post("/api/workflows/unmatched/<int:ticket_id>/assign")
@allowed(MANAGER, ADMIN)
@unmatched.arguments(WorkflowChoice, example={"workflow_id": 1})
@unmatched.response(201, TaskSchema)
def choose_workflow(choice: dict[str, Any], ticket_id: int) -> Response:
    """Let a workflow take a ticket."""
    begun = assign_unmatched(
        g.session,
        g.caller.company_id,
        ticket_id,
        choice["workflow_id"],
        mover=mover(),
        cause=g.cause,
        idempotency_key=read_idempotency_key(_begun),
    )
    return _begun(begun)


def _begun(task: Task) -> Response:
    return json_response(view_of(task), 201, {"ETag": etag(task.version)})
