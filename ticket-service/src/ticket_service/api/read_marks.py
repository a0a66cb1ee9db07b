"""`/api/tickets/{id}/read`: whether the caller has read a ticket."""

from typing import Any

from flask import Response, g
from marshmallow import Schema
from service_kit.http.blueprint import Blueprint
from service_kit.http.policy import allowed

from ticket_service.api.fields import Flag
from ticket_service.api.roles import PEOPLE
from ticket_service.api.visibility import own_tickets_of, reader
from ticket_service.usecases.mark_read import mark_read

read_marks = Blueprint("read_marks", __name__, description="Read and unread tickets")


class ReadMark(Schema):
    """Whether the caller has read the ticket."""

    read = Flag(required=True)


@read_marks.put("/api/tickets/<int:ticket_id>/read")
@allowed(*PEOPLE)
@read_marks.arguments(ReadMark, example={"read": True})
@read_marks.response(204)
def put_read(mark: dict[str, Any], ticket_id: int) -> Response:
    """Mark a ticket as read or unread for the caller alone; a later change by somebody else makes it unread."""
    mark_read(g.session, g.caller.company_id, ticket_id, reader(), is_read=mark["read"], own=own_tickets_of())
    return Response(status=204)
