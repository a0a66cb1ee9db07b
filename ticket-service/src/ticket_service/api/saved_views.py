"""`/api/views`: saved views of the ticket list."""

from functools import cache
from typing import Any

from flask import Response, g
from marshmallow import Schema
from service_kit.http import pages
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.policy import allowed
from service_kit.http.precondition import Precondition, conditional, etag, read_precondition
from service_kit.identity import ADMIN, MANAGER

from ticket_service.api.filters import filters_of
from ticket_service.api.roles import EDITORS
from ticket_service.api.saved_view_schemas import NewView, SavedViewsView, SavedViewView, saved_view_view
from ticket_service.api.schemas import TicketFilter
from ticket_service.api.tickets import page_of_tickets
from ticket_service.api.views import TicketsView
from ticket_service.domain.saved_view import SavedView, ViewContent, Viewer
from ticket_service.store import saved_views as stored
from ticket_service.usecases.keep_saved_views import add_view, change_view, delete_view, read_view

saved_views = Blueprint("saved_views", __name__, description="Saved views of the ticket list")

EXAMPLE = {"name": "Urgent in HR", "filter": {"department": ["HR"], "priority": ["urgent"]}, "sort": "due"}


@saved_views.get("/api/views")
@allowed(*EDITORS)
@saved_views.arguments(pages.PageQuery, location="query")
@saved_views.response(200, SavedViewsView)
def list_views(query: dict[str, Any]) -> Response:
    """List the caller's views and those that are shared, the oldest first."""
    limit, cursor = query["limit"], pages.decode_cursor(query["cursor"], (int,))
    found = stored.page(g.session, g.caller.company_id, _viewer(), after=cursor[0] if cursor else 0, limit=limit + 1)
    shown = [saved_view_view(view) for view in found[:limit]]
    body, headers = pages.page(found, limit, lambda view: (view.id,), "items", shown)
    return json_response(body, 200, headers)


@saved_views.post("/api/views")
@allowed(*EDITORS)
@saved_views.arguments(NewView, example=EXAMPLE)
@saved_views.response(201, SavedViewView)
def post_view(new: dict[str, Any]) -> Response:
    """Save a view; managers and admins may share it with the company."""
    key = read_idempotency_key(_created)
    most = g.deps.views_per_person
    return _created(add_view(g.session, g.caller.company_id, ViewContent(**new), _viewer(), key, most=most))


@saved_views.get("/api/views/<int:view_id>")
@allowed(*EDITORS)
@saved_views.response(200, SavedViewView)
def get_view(view_id: int) -> Response:
    """Show a view."""
    return _answer(read_view(g.session, g.caller.company_id, view_id, _viewer()))


@saved_views.get("/api/views/<int:view_id>/tickets")
@allowed(*EDITORS)
@saved_views.arguments(pages.PageQuery, location="query")
@saved_views.response(200, TicketsView)
def list_view_tickets(query: dict[str, Any], view_id: int) -> Response:
    """List the tickets of a view; a department or team in it that is gone has none."""
    content = read_view(g.session, g.caller.company_id, view_id, _viewer()).content
    return page_of_tickets(filters_of(_filter().load(content.filter)), {**query, "sort": content.sort})


@saved_views.put("/api/views/<int:view_id>")
@allowed(*EDITORS)
@conditional
@saved_views.arguments(NewView, example=EXAMPLE)
@saved_views.response(200, SavedViewView)
def put_view(new: dict[str, Any], view_id: int) -> Response:
    """Replace a view; only managers and admins change shared ones."""
    view = change_view(g.session, g.caller.company_id, view_id, ViewContent(**new), _viewer(), _precondition())
    return _answer(view)


@saved_views.delete("/api/views/<int:view_id>")
@allowed(*EDITORS)
@conditional
@saved_views.response(204)
def remove_view(view_id: int) -> Response:
    """Delete a view; only managers and admins delete shared ones."""
    delete_view(g.session, g.caller.company_id, view_id, _viewer(), _precondition())
    return Response(status=204)


def _viewer() -> Viewer:
    return Viewer(g.caller.subject, g.caller.role in (MANAGER, ADMIN))


@cache
def _filter() -> Schema:
    return TicketFilter()


def _precondition() -> Precondition[SavedView]:
    return read_precondition(lambda view: etag(view.version))


def _created(view: SavedView) -> Response:
    return _answer(view, 201, {"Location": f"/api/views/{view.id}"})


def _answer(view: SavedView, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return json_response(saved_view_view(view), status, {"ETag": etag(view.version), **(headers or {})})
