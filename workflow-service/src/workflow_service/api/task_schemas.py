"""Bodies and queries of `/api/tasks`, and what answers show."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema
from service_kit.http.email import Email
from service_kit.http.pages import PageQuery, PageView

from workflow_service.api.external_schemas import ExternalView, external_view
from workflow_service.api.fields import MAX_ID, name_field, notes, number, override
from workflow_service.domain.definition import PRIORITIES
from workflow_service.domain.external import PENDING
from workflow_service.domain.task import TASK_STATUSES, Task
from workflow_service.usecases.task_queries import TaskWithHistory

_COMPUTED = frozenset({"task_id", "current_step", "pending_external_approval"})


class TaskSchema(Schema):
    """A task: where a ticket is in its workflow, and who works on it."""

    task_id = fields.Integer(required=True)
    ticket_id = fields.Integer(required=True)
    external_ticket_id = fields.String(required=True, allow_none=True)
    workflow_id = fields.Integer(required=True)
    workflow_version = fields.Integer(required=True)
    matched_by = fields.String(required=True)
    current_step = fields.String(required=True)
    status = fields.String(required=True)
    priority = fields.String(required=True)
    department = fields.String(required=True, allow_none=True)
    team_id = fields.Integer(required=True, allow_none=True)
    team = fields.String(required=True, allow_none=True)
    assigned_user = fields.String(required=True, allow_none=True)
    assigned_at = fields.DateTime(required=True, allow_none=True)
    sla_deadline = fields.DateTime(required=True, allow_none=True)
    is_sla_breached = fields.Boolean(required=True)
    clocks = fields.List(fields.Dict(), required=True, allow_none=True)
    pending_external_approval = fields.Boolean(
        required=True, metadata={"description": "Whether the task waits for a partner's answer."}
    )
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)
    completed_at = fields.DateTime(required=True, allow_none=True)


_COPIED = tuple(name for name in TaskSchema().fields if name not in _COMPUTED)


class HistoryLine(Schema):
    """A change of a task."""

    at = fields.DateTime(required=True)
    action = fields.String(required=True)
    actor = fields.String(required=True)
    from_status = fields.String(required=True, allow_none=True)
    to_status = fields.String(required=True)
    from_step = fields.String(required=True, allow_none=True)
    to_step = fields.String(required=True)
    from_user = fields.String(required=True, allow_none=True)
    to_user = fields.String(required=True, allow_none=True)
    notes = fields.String(required=True)


class TransitionView(Schema):
    """A step that the task may go to."""

    to = fields.String(required=True)
    name = fields.String(required=True)


class TaskDetail(TaskSchema):
    """A task with the steps that it may go to and its newest changes."""

    step_role = fields.String(required=True)
    requires_approval = fields.Boolean(required=True)
    external = fields.Nested(
        ExternalView, required=True, allow_none=True, metadata={"description": "What a partner is asked at this step."}
    )
    transitions = fields.List(fields.Nested(TransitionView), required=True)
    history = fields.List(fields.Nested(HistoryLine), required=True)


class TaskPage(PageView):
    """A page of tasks."""

    items = fields.List(fields.Nested(TaskSchema), required=True)


class MineQuery(PageQuery):
    """A page of the caller's tasks."""

    status = fields.List(
        fields.String(validate=validate.OneOf(TASK_STATUSES)),
        load_default=list,
        metadata={"description": "Several may be given."},
    )
    sort = fields.String(
        load_default="created",
        validate=validate.OneOf(["created", "due"]),
        metadata={"description": "The newest first, or the earliest due."},
    )


class TaskQuery(MineQuery):
    """A page of tasks; a task must match every filter."""

    priority = fields.List(
        fields.String(validate=validate.OneOf(PRIORITIES)),
        load_default=list,
        metadata={"description": "Several may be given."},
    )
    assigned_user = fields.String(
        load_default=None, validate=validate.Length(1, 254), metadata={"description": "The assignee's address."}
    )
    workflow_id = fields.Integer(
        load_default=None, validate=validate.Range(1, MAX_ID), metadata={"description": "The workflow's id."}
    )
    due_before = fields.AwareDateTime(load_default=None, metadata={"description": "A time with its offset."})


class StatusChange(Schema):
    """The status to move to, and why."""

    status = fields.String(required=True, validate=validate.OneOf(TASK_STATUSES))
    notes = notes(required=True)
    override = override()


class TransitionOrder(Schema):
    """The step to move to, and why."""

    to = name_field(required=True)
    notes = notes(required=True)
    override = override()


class TransferOrder(Schema):
    """The person who gets the task, by id or by address, and why."""

    user_id = number()
    user_email = Email()
    notes = notes(required=True)

    @validates_schema
    def names_one_person(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a body that names nobody, or somebody twice."""
        if ("user_id" in data) == ("user_email" in data):
            raise ValidationError({"user_id": ["Give either user_id or user_email."]})


class AdvanceOrder(Schema):
    """A move to the next step, perhaps with a note about it."""

    notes = notes()


class EscalationOrder(Schema):
    """Why the task is escalated."""

    reason = notes(required=True)


class CandidateView(Schema):
    """A person who was considered; `reason` says why the person could, or could not, get the task."""

    email = fields.String(required=True)
    role = fields.String(required=True)
    reason = fields.String(required=True)
    open_tasks = fields.Integer(required=True, allow_none=True)
    last_turn = fields.Integer(required=True, allow_none=True)


class ChoiceView(Schema):
    """How an assignee was chosen."""

    at = fields.DateTime(required=True)
    assigned_user = fields.String(required=True, allow_none=True)
    method = fields.String(required=True)
    pool = fields.String(required=True)
    candidates = fields.List(fields.Nested(CandidateView), required=True)


class Explanation(Schema):
    """Why a task has its assignee: the newest choice first."""

    task_id = fields.Integer(required=True)
    assigned_user = fields.String(required=True, allow_none=True)
    matched_by = fields.String(required=True)
    choices = fields.List(fields.Nested(ChoiceView), required=True)


def view_of(task: Task) -> dict[str, Any]:
    """Return a task as answers show it."""
    shown = {name: getattr(task, name) for name in _COPIED}
    pending = task.external_state in PENDING
    return {"task_id": task.id, "current_step": task.step, "pending_external_approval": pending, **shown}


def detail_of(found: TaskWithHistory) -> dict[str, Any]:
    """Return a task with its history as answers show it."""
    step = found.definition.step(found.task.step)
    return {
        **view_of(found.task),
        "step_role": step.role,
        "requires_approval": step.requires_approval,
        "external": None if found.external is None else external_view(found.external),
        "transitions": [{"to": each.target, "name": each.name} for each in found.definition.from_step(step.name)],
        "history": [dict(row._mapping) for row in found.history],
    }
