"""Declares the exchanges, queues and bindings on the broker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pika import BasicProperties, DeliveryMode, spec

from eventbus.bus.port import BusDown, Queue
from eventbus.bus.rabbitmq.channel import NOT_FOUND, Channel, ChannelClosed
from eventbus.bus.rabbitmq.connection_thread import ConnectionThread
from eventbus.bus.rabbitmq.names import (
    CONTROL_EXCHANGE,
    DEAD_LETTER_EXCHANGE,
    EVENTS_EXCHANGE,
    control_queue_name,
    dead_letter_queue_name,
)

EXCHANGES = {EVENTS_EXCHANGE: "topic", CONTROL_EXCHANGE: "fanout", DEAD_LETTER_EXCHANGE: "direct"}
DELIVERY_LIMIT = 100
# Without a limit RabbitMQ 4 drops a message after 20 deliveries; dead letters and requests must never be dropped.
NO_LIMIT = 1_000_000_000
# The outbox keeps published events for as long.
REQUEST_TTL_MS = 7 * 24 * 3600 * 1000

# All arguments are explicit: 3.10 and 4.x differ in their defaults, and 3.10 ignores unknown arguments.
QUORUM = {"x-queue-type": "quorum", "x-overflow": "reject-publish"}


def declare(
    connection: ConnectionThread,
    queues: Sequence[Queue],
    services: Sequence[str],
    between: Callable[[], object] = lambda: None,
) -> list[str]:
    """Declare exchanges, queues and bindings; return the names of the queues that were missing. Raises BusDown.

    `services` are all deployed services. Each relay has a durable queue for refill requests, declared before the first
    request, so that a relay which is down at that time finds the request after its start.
    """
    channel, probe = connection.channel(), Probe(connection)
    _declare_control(channel, probe, services)
    created = []
    for queue in queues:
        dead = dead_letter_queue_name(queue.name)
        if not probe.finds(dead):
            channel.ask("queue_declare", queue=dead, durable=True, arguments=QUORUM | {"x-delivery-limit": NO_LIMIT})
        channel.ask("queue_bind", queue=dead, exchange=DEAD_LETTER_EXCHANGE, routing_key=dead)
        if not probe.finds(queue.name):
            # The request comes before the declaration: after a crash in between, the next check still finds the queue
            # missing. A relay declares all queues before a refill, so the request can't be too early.
            request_refill(connection, queue.name)
            channel.ask("queue_declare", queue=queue.name, durable=True, arguments=_arguments(dead))
            created.append(queue.name)
        for pattern in queue.patterns:
            channel.ask("queue_bind", queue=queue.name, exchange=EVENTS_EXCHANGE, routing_key=pattern)
        between()
    channel.close()
    probe.close()
    return created


def request_refill(connection: ConnectionThread, queue: str) -> None:
    """Request a refill of `queue` from every relay; return after the broker confirmed it. Raises BusDown."""
    channel = connection.channel()

    def publish(answer: Any) -> None:
        channel.raw.confirm_delivery(answer)
        properties = BasicProperties(delivery_mode=DeliveryMode.Persistent)  # type: ignore[no-untyped-call]
        channel.raw.basic_publish(CONTROL_EXCHANGE, "", queue.encode(), properties)

    answer = connection.ask(publish, channel)
    channel.close()
    if not isinstance(answer.method, spec.Basic.Ack):
        raise BusDown("RabbitMQ did not take a refill request")


def _declare_control(channel: Channel, probe: Probe, services: Sequence[str]) -> None:
    for exchange, kind in EXCHANGES.items():
        channel.ask("exchange_declare", exchange=exchange, exchange_type=kind, durable=True)
    for service in services:
        name = control_queue_name(service)
        if not probe.finds(name):
            arguments = QUORUM | {"x-message-ttl": REQUEST_TTL_MS, "x-delivery-limit": NO_LIMIT}
            channel.ask("queue_declare", queue=name, durable=True, arguments=arguments)
        channel.ask("queue_bind", queue=name, exchange=CONTROL_EXCHANGE, routing_key="")


class Probe:
    """Checks passively whether queues exist, so that queues with the arguments of an older release are accepted."""

    def __init__(self, connection: ConnectionThread) -> None:
        self._connection = connection
        self._channel: Channel | None = None

    def count(self, queue: str) -> int | None:
        """Return the number of messages, None where the queue is missing.

        Raises ChannelClosed where the broker refuses for another reason.
        """
        self._channel = self._channel or self._connection.channel()
        try:
            answer = self._channel.ask("queue_declare", queue=queue, passive=True)
        except ChannelClosed as error:
            # The broker closes the channel if the queue is missing.
            self._channel = None
            if error.code == NOT_FOUND:
                return None
            raise
        return int(answer.method.message_count)

    def finds(self, queue: str) -> bool:
        """Return whether the queue exists. Raises ChannelClosed."""
        return self.count(queue) is not None

    def close(self) -> None:
        """Close the channel."""
        if self._channel is not None:
            self._channel.close()


def _arguments(dead: str) -> dict[str, Any]:
    return QUORUM | {
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": DEAD_LETTER_EXCHANGE,
        "x-dead-letter-routing-key": dead,
        "x-dead-letter-strategy": "at-least-once",
    }
