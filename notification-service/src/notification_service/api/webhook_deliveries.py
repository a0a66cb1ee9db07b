"""`/api/webhooks/…/deliveries`: what webhooks were sent, with every try; pings and replays."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.identity import ADMIN, MANAGER

from notification_service.api.notifications import MAX_ID
from notification_service.domain.webhook_delivery import State
from notification_service.store import webhook_deliveries as store
from notification_service.usecases import send_again
from notification_service.usecases.change_webhooks import get_webhook

_TIMES = ("began_at", "ended_at")
MESSAGE_ID = "msg_3_0b8f6d0c-6a52-4f0e-9a55-0d3f0a1f7e11"
deliveries = Blueprint("webhook deliveries", __name__, description="What webhooks were sent, and every try.")


class DeliveryQuery(PageQuery):
    """Which deliveries are listed."""

    state = fields.String(
        load_default=None,
        validate=validate.OneOf([state.value for state in State]),
        metadata={"description": "Only deliveries in this state."},
    )


class CompanyDeliveryQuery(DeliveryQuery):
    """Which deliveries of all webhooks are listed."""

    webhook_id = fields.Integer(
        load_default=None, validate=validate.Range(1, MAX_ID), metadata={"description": "Only those of this webhook."}
    )


class WebhookTryView(Schema):
    """A try to deliver a message. `status` is null where there was no answer."""

    number = fields.Integer(required=True)
    began_at = fields.DateTime(required=True)
    ended_at = fields.DateTime(required=True, allow_none=True)
    status = fields.Integer(required=True, allow_none=True, metadata={"example": 503})
    milliseconds = fields.Integer(required=True, allow_none=True, metadata={"example": 48})
    reason = fields.String(required=True, metadata={"example": "answered 503"})
    answer = fields.String(
        required=True, metadata={"description": "The beginning of the receiver's answer.", "example": "back soon"}
    )


class WebhookDeliveryView(Schema):
    """A message to a webhook, and the newest tries."""

    id = fields.Integer(required=True)
    webhook_id = fields.Integer(required=True)
    message_id = fields.String(
        required=True,
        metadata={"description": "The header `webhook-id`, the same at every try and replay.", "example": MESSAGE_ID},
    )
    event = fields.String(required=True)
    ticket_id = fields.Integer(required=True, allow_none=True)
    state = fields.String(required=True, metadata={"example": State.PENDING.value})
    reason = fields.String(required=True, metadata={"example": "answered 503"})
    next_try_at = fields.DateTime(required=True, allow_none=True)
    created_at = fields.DateTime(required=True)
    ended_at = fields.DateTime(required=True, allow_none=True, metadata={"example": None})
    tries = fields.List(fields.Nested(WebhookTryView), required=True)


class WebhookDeliveryPage(PageView):
    """A page of deliveries, the newest first."""

    items = fields.List(fields.Nested(WebhookDeliveryView), required=True)


@deliveries.get("/api/webhooks/<int:webhook_id>/deliveries")
@allowed(MANAGER, ADMIN)
@deliveries.arguments(DeliveryQuery, location="query")
@deliveries.response(200, WebhookDeliveryPage)
def list_deliveries(query: dict[str, Any], webhook_id: int) -> Response:
    """List a webhook's deliveries with their tries, the newest first."""
    get_webhook(g.session, g.caller.company_id, webhook_id)
    return _page(query | {"webhook_id": webhook_id})


@deliveries.get("/api/webhooks/deliveries")
@allowed(MANAGER, ADMIN)
@deliveries.arguments(CompanyDeliveryQuery, location="query")
@deliveries.response(200, WebhookDeliveryPage)
def list_all_deliveries(query: dict[str, Any]) -> Response:
    """List the deliveries of all webhooks with their tries, the newest first."""
    return _page(query)


@deliveries.post("/api/webhooks/<int:webhook_id>/ping")
@allowed(MANAGER, ADMIN)
@deliveries.response(202, WebhookDeliveryView)
def ping(webhook_id: int) -> Response:
    """Send the message `webhook.ping`, to try a receiver. It is sent in the background."""
    queued = send_again.ping(
        g.session, g.caller.company_id, webhook_id, idempotency_key=read_idempotency_key(_accepted)
    )
    return _accepted(queued)


@deliveries.post("/api/webhooks/<int:webhook_id>/deliveries/<int:delivery_id>/replay")
@allowed(MANAGER, ADMIN)
@deliveries.response(202, WebhookDeliveryView)
def replay(webhook_id: int, delivery_id: int) -> Response:
    """Send a message again, with its id and body and a new timestamp."""
    return _replay(delivery_id, webhook_id)


@deliveries.post("/api/webhooks/deliveries/<int:delivery_id>/replay")
@allowed(MANAGER, ADMIN)
@deliveries.response(202, WebhookDeliveryView)
def replay_any(delivery_id: int) -> Response:
    """Send a message of any webhook again, with its id and body and a new timestamp."""
    return _replay(delivery_id, None)


def _replay(delivery_id: int, webhook_id: int | None) -> Response:
    queued = send_again.replay(
        g.session,
        g.caller.company_id,
        delivery_id,
        webhook_id=webhook_id,
        idempotency_key=read_idempotency_key(_accepted),
    )
    return _accepted(queued)


def _page(query: Mapping[str, Any]) -> Response:
    before, limit = decode_cursor(query["cursor"], (int,)), query["limit"]
    rows = store.page(
        g.session,
        g.caller.company_id,
        webhook_id=query["webhook_id"],
        state=query["state"],
        before=before[0] if before else MAX_ID,
        limit=limit + 1,
    )
    body, headers = page(rows, limit, lambda row: (row["id"],), "items", [_view(row) for row in rows])
    return json_response(body, headers=headers)


def _accepted(delivery: dict[str, Any]) -> Response:
    return json_response(_view(delivery), 202)


def _view(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "tries": [each | {name: _time(each[name]) for name in _TIMES} for each in row["tries"]]}


def _time(value: str | None) -> datetime | None:
    """Return a time that the database has written into JSON."""
    return None if value is None else datetime.fromisoformat(value)
