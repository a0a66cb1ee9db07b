"""`/api/hdts/tickets`: tickets of another system by HTTP, for senders without the queue."""

from collections.abc import Mapping
from typing import Any

from flask import Response, g
from marshmallow import INCLUDE, Schema, fields, pre_load
from marshmallow.validate import Length, OneOf
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.email import Email
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.policy import allowed
from service_kit.http.precondition import etag
from service_kit.http.problems import Invalid
from service_kit.http.text import not_blank

from ticket_service.api.request_context import request_context
from ticket_service.api.roles import READERS
from ticket_service.api.views import TicketView, ticket_view
from ticket_service.domain import hdts as rules
from ticket_service.domain.hdts import InvalidHdtsTicket, read_ticket, trimmed
from ticket_service.usecases.accept_hdts_ticket import Accepted, Outcome, Sent, accept_hdts_ticket

hdts = Blueprint("hdts", __name__, description="Tickets of another help desk")

EXAMPLE = {
    "ticket_id": "HD-2026-0042",
    "title": "Laptop does not start",
    "category": "Hardware",
    "sub_category": "Laptop",
    "priority": "high",
    "description": "It beeps three times, then nothing.",
    "requester_email": "ann@company.example",
    "attachments": [{"filename": "photo.jpg", "url": "https://files.company.example/photo.jpg"}],
}


def _required(max_characters: int) -> fields.String:
    return fields.String(required=True, validate=[Length(1, max_characters), not_blank])


def _optional(max_characters: int, **metadata: str) -> fields.String:
    return fields.String(allow_none=True, validate=Length(0, max_characters), metadata=metadata)


class Attachment(Schema):
    """A file of the sender's system. It is kept as an address and never fetched."""

    class Meta:
        """Further fields are ignored."""

        unknown = INCLUDE

    filename = fields.String(required=True, validate=[Length(1, rules.MAX_FILE_NAME_CHARACTERS), not_blank])
    url = fields.String(
        required=True, validate=[Length(1, rules.MAX_URL_CHARACTERS), not_blank], metadata={"pattern": "^https?://"}
    )


class ExternalTicket(Schema):
    """A ticket of another help desk. Further fields are kept in the ticket's metadata."""

    class Meta:
        """The sender's system has more fields than this one."""

        unknown = INCLUDE

    ticket_id = fields.String(
        required=True,
        validate=[Length(1, rules.MAX_ID_CHARACTERS), not_blank],
        metadata={"description": f"A whole number of up to {rules.MAX_DIGITS_OF_ID} digits is taken as text."},
    )
    title = _required(rules.MAX_TITLE_CHARACTERS)
    category = _required(rules.MAX_CATEGORY_CHARACTERS)
    sub_category = _required(rules.MAX_CATEGORY_CHARACTERS)
    priority = fields.String(
        required=True,
        validate=OneOf(list(rules.PRIORITIES)),
        metadata={"description": "low, medium and high become medium, high and urgent."},
    )
    description = _optional(rules.MAX_DESCRIPTION_CHARACTERS)
    department = _optional(rules.MAX_DEPARTMENT_CHARACTERS, description="A request; an unknown one is ignored.")
    requester_email = Email(allow_none=True)
    requester_name = _optional(rules.MAX_NAME_CHARACTERS)
    created_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    attachments = fields.List(fields.Nested(Attachment), allow_none=True, validate=Length(max=rules.MAX_ATTACHMENTS))

    @pre_load
    def trim(self, sent: Any, **_options: Any) -> Any:
        """Take texts as the queue's reader takes them, before they are judged."""
        return trimmed(sent) if isinstance(sent, Mapping) else sent


@hdts.post("/api/hdts/tickets")
@allowed(*READERS)
@hdts.arguments(ExternalTicket, example=EXAMPLE)
@hdts.response(201, TicketView)
@hdts.alt_response(200, schema=TicketView, description="It was sent before; what has changed is changed.")
def post_hdts_ticket(sent: dict[str, Any]) -> Response:
    """Store a ticket of another help desk; sent again, it changes what differs and answers 200."""
    try:
        ticket = read_ticket(sent)
    except InvalidHdtsTicket as error:
        raise Invalid("Some fields are not valid.", errors=error.errors) from error
    accepted = accept_hdts_ticket(
        g.session, g.deps.database, Sent(ticket), request_context(), read_idempotency_key(_answer)
    )
    g.deps.metrics.count_hdts(accepted.outcome)
    if accepted.outcome is Outcome.CREATED:
        g.deps.metrics.count_created()
    return _answer(accepted)


def _answer(accepted: Accepted) -> Response:
    ticket = accepted.ticket
    headers = {"ETag": etag(ticket.version), "Location": f"/api/tickets/{ticket.id}"}
    return json_response(
        ticket_view(ticket, internal=True), 201 if accepted.outcome is Outcome.CREATED else 200, headers
    )
