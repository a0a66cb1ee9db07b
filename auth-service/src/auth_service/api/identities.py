"""`/api/me/identities`: the identities at providers by which the caller signs in."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER

from auth_service.api.callers import person
from auth_service.store import identities as store
from auth_service.usecases.unlink_identity import unlink_identity

SHOWN = ("id", "issuer", "subject", "created_at", "last_used_at")

identities = Blueprint("identities", __name__, description="Identities by which a person signs in.")


class IdentityView(Schema):
    """An identity: who the person is at a provider."""

    id = fields.Integer(required=True)
    issuer = fields.String(required=True)
    subject = fields.String(required=True)
    created_at = fields.DateTime(required=True)
    last_used_at = fields.DateTime(required=True)


class IdentityPage(PageView):
    """A page of the caller's identities, the oldest first."""

    items = fields.List(fields.Nested(IdentityView), required=True)


@identities.get("/api/me/identities")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN)
@identities.arguments(PageQuery, location="query")
@identities.response(200, IdentityPage)
def list_identities(query: dict[str, Any]) -> Response:
    """List the caller's identities, the oldest first."""
    after = decode_cursor(query["cursor"], (int,))
    rows = store.page(
        g.session, g.caller.company_id, person(), after=after[0] if after else 0, limit=query["limit"] + 1
    )
    shown = [{name: getattr(row, name) for name in SHOWN} for row in rows]
    body, headers = page(rows, query["limit"], lambda row: (row.id,), "items", shown)
    return json_response(body, headers=headers)


@identities.delete("/api/me/identities/<int:identity_id>")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN)
@identities.response(204)
def delete_identity(identity_id: int) -> Response:
    """Remove an identity from the caller's account."""
    unlink_identity(g.session, g.caller.company_id, person(), identity_id)
    return Response(status=204)
