"""Retries parked events when they are due, with the same processors as new events."""

from collections.abc import Mapping
from threading import Event as Flag
from typing import Any

from service_kit.database.engine import Database
from service_kit.database.pg_arrays import pg_text_array
from sqlalchemy import text

from eventbus.bus.port import Incoming
from eventbus.consume.processor import BatchProcessor
from eventbus.event import Message
from eventbus.retry.policy import until_success
from eventbus.retry.retry_store import RetryStore

MAX_EVENTS = 100
POLL_SECONDS = 1.0
LEASE_SECONDS = 60

# A lease keeps other processes away. A long transaction would not do, because preparing may be slow.
# Index: parked_due.
_LEASE_DUE = text(f"""
    with due as (
        select id from parked
        where state = 'waiting' and next_attempt_at <= now() and queue = any(cast(:queues as text[]))
        order by next_attempt_at limit {MAX_EVENTS} for update skip locked
    )
    update parked p set next_attempt_at = now() + interval '{LEASE_SECONDS} seconds'
    from due where p.id = due.id
    returning p.id, p.queue, p.event_id, p.type, p.message_headers, p.body
""")  # noqa: S608


class NullAcknowledger:
    """Implements `bus.port.Acknowledger` for parked events, which were acknowledged on the bus long ago."""

    def settle(self, connection: Any, incoming: Any) -> None:
        """Do nothing."""

    def acknowledge(self, incoming: Any) -> None:
        """Do nothing."""

    def release(self, incoming: Any) -> None:
        """Do nothing: the lease expires."""


class RetryScheduler:
    """Retries due events in one thread per worker. The workers of several processes share the work."""

    def __init__(self, database: Database, retry_store: RetryStore, processors: Mapping[str, BatchProcessor]) -> None:
        """`processors` maps each queue to the processor of its events."""
        self._database = database
        self._retry_store = retry_store
        self._processors = processors

    def run(self, stopping: Flag) -> None:
        """Retry due events until `stopping` is set."""
        while not stopping.is_set():
            retried = until_success(self.step, stopping, "retries failed")
            if retried is not None and retried < MAX_EVENTS:
                stopping.wait(POLL_SECONDS)

    def step(self) -> int:
        """Retry the events that are due now; return their number."""
        with self._database.relay_session() as session, session.begin():
            rows = list(session.execute(_LEASE_DUE, {"queues": pg_text_array(self._processors)}))
        for queue, processor in self._processors.items():
            due = [row for row in rows if row.queue == queue]
            # A batch of all due events would need too much memory where preparing does.
            size = max(1, processor.max_batch_events)
            for begin in range(0, len(due), size):
                batch = due[begin : begin + size]
                incoming = [Incoming(_message(row), receipt=row.id) for row in batch]
                parked = processor.handle(incoming, NullAcknowledger())
                self._retry_store.delete([row.id for row in batch if row.event_id not in parked])
        return len(rows)


def _message(row: Any) -> Message:
    return Message(row.event_id, row.type, row.message_headers, bytes(row.body))
