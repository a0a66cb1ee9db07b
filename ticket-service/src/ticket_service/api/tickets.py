"""`/api/tickets`."""

from typing import Any

from flask import Response, g
from service_kit.http import pages
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.policy import allowed

from ticket_service.api.precondition import etag, expected
from ticket_service.api.preference import await_routing
from ticket_service.api.request_context import request_context
from ticket_service.api.roles import CREATORS, EDITORS, STATUS_EDITORS, TICKET_READERS
from ticket_service.api.schemas import NewTicket, StatusChange, TicketEdit, TicketsQuery
from ticket_service.api.views import TicketsView, TicketView, ticket_view
from ticket_service.api.visibility import check_filters, own_tickets_of, with_requester
from ticket_service.dependencies import Dependencies
from ticket_service.domain.departments import all_names
from ticket_service.domain.edit import Edit
from ticket_service.domain.errors import UnknownDepartment
from ticket_service.domain.folding import search_number, search_words
from ticket_service.domain.teams import NamedTeam
from ticket_service.domain.ticket import Draft, Ticket
from ticket_service.store import departments, listing
from ticket_service.usecases.create_ticket import create_ticket
from ticket_service.usecases.delete_ticket import delete_ticket
from ticket_service.usecases.edit_ticket import edit_ticket
from ticket_service.usecases.read_ticket import read_ticket

tickets = Blueprint("tickets", __name__, description="Tickets")

MAX_SEARCH_WORDS = 10
"""Further words of a search are ignored."""
NEWER_THAN_ALL = 2**63 - 1
"""The cursor of a page that begins at the newest ticket."""


@tickets.post("/api/tickets")
@allowed(*CREATORS)
@tickets.arguments(
    NewTicket,
    example={
        "title": "VPN drops",
        "description": "Every hour, at home only.",
        "user_name": "Ann",
        "user_email": "ann@company.example",
    },
)
@tickets.response(201, TicketView)
def post_ticket(new: dict[str, Any]) -> Response:
    """Store a ticket; the response waits a moment for its routing."""
    deps: Dependencies = g.deps
    ticket = create_ticket(
        deps.database, Draft(**with_requester(new)), request_context(), read_idempotency_key(_created)
    )
    deps.metrics.count_created()
    return _created(*await_routing(ticket))


@tickets.get("/api/tickets")
@allowed(*TICKET_READERS)
@tickets.arguments(TicketsQuery, location="query")
@tickets.response(200, TicketsView)
def list_tickets(query: dict[str, Any]) -> Response:
    """List tickets, newest first; a requester's list holds its own."""
    check_filters(query)
    wanted = query["department"]
    if wanted:
        existing = all_names(departments.all_of(g.session, g.caller.company_id))
        for department in wanted:
            if department not in existing:
                raise UnknownDepartment(department)
    filters = listing.Filters(
        status=query["status"],
        department=wanted,
        team=query["team"],
        team_id=query["team_id"],
        priority=query["priority"],
        customer_id=(*query["customer_id"], *query["customer"]),
        requester=query["requester"],
        need_admin=query["need_admin"],
        words=search_words(query["q"], MAX_SEARCH_WORDS),
        number=search_number(query["q"]),
    )
    return page_of_tickets(filters, query)


@tickets.get("/api/tickets/<int:ticket_id>")
@allowed(*TICKET_READERS)
@tickets.response(200, TicketView)
def get_ticket(ticket_id: int) -> Response:
    """Show a ticket."""
    return _answer(read_ticket(g.deps.database, g.caller.company_id, ticket_id, own_tickets_of()))


@tickets.patch("/api/tickets/<int:ticket_id>")
@allowed(*EDITORS)
@tickets.arguments(TicketEdit, example={"priority": "high"})
@tickets.response(200, TicketView)
def patch_ticket(edit: dict[str, Any], ticket_id: int) -> Response:
    """Change a ticket; a requested department or team usually shows in the response already."""
    return _edit(ticket_id, edit)


@tickets.put("/api/tickets/<int:ticket_id>")
@allowed(*EDITORS)
@tickets.arguments(TicketEdit, example={"priority": "high"})
@tickets.response(200, TicketView)
def put_ticket(edit: dict[str, Any], ticket_id: int) -> Response:
    """Change a ticket as PATCH does: omitted fields stay."""
    return _edit(ticket_id, edit)


@tickets.delete("/api/tickets/<int:ticket_id>")
@allowed(*EDITORS)
@tickets.response(204)
def remove_ticket(ticket_id: int) -> Response:
    """Delete a ticket in every service."""
    delete_ticket(g.session, ticket_id, expected(), request_context())
    return Response(status=204)


@tickets.put("/api/tickets/<int:ticket_id>/status")
@allowed(*STATUS_EDITORS)
@tickets.arguments(StatusChange, example={"status": "in_progress"})
@tickets.response(200, TicketView)
def put_status(change: dict[str, Any], ticket_id: int) -> Response:
    """Change a ticket's status; a requester closes or reopens its own ticket."""
    return _edit(ticket_id, change)


def page_of_tickets(filters: listing.Filters, query: dict[str, Any]) -> Response:
    """Return the page of tickets that match the filters and that the caller may see."""
    own = own_tickets_of()
    limit = query["limit"]
    cursor = pages.decode_cursor(query["cursor"], (int,))
    found = listing.page(
        g.session, g.caller.company_id, filters, own=own, before=cursor[0] if cursor else None, limit=limit + 1
    )
    shown = [ticket_view(ticket, internal=own is None) for ticket in found[:limit]]
    # The ticket that a search names comes first; all others follow, newest first.
    body, headers = pages.page(
        found, limit, lambda ticket: (ticket.id if ticket.id != filters.number else NEWER_THAN_ALL,), "tickets", shown
    )
    return json_response(body, 200, headers)


def _edit(ticket_id: int, change: dict[str, Any]) -> Response:
    version = change.pop("version", None)
    if "team" in change:
        change["team"] = NamedTeam(change["team"])
    outcome = edit_ticket(
        g.session,
        ticket_id,
        Edit(**change),
        expected(version),
        request_context(),
        g.deps.directory,
        own=own_tickets_of(),
    )
    if outcome.request is None:
        return _answer(outcome.ticket)
    ticket, headers = await_routing(outcome.ticket)
    return _answer(ticket, 200, headers)


def _created(ticket: Ticket, headers: dict[str, str] | None = None) -> Response:
    return _answer(ticket, 201, {"Location": f"/api/tickets/{ticket.id}", **(headers or {})})


def _answer(ticket: Ticket, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    view = ticket_view(ticket, internal=own_tickets_of() is None)
    return json_response(view, status, {"ETag": etag(ticket.version), **(headers or {})})
