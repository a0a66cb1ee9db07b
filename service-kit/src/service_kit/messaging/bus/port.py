"""The port to a message bus. Adapters: `rabbitmq`, `postgres`, and `memory` for unit tests.

Delivered at least once; who consumes makes the effects happen once (inbox). All methods are called from one thread
per object; different objects may live in different threads.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812
from sqlalchemy import Connection

from service_kit.messaging.event import Message


class BusDown(Exception):
    """The bus can't be reached or doesn't answer in time; try again later. Nothing was lost by it."""


@dataclass(frozen=True)
class Queue:
    """A durable queue and the event types bound to it (`*` one word, `#` any number of words)."""

    name: str
    patterns: tuple[str, ...]


class Outcome(Enum):
    """What became of one published message."""

    CONFIRMED = "confirmed"
    """On disk in every queue bound to its type."""
    UNROUTABLE = "unroutable"
    """No queue is bound to its type: it reached nobody."""
    UNCONFIRMED = "unconfirmed"
    """The broker refused it or did not answer in time: it may or may not have arrived; publish it again."""


@dataclass(frozen=True)
class Outgoing:
    """A message to publish: to the events exchange, or straight to `queue` (a refill)."""

    message: Message
    queue: str | None = None


@dataclass(frozen=True)
class Incoming:
    """A message as received; `receipt` is the adapter's own handle, `deliveries` counts from 1 where it is known."""

    message: Message
    receipt: Any
    deliveries: int = 1


class Publisher(Protocol):
    """Used by one relay."""

    def publish(self, connection: PsycopgConnection, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Publish persistent and mandatory, all in flight at once; return one outcome per message, in order.

        `connection` is the relay's own psycopg2 connection: the postgres adapter publishes in its open transaction (the
        relay commits publish and mark together); the rabbitmq adapter ignores it and is called outside any.
        Raises BusDown.
        """

    def refill_requests(self) -> set[str]:
        """Return the names of the queues that asked for a refill since the last call (never blocks)."""

    def close(self) -> None:
        """Give everything back; never raises."""


class Consumer(Protocol):
    """Used by one worker thread on one queue."""

    def receive(self, limit: int, timeout_seconds: float) -> list[Incoming]:
        """Wait for the first message, then return what has been delivered already, at most `limit`; [] on time-out.

        Raises BusDown. Recovers by itself when called again: reconnects, declares the queue where it is gone.
        """

    def settle(self, connection: Connection, incoming: Sequence[Incoming]) -> None:
        """Acknowledge inside the worker's transaction (postgres), or do nothing (rabbitmq).

        Raises LostLease where the messages were meanwhile given to somebody else: the worker rolls back.
        """

    def acknowledge(self, incoming: Sequence[Incoming]) -> None:
        """Acknowledge after the commit (rabbitmq: one multiple ack of a consecutive batch), or do nothing (postgres).

        A lost connection is ignored: the messages come again and the inbox absorbs them.
        """

    def release(self, incoming: Sequence[Incoming]) -> None:
        """Give messages back for redelivery; it doesn't count as a failed attempt. Never raises."""

    def depth(self) -> int | None:
        """Return how many messages wait in the queue, None where it isn't known."""

    def close(self) -> None:
        """Stop consuming; what is unacknowledged is redelivered. Never raises."""


class LostLease(Exception):
    """What was received has meanwhile been given to another consumer; throw the work away."""


class Bus(Protocol):
    """One service's way to the bus. Creating it opens nothing; the first use does.

    Its own methods may be called from several threads.
    """

    transactional: bool
    """True where publish and settle take part in the database transaction (postgres)."""

    def publisher(self) -> Publisher:
        """Open a publisher of its own connection."""

    def consumer(self, queue: Queue, prefetch: int) -> Consumer:
        """Open a consumer of its own connection."""

    def declare(self, queues: Sequence[Queue], between: Callable[[], object] = lambda: None) -> list[str]:
        """Make sure the exchange, the queues, their dead-letter queues and bindings are there.

        Looks passively first; for each queue that was missing asks for a refill. Returns the names it created.
        `between` is called between queues where looking costs a broker something. Raises BusDown.
        """

    def request_refill(self, queue: str) -> None:
        """Ask every relay to send its events of the last days to `queue` again. Raises BusDown."""

    def drain_dead(self, queue: str, limit: int) -> list[Message]:
        """Take up to `limit` messages the broker itself gave up on from the dead-letter queue of `queue`.

        They are removed only when `forget_dead` is called with them; until then they come again after a restart.
        """

    def forget_dead(self, queue: str, messages: Sequence[Message]) -> None:
        """Remove what `drain_dead` returned, after it was stored elsewhere."""

    def close(self) -> None:
        """Close what the bus itself opened."""
