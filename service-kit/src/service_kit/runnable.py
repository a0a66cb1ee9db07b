"""The interface of a service that a program runs, and a service without database and worker."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from service_kit.http.state import WorkerStatus
from service_kit.service_settings import ServiceSettings
from service_kit.telemetry.metrics import Metrics

Settings = TypeVar("Settings", bound=ServiceSettings)


class RunnableInstance(Protocol):
    """A service as one process holds it."""

    def create_app(self, worker_status: WorkerStatus | None = None) -> Any:
        """Return the WSGI app."""

    def create_status_app(self, worker_status: WorkerStatus) -> Any:
        """Return the WSGI app of a process that only consumes."""

    def create_worker(self) -> Any:
        """Return the worker: `start()`, `stop(seconds)`, `status()`."""


class RunnableService(Protocol):
    """A service that `serve.main` and the embedded system run."""

    @property
    def name(self) -> str:
        """Return the name."""

    @property
    def schema(self) -> str | None:
        """Return the schema in PostgreSQL; None for a service without database and worker."""

    @property
    def port(self) -> int:
        """Return the default port."""

    @property
    def read_settings(self) -> Callable[[Mapping[str, str]], Any]:
        """Return the function that reads the settings; it raises BadSettings."""

    @property
    def load(self) -> Callable[[Any], None]:
        """Return the function that imports large libraries, once for all processes; it may raise BadSettings."""

    def instance(self, settings: Any, metrics: Metrics | None = None, *, with_worker: bool = False) -> RunnableInstance:
        """Return the service as this process holds it."""


@dataclass(frozen=True, kw_only=True)
class StatelessService(Generic[Settings]):
    """A service without database and worker. `create_app` returns its WSGI app and connects to nothing."""

    name: str
    port: int
    read_settings: Callable[[Mapping[str, str]], Settings]
    create_app: Callable[[Settings, Metrics], Any]
    load: Callable[[Any], None] = lambda _settings: None

    @property
    def schema(self) -> None:
        """Return None: there is no schema."""

    def instance(
        self, settings: Settings, metrics: Metrics | None = None, *, with_worker: bool = False
    ) -> "StatelessInstance[Settings]":
        """Return the service as this process holds it."""
        return StatelessInstance(self, settings, metrics or Metrics(self.name))


@dataclass(frozen=True)
class StatelessInstance(Generic[Settings]):
    """A service without worker in one process."""

    service: StatelessService[Settings]
    settings: Settings
    metrics: Metrics

    def create_app(self, worker_status: WorkerStatus | None = None) -> Any:
        """Return the WSGI app."""
        return self.service.create_app(self.settings, self.metrics)

    def create_status_app(self, worker_status: WorkerStatus) -> Any:
        """Raise TypeError: there is no worker."""
        raise TypeError(f"{self.service.name} has no worker")

    def create_worker(self) -> Any:
        """Raise TypeError: there is no worker."""
        raise TypeError(f"{self.service.name} has no worker")
