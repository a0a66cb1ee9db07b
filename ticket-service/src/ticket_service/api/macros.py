"""`/api/macros`: named changes that people apply to tickets."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http import pages
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import PageView
from service_kit.http.policy import allowed
from service_kit.http.precondition import Precondition, conditional, etag, read_precondition
from service_kit.http.text import name_field
from service_kit.identity import ADMIN, MANAGER

from ticket_service.api.comment_schemas import SideComment
from ticket_service.api.fields import AsSent
from ticket_service.api.precondition import expected
from ticket_service.api.request_context import request_context
from ticket_service.api.roles import EDITORS
from ticket_service.api.schemas import TicketChange
from ticket_service.api.tickets import edited_response, ticket_response
from ticket_service.api.views import TicketView
from ticket_service.domain.macro import Macro
from ticket_service.store import macros as stored
from ticket_service.usecases.apply_macro import apply_macro
from ticket_service.usecases.keep_macros import add_macro, change_macro, delete_macro, read_macro

MAX_NAME_CHARACTERS = 100
EXAMPLE = {
    "name": "Take it over",
    "actions": {"status": "in_progress", "comment": {"text": "I look into it.", "internal": False}},
}

macros = Blueprint("macros", __name__, description="Macros")


class MacroActions(TicketChange):
    """New values, as PATCH of a ticket has, and a comment to add; at least one of them."""

    comment = fields.Nested(SideComment)


class NewMacro(Schema):
    """A macro: its name, and the changes it makes."""

    name = name_field(MAX_NAME_CHARACTERS, required=True)
    actions = AsSent(MacroActions, required=True)


class MacroView(Schema):
    """A macro."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    actions = fields.Nested(MacroActions, required=True)
    version = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)


class MacrosView(PageView):
    """A page of macros."""

    items = fields.List(fields.Nested(MacroView), required=True)


@macros.get("/api/macros")
@allowed(*EDITORS)
@macros.arguments(pages.PageQuery, location="query")
@macros.response(200, MacrosView)
def list_macros(query: dict[str, Any]) -> Response:
    """List the company's macros, the oldest first."""
    limit, cursor = query["limit"], pages.decode_cursor(query["cursor"], (int,))
    found = stored.page(g.session, g.caller.company_id, after=cursor[0] if cursor else 0, limit=limit + 1)
    shown = [vars(macro) for macro in found[:limit]]
    body, headers = pages.page(found, limit, lambda macro: (macro.id,), "items", shown)
    return json_response(body, 200, headers)


@macros.post("/api/macros")
@allowed(MANAGER, ADMIN)
@macros.arguments(NewMacro, example=EXAMPLE)
@macros.response(201, MacroView)
def post_macro(new: dict[str, Any]) -> Response:
    """Add a macro."""
    key = read_idempotency_key(_created)
    most = g.deps.macros_per_company
    return _created(add_macro(g.session, g.caller.company_id, new["name"], new["actions"], key, most=most))


@macros.get("/api/macros/<int:macro_id>")
@allowed(*EDITORS)
@macros.response(200, MacroView)
def get_macro(macro_id: int) -> Response:
    """Show a macro."""
    return _answer(read_macro(g.session, g.caller.company_id, macro_id))


@macros.put("/api/macros/<int:macro_id>")
@allowed(MANAGER, ADMIN)
@conditional
@macros.arguments(NewMacro, example=EXAMPLE)
@macros.response(200, MacroView)
def put_macro(new: dict[str, Any], macro_id: int) -> Response:
    """Replace a macro."""
    return _answer(change_macro(g.session, g.caller.company_id, macro_id, new["name"], new["actions"], _precondition()))


@macros.delete("/api/macros/<int:macro_id>")
@allowed(MANAGER, ADMIN)
@conditional
@macros.response(204)
def remove_macro(macro_id: int) -> Response:
    """Delete a macro; what it has changed stays."""
    delete_macro(g.session, g.caller.company_id, macro_id, _precondition())
    return Response(status=204)


@macros.post("/api/tickets/<int:ticket_id>/macros/<int:macro_id>")
@allowed(*EDITORS)
@conditional
@macros.response(200, TicketView)
def post_ticket_macro(ticket_id: int, macro_id: int) -> Response:
    """Apply a macro to a ticket: its changes, as a PATCH makes them, and its comment, all of them or none."""
    key = read_idempotency_key(ticket_response)
    outcome = apply_macro(g.session, ticket_id, macro_id, expected(), request_context(), g.deps.directory, key)
    return edited_response(outcome)


def _precondition() -> Precondition[Macro]:
    return read_precondition(lambda macro: etag(macro.version))


def _created(macro: Macro) -> Response:
    return _answer(macro, 201, {"Location": f"/api/macros/{macro.id}"})


def _answer(macro: Macro, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return json_response(vars(macro), status, {"ETag": etag(macro.version), **(headers or {})})
