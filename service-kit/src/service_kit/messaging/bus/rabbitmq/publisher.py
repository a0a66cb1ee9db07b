"""Publishes for one relay and hears the refill requests meant for it."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from service_kit.messaging.backoff import reconnect_backoff
from service_kit.messaging.bus.port import BusDown, Incoming, Outcome, Outgoing
from service_kit.messaging.bus.rabbitmq import topology
from service_kit.messaging.bus.rabbitmq.acking_consumer import AckingConsumer
from service_kit.messaging.bus.rabbitmq.channel import ChannelClosed
from service_kit.messaging.bus.rabbitmq.confirming_publisher import ConfirmingPublisher
from service_kit.messaging.bus.rabbitmq.connection_thread import ConnectionThread
from service_kit.messaging.queue_names import control_queue_name

MAX_REQUESTS = 100


class RabbitPublisher:
    """One connection: a channel to publish, a channel for requests. Implements `bus.port.Publisher`."""

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
        self._link: ConnectionThread | None = None
        self._outflow: ConfirmingPublisher | None = None
        self._requests: AckingConsumer | None = None
        self._handed_out: list[Incoming] = []

    def publish(self, connection: Any, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Publish to the broker; `connection` is of no use here. Raises BusDown."""
        if not messages:
            return []
        return self._open(wait=True).publish(messages)

    def refill_requests(self) -> set[str]:
        """Return the queues that asked for a refill; they count as answered when this is called the next time."""
        if not self._is_open() and not self._opening.locked() and self._backoff.wait_until_due(0):
            # A relay with nothing to publish has to hear requests too, but must not wait for a broker that is down.
            # Nor may it start a thread at every look while one waits for a broker that doesn't answer.
            threading.Thread(target=self._open_quietly, name=f"{self._service} opens its publisher").start()
        requests = self._requests
        if requests is None or requests.ended:
            return set()
        requests.acknowledge(self._handed_out)
        self._handed_out = requests.take(MAX_REQUESTS, 0)
        return {incoming.message.body.decode(errors="replace") for incoming in self._handed_out}

    def close(self) -> None:
        """Close the connection; requests handed out since the last call come again, to the next relay."""
        with self._opening:
            if self._link is not None:
                self._link.close()
            self._link = self._outflow = self._requests = None

    def _is_open(self) -> bool:
        # The queue of requests may be deleted, and its consumer cancelled, while the connection is fine.
        return not any(end is None or end.ended for end in (self._outflow, self._requests))

    def _open_quietly(self) -> None:
        try:
            self._open(wait=False)
        except BusDown:
            return

    def _open(self, *, wait: bool) -> ConfirmingPublisher:
        with self._opening:
            if self._outflow is not None and self._is_open():
                return self._outflow
            if not self._backoff.wait_until_due(1.0 if wait else 0.0):
                raise BusDown("waiting before the next attempt to reach RabbitMQ")
            try:
                if self._link is None or self._link.lost:
                    self._link = self._connect()
                topology.declare_control(self._link, [*self._services, self._service])
                if self._requests is not None:
                    # Left to itself beside a new one it would still be sent requests, which nobody would take.
                    self._requests.close()
                self._requests = AckingConsumer(self._link, control_queue_name(self._service), MAX_REQUESTS)
                if self._outflow is None or self._outflow.ended:
                    self._outflow = ConfirmingPublisher(
                        self._link, confirm_seconds=self._confirm_seconds, blocked_seconds=self._blocked_seconds
                    )
            except (BusDown, ChannelClosed) as error:
                self._backoff.record_failure()
                raise error if isinstance(error, BusDown) else BusDown(f"can't publish: {error}") from None
            self._backoff.reset()
            return self._outflow
