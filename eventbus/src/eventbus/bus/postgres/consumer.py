"""Receives from one queue with leases and acknowledges in the worker's transaction."""

import time
from collections.abc import Sequence

import orjson
from attrs import define, field
from psycopg2 import Error
from sqlalchemy import Connection

from eventbus.bus.port import BusDown, Incoming, LostLease, Queue
from eventbus.bus.postgres.leases import Leases
from eventbus.bus.postgres.session import BusSession
from eventbus.event import Message

NO_SUCH_QUEUE = "BUS04"


@define(eq=False)
class PostgresConsumer:
    """One queue, one connection. Implements `bus.port.QueueConsumer`; a receipt is (seq, lease)."""

    _session: BusSession
    _leases: Leases
    _queue: Queue
    _prefetch: int
    _lease_seconds: float
    _poll_seconds: float
    _holder: int = field(init=False, default=0)
    _poll_at: float = field(init=False, default=0.0)
    _reclaim_at: float = field(init=False, default=0.0)
    _received: dict[int, Incoming] = field(init=False, factory=dict)

    def receive(self, limit: int, timeout_seconds: float) -> list[Incoming]:
        """Wait for messages: a notification wakes the consumer, and it also polls. Raises BusDown."""
        deadline = time.monotonic() + timeout_seconds
        capacity = min(limit, self._prefetch - len(self._received))
        if capacity <= 0:
            return []
        self._open(timeout_seconds)
        while True:
            if time.monotonic() >= self._poll_at:
                received = self._poll(capacity)
                if received:
                    return received
                self._poll_at = time.monotonic() + self._poll_seconds
            now = time.monotonic()
            if now >= deadline:
                return []
            if self._session.wait_for_notification(min(deadline, self._poll_at) - now):
                self._poll_at = 0.0

    def settle(self, connection: Connection, incoming: Sequence[Incoming]) -> None:
        """Acknowledge in the worker's transaction. Raises LostLease where another consumer has a message now."""
        if not incoming:
            return
        settled = connection.exec_driver_sql(
            "select bus.settle(%s, %s::bigint[], %s::bigint[])", (self._queue.name, *_receipts(incoming))
        ).scalar_one()
        if settled != len(incoming):
            self._drop(incoming)
            raise LostLease(f"{len(incoming) - settled} of {len(incoming)} messages were given to another consumer")

    def acknowledge(self, incoming: Sequence[Incoming]) -> None:
        """Stop the renewal of leases after the commit of the transaction that settled."""
        self._drop(incoming)

    def release(self, incoming: Sequence[Incoming]) -> None:
        """Release messages at once, uncounted. Where that fails, they are free at the end of their leases."""
        self._drop(incoming)
        self._poll_at = 0.0
        try:
            self._session.call(
                "select bus.release(%s, %s::bigint[], %s::bigint[])", (self._queue.name, *_receipts(incoming))
            )
        except (BusDown, Error):
            self._session.close()

    def depth(self) -> int | None:
        """Return the number of pending and leased messages, at most 100,000; None where PostgreSQL doesn't answer."""
        if not self._session.is_open:
            return None
        try:
            [(count,)] = self._session.call("select bus.depth(%s)", (self._queue.name,))
        except (BusDown, Error):
            return None
        return int(count)

    def close(self) -> None:
        """Release the unacknowledged messages and close the connection."""
        if self._session.is_open and self._received:
            self.release(list(self._received.values()))
        self._drop(list(self._received.values()))
        self._session.close()

    def _open(self, max_wait: float) -> None:
        if not self._session.open(max_wait):
            return
        # The lost connection's messages are settled under their leases or delivered again.
        self._drop(list(self._received.values()))
        self._poll_at = 0.0
        try:
            [(self._holder,)] = self._session.call("select bus.open()")
            self._session.call(f"listen {_quoted(f'bus.{self._queue.name}')}")
        except Error as error:
            self._session.close()
            raise BusDown(f"the bus refused a consumer: {error}") from None

    def _poll(self, limit: int) -> list[Incoming]:
        try:
            if time.monotonic() >= self._reclaim_at:
                self._session.call("select bus.reclaim(%s)", (self._queue.name,))
                self._reclaim_at = time.monotonic() + self._poll_seconds
            rows = self._session.call(
                "select * from bus.receive(%s, %s, %s, %s)",
                (self._queue.name, limit, self._lease_seconds, self._holder),
            )
        except Error as error:
            if error.pgcode != NO_SUCH_QUEUE:
                raise BusDown(f"the bus refused to deliver: {error}") from None
            self._session.call("select bus.declare(%s, %s)", (self._queue.name, list(self._queue.patterns)))
            return []
        received = [
            Incoming(Message(id_, type_, orjson.loads(attributes), bytes(body)), (seq, lease), deliveries)
            for seq, lease, id_, type_, attributes, body, deliveries in rows
        ]
        if received:
            self._received.update((i.receipt[0], i) for i in received)
            self._leases.hold(self._queue.name, received)
        return received

    def _drop(self, incoming: Sequence[Incoming]) -> None:
        self._leases.drop(self._queue.name, incoming)
        for i in incoming:
            self._received.pop(i.receipt[0], None)


def _receipts(incoming: Sequence[Incoming]) -> tuple[list[int], list[int]]:
    return [i.receipt[0] for i in incoming], [i.receipt[1] for i in incoming]


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'
