"""`/tickets`: a ticket's id is its UUID here, and its status is that of the agent workflow's run."""

from typing import Any
from uuid import UUID

from flask import Response, g
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.policy import allowed

from ticket_service.api.request_context import request_context
from ticket_service.api.roles import CREATORS, TICKET_READERS
from ticket_service.api.schemas import NewCustomerTicket
from ticket_service.api.views import AcceptedView, RunView, accepted_view, run_view
from ticket_service.api.visibility import own_tickets_of, with_customer
from ticket_service.domain.ticket import Ticket
from ticket_service.store import tickets as stored
from ticket_service.usecases.create_customer_ticket import CustomerTicket, create_customer_ticket

customer_tickets = Blueprint("customer_tickets", __name__, description="Tickets in a customer's words")


@customer_tickets.post("/tickets")
@allowed(*CREATORS)
@customer_tickets.arguments(
    NewCustomerTicket, example={"subject": "VPN drops", "body": "Every hour, at home only.", "customer_id": "7"}
)
@customer_tickets.response(201, AcceptedView)
def post_customer_ticket(sent: dict[str, Any]) -> Response:
    """Store a customer's ticket; an equal one returns the open ticket."""
    ticket, is_new = create_customer_ticket(
        g.session, CustomerTicket(**with_customer(sent)), request_context(), read_idempotency_key(_accepted)
    )
    if is_new:
        g.deps.metrics.count_created()
    return _accepted(ticket)


@customer_tickets.get("/tickets/<uuid:uuid>")
@allowed(*TICKET_READERS)
@customer_tickets.response(200, RunView)
def get_run(uuid: UUID) -> Response:
    """Show status and result of a customer's ticket."""
    own = own_tickets_of()
    ticket = stored.get_by_uuid(g.session, g.caller.company_id, uuid, own)
    return json_response(run_view(ticket, internal=own is None))


def _accepted(ticket: Ticket) -> Response:
    return json_response(accepted_view(ticket), 201, {"Location": f"/tickets/{ticket.uuid}"})
