"""Decodes received messages into deliveries for a subscription's consumers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from eventbus.bus.port import Incoming
from eventbus.consumer import Consumer, Subscription
from eventbus.contracts import VERSION, Contracts
from eventbus.event import Envelope
from eventbus.subscription import Delivery
from eventbus.wire import BadMessage, body_reader, read_body, read_envelope


@dataclass
class DecodedMessage:
    """A received event with its consumer and the delivery for it."""

    incoming: Incoming
    envelope: Envelope
    consumer: Consumer[Any, Any]
    delivery: Delivery[Any]
    final: bool
    received_at: datetime


class Decoder:
    """Decodes messages for one subscription."""

    def __init__(self, subscription: Subscription, contracts: Contracts) -> None:
        self._consumers = subscription.consumers
        self._readers = {kind: body_reader(consumer.view_of(kind)) for kind, consumer in self._consumers.items()}
        self._finals = {kind for kind in self._consumers if contracts.is_final(kind)}

    def decode(self, received: Sequence[Incoming]) -> tuple[list[DecodedMessage], list[tuple[Incoming, str]]]:
        """Return the decoded messages, in order of arrival, and those that can never be decoded, with the reasons."""
        decoded: list[DecodedMessage] = []
        malformed: list[tuple[Incoming, str]] = []
        now = datetime.now(UTC)
        for incoming in received:
            try:
                decoded.append(self._decode(incoming, now))
            except BadMessage as error:
                malformed.append((incoming, str(error)))
            except Exception as error:
                # An unforeseen error. If it were raised, the message would block the queue and its batch for ever.
                malformed.append((incoming, f"{type(error).__name__} while reading it"))
        return decoded, malformed

    def _decode(self, incoming: Incoming, now: datetime) -> DecodedMessage:
        envelope = read_envelope(incoming.message)
        consumer = self._consumers.get(envelope.type)
        if consumer is None:
            raise BadMessage("this queue has no consumer for the type")
        if envelope.version != VERSION:
            raise BadMessage(f"version {envelope.version} of the type is not known here")
        delivery = Delivery(envelope, self._readers[envelope.type](read_body(incoming.message, envelope)))
        final = envelope.type in self._finals
        return DecodedMessage(incoming, envelope, consumer, delivery, final, now)


def age_seconds(envelope: Envelope) -> float:
    """Return the age of an event in seconds, by this machine's clock; 0 where the producer's is ahead."""
    return max((datetime.now(UTC) - datetime.fromisoformat(envelope.time)).total_seconds(), 0.0)
