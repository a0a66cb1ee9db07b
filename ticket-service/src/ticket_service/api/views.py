"""Response bodies: functions that format them, and schemas that document them in OpenAPI."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from ticket_service.domain.enums import Priority, Run, Status
from ticket_service.domain.ticket import Ticket
from ticket_service.store.trail import TrailRow

INTERNAL_FIELDS = (
    "confidence_score", "category", "sub_category", "need_admin", "team", "team_id", "assignee", "decided_by", "reason",
    "run", "metadata", "solution_steps", "solution_confidence", "solution_mode", "revision",
)  # fmt: skip
"""The fields of a ticket that requesters don't see."""
STAFF = "staff"
"""The actor of every trail entry that a requester sees and didn't make."""


def ticket_view(ticket: Ticket, *, internal: bool) -> dict[str, Any]:
    """Format a ticket, with its internal fields or without them."""
    view = _whole_view(ticket)
    if internal:
        return view
    public = {name: value for name, value in view.items() if name not in INTERNAL_FIELDS}
    return public | {"task": None if ticket.task is None else {"step": ticket.task["step"]}}


def _whole_view(ticket: Ticket) -> dict[str, Any]:
    return {
        "id": ticket.id,
        "uuid": ticket.uuid,
        "number": ticket.number,
        "external_ticket_id": ticket.external_ticket_id,
        "title": ticket.title,
        "description": ticket.description,
        "user_name": ticket.user_name,
        "user_email": ticket.user_email,
        "customer_id": ticket.customer_id,
        "department": ticket.department,
        "confidence_score": ticket.confidence_score,
        "category": ticket.category,
        "sub_category": ticket.sub_category,
        "priority": ticket.priority,
        "need_admin": ticket.need_admin,
        "team": ticket.team,
        "team_id": ticket.team_id,
        "assignee": ticket.assignee,
        "task": ticket.task,
        "decided_by": ticket.decided_by,
        "reason": ticket.reason,
        "status": ticket.status,
        "run": ticket.run,
        "metadata": ticket.metadata,
        "solution_steps": ticket.solution_steps,
        "solution_confidence": ticket.solution_confidence,
        "solution_mode": ticket.solution_mode,
        "unread": ticket.unread,
        "version": ticket.version,
        "revision": ticket.revision,
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
    }


def run_view(ticket: Ticket, *, internal: bool) -> dict[str, Any]:
    """Format status and result of a customer's ticket; without `internal` the confidence is null."""
    result = None
    if ticket.run is Run.COMPLETED:
        result = {
            "department": ticket.department,
            "confidence_score": ticket.confidence_score if internal else None,
        }
    return {"ticket_id": ticket.uuid, "status": ticket.run, "result": result}


def entry_view(entry: TrailRow) -> dict[str, Any]:
    """Format an entry of a trail."""
    return entry._asdict()


def public_entry_view(entry: TrailRow, own_actor: str) -> dict[str, Any]:
    """Format an entry for a requester: it names nobody but the requester itself, and no request of others."""
    own = entry.actor == own_actor
    return entry._asdict() | {
        "actor": own_actor if own else STAFF,
        "cause": entry.cause if own else "",
        "request_id": entry.request_id if own else "",
    }


class StepView(Schema):
    """A step that may solve a ticket, and the ids of its source passages."""

    order = fields.Integer(required=True)
    text = fields.String(required=True)
    chunk_ids = fields.List(fields.UUID())


class TaskView(Schema):
    """Where a ticket is in its workflow. Requesters see the step alone."""

    step = fields.String(required=True)
    task_id = fields.Integer()
    status = fields.String()
    assignee = fields.String(allow_none=True)
    due = fields.String(allow_none=True, metadata={"format": "date-time"})
    breached = fields.Boolean()
    clocks = fields.List(fields.Dict(), allow_none=True)


class TicketView(Schema):
    """A ticket. Requesters see only the fields that are always there."""

    id = fields.Integer(required=True)
    uuid = fields.UUID(required=True)
    number = fields.String(required=True, metadata={"description": "TX, the day of creation (UTC) and six digits."})
    external_ticket_id = fields.String(
        required=True, allow_none=True, metadata={"description": "The id in the system that sent the ticket."}
    )
    title = fields.String(required=True)
    description = fields.String(required=True)
    user_name = fields.String(required=True, allow_none=True)
    user_email = fields.String(required=True, allow_none=True)
    customer_id = fields.String(required=True, allow_none=True)
    department = fields.String(required=True, allow_none=True)
    priority = fields.Enum(Priority, by_value=fields.String(), required=True)
    status = fields.Enum(Status, by_value=fields.String(), required=True)
    unread = fields.Boolean(
        required=True,
        metadata={"description": "Whether somebody else has changed it since the caller marked it as read."},
    )
    version = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)
    confidence_score = fields.Float(allow_none=True)
    category = fields.String()
    sub_category = fields.String(allow_none=True)
    need_admin = fields.Boolean()
    team = fields.String(allow_none=True)
    team_id = fields.Integer(allow_none=True)
    assignee = fields.String(allow_none=True)
    task = fields.Nested(TaskView, required=True, allow_none=True)
    decided_by = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    run = fields.Enum(Run, by_value=fields.String())
    metadata = fields.Dict(allow_none=True)
    solution_steps = fields.List(
        fields.Nested(StepView),
        allow_none=True,
        metadata={"description": "null before there is a proposal, empty where a person is needed."},
    )
    solution_confidence = fields.Float(allow_none=True, metadata={"description": "0 to 1"})
    solution_mode = fields.String(allow_none=True)
    revision = fields.Integer(metadata={"description": "The revision of the ticket's newest event."})


class _Page(Schema):
    count = fields.Integer(required=True, metadata={"description": "The rows on this page."})
    next = fields.String(required=True, allow_none=True, metadata={"description": "The next page's cursor."})


class TicketsView(_Page):
    """A page of tickets."""

    tickets = fields.List(fields.Nested(TicketView), required=True)


class AcceptedView(Schema):
    """A customer's ticket, accepted."""

    ticket_id = fields.UUID(required=True)
    status = fields.Enum(Run, by_value=fields.String(), required=True)


class ResultView(Schema):
    """The result of the agent workflow."""

    department = fields.String(required=True, allow_none=True)
    confidence_score = fields.Float(required=True, allow_none=True)


class RunView(AcceptedView):
    """Status and result of a customer's ticket."""

    result = fields.Nested(ResultView, required=True, allow_none=True)


class EntryView(Schema):
    """An entry of a trail."""

    id = fields.Integer(required=True)
    event_type = fields.String(required=True)
    actor = fields.String(required=True, metadata={"description": "For requesters `staff` unless it is them."})
    cause = fields.String(required=True, metadata={"description": "`request`, or an event's type and id."})
    payload = fields.Dict(required=True)
    request_id = fields.String(required=True)
    created_at = fields.DateTime(required=True)


class TrailView(_Page):
    """A page of a trail, oldest first."""

    items = fields.List(fields.Nested(EntryView), required=True)


class StatusesView(Schema):
    """The statuses a ticket can have."""

    statuses = fields.List(fields.String(), required=True)


def accepted_view(ticket: Ticket) -> Mapping[str, Any]:
    """Format a customer's ticket that was accepted."""
    return {"ticket_id": ticket.uuid, "status": ticket.run}
