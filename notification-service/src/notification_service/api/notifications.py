"""`/api/notifications`: the caller's own."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, ValidationError, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER

from notification_service.api.callers import person
from notification_service.domain.notification import Notification
from notification_service.store import notifications as store
from notification_service.usecases import mark_read

notifications = Blueprint("notifications", __name__, description="What waits for the caller.")

MAX_ID = 2**63 - 1


class Flag(fields.Boolean):
    """A boolean: true or false, not 1, "yes" or "on"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Must be true or false.")
        return value


class NotificationQuery(PageQuery):
    """Which notifications are listed."""

    is_read = fields.Boolean(
        load_default=None, metadata={"description": "Only those that are read, or only those that are not."}
    )


class NotificationView(Schema):
    """A notification."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    subject = fields.String(required=True)
    message = fields.String(required=True)
    ticket_id = fields.Integer(required=True, allow_none=True)
    is_read = fields.Boolean(required=True)
    created_at = fields.DateTime(required=True)


class NotificationPage(PageView):
    """A page of the caller's notifications, the newest first."""

    unread_count = fields.Integer(
        required=True, metadata={"description": f"How many are unread, counted up to {store.MAX_UNREAD_COUNT}."}
    )
    items = fields.List(fields.Nested(NotificationView), required=True)


class Mark(Schema):
    """Whether the caller has read it."""

    is_read = Flag(required=True)


class MarkAll(Schema):
    """The newest notification that the caller has seen; later ones stay unread."""

    up_to = fields.Integer(required=True, strict=True, validate=validate.Range(1, MAX_ID))


class UnreadView(Schema):
    """How many notifications are unread."""

    unread_count = fields.Integer(required=True)


@notifications.get("/api/notifications")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN)
@notifications.arguments(NotificationQuery, location="query")
@notifications.response(200, NotificationPage)
def list_notifications(query: dict[str, Any]) -> Response:
    """List the caller's notifications, the newest first."""
    before, limit = decode_cursor(query["cursor"], (int,)), query["limit"]
    company_id, user_id = g.caller.company_id, person()
    rows = store.page(
        g.session,
        company_id,
        user_id,
        is_read=query["is_read"],
        before=before[0] if before else MAX_ID,
        limit=limit + 1,
    )
    body, headers = page(rows, limit, lambda row: (row.id,), "items", [_view(row) for row in rows])
    return json_response(body | {"unread_count": store.unread_count(g.session, company_id, user_id)}, headers=headers)


@notifications.patch("/api/notifications/<int:notification_id>")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN)
@notifications.arguments(Mark, example={"is_read": True})
@notifications.response(200, NotificationView)
def mark_notification(change: dict[str, Any], notification_id: int) -> Response:
    """Mark a notification of the caller as read or unread."""
    marked = mark_read.mark(g.session, g.caller.company_id, person(), notification_id, **change)
    return json_response(_view(marked))


@notifications.post("/api/notifications/read-all")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN)
@notifications.arguments(MarkAll, example={"up_to": 1042})
@notifications.response(200, UnreadView)
def mark_all_notifications(body: dict[str, Any]) -> Response:
    """Mark the caller's notifications as read, up to one of them."""
    unread = mark_read.mark_all(
        g.session, g.caller.company_id, person(), **body, idempotency_key=read_idempotency_key(_unread)
    )
    return _unread(unread)


def _unread(count: int) -> Response:
    return json_response({"unread_count": count})


def _view(notification: Notification) -> dict[str, Any]:
    subject, message = notification.words
    return {
        "id": notification.id,
        "kind": notification.kind,
        "subject": subject,
        "message": message,
        "ticket_id": notification.ticket_id,
        "is_read": notification.is_read,
        "created_at": notification.created_at,
    }
