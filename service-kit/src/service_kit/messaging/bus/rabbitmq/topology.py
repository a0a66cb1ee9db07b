"""What has to be there on the broker, and how it is put there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pika import BasicProperties, DeliveryMode, spec

from service_kit.messaging.bus.port import BusDown, Queue
from service_kit.messaging.bus.rabbitmq.channel import NOT_FOUND, Channel, ChannelClosed
from service_kit.messaging.bus.rabbitmq.connection_thread import ConnectionThread
from service_kit.messaging.queue_names import (
    CONTROL_EXCHANGE,
    DEAD_LETTER_EXCHANGE,
    EVENTS_EXCHANGE,
    control_queue_name,
    dead_letter_queue_name,
)

EXCHANGES = {EVENTS_EXCHANGE: "topic", CONTROL_EXCHANGE: "fanout", DEAD_LETTER_EXCHANGE: "direct"}
DELIVERY_LIMIT = 100
# RabbitMQ 4 drops a message after 20 deliveries where no limit is given; a dead letter or a request may never be.
NO_LIMIT = 1_000_000_000
# As long as the outbox keeps what could be sent again.
REQUEST_TTL_MS = 7 * 24 * 3600 * 1000

# Everything is said explicitly: 3.10 and 4.x differ in their defaults, and 3.10 ignores arguments it doesn't know.
QUORUM = {"x-queue-type": "quorum", "x-overflow": "reject-publish"}


def declare(
    link: ConnectionThread,
    queues: Sequence[Queue],
    services: Sequence[str],
    between: Callable[[], object] = lambda: None,
) -> list[str]:
    """Make sure that everything is there; return the queues that were not. Raises BusDown.

    `services` are all that are deployed: each relay has a durable queue for refill requests, made before anybody asks,
    so that a relay which is down at the moment finds the request when it comes back.
    """
    try:
        return _declare(link, queues, services, between)
    except ChannelClosed as error:
        raise BusDown(f"RabbitMQ refused a declaration: {error}") from None


def declare_control(link: ConnectionThread, services: Sequence[str]) -> None:
    """Make sure that the exchanges and the relays' queues for refill requests are there. Raises BusDown."""
    try:
        channel, probe = link.channel(), Probe(link)
        _declare_control(channel, probe, services)
        channel.close()
        probe.close()
    except ChannelClosed as error:
        raise BusDown(f"RabbitMQ refused a declaration: {error}") from None


def request_refill(link: ConnectionThread, queue: str) -> None:
    """Ask every relay to send again what belongs into `queue`; returns once that is on disk. Raises BusDown."""
    channel = link.channel()

    def publish(answer: Any) -> None:
        channel.raw.confirm_delivery(answer)
        properties = BasicProperties(delivery_mode=DeliveryMode.Persistent)  # type: ignore[no-untyped-call]
        channel.raw.basic_publish(CONTROL_EXCHANGE, "", queue.encode(), properties)

    try:
        answer = link.ask(publish, channel)
    except ChannelClosed as error:
        raise BusDown(f"RabbitMQ refused a refill request: {error}") from None
    channel.close()
    if not isinstance(answer.method, spec.Basic.Ack):
        raise BusDown("RabbitMQ did not take a refill request")


def _declare(
    link: ConnectionThread, queues: Sequence[Queue], services: Sequence[str], between: Callable[[], object]
) -> list[str]:
    channel, probe = link.channel(), Probe(link)
    _declare_control(channel, probe, services)
    created = []
    for queue in queues:
        dead = dead_letter_queue_name(queue.name)
        if not probe.finds(dead):
            channel.ask("queue_declare", queue=dead, durable=True, arguments=QUORUM | {"x-delivery-limit": NO_LIMIT})
        channel.ask("queue_bind", queue=dead, exchange=DEAD_LETTER_EXCHANGE, routing_key=dead)
        if not probe.finds(queue.name):
            # Asked before it is made: were we killed in between, the next one to look would still find it missing.
            # A relay declares before it sends again, so the request can't come too early.
            request_refill(link, queue.name)
            channel.ask("queue_declare", queue=queue.name, durable=True, arguments=_arguments(dead))
            created.append(queue.name)
        for pattern in queue.patterns:
            channel.ask("queue_bind", queue=queue.name, exchange=EVENTS_EXCHANGE, routing_key=pattern)
        between()
    channel.close()
    probe.close()
    return created


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
    """Looks whether queues are there, passively: a queue made with other arguments, by an older release, is fine."""

    def __init__(self, link: ConnectionThread) -> None:
        self._link = link
        self._channel: Channel | None = None

    def count(self, queue: str) -> int | None:
        """Return how many messages wait, None where the queue is not there.

        Raises ChannelClosed where the broker says something else than yes or no.
        """
        self._channel = self._channel or self._link.channel()
        try:
            answer = self._channel.ask("queue_declare", queue=queue, passive=True)
        except ChannelClosed as error:
            # "No" closes the channel.
            self._channel = None
            if error.code == NOT_FOUND:
                return None
            raise
        return int(answer.method.message_count)

    def finds(self, queue: str) -> bool:
        """Tell whether the queue is there. Raises ChannelClosed."""
        return self.count(queue) is not None

    def close(self) -> None:
        """Give the channel back."""
        if self._channel is not None:
            self._channel.close()


def _arguments(dead: str) -> dict[str, Any]:
    return QUORUM | {
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": DEAD_LETTER_EXCHANGE,
        "x-dead-letter-routing-key": dead,
        "x-dead-letter-strategy": "at-least-once",
    }
