"""Saved views in requests and responses."""

from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import OneOf
from service_kit.http.pages import PageView
from service_kit.http.text import name_field

from ticket_service.api.fields import AsSent, Flag
from ticket_service.api.schemas import TicketFilter
from ticket_service.domain.saved_view import SavedView
from ticket_service.store.sorting import SORTS

MAX_NAME_CHARACTERS = 100


class NewView(Schema):
    """A view to save."""

    name = name_field(MAX_NAME_CHARACTERS, required=True)
    filter = AsSent(
        TicketFilter,
        load_default=dict,
        metadata={"description": "The filters of GET /api/tickets. Names of what is gone are kept."},
    )
    sort = fields.String(load_default="created", validate=OneOf(list(SORTS)))
    shared = Flag(load_default=False, metadata={"description": "For the whole company; by managers and admins."})


class SavedViewView(Schema):
    """A saved view."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    filter = fields.Nested(TicketFilter, required=True)
    sort = fields.String(required=True)
    shared = fields.Boolean(required=True)
    owner = fields.String(
        required=True, allow_none=True, metadata={"description": "null for a shared view whose owner was deleted."}
    )
    version = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)


class SavedViewsView(PageView):
    """A page of saved views."""

    items = fields.List(fields.Nested(SavedViewView), required=True)


def saved_view_view(view: SavedView) -> dict[str, Any]:
    """Format a saved view."""
    return {
        "id": view.id,
        **vars(view.content),
        "owner": view.owner,
        "version": view.version,
        "created_at": view.created_at,
        "updated_at": view.updated_at,
    }
