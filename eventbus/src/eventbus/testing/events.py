"""Makes events of other services and delivers them to a service's consumers without a broker."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
from service_kit.database.engine import Database

from eventbus.bus.memory import MemoryBus
from eventbus.bus.port import Incoming, Queue
from eventbus.consume.decoder import Decoder
from eventbus.consume.inbox import Inbox
from eventbus.consume.transaction import BatchTransaction, Settlement
from eventbus.consumer import Subscription
from eventbus.contracts import Contracts, queue_name
from eventbus.event import Message
from eventbus.metrics import MessagingMetrics
from eventbus.wire import rfc3339


def make_message(
    contracts: Contracts,
    kind: str,
    body: dict[str, Any],
    *,
    source: str,
    subject: str,
    company: int = 1,
    revision: int = 1,
    **attributes: str,
) -> Message:
    """Return an event: its contract's example, changed by `body` and validated."""
    event_id = str(uuid4())
    content = contracts.schemas[kind]["examples"][0] | {"event_id": event_id, "company_id": company, **body}
    contracts.validate(kind, content)
    headers = {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": kind,
        "subject": subject,
        "time": rfc3339(datetime.now(UTC)),
        "dataschema": contracts.schema_id(kind),
        "companyid": str(company),
        "revision": str(revision),
        "requestid": "request-1",
        **attributes,
    }
    return Message(event_id, kind, headers, orjson.dumps(content))


def deliver(
    database: Database,
    contracts: Contracts,
    service: str,
    subscriptions: Sequence[Subscription],
    messages: Sequence[Message],
) -> None:
    """Pass messages to a service's consumers, one batch per queue, as its worker does. Raises the consumers' errors."""
    for subscription in subscriptions:
        incoming = [Incoming(message, None) for message in messages if message.type in subscription.consumers]
        if not incoming:
            continue
        queue = queue_name(service, subscription.name)
        decoded, malformed = Decoder(subscription, contracts).decode(incoming)
        assert malformed == []
        transaction = BatchTransaction(
            database,
            queue,
            subscription,
            inbox=Inbox(),
            settlement=Settlement(),
            metrics=MessagingMetrics(None, service),
        )
        accepted = [message for message in decoded if message.consumer.filter(message.delivery, subscription.deps)]
        transaction.apply(accepted, incoming, MemoryBus().consumer(Queue(queue, ()), len(incoming)))
