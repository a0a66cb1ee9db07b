"""One service's way to RabbitMQ."""

import threading
from collections.abc import Callable, Sequence

from pika import URLParameters

from service_kit.messaging.backoff import reconnect_backoff
from service_kit.messaging.bus.port import BusDown, Incoming, Queue
from service_kit.messaging.bus.rabbitmq import topology
from service_kit.messaging.bus.rabbitmq.acking_consumer import AckingConsumer
from service_kit.messaging.bus.rabbitmq.channel import ChannelClosed
from service_kit.messaging.bus.rabbitmq.connection_thread import ConnectionThread
from service_kit.messaging.bus.rabbitmq.consumer import RabbitConsumer
from service_kit.messaging.bus.rabbitmq.publisher import RabbitPublisher
from service_kit.messaging.event import Message
from service_kit.messaging.queue_names import dead_letter_queue_name

FIRST_DEAD_SECONDS = 0.3


class RabbitBus:
    """Implements `bus.port.Bus`. Connections are made at the first use: one per publisher and consumer, one here.

    `services` are all that are deployed; each has a queue for refill requests.
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
        self._link: ConnectionThread | None = None
        self._dead: dict[str, AckingConsumer] = {}
        self._drained: dict[str, list[Incoming]] = {}

    def publisher(self) -> RabbitPublisher:
        """Make a publisher; it connects when it is first used."""
        return RabbitPublisher(
            lambda: self._connect("publisher"),
            self._service,
            self._services,
            confirm_seconds=self._confirm_seconds,
            blocked_seconds=self._blocked_seconds,
        )

    def consumer(self, queue: Queue, prefetch: int) -> RabbitConsumer:
        """Make a consumer; it connects when it first receives."""
        return RabbitConsumer(lambda: self._connect(f"consumer of {queue.name}"), queue, prefetch, self._services)

    def declare(self, queues: Sequence[Queue], between: Callable[[], object] = lambda: None) -> list[str]:
        """Make sure that everything is there; return the queues that were missing. Raises BusDown."""
        with self._lock:
            return topology.declare(self._open(), queues, self._services, between)

    def request_refill(self, queue: str) -> None:
        """Ask every relay to send its events of the last days to `queue` again. Raises BusDown."""
        with self._lock:
            link = self._open()
            topology.declare_control(link, self._services)
            topology.request_refill(link, queue)

    def drain_dead(self, queue: str, limit: int) -> list[Message]:
        """Take what the broker gave up on; what was drained and not forgotten comes first. Raises BusDown."""
        with self._lock:
            link = self._open()
            inflow = self._dead.get(queue)
            fresh = inflow is None or inflow.ended
            if inflow is None or fresh:
                try:
                    inflow = self._dead[queue] = AckingConsumer(link, dead_letter_queue_name(queue), limit)
                except ChannelClosed as error:
                    raise BusDown(f"can't drain the dead letters of {queue}: {error}") from None
                self._drained[queue] = []
            drained = self._drained[queue]
            room = limit - len(drained)
            if room > 0:
                drained += inflow.take(room, FIRST_DEAD_SECONDS if fresh else 0)
            return [incoming.message for incoming in drained[:limit]]

    def forget_dead(self, queue: str, messages: Sequence[Message]) -> None:
        """Acknowledge what was stored elsewhere; after a lost connection it comes again."""
        with self._lock:
            inflow = self._dead.get(queue)
            if inflow is None:
                return
            wanted = {id(message) for message in messages}
            drained = self._drained[queue]
            inflow.acknowledge([incoming for incoming in drained if id(incoming.message) in wanted])
            self._drained[queue] = [incoming for incoming in drained if id(incoming.message) not in wanted]

    def close(self) -> None:
        """Close the connection of the bus itself; publishers and consumers have their own."""
        with self._lock:
            if self._link is not None:
                self._link.close()
            self._link = None
            self._dead.clear()
            self._drained.clear()

    def _open(self) -> ConnectionThread:
        if self._link is None or self._link.lost:
            if not self._backoff.wait_until_due(1.0):
                raise BusDown("waiting before the next attempt to reach RabbitMQ")
            try:
                self._link = self._connect("control")
            except BusDown:
                self._backoff.record_failure()
                raise
            self._backoff.reset()
        return self._link

    def _connect(self, purpose: str) -> ConnectionThread:
        parameters = URLParameters(self._url)
        name = f"{self._service} {purpose}"
        parameters.heartbeat = self._heartbeat_seconds
        parameters.socket_timeout = self._connect_seconds
        parameters.stack_timeout = self._connect_seconds
        parameters.client_properties = {"connection_name": name}
        # How long a blocked connection is borne is decided in `outflow`, which keeps it.
        parameters.blocked_connection_timeout = None
        return ConnectionThread(parameters, name)
