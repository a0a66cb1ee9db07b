"""Bodies of `/api/workflows`, and what they become."""

from datetime import timedelta
from typing import Any

from marshmallow import Schema, fields, validate
from service_kit.http.pages import PageQuery, PageView

from workflow_service.api.fields import (
    MAX_CAPACITY,
    MAX_ORDER,
    Flag,
    Number,
    description,
    duration,
    name_field,
    number,
    skill,
)
from workflow_service.domain.definition import (
    ALWAYS,
    ASSIGNMENT_HOURS,
    ASSIGNMENT_METHODS,
    MAX_SKILLS,
    MAX_STEPS,
    MAX_TRANSITIONS,
    PRIORITIES,
    ROUND_ROBIN,
    Definition,
    Step,
    Transition,
    line,
    without_weight_at_end,
)
from workflow_service.domain.duration import format_duration
from workflow_service.domain.external import END_LOGICS, KINDS, NONE
from workflow_service.domain.graph import faults
from workflow_service.domain.targets import response_targets_of, targets_of
from workflow_service.domain.workflow import STATES, BadWorkflow, Scope, Workflow
from workflow_service.usecases.change_workflows import Content

MERMAID, SVG = "mermaid", "svg"
EXAMPLE = {
    "name": "Hardware requests",
    "description": "Laptops, screens and phones",
    "category": "IT Support",
    "department": "IT Support",
    "urgent_sla": "PT2H",
    "high_sla": "PT8H",
    "medium_sla": "PT24H",
    "low_sla": "PT40H",
    "steps": [
        {"name": "Triage", "role": "agent", "order": 1},
        {"name": "Approval", "role": "lead", "order": 2, "requires_approval": True, "escalate_to": "manager"},
        {"name": "Delivery", "role": "agent", "order": 3, "weight": 3},
        {"name": "Done", "role": "agent", "order": 4},
    ],
    "transitions": [
        {"from": "Triage", "to": "Approval", "name": "ask"},
        {"from": "Approval", "to": "Triage", "name": "refuse"},
        {"from": "Approval", "to": "Delivery", "name": "approve"},
        {"from": "Delivery", "to": "Done", "name": "deliver"},
    ],
}


class StepSchema(Schema):
    """A step. Agents and leads are members of teams; managers and admins are users with that role."""

    name = name_field(required=True)
    role = name_field(required=True)
    order = fields.Integer(required=True, strict=True, validate=validate.Range(-MAX_ORDER, MAX_ORDER))
    weight = Number(
        load_default=1.0,
        metadata={"description": "The step's share of the time. The end has none: its weight is stored as 0."},
    )
    requires_approval = Flag(load_default=False)
    escalate_to = name_field(load_default=None, allow_none=True)
    external = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(KINDS),
        metadata={"description": "What a partner approves before a task moves on: an asset (AMS), a budget (BMS)."},
    )
    skills = fields.List(
        skill(),
        load_default=list,
        validate=validate.Length(max=MAX_SKILLS),
        metadata={"description": "The skills that its assignee must have, all of them."},
    )


class TransitionSchema(Schema):
    """A way from one step to another; without a name it has that of the step to which it leads."""

    source = name_field(required=True, data_key="from")
    target = name_field(required=True, data_key="to")
    name = name_field()


class WorkflowBody(Schema):
    """A workflow. Without transitions its steps are a line by `order`."""

    name = name_field(required=True)
    description = description(load_default="")
    category = name_field(required=True)
    sub_category = name_field(load_default=None, allow_none=True)
    department = name_field(load_default=None, allow_none=True)
    urgent_sla = duration()
    high_sla = duration()
    medium_sla = duration()
    low_sla = duration()
    urgent_response_sla = duration(required=False, load_default=None, allow_none=True)
    high_response_sla = duration(required=False, load_default=None, allow_none=True)
    medium_response_sla = duration(required=False, load_default=None, allow_none=True)
    low_response_sla = duration(required=False, load_default=None, allow_none=True)
    first_response_pauses = Flag(load_default=False)
    calendar_id = number(load_default=None, allow_none=True)
    steps = fields.List(fields.Nested(StepSchema), required=True, validate=validate.Length(2, MAX_STEPS))
    transitions = fields.List(
        fields.Nested(TransitionSchema), load_default=list, validate=validate.Length(max=MAX_TRANSITIONS)
    )
    assignment = fields.String(load_default=ROUND_ROBIN, validate=validate.OneOf(ASSIGNMENT_METHODS))
    assignment_hours = fields.String(
        load_default=ALWAYS,
        validate=validate.OneOf(ASSIGNMENT_HOURS),
        metadata={"description": "Whether tasks are assigned always, or while the workflow's calendar is open."},
    )
    capacity = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(1, MAX_CAPACITY),
        metadata={"description": "How many open tasks a person may have."},
    )
    end_logic = fields.String(
        load_default=NONE,
        validate=validate.OneOf(END_LOGICS),
        metadata={"description": "At the end a partner is asked, or the event `task.completed` is published."},
    )


