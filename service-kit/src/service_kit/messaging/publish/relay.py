"""Publishes what the service's commits announced: one relay per service, at least once, oldest first."""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from threading import Event as Flag
from threading import Thread
from typing import Any

import psycopg2
from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812

from service_kit.messaging.bus.port import Bus, BusDown, Outcome, Outgoing, Publisher
from service_kit.messaging.contracts import Contracts
from service_kit.messaging.metrics import MessagingMetrics
from service_kit.messaging.publish import outbox_queries
from service_kit.messaging.publish.batch_throttle import ENOUGH, BatchThrottle
from service_kit.messaging.publish.leader_lock import LeaderLock, LostLock
from service_kit.messaging.publish.wakeup import WakeupSocket
from service_kit.messaging.retry.policy import Backoff
from service_kit.messaging.wire import OutboxRow, to_message
from service_kit.telemetry.logs import get_logger, service_name

TRY_AGAIN_SECONDS = 2.0
QUICK_LOOK_SECONDS = 0.002
QUICK_LOOKS_SECONDS = 1.0
SLOW_LOOK_SECONDS = 0.05
IDLE_LOOK_SECONDS = 0.25
"""Where there was nothing to do for a while. Who commits on this machine rings; others' first event waits so long."""
MAX_UNSEEN_SECONDS = 0.1
"""What others committed must not wait for longer behind what was handed over."""
SETTLE_SECONDS = 0.02
KEEPER_SECONDS = 1.0

NOT_CONFIRMED = "the broker refused it or did not confirm it in time"
NO_QUEUE = "no queue is bound to its type"

Lend = Callable[[], AbstractContextManager[PsycopgConnection]]

log = get_logger(__name__)


