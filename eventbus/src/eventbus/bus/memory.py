"""A bus in memory for unit tests: topics, fan-out, competing consumers, redelivery, unroutable, refill."""

import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from threading import Condition

from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812
from sqlalchemy import Connection

from eventbus.bus.port import BusDown, Incoming, Outcome, Outgoing, Queue
from eventbus.event import Message


class MemoryBus:
    """A broker in this process; implements `bus.port.Bus` for every service. `down = True` makes it unreachable."""

    transactional = False

    def __init__(self, queues: Iterable[Queue] = ()) -> None:
        self.down = False
        self._changed = Condition()
        self._queues: dict[str, Queue] = {}
        self._waiting: dict[str, deque[tuple[int, Message, int]]] = {}
        self._dead: dict[str, list[Message]] = {}
        self._refills: list[set[str]] = []
        self._tags = count(1)
        self._publishers: list[MemoryPublisher] = []
        for queue in queues:
            self._add(queue)

    def publisher(self) -> "MemoryPublisher":
        """Open a publisher."""
        publisher = MemoryPublisher(self)
        self._publishers.append(publisher)
        return publisher

    def consumer(self, queue: Queue, prefetch: int) -> "MemoryConsumer":
        """Open a consumer."""
        return MemoryConsumer(self, queue, prefetch)

    def declare(self, queues: Sequence[Queue], between: Callable[[], object] = lambda: None) -> list[str]:
        """Create the missing queues, request their refill and return their names."""
        with self._changed:
            self.check()
            missing = [queue for queue in queues if queue.name not in self._queues]
            for queue in missing:
                self._add(queue)
        for queue in missing:
            self.request_refill(queue.name)
        return [queue.name for queue in missing]

    def request_refill(self, queue: str) -> None:
        """Request a refill of `queue` from every publisher."""
        with self._changed:
            self.check()
            for publisher in self._publishers:
                publisher.refills.add(queue)

    def delete(self, queue: str) -> None:
        """Delete a queue with its messages, as an operator might."""
        with self._changed:
            self._queues.pop(queue)
            self._waiting.pop(queue)

    def give_up_on(self, queue: str, message: Message) -> None:
        """Dead-letter a message, as a broker does after too many deliveries."""
        with self._changed:
            self._dead.setdefault(queue, []).append(message)

    def drain_dead(self, queue: str, limit: int) -> list[Message]:
        """Return dead-lettered messages."""
        with self._changed:
            self.check()
            return self._dead.get(queue, [])[:limit]

    def delete_dead(self, queue: str, messages: Sequence[Message]) -> None:
        """Remove dead-lettered messages."""
        with self._changed:
            removed = {message.id for message in messages}
            self._dead[queue] = [message for message in self._dead.get(queue, []) if message.id not in removed]

    def close(self) -> None:
        """Do nothing."""

    def waiting(self, queue: str) -> list[Message]:
        """Return the messages in a queue."""
        with self._changed:
            return [message for _, message, _ in self._waiting[queue]]

    def check(self) -> None:
        """Raise BusDown while the bus is down."""
        if self.down:
            raise BusDown("the memory bus is down")

    def _add(self, queue: Queue) -> None:
        self._queues[queue.name] = queue
        self._waiting[queue.name] = deque()

    def _route(self, outgoing: Outgoing) -> Outcome:
        if outgoing.queue is not None:
            names = [outgoing.queue] if outgoing.queue in self._queues else []
        else:
            names = [
                name
                for name, queue in self._queues.items()
                if any(_matches(pattern, outgoing.message.type) for pattern in queue.patterns)
            ]
        for name in names:
            self._waiting[name].append((next(self._tags), outgoing.message, 1))
        self._changed.notify_all()
        return Outcome.CONFIRMED if names else Outcome.UNROUTABLE


class MemoryPublisher:
    """Publishes at once and confirms every routable message."""

    def __init__(self, bus: MemoryBus) -> None:
        self._bus = bus
        self.refills: set[str] = set()

    def publish(self, connection: PsycopgConnection, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Add each message to the queues bound to its type."""
        with self._bus._changed:
            self._bus.check()
            return [self._bus._route(outgoing) for outgoing in messages]

    def refill_requests(self) -> set[str]:
        """Return the queues whose refill was requested since the last call."""
        with self._bus._changed:
            requested, self.refills = self.refills, set()
            return requested

    def close(self) -> None:
        """Receive no more refill requests."""
        with self._bus._changed:
            if self in self._bus._publishers:
                self._bus._publishers.remove(self)


class MemoryConsumer:
    """Receives from one queue; unacknowledged messages are delivered again."""

    def __init__(self, bus: MemoryBus, queue: Queue, prefetch: int) -> None:
        self._bus = bus
        self._queue = queue
        self._prefetch = prefetch
        self._held: dict[int, tuple[int, Message, int]] = {}

    def receive(self, limit: int, timeout_seconds: float) -> list[Incoming]:
        """Wait for a message, then return all that are available, at most `limit`."""
        deadline = time.monotonic() + timeout_seconds
        with self._bus._changed:
            self._bus.check()
            self._bus.declare([self._queue])
            while not self._bus._waiting.get(self._queue.name) and time.monotonic() < deadline:
                self._bus._changed.wait(deadline - time.monotonic())
                self._bus.check()
            waiting = self._bus._waiting.get(self._queue.name, deque())
            taken: list[Incoming] = []
            while waiting and len(taken) < limit and len(self._held) < self._prefetch:
                entry = waiting.popleft()
                self._held[entry[0]] = entry
                taken.append(Incoming(entry[1], receipt=entry[0], deliveries=entry[2]))
            return taken

    def settle(self, connection: Connection, incoming: Sequence[Incoming]) -> None:
        """Do nothing: the bus takes no part in transactions."""

    def acknowledge(self, incoming: Sequence[Incoming]) -> None:
        """Remove the messages."""
        with self._bus._changed:
            for item in incoming:
                self._held.pop(item.receipt, None)

    def release(self, incoming: Sequence[Incoming]) -> None:
        """Put the messages back at the head of the queue."""
        with self._bus._changed:
            for item in reversed(incoming):
                entry = self._held.pop(item.receipt, None)
                if entry is not None and self._queue.name in self._bus._queues:
                    self._bus._waiting[self._queue.name].appendleft(entry)
            self._bus._changed.notify_all()

    def depth(self) -> int | None:
        """Return the number of messages in the queue."""
        with self._bus._changed:
            return len(self._bus._waiting.get(self._queue.name, ()))

    def close(self) -> None:
        """Release the unacknowledged messages."""
        with self._bus._changed:
            held = list(self._held.values())
        self.release([Incoming(message, receipt=tag) for tag, message, _ in held])


def _matches(pattern: str, event_type: str) -> bool:
    words = {"*": r"[^.]+\.", "#": r"([^.]+\.)*"}
    expression = "".join(words.get(word, re.escape(f"{word}.")) for word in pattern.split("."))
    return re.fullmatch(expression, f"{event_type}.") is not None
