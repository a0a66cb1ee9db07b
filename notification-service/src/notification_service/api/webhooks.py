"""`/api/webhooks`: addresses of other programs that hear of a company's events."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, dumps, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.http.precondition import Precondition, conditional, etag, read_precondition
from service_kit.http.text import not_blank
from service_kit.identity import ADMIN, MANAGER

from notification_service.api.notifications import Flag
from notification_service.api.texts import acceptable_line
from notification_service.domain.webhook import MAX_DESCRIPTION_CHARACTERS, MAX_URL_CHARACTERS, Webhook
from notification_service.domain.webhook_message import EVERY, FIELDS
from notification_service.store import webhooks as store
from notification_service.usecases import change_webhooks
from notification_service.usecases.change_webhooks import WithSecret

webhooks = Blueprint("webhooks", __name__, description="Addresses of other programs that hear of a company's events.")

EXAMPLE = {
    "url": "https://hooks.company.example/tickets",
    "events": ["ticket.created", "ticket.status.updated"],
    "description": "The build board",
    "headers": {"Authorization": "Bearer 0123456789"},
}


def _url(**options: Any) -> fields.String:
    metadata = {"description": "A public http(s) address."}
    return fields.String(validate=[validate.Length(1, MAX_URL_CHARACTERS), not_blank], metadata=metadata, **options)


def _events(**options: Any) -> fields.List:
    return fields.List(
        fields.String(validate=validate.OneOf([EVERY, *FIELDS])),
        validate=validate.Length(1, len(FIELDS) + 1),
        metadata={"description": f"`{EVERY}` for all, later ones included."},
        **options,
    )


def _description(**options: Any) -> fields.String:
    return fields.String(validate=[validate.Length(max=MAX_DESCRIPTION_CHARACTERS), acceptable_line], **options)


def _headers(**options: Any) -> fields.Dict:
    return fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "Headers that are sent along; no answer shows their values."},
        **options,
    )


class NewWebhook(Schema):
    """A webhook to add."""

    url = _url(required=True)
    events = _events(required=True)
    description = _description(load_default="")
    is_active = Flag(load_default=True)
    headers = _headers(load_default=dict)


class WebhookChange(Schema):
    """The fields to change; others stay. `headers` replaces all of them."""

    url = _url()
    events = _events()
    description = _description()
    is_active = Flag()
    headers = _headers()


class WebhookView(Schema):
    """A webhook. `failing_since` is the time of the first failure after the last success."""

    id = fields.Integer(required=True)
    url = fields.String(required=True, metadata={"example": EXAMPLE["url"]})
    description = fields.String(required=True, metadata={"example": EXAMPLE["description"]})
    events = fields.List(fields.String(), required=True, metadata={"example": EXAMPLE["events"]})
    header_names = fields.List(fields.String(), required=True, metadata={"example": ["Authorization"]})
    is_active = fields.Boolean(required=True)
    disabled_reason = fields.String(
        required=True,
        metadata={"description": "Why it was switched off by itself; empty where it wasn't.", "example": ""},
    )
    failing_since = fields.DateTime(required=True, allow_none=True, metadata={"example": None})
    version = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)


class WebhookWithSecret(WebhookView):
    """A webhook with its secret, which no later answer shows."""

    secret = fields.String(
        required=True,
        metadata={
            "description": "The receiver verifies signatures with it.",
            "example": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        },
    )


class WebhookPage(PageView):
    """A page of a company's webhooks, the oldest first."""

    items = fields.List(fields.Nested(WebhookView), required=True)


@webhooks.get("/api/webhooks")
@allowed(MANAGER, ADMIN)
@webhooks.arguments(PageQuery, location="query")
@webhooks.response(200, WebhookPage)
def list_webhooks(query: dict[str, Any]) -> Response:
    """List the company's webhooks, the oldest first."""
    after, limit = decode_cursor(query["cursor"], (int,)), query["limit"]
    rows = store.page(g.session, g.caller.company_id, after=after[0] if after else 0, limit=limit + 1)
    body, headers = page(rows, limit, lambda row: (row.id,), "items", [_view(row) for row in rows])
    return json_response(body, headers=headers)


