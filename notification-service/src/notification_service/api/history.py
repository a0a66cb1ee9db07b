"""`/api/notifications/history`: deliveries with their tries."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER

from notification_service.api.callers import person
from notification_service.api.notifications import MAX_ID
from notification_service.domain.delivery import State
from notification_service.store import deliveries as store

_TIMES = ("began_at", "ended_at")
history = Blueprint("history", __name__, description="What was sent to whom, and every try.")


class HistoryQuery(PageQuery):
    """Which deliveries are listed."""

    state = fields.String(
        load_default=None,
        validate=validate.OneOf([state.value for state in State]),
        metadata={"description": "Only deliveries in this state."},
    )


class TryView(Schema):
    """A try to send a mail."""

    number = fields.Integer(required=True)
    began_at = fields.DateTime(required=True)
    ended_at = fields.DateTime(required=True, allow_none=True)
    outcome = fields.String(required=True)
    reason = fields.String(required=True)


class DeliveryView(Schema):
    """A delivery to one person."""

    id = fields.Integer(required=True)
    notification_id = fields.Integer(required=True)
    user_id = fields.Integer(required=True)
    kind = fields.String(required=True)
    ticket_id = fields.Integer(required=True, allow_none=True)
    channel = fields.String(required=True)
    state = fields.String(required=True)
    reason = fields.String(required=True)
    next_try_at = fields.DateTime(required=True, allow_none=True)
    created_at = fields.DateTime(required=True)
    ended_at = fields.DateTime(required=True, allow_none=True)
    tries = fields.List(fields.Nested(TryView), required=True)


class DeliveryPage(PageView):
    """A page of deliveries, the newest first."""

    items = fields.List(fields.Nested(DeliveryView), required=True)


@history.get("/api/notifications/history")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN)
@history.arguments(HistoryQuery, location="query")
@history.response(200, DeliveryPage)
def list_deliveries(query: dict[str, Any]) -> Response:
    """List deliveries with their tries, the newest first: managers and admins see all people's, others their own."""
    before, limit = decode_cursor(query["cursor"], (int,)), query["limit"]
    rows = store.page(
        g.session,
        g.caller.company_id,
        user_id=None if g.caller.role in (MANAGER, ADMIN) else person(),
        state=query["state"],
        before=before[0] if before else MAX_ID,
        limit=limit + 1,
    )
    body, headers = page(rows, limit, lambda row: (row.id,), "items", [_view(row._mapping) for row in rows])
    return json_response(body, headers=headers)


def _view(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "tries": [each | {name: _time(each[name]) for name in _TIMES} for each in row["tries"]]}


def _time(value: str | None) -> datetime | None:
    """Return a time that the database has written into JSON."""
    return None if value is None else datetime.fromisoformat(value)
