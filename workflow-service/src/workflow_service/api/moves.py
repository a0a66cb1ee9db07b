"""Changes of a task by people."""

from typing import Any

from flask import Response, g
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.policy import allowed
from service_kit.http.precondition import Precondition, conditional, etag, read_precondition
from service_kit.identity import ADMIN, AGENT, MANAGER

from workflow_service.api.callers import mover
from workflow_service.api.task_schemas import (
    AdvanceOrder,
    EscalationOrder,
    StatusChange,
    TaskSchema,
    TransferOrder,
    TransitionOrder,
    view_of,
)
from workflow_service.domain.task import Task
from workflow_service.usecases import hand_over, move_task
from workflow_service.usecases.hand_over import Recipient
from workflow_service.usecases.move_task import Order

moves = Blueprint("moves", __name__, description="Changes of tasks by their assignees, managers and admins.")


@moves.patch("/api/tasks/<int:task_id>")
@allowed(AGENT, MANAGER, ADMIN)
@conditional
@moves.arguments(StatusChange, example={"status": "in_progress", "notes": "I call the vendor."})
@moves.response(200, TaskSchema)
def change_status(change: dict[str, Any], task_id: int) -> Response:
    """Move a task to another status."""
    order = _order(task_id, change["notes"], override=change["override"])
    return _answer(move_task.set_status(g.session, order, change["status"]))


@moves.post("/api/tasks/<int:task_id>/transition")
@allowed(AGENT, MANAGER, ADMIN)
@conditional
@moves.arguments(TransitionOrder, example={"to": "In Progress", "notes": "The parts have arrived."})
@moves.response(200, TaskSchema)
def take_transition(order: dict[str, Any], task_id: int) -> Response:
    """Move a task to another step of its workflow."""
    key = read_idempotency_key(_answer)
    wanted = _order(task_id, order["notes"], override=order["override"])
    return _answer(move_task.take_transition(g.session, wanted, order["to"], key))


@moves.post("/api/tasks/<int:task_id>/transfer")
@allowed(AGENT, MANAGER, ADMIN)
@conditional
@moves.arguments(TransferOrder, example={"user_email": "ann@company.example", "notes": "Ann knows this printer."})
@moves.response(200, TaskSchema)
def transfer(order: dict[str, Any], task_id: int) -> Response:
    """Give a task to another person."""
    to = Recipient(order.get("user_id"), order.get("user_email"))
    key = read_idempotency_key(_answer)
    return _answer(hand_over.transfer(g.session, _order(task_id, order["notes"]), to, key))


@moves.post("/api/tasks/<int:task_id>/escalate")
@allowed(AGENT, MANAGER, ADMIN)
@conditional
@moves.arguments(EscalationOrder, example={"reason": "The customer waits for an answer since Monday."})
@moves.response(200, TaskSchema)
def escalate(order: dict[str, Any], task_id: int) -> Response:
    """Escalate a task to the next role, each role once."""
    key = read_idempotency_key(_answer)
    return _answer(hand_over.escalate(g.session, _order(task_id, order["reason"]), key))


@moves.post("/api/tickets/<int:ticket_id>/advance-status")
@allowed(AGENT, MANAGER, ADMIN)
@moves.arguments(AdvanceOrder, required=False, example={"notes": "The parts have arrived."})
@moves.response(200, TaskSchema)
def advance_status(order: dict[str, Any], ticket_id: int) -> Response:
    """Move a ticket's task to the next step of its workflow, whichever step it is at. The body may be left out.

    It takes no `If-Match`, for the tag at this address is the ticket's; `POST /api/tasks/{id}/transition` takes the
    task's.
    """
    key = read_idempotency_key(_answer)
    return _answer(move_task.advance(g.session, ticket_id, _order(0, order.get("notes", "")), key))


def _order(task_id: int, notes: str, *, override: bool = False) -> Order:
    return Order(g.caller.company_id, task_id, mover(), notes, _precondition(), g.cause, override)


def _precondition() -> Precondition[Task]:
    return read_precondition(lambda task: etag(task.version))


def _answer(task: Task) -> Response:
    return json_response(view_of(task), headers={"ETag": etag(task.version)})
