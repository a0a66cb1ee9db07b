"""One service as a declaration, and the app and worker that one process builds from it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

from eventbus.consumer import Consumer, QueueOptions, Subscription, subscriptions
from eventbus.contracts import Contracts
from eventbus.metrics import register_table_metrics
from eventbus.publish import outbox
from eventbus.publish.wakeup import socket_path, wake
from eventbus.worker import Worker, build_bus
from flask import Flask
from service_kit.database.engine import Database
from service_kit.http.app import service_app
from service_kit.http.blueprint import Blueprint
from service_kit.http.state import Check, WorkerStatus
from service_kit.runnable import RunnableService
from service_kit.service_settings import ServiceSettings
from service_kit.telemetry.metrics import Metrics

from operations_kit.http.dead_letters import dead_letters
from operations_kit.http.trace import trace

WORKER_CONNECTIONS = 8
"""Database connections for the worker's threads, where one process serves HTTP and consumes."""

Settings = TypeVar("Settings", bound=ServiceSettings)
Deps = TypeVar("Deps")


@dataclass(frozen=True, kw_only=True)
class Service(RunnableService[Settings], Generic[Settings, Deps]):
    """A service of the system; its base class describes the first fields.

    - `build` returns the dependencies that request handlers (`g.deps`) and consumers share. It runs once per process
      and connects to nothing.
    - `errors` maps domain errors to (status, code).
    - `queues` returns the options of queues, by name; queues without options have the defaults.
    - `on_start` runs in the worker, in a thread of its own, until it succeeds once.
    - `maintenance` returns a job that runs about every ten seconds in one of the service's processes.
    - `loops` returns jobs by name that run in every worker, each in a thread of its own, until the flag is set.
    - `checks` returns what `/ready` checks besides the database and the worker.
    """

    schema: str
    build: Callable[[Settings, Database, Metrics], Deps]
    blueprints: Sequence[Blueprint]
    consumers: Sequence[Consumer[Any, Deps]] = ()
    errors: Mapping[type[Exception], tuple[int, str]] = field(default_factory=dict)
    queues: Callable[[Settings], Mapping[str, QueueOptions]] = lambda _settings: {}
    on_start: Callable[[Settings, Deps], None] = lambda _settings, _deps: None
    maintenance: Callable[[Settings, Deps], Callable[[], object]] | None = None
    loops: Callable[[Settings, Deps], Mapping[str, Callable[[Any], object]]] = lambda _settings, _deps: {}
    checks: Callable[[Deps], Mapping[str, Check]] = lambda _deps: {}

    def instance(
        self,
        settings: Settings,
        metrics: Metrics | None = None,
        *,
        with_worker: bool = False,
        replace: Callable[[Deps], Deps] = lambda deps: deps,
    ) -> "ServiceInstance[Settings, Deps]":
        """Return the instance of this process; opens no connection.

        `with_worker` reserves connections for a worker beside the app. A test replaces dependencies by `replace`.
        """
        return ServiceInstance(self, settings, metrics, with_worker=with_worker, replace=replace)


class ServiceInstance(Generic[Settings, Deps]):
    """A service inside one process: its database, its dependencies, and the app and worker that share them."""

    def __init__(
        self,
        service: Service[Settings, Deps],
        settings: Settings,
        metrics: Metrics | None,
        *,
        with_worker: bool,
        replace: Callable[[Deps], Deps],
    ) -> None:
        self._service, self.settings = service, settings
        self.metrics = metrics or Metrics(service.name)
        self.database = Database(
            settings.database_url,
            schema=service.schema,
            relay_url=settings.relay_database_url,
            pool_size=settings.pool_size + (WORKER_CONNECTIONS if with_worker else 0),
            statement_timeout_ms=settings.statement_timeout_ms,
            application_name=service.name,
        )
        self.database.info["idempotency_hours"] = settings.idempotency_hours
        self._contracts = Contracts.installed(tuple(settings.services))
        outbox.connect(self.database, self._contracts, partial(wake, socket_path(settings)))
        self.dependencies = replace(service.build(settings, self.database, self.metrics))

    def create_app(self, worker_status: WorkerStatus | None = None) -> Flask:
        """Return the HTTP app. `/ready` reports the results of `worker_status`."""
        return self._app(self._service.blueprints, worker_status)

    def create_status_app(self, worker_status: WorkerStatus) -> Flask:
        """Return an app with health, metrics and operations alone, for a process that only consumes."""
        return self._app([], worker_status)

    def subscriptions(self) -> list[Subscription]:
        """Return the queues that this service consumes."""
        return subscriptions(self._service.consumers, self._service.queues(self.settings), self.dependencies)

    def create_worker(self) -> Worker:
        """Return the worker. Raises BadTopology."""
        service, settings, deps = self._service, self.settings, self.dependencies
        on_start, maintenance = service.on_start, service.maintenance
        return Worker(
            settings,
            self.database,
            build_bus(settings),
            self._contracts,
            self.subscriptions(),
            self.metrics,
            on_start=lambda: on_start(settings, deps),
            maintenance=maintenance(settings, deps) if maintenance is not None else lambda: None,
            loops=service.loops(settings, deps),
        )

    def close(self) -> None:
        """Close connections; the next use opens them again."""
        self.database.dispose()

    def _app(self, blueprints: Sequence[Blueprint], worker_status: WorkerStatus | None) -> Flask:
        queues = [queue.name for queue in self._contracts.queues(self._service.name)]
        register_table_metrics(self.metrics, self.database, queues)
        return service_app(
            self.settings,
            self.database,
            [dead_letters, trace, *blueprints],
            metrics=self.metrics,
            worker_status=worker_status,
            errors=self._service.errors,
            checks=self._service.checks(self.dependencies),
            dependencies=self.dependencies,
        )
