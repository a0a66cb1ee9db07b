"""Another calendar or other targets for open tasks: `/apply` of a workflow and of a calendar."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.policy import allowed
from service_kit.identity import ADMIN, MANAGER

from workflow_service.api.fields import Flag
from workflow_service.domain.application import Application, MovedClock, Target
from workflow_service.domain.task import Task
from workflow_service.usecases import apply_policies
from workflow_service.usecases.apply_policies import Preview

policy_applications = Blueprint(
    "policy_applications", __name__, description="Changed calendars and targets, applied to open tasks."
)


class ApplyOrder(Schema):
    """Whether to count what would change, or to change it."""

    preview = Flag(required=True)


class MovedClockView(Schema):
    """A clock that would get another due date, or none; `breaches` says that its time would be over at once."""

    clock = fields.String(required=True)
    step = fields.String(required=True, allow_none=True)
    due_at = fields.DateTime(required=True, allow_none=True)
    new_due_at = fields.DateTime(required=True, allow_none=True)
    breaches = fields.Boolean(required=True)


class MovedTaskView(Schema):
    """A task with the clocks that would move."""

    task_id = fields.Integer(required=True)
    ticket_id = fields.Integer(required=True)
    clocks = fields.List(fields.Nested(MovedClockView), required=True)


class PreviewView(Schema):
    """The open tasks that would get the policy, those with another due date, and those whose time would be over."""

    tasks = fields.Integer(required=True)
    moved = fields.Integer(required=True)
    would_breach_now = fields.Integer(required=True)
    truncated = fields.Boolean(required=True, metadata={"description": "Whether further tasks were left out."})
    examples = fields.List(fields.Nested(MovedTaskView), required=True)


class ApplicationView(Schema):
    """An application of a policy: `tasks` have it by now, of which `moved` show something else."""

    id = fields.Integer(required=True)
    workflow_id = fields.Integer(required=True, allow_none=True)
    workflow_version = fields.Integer(required=True, allow_none=True)
    calendar_id = fields.Integer(required=True, allow_none=True)
    calendar_version = fields.Integer(required=True, allow_none=True)
    state = fields.String(required=True)
    tasks = fields.Integer(required=True)
    moved = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)
    finished_at = fields.DateTime(required=True, allow_none=True)


@policy_applications.post("/api/workflows/<int:workflow_id>/apply")
@allowed(MANAGER, ADMIN)
@policy_applications.arguments(ApplyOrder, example={"preview": True})
@policy_applications.response(202, ApplicationView)
@policy_applications.alt_response(200, schema=PreviewView, description="A preview; nothing is changed")
def apply_workflow(order: dict[str, Any], workflow_id: int) -> Response:
    """Measure the workflow's open tasks by the targets and the calendar of its newest version; steps stay."""
    return _answer(order, apply_policies.target_of_workflow(g.session, g.caller.company_id, workflow_id))


@policy_applications.post("/api/calendars/<int:calendar_id>/apply")
@allowed(MANAGER, ADMIN)
@policy_applications.arguments(ApplyOrder, example={"preview": True})
@policy_applications.response(202, ApplicationView)
@policy_applications.alt_response(200, schema=PreviewView, description="A preview; nothing is changed")
def apply_calendar(order: dict[str, Any], calendar_id: int) -> Response:
    """Measure the open tasks that count by the calendar by its newest version."""
    return _answer(order, apply_policies.target_of_calendar(g.session, g.caller.company_id, calendar_id))


@policy_applications.get("/api/policy-applications/<int:application_id>")
@allowed(MANAGER, ADMIN)
@policy_applications.response(200, ApplicationView)
def get_application(application_id: int) -> Response:
    """Show how far an application of a policy is."""
    return json_response(_view(apply_policies.get_application(g.session, g.caller.company_id, application_id)))


def _answer(order: dict[str, Any], target: Target) -> Response:
    key = read_idempotency_key(_ordered)
    if order["preview"]:
        found = apply_policies.preview(g.session, g.caller.company_id, target, max_tasks=g.deps.dry_run_tasks)
        return json_response(_preview(found))
    return _ordered(apply_policies.order_application(g.session, g.caller.company_id, target, key))


def _ordered(application: Application) -> Response:
    return json_response(_view(application), 202)


def _view(application: Application) -> dict[str, Any]:
    return {name: getattr(application, name) for name in ApplicationView().fields}


def _preview(found: Preview) -> dict[str, Any]:
    return {
        "tasks": found.tasks,
        "moved": found.moved,
        "would_breach_now": found.breached,
        "truncated": found.is_truncated,
        "examples": [_example(task, clocks) for task, clocks in found.examples],
    }


def _example(task: Task, clocks: Any) -> dict[str, Any]:
    return {"task_id": task.id, "ticket_id": task.ticket_id, "clocks": [_clock(each) for each in clocks]}


def _clock(moved: MovedClock) -> dict[str, Any]:
    return {
        "clock": moved.clock,
        "step": moved.step or None,
        "due_at": moved.due_at,
        "new_due_at": moved.new_due_at,
        "breaches": moved.is_breached,
    }
