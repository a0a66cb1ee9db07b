"""`/api/suppressed-addresses`: addresses that take no mails."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.identity import ADMIN, MANAGER

from notification_service.api.notifications import MAX_ID
from notification_service.store import suppressions as store
from notification_service.usecases.allow_address import allow_address

suppressed_addresses = Blueprint("suppressed-addresses", __name__, description="Addresses that take no mails.")


class SuppressedAddressView(Schema):
    """An address to which nothing is sent."""

    id = fields.Integer(required=True)
    address = fields.String(required=True)
    reason = fields.String(required=True)
    created_at = fields.DateTime(required=True)


class SuppressedAddressPage(PageView):
    """A page of suppressed addresses, the newest first."""

    items = fields.List(fields.Nested(SuppressedAddressView), required=True)


@suppressed_addresses.get("/api/suppressed-addresses")
@allowed(MANAGER, ADMIN)
@suppressed_addresses.arguments(PageQuery, location="query")
@suppressed_addresses.response(200, SuppressedAddressPage)
def list_suppressed(query: dict[str, Any]) -> Response:
    """List the addresses to which nothing is sent, because a mail came back for good; the newest first."""
    before, limit = decode_cursor(query["cursor"], (int,)), query["limit"]
    rows = store.page(g.session, g.caller.company_id, before=before[0] if before else MAX_ID, limit=limit + 1)
    body, headers = page(rows, limit, lambda row: (row.id,), "items", [vars(row) for row in rows])
    return json_response(body, headers=headers)


@suppressed_addresses.delete("/api/suppressed-addresses/<int:suppression_id>")
@allowed(MANAGER, ADMIN)
@suppressed_addresses.response(204)
def delete_suppressed(suppression_id: int) -> Response:
    """Let an address have mails again; those of before are not sent."""
    allow_address(g.session, g.caller.company_id, suppression_id)
    return Response(status=204)
