"""Bodies and answers of `/api/workflows`."""

from collections.abc import Mapping
from typing import Any

from flask import g
from marshmallow import Schema, ValidationError, fields, validate, validates_schema
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
from workflow_service.api.workflow_content import faults_by_calendar_of, faults_of
from workflow_service.domain.definition import (
    ALWAYS,
    ASSIGNMENT_HOURS,
    ASSIGNMENT_METHODS,
    MAX_SKILLS,
    MAX_STEPS,
    MAX_TRANSITIONS,
    ROUND_ROBIN,
)
from workflow_service.domain.external import END_LOGICS, KINDS, NONE
from workflow_service.domain.workflow import STATES

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

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check(self, body: dict[str, Any], sent: Any, **_options: Any) -> None:
        """Refuse targets and a graph that don't fit together, along with the faults of single fields."""
        messages: dict[str, list[str]] = {}
        for fault in faults_of(body, sent) if isinstance(sent, Mapping) else ():
            messages.setdefault(fault.field, []).append(fault.message)
        if messages:
            raise ValidationError(dict(messages))

    def handle_error(self, error: ValidationError, data: Any, *, many: bool, **_options: Any) -> None:
        """Add the faults that only the calendar in the database shows: all faults are named at once."""
        assert isinstance(error.messages, dict)
        body = error.valid_data if isinstance(error.valid_data, dict) else {}
        for fault in faults_by_calendar_of(body, g.session, g.caller.company_id):
            error.messages.setdefault(fault.field, []).append(fault.message)


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


class DeploymentOrder(Schema):
    """Whether the workflow also takes tickets that no workflow has taken so far."""

    take_unmatched = Flag(
        load_default=False,
        metadata={"description": "Begin the tasks of unmatched open tickets that it matches; else they are counted."},
    )


class UnmatchedCounts(Schema):
    """The unmatched open tickets that the workflow matches, and how many of them it has taken by this call."""

    matching = fields.Integer(required=True)
    taken = fields.Integer(required=True)


class DeployedView(WorkflowView):
    """A deployed workflow, and what may keep it from getting tickets or its tasks from being assigned."""

    warnings = fields.List(fields.String(), required=True)
    unmatched = fields.Nested(UnmatchedCounts, required=True)


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
