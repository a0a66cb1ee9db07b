"""`/api/tickets/{id}/solve`: the steps by which a person solved a ticket."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields
from marshmallow.validate import Length, Range
from service_kit.http.blueprint import Blueprint
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.policy import allowed
from service_kit.http.precondition import conditional
from service_kit.http.text import not_blank

from ticket_service.api.comment_schemas import SideComment
from ticket_service.api.fields import TextOrObject
from ticket_service.api.precondition import expected
from ticket_service.api.request_context import request_context
from ticket_service.api.roles import EDITORS
from ticket_service.api.tickets import ticket_response
from ticket_service.api.views import TicketView
from ticket_service.domain.comments import CommentDraft
from ticket_service.domain.solution import MAX_STEPS, in_order
from ticket_service.usecases.solve_ticket import solve_ticket

MAX_STEP_CHARACTERS = 5_000
MAX_ORDER = 1_000_000

solve = Blueprint("solve", __name__, description="Solutions by people")


class StepObject(Schema):
    """A step with its text; steps with an `order` are sorted by it."""

    text = fields.String(
        required=True, validate=[Length(1, MAX_STEP_CHARACTERS), not_blank], metadata={"pattern": r"\S"}
    )
    order = fields.Integer(strict=True, validate=Range(0, MAX_ORDER))


class Solve(Schema):
    """The steps that solved a ticket. They are stored as `[{order, text}]`, numbered from 1."""

    steps = fields.List(
        TextOrObject(StepObject),
        required=True,
        validate=Length(1, MAX_STEPS),
        metadata={"description": "Each is a text, or an object with `text` and perhaps `order`."},
    )
    comment = TextOrObject(
        SideComment,
        load_default=None,
        metadata={"description": "A comment to add: a text, or an object with `text` and perhaps `internal`."},
    )


@solve.post("/api/tickets/<int:ticket_id>/solve")
@allowed(*EDITORS)
@conditional
@solve.arguments(Solve, example={"steps": [{"text": "Restart the VPN client."}, {"text": "Sign in again."}]})
@solve.response(200, TicketView)
def post_solution(sent: dict[str, Any], ticket_id: int) -> Response:
    """Store the steps of a person as the ticket's solution, and resolve it; add the comment, if there is one."""
    steps = in_order((step["text"], step.get("order")) for step in sent["steps"])
    comment = CommentDraft(**sent["comment"]) if sent["comment"] else None
    key = read_idempotency_key(ticket_response)
    return ticket_response(solve_ticket(g.session, ticket_id, steps, comment, expected(), request_context(), key))
