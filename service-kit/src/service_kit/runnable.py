"""The interface of a service that a program runs."""

from abc import abstractmethod
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


@dataclass(frozen=True, kw_only=True)
class RunnableService(Generic[Settings]):
    """A service that `serve.main` and the embedded system run.

    - `port`: the default port.
    - `schema`: its schema in PostgreSQL; None for a service without database and worker.
    - `read_settings` reads the settings from a mapping of names to texts; raises BadSettings.
    - `load` imports large libraries once, before the processes are forked; it may raise BadSettings.
    """

    name: str
    schema: str | None = None
    port: int
    read_settings: Callable[[Mapping[str, str]], Settings]
    load: Callable[[Settings], None] = lambda _settings: None

    @abstractmethod
    def instance(
        self, settings: Settings, metrics: Metrics | None = None, *, with_worker: bool = False
    ) -> RunnableInstance:
        """Return the service as this process holds it; opens no connection."""
