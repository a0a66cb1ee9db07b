"""Which events leave a trace in a queue's inbox: all but those that, as the consumer itself says, don't concern it."""

from collections.abc import Mapping
from typing import Any

import orjson
from ai_service.consumers import ticket_routed, ticket_updated
from eventbus.consumer import Consumer
from eventbus.event import Envelope
from eventbus.subscription import Delivery
from eventbus.wire import body_reader
from notification_service.consumers import ticket_events, webhook_messages
from service_kit.telemetry.cause import Cause

CHOOSY: dict[tuple[str, str], Consumer[Any, Any]] = {
    ("ai-service.learn", "ticket.routed"): ticket_routed.CONSUMER,
    ("ai-service.learn", "ticket.updated"): ticket_updated.CONSUMER,
}

WITHOUT_KNOWLEDGE = {("rag-service.propose", "ticket.created")}
"""Nobody uploads a document under fire, and tickets of companies without knowledge don't concern rag-service."""
FOR_WEBHOOKS = webhook_messages.VIEWS.keys() - ticket_events.VIEWS.keys()
"""No company has webhooks under fire, and events that are for webhooks alone don't concern such companies."""


def concerns(queue: str, line: Mapping[str, Any]) -> bool:
    """Tell whether a row of an outbox concerns the consumer of a queue that takes its type."""
    for_webhooks = queue == "notification-service.notify-people" and line["type"] in FOR_WEBHOOKS
    if for_webhooks or (queue, line["type"]) in WITHOUT_KNOWLEDGE:
        return False
    consumer = CHOOSY.get((queue, line["type"]))
    if consumer is None:
        return True
    envelope = Envelope(
        id=str(line["id"]),
        type=line["type"],
        version=1,
        source="",
        subject=line["subject"],
        company_id=line["company_id"],
        revision=line["revision"],
        time="",
        cause=Cause("", actor_kind=line["actor_kind"]),
    )
    view = consumer.view_of(line["type"])
    return consumer.filter(Delivery(envelope, body_reader(view)(orjson.loads(line["body"]))), None)
