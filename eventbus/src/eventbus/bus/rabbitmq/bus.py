"""One service's access to RabbitMQ."""

import threading
from collections.abc import Callable, Sequence

from pika import URLParameters
from service_kit.backoff import reconnect_backoff

from eventbus.bus.port import BusDown, Incoming, Queue
from eventbus.bus.rabbitmq import topology
from eventbus.bus.rabbitmq.acking_consumer import AckingConsumer
from eventbus.bus.rabbitmq.connection_thread import ConnectionThread
from eventbus.bus.rabbitmq.consumer import RabbitConsumer
from eventbus.bus.rabbitmq.names import dead_letter_queue_name
from eventbus.bus.rabbitmq.publisher import RabbitPublisher
from eventbus.event import Message

FIRST_DEAD_SECONDS = 0.3


class RabbitBus:
    """Implements `bus.port.Bus`. The first use connects: one connection per publisher and consumer, and one here.

    `services` are all deployed services; each has a queue for refill requests.
    """

    transactional = False

    def __init__(
        self,
        url: str,
        service: str,
        services: Sequence[str],
        *,
        heartbeat_seconds: int = 60,
        confirm_seconds: float = 10.0,
        blocked_seconds: float = 30.0,
        connect_seconds: float = 5.0,
    ) -> None:
        self._url = url
        self._service = service
        self._services = tuple(dict.fromkeys([*services, service]))
        self._heartbeat_seconds = heartbeat_seconds
        self._confirm_seconds = confirm_seconds
        self._blocked_seconds = blocked_seconds
        self._connect_seconds = connect_seconds
        self._lock = threading.RLock()
        self._backoff = reconnect_backoff()
        self._connection: ConnectionThread | None = None
        self._dead: dict[str, AckingConsumer] = {}
        self._drained: dict[str, list[Incoming]] = {}

    def publisher(self) -> RabbitPublisher:
        """Return a publisher; it connects at its first use."""
        return RabbitPublisher(
            lambda: self._connect("publisher"),
            self._service,
            self._services,
            confirm_seconds=self._confirm_seconds,
            blocked_seconds=self._blocked_seconds,
        )

    def consumer(self, queue: Queue, prefetch: int) -> RabbitConsumer:
        """Return a consumer; it connects when it first receives."""
        return RabbitConsumer(lambda: self._connect(f"consumer of {queue.name}"), queue, prefetch, self._services)

    def declare(self, queues: Sequence[Queue], between: Callable[[], object] = lambda: None) -> list[str]:
        """Create missing exchanges, queues and bindings; return the names of the created queues. Raises BusDown."""
        with self._lock:
            return topology.declare(self._open(), queues, self._services, between)

    def request_refill(self, queue: str) -> None:
        """Request that every relay sends its events of the last days to `queue` again. Raises BusDown."""
        with self._lock:
            connection = self._open()
            topology.declare(connection, [], self._services)
            topology.request_refill(connection, queue)

    def drain_dead(self, queue: str, limit: int) -> list[Message]:
        """Return messages that the broker dead-lettered; drained and not removed ones come first. Raises BusDown."""
        with self._lock:
            connection = self._open()
            consumer = self._dead.get(queue)
            fresh = consumer is None or consumer.ended
            if consumer is None or fresh:
                consumer = self._dead[queue] = AckingConsumer(connection, dead_letter_queue_name(queue), limit)
                self._drained[queue] = []
            drained = self._drained[queue]
            missing = limit - len(drained)
            if missing > 0:
                drained += consumer.take(missing, FIRST_DEAD_SECONDS if fresh else 0)
            return [incoming.message for incoming in drained[:limit]]

    def delete_dead(self, queue: str, messages: Sequence[Message]) -> None:
        """Acknowledge messages that were stored elsewhere; after a lost connection they are delivered again."""
        with self._lock:
            consumer = self._dead.get(queue)
            if consumer is None:
                return
            stored = {id(message) for message in messages}
            drained = self._drained[queue]
            consumer.acknowledge([incoming for incoming in drained if id(incoming.message) in stored])
            self._drained[queue] = [incoming for incoming in drained if id(incoming.message) not in stored]

    def close(self) -> None:
        """Close the connection of the bus itself; publishers and consumers close their own."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            self._dead.clear()
            self._drained.clear()

    def _open(self) -> ConnectionThread:
        if self._connection is None or self._connection.lost:
            if not self._backoff.wait_until_due(1.0):
                raise BusDown("waiting before the next attempt to reach RabbitMQ")
            with self._backoff.attempt():
                self._connection = self._connect("control")
        return self._connection

    def _connect(self, purpose: str) -> ConnectionThread:
        parameters = URLParameters(self._url)
        name = f"{self._service} {purpose}"
        parameters.heartbeat = self._heartbeat_seconds
        parameters.socket_timeout = self._connect_seconds
        parameters.stack_timeout = self._connect_seconds
        parameters.client_properties = {"connection_name": name}
        # ConfirmingPublisher limits how long a connection may be blocked; pika must not close it before.
        parameters.blocked_connection_timeout = None
        return ConnectionThread(parameters, name)
