"""Passes the deliveries of one queue from the I/O thread to the thread that processes them."""

import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

from eventbus.bus.port import Incoming
from eventbus.bus.rabbitmq import amqp
from eventbus.bus.rabbitmq.connection_thread import ConnectionThread


class AckingConsumer:
    """Consumes one queue on its own channel. After `ended`, the broker redelivers unacknowledged messages elsewhere.

    A receipt is this object and the delivery tag, because a tag is valid on its own channel only.
    """

    def __init__(self, connection: ConnectionThread, queue: str, prefetch: int) -> None:
        """Start to consume. Raises ChannelClosed (404: the queue is missing), BusDown."""
        self.ended = False
        self._queue = queue
        self._arrived: deque[Incoming] = deque()
        self._changed = threading.Condition()
        self._taken: set[int] = set()
        self._idle_since = time.monotonic()
        # Oldest first. Released messages stay here; otherwise a multiple ack of later ones would acknowledge them, too.
        self._unacknowledged: dict[int, None] = {}
        self._channel = connection.channel()
        self._channel.on_closed(self._end)
        # After the deletion of a queue the broker only cancels its consumers; their channels stay open.
        connection.run(lambda: self._channel.raw.add_on_cancel_callback(lambda _frame: self._end()))
        self._channel.ask("basic_qos", prefetch_count=prefetch)
        self._channel.ask("basic_consume", queue=queue, on_message_callback=self._deliver)

    def take(self, limit: int, timeout_seconds: float) -> list[Incoming]:
        """Wait for a message, then return all that have arrived, at most `limit`; [] on time-out or end."""
        deadline = time.monotonic() + timeout_seconds
        with self._changed:
            while not self._arrived and not self.ended:
                remaining = deadline - time.monotonic()
                if remaining <= 0 or not self._changed.wait(remaining):
                    return []
            if self.ended:
                return []
            taken = [self._arrived.popleft() for _ in range(min(limit, len(self._arrived)))]
        tags = [incoming.receipt[1] for incoming in taken]
        self._idle_since = time.monotonic()
        self._taken.update(tags)
        self._unacknowledged.update(dict.fromkeys(tags))
        return taken

    def acknowledge(self, incoming: Sequence[Incoming]) -> None:
        """Acknowledge taken messages: with one multiple ack where no older message is unacknowledged."""
        tags = sorted(self._own(incoming))
        if not tags:
            return
        self._taken.difference_update(tags)
        for tag in tags:
            del self._unacknowledged[tag]
        oldest_remaining = next(iter(self._unacknowledged), tags[-1] + 1)
        below = [tag for tag in tags if tag < oldest_remaining]
        single = tags[len(below) :]

        def send() -> None:
            if not self._channel.raw.is_open:
                return
            if below:
                self._channel.raw.basic_ack(below[-1], multiple=True)
            for tag in single:
                self._channel.raw.basic_ack(tag)

        self._channel.connection.run(send)

    def release(self, incoming: Sequence[Incoming]) -> None:
        """Put taken messages back to the front, here: at the broker this would count as a failed delivery."""
        tags = self._own(incoming)
        returned = sorted((i for i in incoming if i.receipt[1] in tags), key=lambda i: int(i.receipt[1]))
        self._taken -= tags
        with self._changed:
            self._arrived.extendleft(reversed(returned))

    def idle_seconds(self) -> float:
        """Return the seconds since the last message; 0 while any message is arrived or taken."""
        return 0.0 if self._arrived or self._taken else time.monotonic() - self._idle_since

    def depth(self) -> int:
        """Return the number of messages in the queue and here. Raises BusDown, also where the queue is missing."""
        waiting = self._channel.ask("queue_declare", queue=self._queue, passive=True).method.message_count
        return int(waiting) + len(self._arrived) + len(self._taken)

    def close(self) -> None:
        """Stop consuming; unacknowledged messages are delivered again."""
        self._channel.close()
        self._end()

    def _own(self, incoming: Sequence[Incoming]) -> set[int]:
        return {i.receipt[1] for i in incoming if i.receipt[0] is self and i.receipt[1] in self._taken}

    def _deliver(self, _channel: Any, method: Any, properties: Any, body: bytes) -> None:
        message = amqp.to_message(method.routing_key, properties, body)
        count = amqp.deliveries(properties, method.redelivered)
        with self._changed:
            self._arrived.append(Incoming(message, (self, method.delivery_tag), count))
            self._changed.notify()

    def _end(self) -> None:
        with self._changed:
            self.ended = True
            self._arrived.clear()
            self._changed.notify()
