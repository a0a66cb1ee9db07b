"""The port to a message bus. Adapters: `rabbitmq`, `postgres`, and `memory` for unit tests.

A bus delivers messages at least once; the inbox makes their effects happen once. Each publisher and consumer is used by
one thread; different objects may be used by different threads.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812
from sqlalchemy import Connection

from eventbus.event import Message


class BusDown(Exception):
    """The bus can't be reached or doesn't answer in time. No message is lost; the caller retries later."""


@dataclass(frozen=True)
class Queue:
    """A durable queue and the event types bound to it (`*` one word, `#` any number of words)."""

    name: str
    patterns: tuple[str, ...]


class Outcome(Enum):
    """The outcome of publishing one message."""

    CONFIRMED = "confirmed"
    """On disk in every queue bound to its type."""
    UNROUTABLE = "unroutable"
    """No queue is bound to its type: it reached no consumer."""
    UNCONFIRMED = "unconfirmed"
    """The broker refused it or did not answer in time: it may or may not have arrived; publish it again."""


@dataclass(frozen=True)
class Outgoing:
    """A message to publish: to the events exchange, or directly to `queue` for a refill."""

    message: Message
    queue: str | None = None


@dataclass(frozen=True)
class Incoming:
    """A received message; `receipt` identifies it for the adapter, `deliveries` counts from 1 where it is known."""

    message: Message
    receipt: Any
    deliveries: int = 1


class Publisher(Protocol):
    """Publishes for one relay."""

    def publish(self, connection: PsycopgConnection, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Publish persistent, mandatory messages, all in flight at once; return one outcome per message, in order.

        `connection` is the relay's psycopg2 connection. The postgres adapter publishes in its open transaction, so that
        the relay commits publish and mark together. The rabbitmq adapter ignores it; no transaction is open then.
        Raises BusDown.
        """

    def refill_requests(self) -> set[str]:
        """Return the queues that need a refill, and acknowledge what the previous call returned. Never blocks."""

    def close(self) -> None:
        """Close all connections. Never raises."""


class Acknowledger(Protocol):
    """Ends the deliveries of messages: the part of a consumer that the processing of a batch uses."""

    def settle(self, connection: Connection, incoming: Sequence[Incoming]) -> None:
        """Acknowledge inside the worker's transaction (postgres), or do nothing (rabbitmq).

        Raises LostLease where another consumer has received the messages meanwhile: the worker rolls back.
        """

    def acknowledge(self, incoming: Sequence[Incoming]) -> None:
        """Acknowledge after the commit (rabbitmq: one multiple ack of a consecutive batch), or do nothing (postgres).

        A lost connection is ignored: the messages are delivered again and the inbox deduplicates them.
        """

    def release(self, incoming: Sequence[Incoming]) -> None:
        """Release those messages that are not acknowledged for redelivery; this doesn't count as a failed attempt.

        Never raises.
        """


class QueueConsumer(Acknowledger, Protocol):
    """Receives from one queue for one worker thread."""

    def receive(self, limit: int, timeout_seconds: float) -> list[Incoming]:
        """Wait for a message, then return all that have been delivered, at most `limit`; [] on time-out.

        Raises BusDown. The next call recovers: it reconnects and declares the queue if it is missing.
        """

    def depth(self) -> int | None:
        """Return the number of messages in the queue, None where it is unknown."""

    def close(self) -> None:
        """Stop consuming; unacknowledged messages are redelivered. Never raises."""


class LostLease(Exception):
    """Another consumer has received the messages meanwhile; the caller discards its work."""


class Bus(Protocol):
    """One service's access to the bus. The first use opens connections, the constructor doesn't.

    Several threads may call its methods.
    """

    transactional: bool
    """True where publish and settle take part in the database transaction (postgres)."""

    def publisher(self) -> Publisher:
        """Return a publisher with a connection of its own."""

    def consumer(self, queue: Queue, prefetch: int) -> QueueConsumer:
        """Return a consumer with a connection of its own."""

    def declare(self, queues: Sequence[Queue], between: Callable[[], object] = lambda: None) -> list[str]:
        """Create the missing ones of the exchanges, the queues, their dead-letter queues and bindings.

        Checks passively first and requests a refill for each missing queue. Returns the names of the created queues.
        Calls `between` after each queue, to limit the load on the broker. Raises BusDown.
        """

    def request_refill(self, queue: str) -> None:
        """Ask every relay to send its events of the last days to `queue` again. Raises BusDown."""

    def drain_dead(self, queue: str, limit: int) -> list[Message]:
        """Return up to `limit` messages that the broker moved to the dead-letter queue of `queue`.

        `delete_dead` removes them; until then they are returned again after a restart.
        """

    def delete_dead(self, queue: str, messages: Sequence[Message]) -> None:
        """Remove messages that `drain_dead` returned, after they were stored elsewhere."""

    def close(self) -> None:
        """Close the connections of the bus itself; publishers and consumers close their own."""
