"""Everything of a service that runs without being asked: consumers, relay, retries, upkeep."""

import random
import time
from collections.abc import Callable, Sequence
from threading import Event as Flag
from threading import Thread
from types import ModuleType
from typing import Any

from service_kit.database.engine import Database
from service_kit.messaging.backoff import Backoff
from service_kit.messaging.bus.port import Bus, Queue
from service_kit.messaging.consume.consumer_loop import ConsumerLoop
from service_kit.messaging.consume.decoder import Decoder
from service_kit.messaging.consume.processor import BatchProcessor
from service_kit.messaging.consume.transaction import BatchTransaction
from service_kit.messaging.contracts import BadTopology, Contracts
from service_kit.messaging.metrics import MessagingMetrics
from service_kit.messaging.publish import outbox
from service_kit.messaging.publish.leader_lock import LeaderLock
from service_kit.messaging.publish.wakeup import Waker, WakeupSocket, socket_path
from service_kit.messaging.queue_names import queue_name
from service_kit.messaging.retention import delete_expired_rows, drain_dead_letters
from service_kit.messaging.retry.policy import RETRY_SECONDS, is_transient
from service_kit.messaging.retry.retry_store import RetryStore
from service_kit.messaging.retry.scheduler import RetryScheduler
from service_kit.messaging.subscription import Subscription
from service_kit.messaging.wire import OutboxRow
from service_kit.messaging.worker_overrides import WorkerOverrides
from service_kit.service_settings import ServiceSettings
from service_kit.telemetry.logs import get_logger, service_name
from service_kit.telemetry.metrics import Metrics

UPKEEP_SECONDS = 10.0
QUEUES_EVERY_SECONDS = 60.0
"""How often to look whether all queues are there. Who consumes one notices its loss at once and brings it back; this is
for queues of services that are down, which get a refill of what they missed."""
QUEUES_APART_SECONDS = 0.05
"""All at once they would keep the broker, and this process, from what somebody waits for."""
PRUNE_EVERY_SECONDS = 300.0

log = get_logger(__name__)


class Worker:
    """One process's worker of one service. Making it opens nothing."""

    def __init__(
        self,
        settings: ServiceSettings,
        database: Database,
        bus: Bus,
        contracts: Contracts,
        subscriptions: Sequence[Subscription],
        metrics: Metrics | None = None,
        *,
        on_start: Callable[[], None] | None = None,
        upkeep: Callable[[], object] = lambda: None,
        parts: WorkerOverrides | None = None,
        retry_seconds: tuple[float, ...] = RETRY_SECONDS,
    ) -> None:
        """`on_start` runs once in a thread, again and again until it succeeds; `parts` are for tests only.

        About every ten seconds `upkeep` runs in one of the service's processes: promises that stand in its database.

        Raises BadTopology where the subscriptions are not what the topology says of this service.
        """
        parts = parts or WorkerOverrides()
        self._service = settings.service
        self._database = database
        self._bus = bus
        self._contracts = contracts
        self._on_start = on_start
        self._own_upkeep = upkeep
        self._prune = lambda: delete_expired_rows(database, contracts.published_by(settings.service))
        self._stopping = Flag()
        self._threads: list[Thread] = []
        self._measures = MessagingMetrics(metrics, settings.service)
        path = socket_path(settings.runtime_dir, settings.service, settings.database_url)
        self._bell = WakeupSocket(path)
        self._waker = Waker(path)
        outbox.connect(database, contracts, self.wake)
        self._parking = RetryStore(database, operator_company_id=settings.operator_company_id, delays=retry_seconds)
        self.relay = parts.relay(
            settings.service,
            bus,
            contracts,
            LeaderLock(database.relay_connection, settings.service),
            self._bell,
            self._measures,
        )
        queues = _queues(contracts, settings.service, subscriptions)
        self._measures.expect(
            {queue.name: queue.patterns for queue in queues.values()}, contracts.published_by(settings.service)
        )
        self._receiving = [
            ConsumerLoop(
                settings.service,
                self._opener(queues[subscription.name], settings.prefetch),
                self._consuming(queues[subscription.name].name, subscription, parts),
                self._measures,
                settings.prefetch,
                subscription.max_batch_delay_seconds,
                subscription.flush_on,
            )
            for subscription in subscriptions
        ]
        # Their own, so that a slow retry doesn't share threads with what is fresh.
        self._retries = RetryScheduler(
            settings.service,
            database,
            self._parking,
            {
                queues[subscription.name].name: self._consuming(queues[subscription.name].name, subscription, parts)
                for subscription in subscriptions
            },
        )

    def start(self) -> None:
        """Start all threads; returns at once. What is not reachable yet is tried again."""
        jobs: dict[str, Callable[[], None]] = {
            receiving.queue: lambda receiving=receiving: receiving.run(self._stopping)  # type: ignore[misc]
            for receiving in self._receiving
        }
        jobs["relay"] = lambda: self.relay.run(self._stopping)
        jobs["retries"] = lambda: self._retries.run(self._stopping)
        jobs["upkeep"] = self._upkeep
        if self._on_start is not None:
            jobs["on-start"] = self._run_on_start
        self._threads = [Thread(target=job, name=f"{self._service}.{name}", daemon=True) for name, job in jobs.items()]
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 20.0) -> bool:
        """End after the batches at hand; tell whether all threads ended in time. What was not done comes again."""
        self._stopping.set()
        self._bell.ring()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0.0))
        ended = not any(thread.is_alive() for thread in self._threads)
        if ended:
            self._bell.close()
            self._waker.close()
            self._bus.close()
            self._database.dispose()
        return ended

    def wake(self, announced: Sequence[OutboxRow] = ()) -> None:
        """Wake the service's relay, in this process or another of this machine; never blocks, never raises."""
        if self.relay.active:
            self.relay.hand_over(announced)
        else:
            self._waker.wake()

    def status(self) -> dict[str, dict[str, Any]]:
        """Return a check per part, each with `ok` and, where not ok, `reason`."""
        checks = {f"queue {receiving.queue}": receiving.status() for receiving in self._receiving}
        checks["relay"] = self.relay.status()
        dead = [
            thread.name for thread in self._threads if not thread.is_alive() and not thread.name.endswith("on-start")
        ]
        checks["threads"] = {"ok": not dead} | ({"reason": f"ended: {', '.join(dead)}"} if dead else {})
        return checks

    def _opener(self, queue: Queue, prefetch: int) -> Callable[[], Any]:
        return lambda: self._bus.consumer(queue, prefetch)

    def _consuming(self, queue: str, subscription: Subscription, parts: WorkerOverrides) -> BatchProcessor:
        return BatchProcessor(
            queue,
            reading=Decoder(subscription, self._contracts),
            batch=BatchTransaction(
                self._database,
                queue,
                track_revisions=subscription.track_revisions,
                inbox=parts.inbox,
                settlement=parts.settlement,
                measures=self._measures,
            ),
            parking=self._parking,
            measures=self._measures,
            prepare_threads=subscription.prepare_threads,
            max_batch_events=subscription.max_batch_events,
            stopping=self._stopping,
        )

    def _upkeep(self) -> None:
        """Declare queues, drain what the broker gave up on, prune; the relay's process does it for all."""
        service_name.set(self._service)
        prune_at = queues_at = 0.0
        # Services that were started together would otherwise do all this at the same moment, for ever.
        while not self._stopping.wait(UPKEEP_SECONDS * random.uniform(0.5, 1.5)):
            if not self.relay.active:
                continue
            # Each on its own: a broker that fails for ever must not keep tables from being pruned.
            if time.monotonic() >= queues_at and self._try(self._look_after_queues):
                queues_at = time.monotonic() + QUEUES_EVERY_SECONDS
            self._try(self._look_after_dead)
            self._try(self._own_upkeep)
            if time.monotonic() >= prune_at and self._try(self._prune):
                prune_at = time.monotonic() + PRUNE_EVERY_SECONDS

    def _look_after_queues(self) -> None:
        self._bus.declare(self._contracts.deployed_queues(), between=lambda: self._stopping.wait(QUEUES_APART_SECONDS))

    def _look_after_dead(self) -> None:
        if drained := drain_dead_letters(self._bus, self._parking, [receiving.queue for receiving in self._receiving]):
            log.warning("the broker gave up on messages", number=drained)

    def _try(self, step: Callable[[], object]) -> bool:
        """Do a step and tell whether it went well."""
        try:
            step()
        except Exception as error:
            if not is_transient(error):
                log.exception("upkeep failed")
            return False
        return True

    def _run_on_start(self) -> None:
        service_name.set(self._service)
        backoff = Backoff()
        while not self._stopping.is_set():
            try:
                assert self._on_start is not None
                self._on_start()
                return
            except Exception as error:
                if not is_transient(error):
                    log.exception("start-up step failed")
                self._stopping.wait(backoff.next_delay())