@webhooks.post("/api/webhooks")
@allowed(MANAGER, ADMIN)
@webhooks.arguments(NewWebhook, example=EXAMPLE)
@webhooks.response(201, WebhookWithSecret)
def add_webhook(body: dict[str, Any]) -> Response:
    """Add a webhook. The response is the only one that shows its secret."""
    wiring = g.deps.webhooks
    added = change_webhooks.add_webhook(
        g.session,
        g.caller.company_id,
        body,
        rules=wiring.rules,
        most=wiring.max_per_company,
        sealer=wiring.sealer,
        idempotency_key=read_idempotency_key(_added, confidential=wiring.sealer),
    )
    return _added(added)


@webhooks.get("/api/webhooks/<int:webhook_id>")
@allowed(MANAGER, ADMIN)
@webhooks.response(200, WebhookView)
def get_webhook(webhook_id: int) -> Response:
    """Show a webhook."""
    return _answer(change_webhooks.get_webhook(g.session, g.caller.company_id, webhook_id))


@webhooks.patch("/api/webhooks/<int:webhook_id>")
@allowed(MANAGER, ADMIN)
@conditional
@webhooks.arguments(WebhookChange, example={"events": ["*"], "is_active": True})
@webhooks.response(200, WebhookView)
def change_webhook(body: dict[str, Any], webhook_id: int) -> Response:
    """Change a webhook. Switching it on, and another address, send what waits at once."""
    changed = change_webhooks.change_webhook(
        g.session,
        g.caller.company_id,
        webhook_id,
        body,
        rules=g.deps.webhooks.rules,
        sealer=g.deps.webhooks.sealer,
        precondition=_precondition(),
    )
    return _answer(changed)


@webhooks.delete("/api/webhooks/<int:webhook_id>")
@allowed(MANAGER, ADMIN)
@conditional
@webhooks.response(204)
def delete_webhook(webhook_id: int) -> Response:
    """Delete a webhook with its deliveries."""
    change_webhooks.delete_webhook(g.session, g.caller.company_id, webhook_id, precondition=_precondition())
    return Response(status=204)


@webhooks.post("/api/webhooks/<int:webhook_id>/rotate-secret")
@allowed(MANAGER, ADMIN)
@webhooks.response(200, WebhookWithSecret)
def rotate_secret(webhook_id: int) -> Response:
    """Give a webhook a new secret. For a day, messages are signed with the former one too."""
    wiring = g.deps.webhooks
    rotated = change_webhooks.rotate_secret(
        g.session,
        g.caller.company_id,
        webhook_id,
        sealer=wiring.sealer,
        kept=wiring.rotation,
        idempotency_key=read_idempotency_key(_with_secret, confidential=wiring.sealer),
    )
    return _with_secret(rotated)


def _precondition() -> Precondition[Webhook]:
    return read_precondition(lambda webhook: etag(webhook.version))


def _added(added: WithSecret) -> Response:
    return _with_secret(added, 201)


def _with_secret(made: WithSecret, status: int = 200) -> Response:
    view = _view(made.webhook)
    return json_response(view | {"secret": made.secret}, status, {"ETag": _tag(made.webhook, view)})


def _answer(webhook: Webhook) -> Response:
    view = _view(webhook)
    return json_response(view, headers={"ETag": _tag(webhook, view)})


def _tag(webhook: Webhook, view: dict[str, Any]) -> str:
    # How it fares, and a new secret, raise no version.
    return etag(webhook.version, dumps(view))


def _view(webhook: Webhook) -> dict[str, Any]:
    return {name: value for name, value in vars(webhook).items() if name != "company_id"}
