"""From what came off the bus to what a consumer is handed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from service_kit.messaging.bus.port import Incoming
from service_kit.messaging.consume.view import BadBody, reader
from service_kit.messaging.contracts import VERSION, Contracts
from service_kit.messaging.event import Envelope
from service_kit.messaging.subscription import Delivery, Handler, Subscription
from service_kit.messaging.wire import BadMessage, read_body, read_envelope


@dataclass
class DecodedMessage:
    """A received event that was understood."""

    incoming: Incoming
    envelope: Envelope
    handler: Handler[Any]
    delivery: Delivery[Any]
    final: bool
    received_at: datetime


@dataclass(frozen=True)
class MalformedMessage:
    """A received message that nobody will ever understand, and why."""

    incoming: Incoming
    reason: str


class Decoder:
    """Reads messages for one subscription."""

    def __init__(self, subscription: Subscription, contracts: Contracts) -> None:
        self._handlers = subscription.handlers
        self._readers = {kind: reader(handler.view) for kind, handler in subscription.handlers.items()}
        self._finals = {kind for kind in subscription.handlers if contracts.is_final(kind)}

    def read(self, received: Sequence[Incoming]) -> tuple[list[DecodedMessage], list[MalformedMessage]]:
        """Split what was received into what can be handled, in its order, and what never can."""
        items: list[DecodedMessage] = []
        broken: list[MalformedMessage] = []
        now = datetime.now(UTC)
        for incoming in received:
            try:
                items.append(self._item(incoming, now))
            except (BadMessage, BadBody) as error:
                broken.append(MalformedMessage(incoming, str(error)))
            except Exception as error:
                # Nobody foresaw it. Raised, it would hold up the queue for ever, and its innocent neighbours with it.
                broken.append(MalformedMessage(incoming, f"{type(error).__name__} while reading it"))
        return items, broken

    def _item(self, incoming: Incoming, now: datetime) -> DecodedMessage:
        envelope = read_envelope(incoming.message)
        handler = self._handlers.get(envelope.type)
        if handler is None:
            raise BadMessage("this queue has no handler for the type")
        if envelope.version != VERSION:
            raise BadMessage(f"version {envelope.version} of the type is not known here")
        delivery = Delivery(envelope, self._readers[envelope.type](read_body(incoming.message, envelope)))
        final = envelope.type in self._finals
        return DecodedMessage(incoming, envelope, handler, delivery, final, now)


def age_seconds(envelope: Envelope) -> float:
    """Return how long ago the event happened, by this machine's clock."""
    return (datetime.now(UTC) - datetime.fromisoformat(envelope.time)).total_seconds()
