"""The trail of a ticket, by its number or its UUID."""

from typing import Any
from uuid import UUID

from flask import Response, g
from service_kit.http import pages
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed

from ticket_service.api.request_context import request_context
from ticket_service.api.roles import TICKET_READERS
from ticket_service.api.views import TrailView, entry_view, public_entry_view
from ticket_service.api.visibility import own_tickets_of
from ticket_service.domain.trail import PUBLIC_ENTRIES
from ticket_service.store import tickets
from ticket_service.store import trail as stored

trail = Blueprint("trail", __name__, description="What happened to a ticket")


@trail.get("/api/tickets/<int:ticket_id>/events")
@allowed(*TICKET_READERS)
@trail.arguments(pages.PageQuery, location="query")
@trail.response(200, TrailView)
def get_trail(query: dict[str, Any], ticket_id: int) -> Response:
    """List the entries of a ticket's trail, oldest first; requesters see creation and changes of status."""
    return _page(tickets.get(g.session, g.caller.company_id, ticket_id, own_tickets_of()).id, query)


@trail.get("/tickets/<uuid:uuid>/events")
@allowed(*TICKET_READERS)
@trail.arguments(pages.PageQuery, location="query")
@trail.response(200, TrailView)
def get_trail_by_uuid(query: dict[str, Any], uuid: UUID) -> Response:
    """List the entries of a ticket's trail, oldest first; requesters see creation and changes of status."""
    return _page(tickets.get_by_uuid(g.session, g.caller.company_id, uuid, own_tickets_of()).id, query)


def _page(ticket_id: int, query: dict[str, Any]) -> Response:
    limit, public = query["limit"], own_tickets_of() is not None
    cursor = pages.decode_cursor(query["cursor"], (int,))
    found = stored.page(
        g.session,
        g.caller.company_id,
        ticket_id,
        only=PUBLIC_ENTRIES if public else (),
        after=cursor[0] if cursor else 0,
        limit=limit + 1,
    )
    actor = request_context().actor
    shown = [public_entry_view(row, actor) if public else entry_view(row) for row in found[:limit]]
    body, headers = pages.page(found, limit, lambda row: (row.id,), "items", shown)
    return json_response(body, 200, headers)
