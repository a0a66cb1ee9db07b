"""The events that companies can subscribe to: queue a message to each webhook that wants one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, make_dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from notification_service.dependencies import Dependencies
from notification_service.domain.webhook_message import FIELDS, message_id, render, wants
from notification_service.store import webhook_deliveries, webhooks
from notification_service.store.webhook_deliveries import NewMessage
from notification_service.store.webhooks import Subscriber

CLOCKS_DIFFER = timedelta(minutes=1)


class Offered(Protocol):
    """An event that is offered: its ticket and, as attributes, the fields that a message may have."""

    ticket_id: int


@dataclass(frozen=True)
class Internal:
    """Whether a comment is a note for staff alone; no webhook hears of one."""

    internal: bool


def _view(event: str) -> type[Any]:
    """Return a view with the ticket and the fields of an event's messages; an older event may lack some."""
    columns: list[Any] = [("ticket_id", int), *((name, Any, field(default=None)) for name in FIELDS[event])]
    bases = (Internal,) if event.startswith("ticket.comment") else ()
    return make_dataclass(event.title().replace(".", ""), columns, bases=bases, frozen=True)


VIEWS: dict[str, type[Any]] = {event: _view(event) for event in FIELDS}


def apply(session: Session, deliveries: Sequence[Delivery[Offered]], _deps: Dependencies) -> None:
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


def _is_wanted(subscriber: Subscriber, delivery: Delivery[Offered]) -> bool:
    """Return whether a webhook gets a message: not about an internal note, nor about what was before the webhook."""
    envelope = delivery.envelope
    # A queue that is filled again brings events of days. The clocks of two machines may differ by a little.
    is_new = datetime.fromisoformat(envelope.time) >= subscriber.created_at - CLOCKS_DIFFER
    return is_new and wants(subscriber.events, envelope.type) and not getattr(delivery.body, "internal", False)


def _message(subscriber: Subscriber, delivery: Delivery[Offered]) -> NewMessage:
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


def has_webhooks(delivery: Delivery[Offered], deps: Dependencies) -> bool:
    """Return whether the event's company has webhooks at all."""
    return deps.webhook_companies.has_webhooks(delivery.envelope.company_id, delivery.received_at)


CONSUMER: Consumer[Offered, Dependencies] = Consumer(
    list(VIEWS), view=VIEWS, apply=apply, queue="call-webhooks", filter=has_webhooks
)
