"""Publishes the events in the service's outbox: one relay per service, at least once, oldest first."""

from collections import Counter
from collections.abc import Sequence
from threading import Event as Flag
from threading import Thread
from typing import Any

import psycopg2
from attrs import define, field
from service_kit.backoff import Backoff
from service_kit.telemetry.logs import get_logger

from eventbus.bus.port import Bus, BusDown, Outcome, Outgoing, Publisher
from eventbus.contracts import Contracts
from eventbus.metrics import MessagingMetrics
from eventbus.publish import outbox_queries
from eventbus.publish.idle_policy import IdlePolicy
from eventbus.publish.leader_lock import LeaderLock, LostLock
from eventbus.publish.outcomes import failure_of
from eventbus.publish.refiller import Refiller
from eventbus.publish.wakeup import WakeupSocket
from eventbus.wire import to_message

ACQUIRE_EVERY_SECONDS = 2.0

log = get_logger(__name__)


@define(eq=False)
class Relay:
    """The relay of one service in this process; idle while another process holds the lock."""

    _service: str
    _bus: Bus
    _contracts: Contracts
    _leader_lock: LeaderLock
    _wakeup: WakeupSocket
    _metrics: MessagingMetrics
    _idle_policy: IdlePolicy = field(init=False)
    _refiller: Refiller = field(init=False)
    _publisher: Publisher | None = field(init=False, default=None)
    _declared: bool = field(init=False, default=False)
    _problem: str = field(init=False, default="")

    def __attrs_post_init__(self) -> None:
        self._idle_policy = IdlePolicy(self._wakeup)
        published = self._contracts.published_by(self._service)
        self._refiller = Refiller(published, self._bus, self._contracts, self._leader_lock)

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
                    self._idle_policy.wait(published, refilling=self._refiller.active)
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
        published = self._publish_page()
        self._refiller.accept_requests(self._publisher)
        return published + self._refiller.send_pages(self._publish)

    def _publish_page(self) -> int:
        with self._leader_lock.unit_of_work(transactional=self._bus.transactional):
            with self._leader_lock.connection() as connection:
                rows = outbox_queries.select_pending(connection)
            if rows:
                self._idle_policy.begin_batch()
                # In the other order a crash between the two would lose events.
                self._mark(rows, self._publish(rows))
        return len(rows)

    def _publish(self, rows: Sequence[Any], queue: str | None = None) -> list[Outcome]:
        assert self._publisher is not None
        messages = [
            Outgoing(to_message(row, source=self._service, schema_id=self._contracts.schema_id(row.type)), queue)
            for row in rows
        ]
        return self._publisher.publish(self._leader_lock.confirm(), messages)

    def _mark(self, rows: Sequence[Any], outcomes: Sequence[Outcome]) -> None:
        reasons = {
            row.id: reason
            for row, outcome in zip(rows, outcomes, strict=True)
            if (reason := failure_of(outcome, row.type, self._contracts))
        }
        done = [row for row in rows if row.id not in reasons]
        with self._leader_lock.connection() as connection:
            outbox_queries.mark_published(connection, [row.id for row in done])
            outbox_queries.mark_failed(connection, reasons)
        for event_type, number in Counter(row.type for row in done).items():
            self._metrics.published.labels(event_type).inc(number)
        if Outcome.UNROUTABLE in outcomes and reasons:
            self._bus.declare(self._contracts.deployed_queues())

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
