"""Trying parked events again when their time has come, through the same door as everything else."""

from collections.abc import Mapping
from threading import Event as Flag
from typing import Any

from sqlalchemy import text

from service_kit.database.engine import Database
from service_kit.database.pg_arrays import pg_text_array
from service_kit.messaging.backoff import Backoff
from service_kit.messaging.bus.port import Incoming
from service_kit.messaging.consume.processor import BatchProcessor
from service_kit.messaging.event import Message
from service_kit.messaging.retry.policy import is_transient
from service_kit.messaging.retry.retry_store import RetryStore
from service_kit.telemetry.logs import get_logger, service_name

MOST_AT_ONCE = 100
LOOK_SECONDS = 1.0
LEASE_SECONDS = 60

# The lease, not a held transaction, keeps other replicas away: preparing may take long. Index: parked_due.
_TAKE = text("""
    with due as (
        select id from parked
        where state = 'waiting' and next_attempt_at <= now() and queue = any(cast(:queues as text[]))
        order by next_attempt_at limit :most for update skip locked
    )
    update parked p set next_attempt_at = now() + :lease * interval '1 second'
    from due where p.id = due.id
    returning p.id, p.queue, p.event_id, p.type, p.message_headers, p.body
""")

log = get_logger(__name__)


class NoConsumer:
    """Stands where a queue's consumer would: a parked event was acknowledged on the bus long ago."""

    def settle(self, connection: Any, incoming: Any) -> None:
        """Nothing to settle."""

    def acknowledge(self, incoming: Any) -> None:
        """Nothing to acknowledge."""

    def release(self, incoming: Any) -> None:
        """Nothing to give back: the lease runs out."""

    def receive(self, limit: int, timeout_seconds: float) -> list[Incoming]:
        """Nothing comes from here."""
        return []

    def depth(self) -> int | None:
        """Nothing waits here."""
        return None

    def close(self) -> None:
        """Nothing to close."""


class RetryScheduler:
    """One thread per worker; several replicas share the work."""

    def __init__(
        self, service: str, database: Database, parking: RetryStore, consuming: Mapping[str, BatchProcessor]
    ) -> None:
        """`consuming` gives what handles each queue's events."""
        self._service = service
        self._database = database
        self._parking = parking
        self._consuming = consuming

    def run(self, stopping: Flag) -> None:
        """Look for due events until told to stop."""
        service_name.set(self._service)
        backoff = Backoff()
        while not stopping.is_set():
            try:
                tried = self.step()
                backoff.reset()
            except Exception as error:
                if not is_transient(error):
                    log.exception("retries failed")
                stopping.wait(backoff.next_delay())
                continue
            if tried < MOST_AT_ONCE:
                stopping.wait(LOOK_SECONDS)

    def step(self) -> int:
        """Try what is due now; return how many events that were."""
        with self._database.relay_session() as session, session.begin():
            wanted = {"queues": pg_text_array(self._consuming), "most": MOST_AT_ONCE, "lease": LEASE_SECONDS}
            rows = list(session.execute(_TAKE, wanted))
        by_queue: dict[str, list[Any]] = {}
        for row in rows:
            by_queue.setdefault(row.queue, []).append(row)
        for queue, due in by_queue.items():
            consuming = self._consuming[queue]
            most = max(1, consuming.most)  # where preparing takes memory, all that is due at once would take too much
            for begin in range(0, len(due), most):
                some = due[begin : begin + most]
                incoming = [Incoming(_message(row), receipt=row.id) for row in some]
                parked = consuming.handle(incoming, NoConsumer())
                self._parking.forget([row.id for row in some if row.event_id not in parked])
        return len(rows)


def _message(row: Any) -> Message:
    return Message(row.event_id, row.type, row.message_headers, bytes(row.body))
