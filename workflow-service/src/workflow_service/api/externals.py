"""`/api/tasks/{task_id}/external`: what partners are asked about a task."""

from typing import Any

from flask import Response, g
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.policy import allowed
from service_kit.http.precondition import conditional, etag, read_precondition
from service_kit.identity import ADMIN, AGENT, MANAGER

from workflow_service.api.callers import address, mover
from workflow_service.api.external_schemas import (
    DecisionOrder,
    ExternalData,
    RetryOrder,
    TaskExternalView,
    external_view,
)
from workflow_service.domain.external import PENDING
from workflow_service.domain.task import Task
from workflow_service.usecases import external_orders
from workflow_service.usecases.external_orders import Data, Stored
from workflow_service.usecases.move_task import Order

externals = Blueprint("externals", __name__, description="What partners are asked about tasks: assets and budgets.")

EXAMPLE = {"kind": "asset", "asset_id": "LAPTOP-042", "duration_days": 90, "notes": "For the new colleague."}


@externals.post("/api/tasks/<int:task_id>/external")
@allowed(AGENT, MANAGER, ADMIN)
@conditional
@externals.arguments(ExternalData, example=EXAMPLE)
@externals.response(202, TaskExternalView)
def give_data(body: dict[str, Any], task_id: int) -> Response:
    """Give the data of a task's request; at its step the partner is asked."""
    data = {name: value for name, value in body.items() if name != "kind"}
    order = _order(task_id, data.get("notes") or data.get("justification") or "")
    key = read_idempotency_key(_accepted)
    given = Data(body["kind"], data, address() or g.caller.subject)
    return _accepted(external_orders.give_data(g.session, order, given, key))


@externals.post("/api/tasks/<int:task_id>/external/retry")
@allowed(MANAGER, ADMIN)
@conditional
@externals.arguments(RetryOrder, example={"notes": "AMS is back."})
@externals.response(202, TaskExternalView)
def send_again(order: dict[str, Any], task_id: int) -> Response:
    """Ask the partner again now, also after it was given up."""
    key = read_idempotency_key(_accepted)
    return _accepted(external_orders.send_again(g.session, _order(task_id, order["notes"]), key))


@externals.post("/api/tasks/<int:task_id>/external/decide")
@allowed(MANAGER, ADMIN)
@conditional
@externals.arguments(DecisionOrder, example={"approved": True, "reason": "The asset was reserved by phone."})
@externals.response(200, TaskExternalView)
def decide(order: dict[str, Any], task_id: int) -> Response:
    """Answer in the partner's place."""
    key = read_idempotency_key(_answer)
    wanted = _order(task_id, order["reason"])
    return _answer(external_orders.decide(g.session, wanted, approved=order["approved"], idempotency_key=key))


def _order(task_id: int, notes: str) -> Order:
    precondition = read_precondition(_tag)
    return Order(g.caller.company_id, task_id, mover(), notes, precondition, g.cause)


def _tag(task: Task) -> str:
    return etag(task.version)


def _accepted(stored: Stored) -> Response:
    return _answer(stored, 202)


def _answer(stored: Stored, status: int = 200) -> Response:
    task, external = stored
    body = {
        "task_id": task.id,
        "pending_external_approval": task.external_state in PENDING,
        "external": external_view(external),
    }
    return json_response(body, status, {"ETag": _tag(task)})
