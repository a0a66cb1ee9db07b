"""Receives from one queue and recovers from the loss of the connection or the queue."""

import time
from collections.abc import Callable, Sequence

from service_kit.backoff import reconnect_backoff
from sqlalchemy import Connection

from eventbus.bus.port import BusDown, Incoming, Queue
from eventbus.bus.rabbitmq import topology
from eventbus.bus.rabbitmq.acking_consumer import AckingConsumer
from eventbus.bus.rabbitmq.connection_thread import ConnectionThread

MAX_IDLE_SECONDS = 60.0
"""An idle consumer is replaced after this time. RabbitMQ 3.10 may neither cancel nor serve the consumer of a quorum
queue that was deleted and created again within milliseconds, and reports nothing."""


class RabbitConsumer:
    """One queue, one connection. Implements `bus.port.QueueConsumer`."""

    def __init__(
        self, connect: Callable[[], ConnectionThread], queue: Queue, prefetch: int, services: Sequence[str]
    ) -> None:
        self._connect = connect
        self._queue = queue
        self._prefetch = prefetch
        self._services = services
        self._backoff = reconnect_backoff()
        self._connection: ConnectionThread | None = None
        self._consumer: AckingConsumer | None = None

    def receive(self, limit: int, timeout_seconds: float) -> list[Incoming]:
        """Wait for messages; reconnect and declare the queue first where either is missing. Raises BusDown."""
        deadline = time.monotonic() + timeout_seconds
        if self._consumer is None or self._consumer.ended or self._consumer.idle_seconds() > MAX_IDLE_SECONDS:
            if not self._backoff.wait_until_due(timeout_seconds):
                return []
            self._consumer = self._open()
        return self._consumer.take(limit, max(deadline - time.monotonic(), 0.0))

    def settle(self, connection: Connection, incoming: Sequence[Incoming]) -> None:
        """Do nothing: RabbitMQ takes no part in a database transaction."""

    def acknowledge(self, incoming: Sequence[Incoming]) -> None:
        """Acknowledge after the commit; messages of a lost connection are delivered again."""
        if self._consumer is not None:
            self._consumer.acknowledge(incoming)

    def release(self, incoming: Sequence[Incoming]) -> None:
        """Keep messages for the next `receive`."""
        if self._consumer is not None:
            self._consumer.release(incoming)

    def depth(self) -> int | None:
        """Return the number of messages in the queue, None without a connection."""
        if self._consumer is None or self._consumer.ended:
            return None
        try:
            return self._consumer.depth()
        except BusDown:
            return None

    def close(self) -> None:
        """Stop consuming and close the connection."""
        if self._consumer is not None:
            self._consumer.close()
        if self._connection is not None:
            self._connection.close()
        self._consumer = self._connection = None

    def _open(self) -> AckingConsumer:
        with self._backoff.attempt():
            if self._connection is None or self._connection.lost:
                self._connection = self._connect()
            if self._consumer is not None:
                # Its channel may still be open and would then keep its deliveries from other consumers.
                self._consumer.close()
            topology.declare(self._connection, [self._queue], self._services)
            return AckingConsumer(self._connection, self._queue.name, self._prefetch)
