"""Deliveries of one queue, on their way from the I/O thread to the one that works on them."""

import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

from service_kit.messaging.bus.port import Incoming
from service_kit.messaging.bus.rabbitmq import amqp
from service_kit.messaging.bus.rabbitmq.channel import ChannelClosed
from service_kit.messaging.bus.rabbitmq.connection_thread import ConnectionThread


class AckingConsumer:
    """Consumes one queue on a channel of its own. Once `ended` it delivers no more; its unacknowledged come again.

    A receipt is the inflow and the delivery tag: a tag means something on its own channel only.
    """

    def __init__(self, link: ConnectionThread, queue: str, prefetch: int) -> None:
        """Begin to consume. Raises ChannelClosed (404: no such queue), BusDown."""
        self.ended = False
        self._queue = queue
        self._arrived: deque[Incoming] = deque()
        self._something = threading.Condition()
        self._in_hand: set[int] = set()
        self._quiet_since = time.monotonic()
        # Oldest first: what was given back stays here, or a multiple ack of its successors would settle it unseen.
        self._unacknowledged: dict[int, None] = {}
        self._channel = link.channel()
        self._channel.on_closed(self._end)
        # The broker cancels a consumer whose queue was deleted and says nothing more: the channel stays open.
        link.run(lambda: self._channel.raw.add_on_cancel_callback(lambda _frame: self._end()))
        self._channel.ask("basic_qos", prefetch_count=prefetch)
        self._channel.ask("basic_consume", queue=queue, on_message_callback=self._deliver)

    def take(self, limit: int, timeout_seconds: float) -> list[Incoming]:
        """Wait for the first message, then return what is here already, at most `limit`; [] on time-out or end."""
        deadline = time.monotonic() + timeout_seconds
        with self._something:
            while not self._arrived and not self.ended:
                left = deadline - time.monotonic()
                if left <= 0 or not self._something.wait(left):
                    return []
            if self.ended:
                return []
            taken = [self._arrived.popleft() for _ in range(min(limit, len(self._arrived)))]
        tags = [incoming.receipt[1] for incoming in taken]
        self._quiet_since = time.monotonic()
        self._in_hand.update(tags)
        self._unacknowledged.update(dict.fromkeys(tags))
        return taken

    def acknowledge(self, incoming: Sequence[Incoming]) -> None:
        """Acknowledge what was taken: with one multiple ack where nothing older is left in hand."""
        tags = sorted(self._own(incoming))
        if not tags:
            return
        self._in_hand.difference_update(tags)
        for tag in tags:
            del self._unacknowledged[tag]
        oldest_left = next(iter(self._unacknowledged), tags[-1] + 1)
        below = [tag for tag in tags if tag < oldest_left]
        single = tags[len(below) :]

        def send() -> None:
            if not self._channel.raw.is_open:
                return
            if below:
                self._channel.raw.basic_ack(below[-1], multiple=True)
            for tag in single:
                self._channel.raw.basic_ack(tag)

        self._channel.link.run(send)

    def give_back(self, incoming: Sequence[Incoming]) -> None:
        """Put what was taken to the front again, without the broker: there it would count as a failed delivery."""
        tags = self._own(incoming)
        returned = sorted((i for i in incoming if i.receipt[1] in tags), key=lambda i: int(i.receipt[1]))
        self._in_hand -= tags
        with self._something:
            self._arrived.extendleft(reversed(returned))

    def quiet_seconds(self) -> float:
        """Tell for how long nothing has come; 0 while anything is here."""
        return 0.0 if self._arrived or self._in_hand else time.monotonic() - self._quiet_since

    def depth(self) -> int | None:
        """Count what waits in the queue and here. Raises BusDown."""
        try:
            waiting = self._channel.ask("queue_declare", queue=self._queue, passive=True).method.message_count
        except ChannelClosed:
            return None
        return int(waiting) + len(self._arrived) + len(self._in_hand)

    def close(self) -> None:
        """Stop; what is unacknowledged is delivered again."""
        self._channel.close()
        self._end()

    def _own(self, incoming: Sequence[Incoming]) -> set[int]:
        return {i.receipt[1] for i in incoming if i.receipt[0] is self and i.receipt[1] in self._in_hand}

    def _deliver(self, _channel: Any, method: Any, properties: Any, body: bytes) -> None:
        message = amqp.to_message(method.routing_key, properties, body)
        count = amqp.deliveries(properties, method.redelivered)
        with self._something:
            self._arrived.append(Incoming(message, (self, method.delivery_tag), count))
            self._something.notify()

    def _end(self) -> None:
        with self._something:
            self.ended = True
            self._arrived.clear()
            self._something.notify()
