"""The trail of a ticket, by its number or its UUID."""

from typing import Any
from uuid import UUID

from flask import Response, g
from service_kit.http import pages
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed

from ticket_service.api.roles import READERS
from ticket_service.api.views import TrailView, entry_view
from ticket_service.store import tickets
from ticket_service.store import trail as stored

trail = Blueprint("trail", __name__, description="What happened to a ticket")


@trail.get("/api/tickets/<int:ticket_id>/events")
@allowed(*READERS)
@trail.arguments(pages.PageQuery, location="query")
@trail.response(200, TrailView)
def get_trail(query: dict[str, Any], ticket_id: int) -> Response:
    """List the entries of a ticket's trail, oldest first."""
    return _page(tickets.get(g.session, g.caller.company_id, ticket_id).id, query)


@trail.get("/tickets/<uuid:uuid>/events")
@allowed(*READERS)
@trail.arguments(pages.PageQuery, location="query")
@trail.response(200, TrailView)
def get_trail_by_uuid(query: dict[str, Any], uuid: UUID) -> Response:
    """List the entries of a ticket's trail, oldest first."""
    return _page(tickets.get_by_uuid(g.session, g.caller.company_id, uuid).id, query)


def _page(ticket_id: int, query: dict[str, Any]) -> Response:
    limit = query["limit"]
    cursor = pages.decode_cursor(query["cursor"], (int,))
    found = stored.page(g.session, g.caller.company_id, ticket_id, after=cursor[0] if cursor else 0, limit=limit + 1)
    shown = [entry_view(row) for row in found[:limit]]
    body, headers = pages.page(found, limit, lambda row: (row.id,), "items", shown)
    return json_response(body, 200, headers)
