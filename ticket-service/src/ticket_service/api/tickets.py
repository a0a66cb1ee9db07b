"""`/api/tickets`."""

from typing import Any

from flask import Response, g
from service_kit.http import pages
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.policy import allowed
from service_kit.http.precondition import conditional

from ticket_service.api.filters import filters_of
from ticket_service.api.precondition import expected, tag_of
from ticket_service.api.preference import await_routing
from ticket_service.api.request_context import request_context
from ticket_service.api.roles import CREATORS, EDITORS, STATUS_EDITORS, TICKET_READERS
from ticket_service.api.schemas import NewTicket, StatusChange, TicketEdit, TicketsQuery
from ticket_service.api.views import TicketsView, TicketView, ticket_view
from ticket_service.api.visibility import check_filters, own_tickets_of, reader, with_requester
from ticket_service.dependencies import Dependencies
from ticket_service.domain.departments import check_known
from ticket_service.domain.edit import Edit, Edited
from ticket_service.domain.teams import NamedTeam
from ticket_service.domain.ticket import Draft, Ticket
from ticket_service.store import departments, listing
from ticket_service.store.sorting import SORTS, Place
from ticket_service.usecases.create_ticket import create_ticket
from ticket_service.usecases.delete_ticket import delete_ticket
from ticket_service.usecases.edit_ticket import edit_ticket
from ticket_service.usecases.read_ticket import read_ticket

tickets = Blueprint("tickets", __name__, description="Tickets")


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
    """List tickets, newest first or by due date; a requester's list holds its own."""
    check_filters(query)
    if query["department"]:
        check_known(query["department"], departments.all_of(g.session, g.caller.company_id))
    return page_of_tickets(filters_of(query), query)


@tickets.get("/api/tickets/<int:ticket_id>")
@allowed(*TICKET_READERS)
@tickets.response(200, TicketView)
def get_ticket(ticket_id: int) -> Response:
    """Show a ticket."""
    return ticket_response(read_ticket(g.deps.database, g.caller.company_id, ticket_id, reader(), own_tickets_of()))


@tickets.patch("/api/tickets/<int:ticket_id>")
@allowed(*EDITORS)
@conditional
@tickets.arguments(TicketEdit, example={"priority": "high"})
@tickets.response(200, TicketView)
def patch_ticket(edit: dict[str, Any], ticket_id: int) -> Response:
    """Change a ticket; a requested department or team usually shows in the response already."""
    return _edit(ticket_id, edit)


@tickets.put("/api/tickets/<int:ticket_id>")
@allowed(*EDITORS)
@conditional
@tickets.arguments(TicketEdit, example={"priority": "high"})
@tickets.response(200, TicketView)
def put_ticket(edit: dict[str, Any], ticket_id: int) -> Response:
    """Change a ticket as PATCH does: omitted fields stay."""
    return _edit(ticket_id, edit)


@tickets.delete("/api/tickets/<int:ticket_id>")
@allowed(*EDITORS)
@conditional
@tickets.response(204)
def remove_ticket(ticket_id: int) -> Response:
    """Delete a ticket in every service."""
    delete_ticket(g.session, g.deps.storage, ticket_id, expected(), request_context())
    return Response(status=204)


@tickets.put("/api/tickets/<int:ticket_id>/status")
@allowed(*STATUS_EDITORS)
@conditional
@tickets.arguments(StatusChange, example={"status": "in_progress"})
@tickets.response(200, TicketView)
def put_status(change: dict[str, Any], ticket_id: int) -> Response:
    """Change a ticket's status; a requester closes or reopens its own ticket."""
    return _edit(ticket_id, change)


def page_of_tickets(filters: listing.Filters, query: dict[str, Any]) -> Response:
    """Return the page of tickets that match the filters and that the caller may see."""
    own = own_tickets_of()
    limit, sort = query["limit"], SORTS[query.get("sort", "created")]
    filters = listing.resolve_name(g.session, g.caller.company_id, filters)
    after = pages.decode_cursor(query["cursor"], sort.types)
    found = listing.page(g.session, g.caller.company_id, filters, own=own, sort=sort, after=after, limit=limit + 1)
    shown = [ticket_view(ticket, internal=own is None) for ticket in found[:limit]]

    def place(ticket: Ticket) -> Place:
        # The ticket that a search names comes first; all others follow in their order.
        return sort.before_all if ticket.id == filters.number else sort.place(ticket)

    body, headers = pages.page(found, limit, place, "tickets", shown)
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
    return edited_response(outcome)


def edited_response(outcome: Edited) -> Response:
    """Return the response to an edit; it waits a moment for the routing that the edit requests."""
    ticket, headers = (outcome.ticket, {}) if outcome.request is None else await_routing(outcome.ticket)
    return ticket_response(ticket, headers=headers)


def ticket_response(ticket: Ticket, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return a ticket as the caller sees it, with its ETag."""
    view = ticket_view(ticket, internal=own_tickets_of() is None)
    return json_response(view, status, {"ETag": tag_of(ticket), **(headers or {})})


def _created(ticket: Ticket, headers: dict[str, str] | None = None) -> Response:
    return ticket_response(ticket, 201, {"Location": f"/api/tickets/{ticket.id}", **(headers or {})})