class WorkflowView(WorkflowBody):
    """A workflow with its newest version."""

    category = name_field(required=True, allow_none=True, metadata={"description": "Null in the default workflow."})
    id = fields.Integer(required=True)
    state = fields.String(required=True)
    is_default = fields.Boolean(required=True)
    calendar_id = fields.Integer(required=True, allow_none=True)
    version = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)


class DeployedView(WorkflowView):
    """A deployed workflow, and what keeps its tasks from being assigned."""

    warnings = fields.List(fields.String(), required=True)


class WorkflowQuery(PageQuery):
    """A page of workflows."""

    state = fields.String(
        load_default=None, validate=validate.OneOf(STATES), metadata={"description": "Workflows in this state."}
    )


class WorkflowPage(PageView):
    """A page of a company's workflows, the oldest first."""

    items = fields.List(fields.Nested(WorkflowView), required=True)


class GraphQuery(Schema):
    """The form of the drawing."""

    format = fields.String(
        load_default=MERMAID,
        validate=validate.OneOf([MERMAID, SVG]),
        metadata={"description": "A mermaid flowchart in JSON, or an SVG document."},
    )


class GraphView(Schema):
    """The drawing of a workflow."""

    workflow_id = fields.Integer(required=True)
    version = fields.Integer(required=True)
    format = fields.String(required=True)
    graph = fields.String(required=True)


def content_of(body: dict[str, Any]) -> Content:
    """Return the content of a body; raise BadWorkflow with every fault."""
    steps = tuple(Step(**{**step, "skills": tuple(step["skills"])}) for step in body["steps"])
    transitions = tuple(
        Transition(each["source"], each["target"], each.get("name", each["target"])) for each in body["transitions"]
    ) or line(steps)
    durations = {name: value for name, value in body.items() if name.endswith("_sla")}
    of_responses = {name: value for name, value in durations.items() if name.endswith("_response_sla")}
    seconds, found = targets_of(durations)
    response_seconds, faults_of_responses = response_targets_of(of_responses, seconds)
    found += faults_of_responses
    found += faults(steps, transitions)
    if found:
        raise BadWorkflow(found)
    definition = Definition(
        steps=without_weight_at_end(steps, transitions),
        transitions=transitions,
        sla_seconds=seconds,
        calendar_id=body["calendar_id"],
        assignment=body["assignment"],
        capacity=body["capacity"],
        response_seconds=response_seconds,
        first_response_pauses=body["first_response_pauses"],
        end_logic=body["end_logic"],
        assignment_hours=body["assignment_hours"],
    )
    scope = Scope(body["category"], body["sub_category"], body["department"])
    return Content(body["name"], body["description"], scope, definition)


def view_of(workflow: Workflow) -> dict[str, Any]:
    """Return a workflow as answers show it."""
    definition = workflow.definition
    return {
        "id": workflow.id,
        "name": workflow.name,
        "description": workflow.description,
        **vars(workflow.scope),
        "state": workflow.state,
        "is_default": workflow.is_default,
        "version": workflow.version,
        **{f"{priority}_sla": _duration(definition.sla_seconds[priority]) for priority in PRIORITIES},
        **{f"{priority}_response_sla": _response(definition, priority) for priority in PRIORITIES},
        "first_response_pauses": definition.first_response_pauses,
        "calendar_id": definition.calendar_id,
        "steps": [vars(step) for step in definition.steps],
        "transitions": [{"from": each.source, "to": each.target, "name": each.name} for each in definition.transitions],
        "assignment": definition.assignment,
        "assignment_hours": definition.assignment_hours,
        "capacity": definition.capacity,
        "end_logic": definition.end_logic,
        "created_at": workflow.created_at,
        "updated_at": workflow.updated_at,
    }


def _response(definition: Definition, priority: str) -> str | None:
    responses = definition.response_seconds
    return None if responses is None else _duration(responses[priority])


def _duration(seconds: int) -> str:
    return format_duration(timedelta(seconds=seconds))
