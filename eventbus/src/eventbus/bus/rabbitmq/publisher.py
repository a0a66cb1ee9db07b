"""Publishes for one relay and receives its refill requests."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from service_kit.backoff import reconnect_backoff

from eventbus.bus.port import BusDown, Incoming, Outcome, Outgoing
from eventbus.bus.rabbitmq import topology
from eventbus.bus.rabbitmq.acking_consumer import AckingConsumer
from eventbus.bus.rabbitmq.confirming_publisher import ConfirmingPublisher
from eventbus.bus.rabbitmq.connection_thread import ConnectionThread
from eventbus.bus.rabbitmq.names import control_queue_name

MAX_REQUESTS = 100


class RabbitPublisher:
    """Implements `bus.port.Publisher`: one connection with a channel to publish and a channel for refill requests."""

    def __init__(
        self,
        connect: Callable[[], ConnectionThread],
        service: str,
        services: Sequence[str],
        *,
        confirm_seconds: float,
        blocked_seconds: float,
    ) -> None:
        self._connect = connect
        self._service = service
        self._services = services
        self._confirm_seconds = confirm_seconds
        self._blocked_seconds = blocked_seconds
        self._opening = threading.Lock()
        self._backoff = reconnect_backoff()
        self._connection: ConnectionThread | None = None
        self._publisher: ConfirmingPublisher | None = None
        self._requests: AckingConsumer | None = None
        self._unacknowledged: list[Incoming] = []

    def publish(self, connection: Any, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Publish to the broker; `connection` is ignored. Raises BusDown."""
        if not messages:
            return []
        return self._open(wait=True).publish(messages)

    def refill_requests(self) -> set[str]:
        """Return the queues that need a refill; the next call acknowledges their requests."""
        if not self._is_open() and not self._opening.locked() and self._backoff.wait_until_due(0):
            # A relay with no events must receive requests, too, but must not wait for a broker that is down.
            # `locked`: while one thread waits for a broker that doesn't answer, no further thread may start.
            threading.Thread(target=self._open_quietly, name=f"{self._service} opens its publisher").start()
        requests = self._requests
        if requests is None or requests.ended:
            return set()
        requests.acknowledge(self._unacknowledged)
        self._unacknowledged = requests.take(MAX_REQUESTS, 0)
        return {incoming.message.body.decode(errors="replace") for incoming in self._unacknowledged}

    def close(self) -> None:
        """Close the connection; the broker redelivers unacknowledged requests to the next relay."""
        with self._opening:
            if self._connection is not None:
                self._connection.close()
            self._connection = self._publisher = self._requests = None

    def _is_open(self) -> bool:
        # An operator may delete the queue of requests, which cancels its consumer and keeps the connection open.
        return not any(end is None or end.ended for end in (self._publisher, self._requests))

    def _open_quietly(self) -> None:
        with suppress(BusDown):
            self._open(wait=False)

    def _open(self, *, wait: bool) -> ConfirmingPublisher:
        with self._opening:
            if self._publisher is not None and self._is_open():
                return self._publisher
            if not self._backoff.wait_until_due(1.0 if wait else 0.0):
                raise BusDown("waiting before the next attempt to reach RabbitMQ")
            with self._backoff.attempt():
                if self._connection is None or self._connection.lost:
                    self._connection = self._connect()
                topology.declare(self._connection, [], [*self._services, self._service])
                if self._requests is not None:
                    # An old consumer beside a new one would still be sent requests, and no thread would take them.
                    self._requests.close()
                self._requests = AckingConsumer(self._connection, control_queue_name(self._service), MAX_REQUESTS)
                if self._publisher is None or self._publisher.ended:
                    self._publisher = ConfirmingPublisher(
                        self._connection, confirm_seconds=self._confirm_seconds, blocked_seconds=self._blocked_seconds
                    )
            return self._publisher