def build_bus(settings: ServiceSettings) -> Bus:
    """Make the way to the bus that the settings name; opens nothing."""
    if settings.bus == "postgres":
        from service_kit.messaging.bus.postgres import PostgresBus

        return PostgresBus(settings.database_url, settings.service)
    from service_kit.messaging.bus.rabbitmq import RabbitBus

    return RabbitBus(settings.rabbitmq_url, settings.service, settings.services)


def build_worker(
    service: ModuleType,
    settings: ServiceSettings,
    metrics: Metrics | None = None,
    *,
    parts: WorkerOverrides | None = None,
) -> Worker:
    """Build the worker of a service module: its database, its bus, its subscriptions. Opens nothing."""
    database = Database(
        settings.database_url,
        schema=service.SCHEMA,
        relay_url=settings.relay_database_url,
        pool_size=settings.pool_size,
        statement_timeout_ms=settings.statement_timeout_ms,
        application_name=f"{settings.service} worker",
    )
    started = getattr(service, "on_worker_start", None)
    upkeep = getattr(service, "upkeep", lambda *_parts: lambda: None)
    return Worker(
        settings,
        database,
        build_bus(settings),
        Contracts.installed(tuple(settings.services)),
        service.subscriptions(settings, metrics=metrics),
        metrics,
        on_start=(lambda: started(settings, database)) if started is not None else None,
        upkeep=upkeep(settings, database),
        parts=parts,
    )


def _queues(contracts: Contracts, service: str, subscriptions: Sequence[Subscription]) -> dict[str, Queue]:
    """Return each subscription's queue; raise BadTopology where code and topology tell different stories."""
    known = {queue.name: queue for queue in contracts.queues(service)}
    told = {queue_name(service, subscription.name): subscription for subscription in subscriptions}
    if known.keys() != told.keys():
        raise BadTopology(f"{service}: the topology has the queues {sorted(known)}, the code {sorted(told)}")
    for name, subscription in told.items():
        if set(known[name].patterns) != set(subscription.handlers):
            raise BadTopology(f"{name}: the topology and the handlers differ in their event types")
    return {subscription.name: known[name] for name, subscription in told.items()}
