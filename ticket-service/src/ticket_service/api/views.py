"""Response bodies: functions that format them, and schemas that document them in OpenAPI."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from ticket_service.domain.enums import Priority, Run, Status
from ticket_service.domain.ticket import Ticket
from ticket_service.store.trail import TrailRow


def ticket_view(ticket: Ticket) -> dict[str, Any]:
    """Format a ticket."""
    return {
        "id": ticket.id,
        "uuid": ticket.uuid,
        "title": ticket.title,
        "description": ticket.description,
        "user_name": ticket.user_name,
        "user_email": ticket.user_email,
        "customer_id": ticket.customer_id,
        "department": ticket.department,
        "confidence_score": ticket.confidence_score,
        "category": ticket.category,
        "priority": ticket.priority,
        "need_admin": ticket.need_admin,
        "team": ticket.team,
        "team_id": ticket.team_id,
        "assignee": ticket.assignee,
        "decided_by": ticket.decided_by,
        "reason": ticket.reason,
        "status": ticket.status,
        "run": ticket.run,
        "metadata": ticket.metadata,
        "solution_steps": ticket.solution_steps,
        "solution_confidence": ticket.solution_confidence,
        "solution_mode": ticket.solution_mode,
        "version": ticket.version,
        "revision": ticket.revision,
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
    }


def run_view(ticket: Ticket) -> dict[str, Any]:
    """Format status and result of a customer's ticket."""
    result = None
    if ticket.run is Run.COMPLETED:
        result = {"department": ticket.department, "confidence_score": ticket.confidence_score}
    return {"ticket_id": ticket.uuid, "status": ticket.run, "result": result}


def entry_view(entry: TrailRow) -> dict[str, Any]:
    """Format an entry of a trail."""
    return entry._asdict()


class StepView(Schema):
    """A step that may solve a ticket, and the ids of its source passages."""

    order = fields.Integer(required=True)
    text = fields.String(required=True)
    chunk_ids = fields.List(fields.UUID())


class TicketView(Schema):
    """A ticket."""

    id = fields.Integer(required=True)
    uuid = fields.UUID(required=True)
    title = fields.String(required=True)
    description = fields.String(required=True)
    user_name = fields.String(required=True, allow_none=True)
    user_email = fields.String(required=True, allow_none=True)
    customer_id = fields.String(required=True, allow_none=True)
    department = fields.String(required=True, allow_none=True)
    confidence_score = fields.Float(required=True, allow_none=True)
    category = fields.String(required=True)
    priority = fields.Enum(Priority, by_value=fields.String(), required=True)
    need_admin = fields.Boolean(required=True)
    team = fields.String(required=True, allow_none=True)
    team_id = fields.Integer(required=True, allow_none=True)
    assignee = fields.String(required=True, allow_none=True)
    decided_by = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    status = fields.Enum(Status, by_value=fields.String(), required=True)
    run = fields.Enum(Run, by_value=fields.String(), required=True)
    metadata = fields.Dict(required=True, allow_none=True)
    solution_steps = fields.List(
        fields.Nested(StepView),
        required=True,
        allow_none=True,
        metadata={"description": "null before there is a proposal, empty where a person is needed."},
    )
    solution_confidence = fields.Float(required=True, allow_none=True, metadata={"description": "0 to 1"})
    solution_mode = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)
    revision = fields.Integer(required=True, metadata={"description": "The revision of the ticket's newest event."})
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)


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
    actor = fields.String(required=True)
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
