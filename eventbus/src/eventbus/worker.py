"""A service's background work: consumers, relay, retries, maintenance."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from threading import Event as Flag
from threading import Thread
from typing import Any

from service_kit.database.engine import Database
from service_kit.service_settings import ServiceSettings
from service_kit.telemetry.logs import service_name
from service_kit.telemetry.metrics import Metrics

from eventbus.bus.port import Bus, Queue
from eventbus.consume.consumer_loop import ConsumerLoop
from eventbus.consume.decoder import Decoder
from eventbus.consume.inbox import Inbox
from eventbus.consume.processor import BatchProcessor
from eventbus.consume.transaction import BatchTransaction, Settlement
from eventbus.consumer import Subscription
from eventbus.contracts import BadTopology, Contracts, queue_name
from eventbus.maintenance import Maintenance
from eventbus.metrics import MessagingMetrics
from eventbus.publish.leader_lock import LeaderLock
from eventbus.publish.relay import Relay
from eventbus.publish.wakeup import WakeupSocket, socket_path, wake
from eventbus.retry.policy import RETRY_SECONDS, until_success
from eventbus.retry.retry_store import RetryStore
from eventbus.retry.scheduler import RetryScheduler


class Worker:
    """The worker of one service in one process. The constructor opens no connections.

    `inbox`, `settlement` and `relay_type` turn "delivered at least once" into "effects once". A test replaces one of
    them to prove that its checker finds the fault.
    """

    inbox = Inbox()
    settlement = Settlement()
    relay_type = Relay

    def __init__(
        self,
        settings: ServiceSettings,
        database: Database,
        bus: Bus,
        contracts: Contracts,
        subscriptions: Sequence[Subscription],
        metrics: Metrics | None = None,
        *,
        on_start: Callable[[], None] = lambda: None,
        maintenance: Callable[[], object] = lambda: None,
        loops: Mapping[str, Callable[[Flag], object]] | None = None,
        retry_seconds: tuple[float, ...] = RETRY_SECONDS,
    ) -> None:
        """Build the worker from its subscriptions.

        `on_start` runs in a thread of its own until it succeeds once. `maintenance` runs about every ten seconds in one
        of the service's processes. `loops` run until the worker stops, each in a thread of its own. `retry_seconds` are
        the delays between the attempts of an event.

        Raises BadTopology where the subscriptions differ from the service's queues in the topology.
        """
        self._service = settings.service
        self._database = database
        self._bus = bus
        self._on_start = on_start
        self._loops = loops or {}
        self._stopping = Flag()
        self._threads: list[Thread] = []
        self._socket_path = socket_path(settings)
        wakeup = WakeupSocket(self._socket_path)
        self._retry_store = RetryStore(database, operator_company_id=settings.operator_company_id, delays=retry_seconds)
        leader_lock = LeaderLock(database.relay_connection, self._service)
        messaging = MessagingMetrics(metrics, self._service)
        self.relay = self.relay_type(self._service, bus, contracts, leader_lock, wakeup, messaging)
        queues = _queues(contracts, self._service, subscriptions)
        messaging.expect({queue.name: queue.patterns for queue, _ in queues}, contracts.published_by(self._service))

        def processor(queue: str, subscription: Subscription) -> BatchProcessor:
            decoder = Decoder(subscription, contracts)
            transaction = BatchTransaction(database, queue, subscription, self.inbox, self.settlement, messaging)
            return BatchProcessor(
                queue, decoder, transaction, self._retry_store, messaging, subscription, self._stopping
            )

        self._consumer_loops = [
            ConsumerLoop(
                partial(bus.consumer, queue, settings.prefetch),
                processor(queue.name, subscription),
                messaging,
                subscription,
                max_events=settings.prefetch,
            )
            for queue, subscription in queues
        ]
        # Retries have their own processors, so that a slow retry doesn't occupy the threads that prepare new events.
        processors = {queue.name: processor(queue.name, subscription) for queue, subscription in queues}
        self._retries = RetryScheduler(database, self._retry_store, processors)
        self._maintenance = Maintenance(self._service, database, bus, contracts, self._retry_store, maintenance)

    def start(self) -> None:
        """Start all threads and return at once. Each thread retries until the database and the bus are reachable."""
        jobs: dict[str, Callable[[Flag], object]] = {loop.queue: loop.run for loop in self._consumer_loops}
        jobs |= {"relay": self.relay.run, "retries": self._retries.run, **self._loops}
        jobs["maintenance"] = partial(self._maintenance.run, is_active=lambda: self.relay.active)
        jobs["on-start"] = partial(until_success, self._on_start, failure="start-up step failed")
        self._threads = [
            Thread(target=self._run, args=(job,), name=f"{self._service}.{name}", daemon=True)
            for name, job in jobs.items()
        ]
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 20.0) -> bool:
        """Stop after the current batches; return whether all threads ended within `timeout` seconds.

        Unfinished messages are delivered again.
        """
        self._stopping.set()
        wake(self._socket_path)
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0.0))
        ended = not any(thread.is_alive() for thread in self._threads)
        if ended:
            self._bus.close()
            self._database.dispose()
        return ended

    def status(self) -> dict[str, dict[str, Any]]:
        """Return a check per queue, one for the relay and one for the threads: `ok` and, where not ok, `reason`."""
        checks = {f"queue {loop.queue}": loop.status() for loop in self._consumer_loops}
        checks["relay"] = self.relay.status()
        dead = [
            thread.name for thread in self._threads if not thread.is_alive() and not thread.name.endswith("on-start")
        ]
        checks["threads"] = {"ok": not dead} | ({"reason": f"ended: {', '.join(dead)}"} if dead else {})
        return checks

    def _run(self, job: Callable[[Flag], object]) -> None:
        """Run a job in this thread until the worker stops."""
        service_name.set(self._service)
        job(self._stopping)


def build_bus(settings: ServiceSettings) -> Bus:
    """Return the bus adapter that the settings select. It opens no connection yet."""
    if settings.bus == "postgres":
        from eventbus.bus.postgres import PostgresBus

        return PostgresBus(settings.database_url, settings.service)
    from eventbus.bus.rabbitmq import RabbitBus

    return RabbitBus(settings.rabbitmq_url, settings.service, settings.services)


def _queues(
    contracts: Contracts, service: str, subscriptions: Sequence[Subscription]
) -> list[tuple[Queue, Subscription]]:
    """Return each subscription with its queue; raise BadTopology where subscriptions and topology differ."""
    in_topology = {queue.name: queue for queue in contracts.queues(service)}
    in_code = {queue_name(service, subscription.name): subscription for subscription in subscriptions}
    if in_topology.keys() != in_code.keys():
        raise BadTopology(f"{service}: the topology has the queues {sorted(in_topology)}, the code {sorted(in_code)}")
    for name, subscription in in_code.items():
        if set(in_topology[name].patterns) != set(subscription.consumers):
            raise BadTopology(f"{name}: the topology and the consumers differ in their event types")
    return [(in_topology[name], subscription) for name, subscription in in_code.items()]
