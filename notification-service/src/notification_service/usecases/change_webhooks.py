"""Add, change and delete webhooks, and renew their secrets."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from outbound_kit.sealing import TextSealer
from service_kit.http.idempotency import IdempotencyKey
from service_kit.http.precondition import Precondition
from sqlalchemy.orm import Session

from notification_service.domain.signing import SECRET_BYTES, secret_of
from notification_service.domain.webhook import (
    TooManyWebhooks,
    UrlRules,
    Webhook,
    WebhookNotFound,
    check_headers,
)
from notification_service.store import webhook_deliveries, webhooks

Fields = Mapping[str, Any]
"""The fields of a webhook: `url`, `events`, `description`, `is_active`, `headers`."""


@dataclass(frozen=True)
class WithSecret:
    """A webhook with its secret, which is shown once."""

    webhook: Webhook
    secret: str = field(repr=False)


def get_webhook(session: Session, company_id: int, webhook_id: int) -> Webhook:
    """Return a webhook; raise WebhookNotFound."""
    found = webhooks.find(session, company_id, webhook_id)
    if found is None:
        raise WebhookNotFound(webhook_id)
    return found


def add_webhook(
    session: Session,
    company_id: int,
    new: Fields,
    *,
    rules: UrlRules,
    most: int,
    sealer: TextSealer,
    idempotency_key: IdempotencyKey[WithSecret],
) -> WithSecret:
    """Add a webhook; raise BadWebhook, TooManyWebhooks, Replayed for a repeated Idempotency-Key."""
    rules.check(new["url"])
    check_headers(new["headers"])
    secret = _new_secret()
    with session.begin():
        idempotency_key.claim(session)
        webhooks.lock_company(session, company_id)
        if webhooks.count(session, company_id) >= most:
            raise TooManyWebhooks(f"a company has at most {most} webhooks")
        sealed = webhooks.Sealed(sealer.seal_text(secret), _sealed_headers(sealer, new))
        added = WithSecret(webhooks.add(session, company_id, _columns(new), sealed), secret)
        idempotency_key.store(session, added)
    return added


def change_webhook(
    session: Session,
    company_id: int,
    webhook_id: int,
    changes: Fields,
    *,
    rules: UrlRules,
    sealer: TextSealer,
    precondition: Precondition[Webhook],
) -> Webhook:
    """Change the named fields of a webhook; the same again changes nothing.

    Another address and switching on forget its failures, and make due what waits. Raises BadWebhook, WebhookNotFound,
    PreconditionFailed.
    """
    if "url" in changes:
        rules.check(changes["url"])
    check_headers(changes.get("headers", {}))
    with session.begin():
        webhooks.lock_company(session, company_id)
        before = lock_webhook(session, company_id, webhook_id)
        precondition.check(before)
        fields = {
            "url": before.url,
            "description": before.description,
            "events": list(before.events),
            "is_active": before.is_active,
            **{name: value for name, value in changes.items() if name != "headers"},
        }
        is_same = all(_comparable(value) == getattr(before, name) for name, value in fields.items())
        if is_same and "headers" not in changes:
            return before
        names = list(changes["headers"]) if "headers" in changes else list(before.header_names)
        reset = fields["url"] != before.url or (fields["is_active"] and not before.is_active)
        headers = _sealed_headers(sealer, changes) if "headers" in changes else None
        values = {**fields, "header_names": names}
        changed = webhooks.change(session, before, values, headers, reset=reset)
        if reset:
            webhook_deliveries.wake(session, company_id, webhook_id)
    return changed


def rotate_secret(
    session: Session,
    company_id: int,
    webhook_id: int,
    *,
    sealer: TextSealer,
    kept: timedelta,
    idempotency_key: IdempotencyKey[WithSecret],
) -> WithSecret:
    """Give a webhook a new secret; both sign for the time `kept`. Raises WebhookNotFound, Replayed."""
    secret = _new_secret()
    with session.begin():
        idempotency_key.claim(session)
        before = lock_webhook(session, company_id, webhook_id)
        rotated = WithSecret(webhooks.rotate(session, before, sealer.seal_text(secret), kept), secret)
        idempotency_key.store(session, rotated)
    return rotated


def delete_webhook(session: Session, company_id: int, webhook_id: int, *, precondition: Precondition[Webhook]) -> None:
    """Delete a webhook with its deliveries; raise WebhookNotFound, PreconditionFailed."""
    with session.begin():
        found = lock_webhook(session, company_id, webhook_id)
        precondition.check(found)
        webhooks.remove(session, found)


def lock_webhook(session: Session, company_id: int, webhook_id: int) -> Webhook:
    """Lock a webhook until the transaction ends and return it; raise WebhookNotFound."""
    found = webhooks.find(session, company_id, webhook_id, lock=True)
    if found is None:
        raise WebhookNotFound(webhook_id)
    return found


def _new_secret() -> str:
    return secret_of(secrets.token_bytes(SECRET_BYTES))


def _columns(new: Fields) -> dict[str, Any]:
    return {**{name: value for name, value in new.items() if name != "headers"}, "header_names": list(new["headers"])}


def _sealed_headers(sealer: TextSealer, fields: Fields) -> str:
    return sealer.seal_text(json.dumps(fields["headers"]))


def _comparable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
