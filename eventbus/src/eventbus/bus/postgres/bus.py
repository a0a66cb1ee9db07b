"""One service's access to the bus inside PostgreSQL."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import orjson
import psycopg2

from eventbus.bus.port import BusDown, Queue
from eventbus.bus.postgres.consumer import PostgresConsumer
from eventbus.bus.postgres.leases import Leases
from eventbus.bus.postgres.publisher import PostgresPublisher
from eventbus.bus.postgres.session import BusSession
from eventbus.event import Message


class PostgresBus:
    """Implements `bus.port.Bus` for one service; `url` logs in with the service's app role.

    Publish and mark share one transaction; inbox, effects, outbox and acknowledgement share another.
    """

    transactional = True

    def __init__(self, url: str, service: str, *, lease_seconds: float = 30.0, poll_seconds: float = 1.0) -> None:
        self._url = url
        self._service = service
        self._lease_seconds = lease_seconds
        self._poll_seconds = poll_seconds
        self._lock = threading.Lock()
        self._session = BusSession(url, f"{service} bus")
        self._leases = Leases(BusSession(url, f"{service} bus leases", durable=False), lease_seconds)
        self._drained: dict[int, tuple[Message, int]] = {}

    def publisher(self) -> PostgresPublisher:
        """Return a publisher, which uses the relay's connection."""
        return PostgresPublisher(self._exchange_refill_requests)

    def consumer(self, queue: Queue, prefetch: int) -> PostgresConsumer:
        """Return a consumer; it connects when it first receives."""
        return PostgresConsumer(
            # After a crash of PostgreSQL no consumer holds its leases any more, so they need not be on disk.
            BusSession(self._url, f"{self._service} consumer", durable=False),
            self._leases,
            queue,
            prefetch,
            lease_seconds=self._lease_seconds,
            poll_seconds=self._poll_seconds,
        )

    def declare(self, queues: Sequence[Queue], between: Callable[[], object] = lambda: None) -> list[str]:
        """Create and bind the missing queues; return their names. Raises BusDown."""
        created = []
        for queue in queues:
            [(is_new,)] = self._call("select bus.declare(%s, %s)", queue.name, list(queue.patterns))
            if is_new:
                created.append(queue.name)
            between()
        return created

    def request_refill(self, queue: str) -> None:
        """Request that every relay sends its events of the last days to `queue` again. Raises BusDown."""
        self._call("select bus.request_refill(%s)", queue)

    def drain_dead(self, queue: str, limit: int) -> list[Message]:
        """Return messages that were delivered too often; they stay until `delete_dead`. Raises BusDown."""
        rows = self._call("select * from bus.dead_letters(%s, %s)", queue, limit)
        messages = []
        # The query returns all messages that were drained and not removed.
        self._drained.clear()
        for seq, id_, type_, attributes, body in rows:
            message = Message(id_, type_, orjson.loads(attributes), bytes(body))
            # The dictionary holds the message, so that no other object gets its id().
            self._drained[id(message)] = (message, seq)
            messages.append(message)
        return messages

    def delete_dead(self, queue: str, messages: Sequence[Message]) -> None:
        """Remove messages that were stored elsewhere. Raises BusDown."""
        seqs = [self._drained[id(message)][1] for message in messages if id(message) in self._drained]
        self._call("select bus.forget_dead(%s, %s::bigint[])", queue, seqs)
        for message in messages:
            self._drained.pop(id(message), None)

    def close(self) -> None:
        """Close the bus's own connections and stop the renewal of leases."""
        self._leases.close()
        with self._lock:
            self._session.close()

    def _exchange_refill_requests(self, answered: dict[str, datetime]) -> dict[str, datetime]:
        rows = self._call(
            "select queue, requested_at from bus.refill_requests(%s::text[], %s::timestamptz[])",
            list(answered),
            list(answered.values()),
        )
        return dict(rows)

    def _call(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                return self._session.call(statement, parameters)
            except psycopg2.Error as error:
                raise BusDown(f"the bus refused: {error}") from None
