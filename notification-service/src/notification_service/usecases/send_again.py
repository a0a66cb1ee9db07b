"""Send a webhook a message that says nothing new: a ping, or one that it had before."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from company_kit import audit
from service_kit.http.idempotency import IdempotencyKey
from sqlalchemy.orm import Session

from notification_service.domain.webhook import WebhookInactive
from notification_service.domain.webhook_delivery import DeliveryNotFound, DeliveryOutstanding, State
from notification_service.domain.webhook_message import PING, message_id, render
from notification_service.store import webhook_deliveries, webhooks
from notification_service.usecases.change_webhooks import lock_webhook

Delivery = dict[str, Any]
"""A delivery as lists show it."""
ENDED = (State.DELIVERED, State.FAILED)


def ping(session: Session, company_id: int, webhook_id: int, *, idempotency_key: IdempotencyKey[Delivery]) -> Delivery:
    """Queue a message that a receiver can be tried with, and return its delivery.

    Raises WebhookNotFound, WebhookInactive, Replayed for a repeated Idempotency-Key.
    """
    with session.begin():
        idempotency_key.claim(session)
        if not lock_webhook(session, company_id, webhook_id).is_active:
            raise WebhookInactive(webhook_id)
        body = render(PING, company_id=company_id, time=datetime.now(UTC), data={"webhook_id": webhook_id})
        number = webhook_deliveries.add_ping(
            session, company_id, webhook_id, message_id(webhook_id, str(uuid4())), PING, body
        )
        audit.add(session, company_id, "webhook.pinged", record="webhook", record_id=webhook_id)
        delivery = _delivery(session, company_id, number)
        idempotency_key.store(session, delivery)
    return delivery


def replay(
    session: Session,
    company_id: int,
    delivery_id: int,
    *,
    webhook_id: int | None = None,
    idempotency_key: IdempotencyKey[Delivery],
) -> Delivery:
    """Queue a delivery that has ended once more, with its id and its body, and return it.

    Raises DeliveryNotFound (also for one of another webhook than `webhook_id`), DeliveryOutstanding, Replayed for a
    repeated Idempotency-Key.
    """
    with session.begin():
        idempotency_key.claim(session)
        webhooks.lock_company(session, company_id)
        found = webhook_deliveries.lock(session, company_id, delivery_id, webhook_id)
        if found is None:
            raise DeliveryNotFound(delivery_id)
        if found.state not in ENDED:
            raise DeliveryOutstanding(delivery_id, found.state)
        webhook_deliveries.replay(session, company_id, delivery_id)
        if found.ticket_id is not None:
            webhook_deliveries.promote(session, company_id, [(found.webhook_id, found.ticket_id)])
        audit.add(
            session, company_id, "webhook_delivery.replayed", record="webhook_delivery", record_id=delivery_id,
            ticket_id=found.ticket_id,
        )  # fmt: skip
        delivery = _delivery(session, company_id, delivery_id)
        idempotency_key.store(session, delivery)
    return delivery


def _delivery(session: Session, company_id: int, number: int) -> Delivery:
    (found,) = webhook_deliveries.page(session, company_id, webhook_id=None, state=None, before=number + 1, limit=1)
    return found
