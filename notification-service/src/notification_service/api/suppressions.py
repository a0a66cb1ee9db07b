"""`/api/notifications/suppressions`: people who get no mail, because their mail servers have refused some."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER

from notification_service.api.callers import person
from notification_service.store import bounces
from notification_service.usecases.allow_mail_again import allow_mail_again

suppressions = Blueprint("suppressions", __name__, description="People who get no mail any more.")


class SuppressionView(Schema):
    """A person who gets no mail at the present address."""

    user_id = fields.Integer(required=True)
    refused = fields.Integer(required=True, metadata={"description": "How many mails in a row were refused."})
    reason = fields.String(required=True, metadata={"description": "The mail server's last answer."})
    last_at = fields.DateTime(required=True)


class SuppressionPage(PageView):
    """A page of people who get no mail, by their numbers."""

    items = fields.List(fields.Nested(SuppressionView), required=True)


@suppressions.get("/api/notifications/suppressions")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN)
@suppressions.arguments(PageQuery, location="query")
@suppressions.response(200, SuppressionPage)
def list_suppressions(query: dict[str, Any]) -> Response:
    """List people who get no mail: managers and admins see all, others themselves."""
    after, limit = decode_cursor(query["cursor"], (int,)), query["limit"]
    rows = bounces.page(
        g.session,
        g.caller.company_id,
        user_id=None if g.caller.role in (MANAGER, ADMIN) else person(),
        most=g.deps.most_bounces,
        after=after[0] if after else 0,
        limit=limit + 1,
    )
    items = [
        {"user_id": row.user_id, "refused": row.number, "reason": row.reason, "last_at": row.last_at} for row in rows
    ]
    body, headers = page(rows, limit, lambda row: (row.user_id,), "items", items)
    return json_response(body, headers=headers)


@suppressions.delete("/api/notifications/suppressions/<int:user_id>")
@allowed(ADMIN)
@suppressions.response(204)
def remove_suppression(user_id: int) -> Response:
    """Let a person get mails again; those that were suppressed meanwhile are not sent."""
    allow_mail_again(g.session, g.caller.company_id, user_id)
    return Response(status=204)
