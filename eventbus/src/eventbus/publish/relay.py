"""Publishes the events in the service's outbox: one relay per service, at least once, oldest first."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from threading import Event as Flag
from threading import Thread
from typing import Any

import psycopg2
from service_kit.backoff import Backoff
from service_kit.telemetry.logs import get_logger

from eventbus.bus.port import Bus, BusDown, Outcome, Outgoing, Publisher
from eventbus.contracts import Contracts
from eventbus.metrics import MessagingMetrics
from eventbus.publish import outbox_queries
from eventbus.publish.idle_policy import IdlePolicy
from eventbus.publish.leader_lock import LeaderLock, LostLock, OpenConnection
from eventbus.publish.outcomes import split_by_outcome
from eventbus.publish.refiller import Refiller
from eventbus.publish.wakeup import WakeupSocket
from eventbus.wire import to_message

ACQUIRE_EVERY_SECONDS = 2.0

log = get_logger(__name__)


class Relay:
    """The relay of one service in this process; idle while another process holds the lock."""

    def __init__(
        self,
        service: str,
        bus: Bus,
        contracts: Contracts,
        leader_lock: LeaderLock,
        wakeup: WakeupSocket,
        metrics: MessagingMetrics,
    ) -> None:
        self._service = service
        self._bus = bus
        self._contracts = contracts
        self._leader_lock = leader_lock
        self._wakeup = wakeup
        self._metrics = metrics
        self._idle_policy = IdlePolicy(wakeup)
        self._refiller = Refiller(service, bus, contracts)
        self._publisher: Publisher | None = None
        self._declared = False
        self._problem = ""
        self._unmarked: list[str] = []

    @property
    def active(self) -> bool:
        """Return whether this process relays."""
        return self._leader_lock.held

    def status(self) -> dict[str, Any]:
        """Return `ok`, `active` and, where not ok, `reason`."""
        return {"ok": not self._problem, "active": self.active} | ({"reason": self._problem} if self._problem else {})

    def run(self, stopping: Flag) -> None:
        """Relay until `stopping` is set; survives every failure of the database and the broker."""
        name = f"{self._service}.relay-lock-renewal"
        Thread(target=self._leader_lock.renew_until, args=(stopping,), name=name, daemon=True).start()
        backoff = Backoff()
        try:
            while not stopping.is_set():
                try:
                    if not self._leader_lock.held and not self._take_over():
                        self._problem = ""  # Another process relays, whatever ended this one's turn.
                        stopping.wait(ACQUIRE_EVERY_SECONDS)
                        continue
                    published = self._run_turn()
                    self._problem = ""
                    backoff.reset()
                    self._idle_policy.wait(published, unmarked=bool(self._unmarked), refilling=self._refiller.active)
                except LostLock:
                    log.warning("relay lost its lock")
                    self._stand_down()
                except BusDown as error:
                    self._problem = f"the bus is down: {error}"
                    # The publisher reconnects by itself. The broker may have lost its disk, and the queues with it.
                    self._declared = False
                    stopping.wait(backoff.next_delay())
                except Exception as error:
                    self._problem = f"{type(error).__name__} while relaying"
                    if not isinstance(error, psycopg2.OperationalError):
                        log.exception("relay failed")
                    self._stand_down()
                    stopping.wait(backoff.next_delay())
        finally:
            self._stand_down()

    def _run_turn(self) -> int:
        """Publish one page of pending events and one of each refill; return the number of events. Raises BusDown."""
        if not self._declared:
            # Before the first message: a message published to a missing queue reaches no consumer.
            self._bus.declare(self._contracts.deployed_queues())
            self._declared = True
        if self._publisher is None:
            self._publisher = self._bus.publisher()
        return self._publish_page() + self._refill(self._publisher)

    def _publish_page(self) -> int:
        with self._unit_of_work() as open_connection:
            rows = self._query_pending(open_connection)
            if rows:
                self._idle_policy.begin_batch()
                self._send(open_connection, rows)
        return len(rows)

    def _query_pending(self, open_connection: OpenConnection) -> Sequence[Any]:
        with open_connection() as connection:
            rows = outbox_queries.select_pending(connection, self._unmarked)
            self._unmarked = []
        return rows

    def _send(self, open_connection: OpenConnection, rows: Sequence[Any]) -> None:
        """Publish, then mark the confirmed events; in the other order a crash between the two would lose events."""
        outcomes = self._publish(rows)
        self._mark(open_connection, rows, outcomes)

    def _publish(self, rows: Sequence[Any], queue: str | None = None) -> list[Outcome]:
        assert self._publisher is not None
        messages = [
            Outgoing(to_message(row, source=self._service, schema_id=self._contracts.schema_id(row.type)), queue)
            for row in rows
        ]
        return self._publisher.publish(self._leader_lock.confirm(), messages)

    def _mark(self, open_connection: OpenConnection, rows: Sequence[Any], outcomes: Sequence[Outcome]) -> None:
        done, failed = split_by_outcome(self._contracts, rows, outcomes)
        ids = [row.id for row in done]
        if self._bus.transactional or failed:
            with open_connection() as connection:
                outbox_queries.mark_published(connection, ids)
                outbox_queries.mark_failed(connection, failed)
        else:
            self._unmarked += ids
        for event_type, number in Counter(row.type for row in done).items():
            self._metrics.published.labels(event_type).inc(number)
        if Outcome.UNROUTABLE in outcomes and failed:
            self._bus.declare(self._contracts.deployed_queues())

    def _mark_confirmed(self) -> None:
        """Mark the confirmed events that have no mark in the outbox yet."""
        if self._unmarked:
            with self._leader_lock.connection() as connection:
                outbox_queries.mark_published(connection, self._unmarked)
            self._unmarked = []

    def _refill(self, publisher: Publisher) -> int:
        self._refiller.accept_requests(publisher)
        if self._refiller.active:
            self._mark_confirmed()  # a refill sends marked events only
        return self._refiller.send_pages(self._unit_of_work, self._publish)

    def _unit_of_work(self) -> AbstractContextManager[OpenConnection]:
        return self._leader_lock.unit_of_work(transactional=self._bus.transactional)

    def _take_over(self) -> bool:
        if not self._leader_lock.try_acquire():
            return False
        with self._leader_lock.connection() as connection:
            outbox_queries.prepare(connection)
        self._wakeup.bind()
        self._metrics.relay_active.set(1)
        log.info("relay active")
        return True

    def _stand_down(self) -> None:
        if self._publisher is not None:
            self._publisher.close()
            self._publisher = None
            self._declared = False
        self._leader_lock.release()
        self._wakeup.unbind()
        self._metrics.relay_active.set(0)
