"""The events that companies can subscribe to: queue a message to each webhook that wants one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import field, fields, make_dataclass
from datetime import datetime, timedelta
from typing import Any

from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from notification_service.consumers import ticket_events
from notification_service.domain.webhook_message import FIELDS, message_id, render, wants
from notification_service.store import webhook_deliveries, webhooks
from notification_service.store.webhook_deliveries import NewMessage
from notification_service.store.webhooks import Subscriber

CLOCKS_DIFFER = timedelta(minutes=1)


def _view(event: str) -> type[Any]:
    """Return a view with the fields of an event's messages beside those that this service uses itself.

    An older event may lack some.
    """
    base = ticket_events.VIEWS.get(event, ticket_events.Changed)
    own = {each.name for each in fields(base)}
    columns: list[Any] = [(name, Any, field(default=None)) for name in FIELDS[event] if name not in own]
    return make_dataclass(base.__name__, columns, bases=(base,), frozen=True)


VIEWS: dict[str, type[Any]] = {event: _view(event) for event in FIELDS}
"""The views of all events that webhooks can hear of; each is also the view of `ticket_events`."""


def queue_messages(session: Session, deliveries: Sequence[Delivery[Any]]) -> None:
    """Queue the messages of a batch in the order in which the events arrived."""
    companies = {delivery.envelope.company_id for delivery in deliveries}
    subscribers: defaultdict[int, list[Subscriber]] = defaultdict(list)
    for each in webhooks.active(session, companies):
        subscribers[each.company_id].append(each)
    new = [
        _message(subscriber, delivery)
        for delivery in deliveries
        for subscriber in subscribers[delivery.envelope.company_id]
        if _is_wanted(subscriber, delivery)
    ]
    # In one order, so that two batches don't deadlock.
    for company_id in sorted({each.company_id for each in new}):
        webhooks.lock_company(session, company_id)
    webhook_deliveries.queue(session, new)


def _is_wanted(subscriber: Subscriber, delivery: Delivery[Any]) -> bool:
    """Return whether a webhook gets a message: not about an internal note, nor about what was before the webhook."""
    envelope = delivery.envelope
    # A queue that is filled again brings events of days. The clocks of two machines may differ by a little.
    is_new = datetime.fromisoformat(envelope.time) >= subscriber.created_at - CLOCKS_DIFFER
    return is_new and wants(subscriber.events, envelope.type) and not getattr(delivery.body, "internal", False)


def _message(subscriber: Subscriber, delivery: Delivery[Any]) -> NewMessage:
    envelope, ticket_id = delivery.envelope, delivery.body.ticket_id
    data = {name: getattr(delivery.body, name) for name in FIELDS[envelope.type]}
    body = render(
        envelope.type,
        company_id=envelope.company_id,
        time=envelope.time,
        version=envelope.version,
        revision=envelope.revision,
        data={"ticket_id": ticket_id, **data},
    )
    return NewMessage(
        envelope.company_id, subscriber.id, message_id(subscriber.id, envelope.id), envelope.type, ticket_id, body
    )
