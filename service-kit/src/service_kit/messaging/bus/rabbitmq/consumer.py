"""Receives from one queue; finds its way back after whatever happens to the connection or the queue."""

import time
from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from service_kit.messaging.backoff import reconnect_backoff
from service_kit.messaging.bus.port import BusDown, Incoming, Queue
from service_kit.messaging.bus.rabbitmq import topology
from service_kit.messaging.bus.rabbitmq.acking_consumer import AckingConsumer
from service_kit.messaging.bus.rabbitmq.channel import ChannelClosed
from service_kit.messaging.bus.rabbitmq.connection_thread import ConnectionThread

QUIET_SECONDS = 60.0
"""When to consume afresh. A queue that is deleted and made again within milliseconds may leave its consumer neither
cancelled nor served (RabbitMQ 3.10, quorum queues), and nothing ever tells."""


class RabbitConsumer:
    """One queue, one connection. Implements `bus.port.Consumer`."""

    def __init__(
        self, connect: Callable[[], ConnectionThread], queue: Queue, prefetch: int, services: Sequence[str]
    ) -> None:
        self._connect = connect
        self._queue = queue
        self._prefetch = prefetch
        self._services = services
        self._backoff = reconnect_backoff()
        self._link: ConnectionThread | None = None
        self._inflow: AckingConsumer | None = None

    def receive(self, limit: int, timeout_seconds: float) -> list[Incoming]:
        """Wait for messages; where the connection or the queue is gone, bring it back first. Raises BusDown."""
        deadline = time.monotonic() + timeout_seconds
        if self._inflow is None or self._inflow.ended or self._inflow.quiet_seconds() > QUIET_SECONDS:
            if not self._backoff.wait_until_due(timeout_seconds):
                return []
            self._inflow = self._open()
        return self._inflow.take(limit, max(deadline - time.monotonic(), 0.0))

    def settle(self, connection: Connection, incoming: Sequence[Incoming]) -> None:
        """Do nothing: RabbitMQ takes no part in a database transaction."""

    def acknowledge(self, incoming: Sequence[Incoming]) -> None:
        """Acknowledge after the commit; what a lost connection delivered comes again."""
        if self._inflow is not None:
            self._inflow.acknowledge(incoming)

    def release(self, incoming: Sequence[Incoming]) -> None:
        """Keep messages for the next `receive`."""
        if self._inflow is not None:
            self._inflow.give_back(incoming)

    def depth(self) -> int | None:
        """Count what waits in the queue; None while there is no connection."""
        if self._inflow is None or self._inflow.ended:
            return None
        try:
            return self._inflow.depth()
        except BusDown:
            return None

    def close(self) -> None:
        """Stop consuming and close the connection."""
        if self._inflow is not None:
            self._inflow.close()
        if self._link is not None:
            self._link.close()
        self._inflow = self._link = None

    def _open(self) -> AckingConsumer:
        try:
            if self._link is None or self._link.lost:
                self._link = self._connect()
            if self._inflow is not None:
                # Its channel may be open still, and keep from others what was delivered on it.
                self._inflow.close()
            topology.declare(self._link, [self._queue], self._services)
            inflow = AckingConsumer(self._link, self._queue.name, self._prefetch)
        except BusDown:
            self._backoff.record_failure()
            raise
        except ChannelClosed as error:
            self._backoff.record_failure()
            raise BusDown(f"can't consume {self._queue.name}: {error}") from None
        self._backoff.reset()
        return inflow