class Relay:
    """The relay of one service in this process; idle while another process holds the lock."""

    def __init__(
        self,
        service: str,
        bus: Bus,
        contracts: Contracts,
        leadership: LeaderLock,
        bell: WakeupSocket,
        measures: MessagingMetrics,
    ) -> None:
        self._service = service
        self._bus = bus
        self._contracts = contracts
        self._leadership = leadership
        self._bell = bell
        self._measures = measures
        self._published_types = contracts.published_by(service)
        self._publisher: Publisher | None = None
        self._declared = False
        self._refills: dict[str, int] = {}
        self._quick_until = 0.0
        self._idle = Backoff(SLOW_LOOK_SECONDS, IDLE_LOOK_SECONDS)
        self._rung = False
        self._pacing = BatchThrottle()
        self._problem = ""
        self._done: list[str] = []
        self._handed: deque[OutboxRow] = deque()
        self._looked_at = 0.0
        self._found: set[str] = set()

    @property
    def active(self) -> bool:
        """Tell whether this process relays."""
        return self._leadership.held

    def hand_over(self, rows: Sequence[OutboxRow]) -> None:
        """Wake the relay with rows that were just committed, so that it need not look for a few; never blocks."""
        if len(self._handed) < ENOUGH and not self._bus.transactional:
            self._handed.extend(rows)
        self._bell.ring()

    def status(self) -> dict[str, Any]:
        """Return `ok`, `active` and, where not ok, `reason`."""
        return {"ok": not self._problem, "active": self.active} | ({"reason": self._problem} if self._problem else {})

    def run(self, stopping: Flag) -> None:
        """Relay until told to stop; survives whatever happens to the database and the broker."""
        service_name.set(self._service)
        keeper = Thread(target=self._keep, args=(stopping,), name=f"{self._service}.relay-keeper", daemon=True)
        keeper.start()
        pause = Backoff()
        try:
            while not stopping.is_set():
                try:
                    if not self._leadership.held and not self._take_over():
                        stopping.wait(TRY_AGAIN_SECONDS)
                        continue
                    worked = self._turn()
                    self._problem = ""
                    pause.reset()
                    self._rest(worked)
                except LostLock:
                    log.warning("relay lost its lock")
                    self._stand_down()
                except BusDown as error:
                    self._problem = f"the bus is down: {error}"
                    # The publisher heals itself; what was declared may be gone with the broker's disk.
                    self._declared = False
                    stopping.wait(pause.grow())
                except Exception as error:
                    self._problem = f"{type(error).__name__} while relaying"
                    if not isinstance(error, psycopg2.OperationalError):
                        log.exception("relay failed")
                    self._stand_down()
                    stopping.wait(pause.grow())
        finally:
            self._stand_down()

    def step(self) -> int:
        """Publish one page of what waits, and of each refill; return how many events there were. Raises BusDown."""
        worked = self._turn()
        self._settle()
        return worked

    def _turn(self) -> int:
        if not self._declared:
            # Before the first message: whatever is published to a missing queue reaches nobody.
            self._bus.declare(self._contracts.deployed_queues())
            self._declared = True
        if self._publisher is None:
            self._publisher = self._bus.publisher()
        return self._publish_page() + self._refill_page()

    def _publish_page(self) -> int:
        with self._unit_of_work() as lend:
            rows = self._take_handed() or self._look(lend)
            if rows:
                self._pacing.begin()
                self._send(lend, rows)
        return len(rows)

    def _take_handed(self) -> Sequence[OutboxRow]:
        """Take what was handed over, unless the last look found it already or is too long ago."""
        if time.monotonic() - self._looked_at > MAX_UNSEEN_SECONDS:
            return []
        handed = [self._handed.popleft() for _ in range(len(self._handed))]
        return [row for row in handed if row.id not in self._found]

    def _look(self, lend: Lend) -> Sequence[Any]:
        self._handed.clear()  # it was committed, so the look finds it
        self._looked_at = time.monotonic()
        with lend() as connection:
            rows = outbox_queries.take(connection, self._done)
            self._done = []
        self._found = {row.id for row in rows}
        return rows

    def _send(self, lend: Lend, rows: Sequence[Any]) -> None:
        """Publish, then mark what was confirmed; in the other order a crash between the two would lose events."""
        outcomes = self._publish(rows)
        self._mark(lend, rows, outcomes)

    def _publish(self, rows: Sequence[Any], queue: str | None = None) -> list[Outcome]:
        assert self._publisher is not None
        outgoing = [
            Outgoing(to_message(row, source=self._service, schema_id=self._contracts.schema_id(row.type)), queue)
            for row in rows
        ]
        return self._publisher.publish(self._leadership.confirm(), outgoing)

    def _mark(self, lend: Lend, rows: Sequence[Any], outcomes: Sequence[Outcome]) -> None:
        confirmed: list[str] = []
        failed: list[tuple[str, str]] = []
        types: Counter[str] = Counter()
        for row, outcome in zip(rows, outcomes, strict=True):
            # Without a deployed consumer nobody misses it.
            heard = outcome is Outcome.UNROUTABLE and not self._contracts.has_consumer(row.type)
            if outcome is Outcome.CONFIRMED or heard:
                confirmed.append(row.id)
                types[row.type] += 1
            else:
                failed.append((row.id, NO_QUEUE if outcome is Outcome.UNROUTABLE else NOT_CONFIRMED))
        if self._bus.transactional or failed:
            with lend() as connection:
                outbox_queries.mark_published(connection, confirmed)
                outbox_queries.mark_failed(connection, failed)
        else:
            self._done += confirmed
        for kind, number in types.items():
            self._measures.published(kind, number)
        if Outcome.UNROUTABLE in outcomes and failed:
            self._bus.declare(self._contracts.deployed_queues())

    def _refill_page(self) -> int:
        """Send one page to each queue that asked for a refill."""
        assert self._publisher is not None
        # Asked only when the last requests are done: asking is what tells the bus that they were answered.
        if not self._refills and (wanted := self._publisher.refill_requests()):
            log.info("refilling", queues=sorted(wanted))
            self._bus.declare(self._contracts.deployed_queues())
            self._refills = dict.fromkeys(wanted, 0)
        if self._refills:
            self._settle()  # a refill sends what is marked
        sent = 0
        for name, after in list(self._refills.items()):
            queue = self._contracts.queue(name)
            types = sorted(self._published_types & set(queue.patterns)) if queue else []
            with self._unit_of_work() as lend:
                with lend() as connection:
                    rows = outbox_queries.take_for_refill(connection, types, after) if types else []
                outcomes = self._publish(rows, name) if rows else []
            if any(outcome is not Outcome.CONFIRMED for outcome in outcomes):
                raise BusDown("a refill did not get through")
            if rows:
                self._refills[name] = rows[-1].seq
            else:
                del self._refills[name]
            sent += len(rows)
        return sent

    @contextmanager
    def _unit_of_work(self) -> Iterator[Lend]:
        """Lend the lock's connection statement by statement, or as one transaction where the bus takes part in it."""
        if not self._bus.transactional:
            yield self._leadership.connection
            return
        with self._leadership.connection() as connection:
            connection.autocommit = False

            @contextmanager
            def lend() -> Iterator[PsycopgConnection]:
                yield connection

            try:
                yield lend
                connection.commit()
            finally:
                if not connection.closed:
                    connection.rollback()
                    connection.autocommit = True

    def _settle(self) -> None:
        """Mark what was confirmed."""
        if self._done:
            with self._leadership.connection() as connection:
                outbox_queries.mark_published(connection, self._done)
            self._done = []

    def _rest(self, worked: int) -> None:
        """Wait until there may be work again."""
        # Who commits rings a moment later; a look that came in between was announced all the same.
        rang = self._bell.wait(0)
        if worked and not rang and not self._rung:
            # Found without being told: somebody commits who can't ring here, so look often for a while.
            self._quick_until = time.monotonic() + QUICK_LOOKS_SECONDS
        if worked >= ENOUGH or self._refills:
            self._rung = rang
            return
        if not rang and self._done:
            # Whoever was told works now; what is noted here can wait until they are through.
            rang = self._bell.wait(SETTLE_SECONDS)
            if not rang:
                # A look takes the marks with it, and what is handed over after a look may be believed.
                self._rung = False
                return
        if not rang:
            quick = time.monotonic() < self._quick_until
            rang = self._bell.wait(QUICK_LOOK_SECONDS if quick else self._idle.grow())
        self._rung = rang
        if rang or worked:
            self._idle.reset()
            # Under load pages of several events cost hardly more than pages of one.
            time.sleep(self._pacing.wait())

    def _take_over(self) -> bool:
        if not self._leadership.try_take():
            return False
        with self._leadership.connection() as connection:
            outbox_queries.prepare(connection)
        self._bell.bind()
        self._measures.relay_active(True)
        log.info("relay active")
        return True

    def _stand_down(self) -> None:
        self._close_publisher()
        self._handed.clear()
        self._leadership.give_up()
        self._bell.take_in()
        self._measures.relay_active(False)

    def _close_publisher(self) -> None:
        if self._publisher is not None:
            self._publisher.close()
            self._publisher = None
            self._declared = False

    def _keep(self, stopping: Flag) -> None:
        while not stopping.wait(KEEPER_SECONDS):
            self._leadership.keep()
