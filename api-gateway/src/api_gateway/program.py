"""The gateway as `serve.main` and the embedded system run it: without database and worker."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from service_kit.http.state import WorkerStatus
from service_kit.runnable import RunnableService
from service_kit.telemetry.metrics import Metrics

from api_gateway.settings import Settings


@dataclass(frozen=True, kw_only=True)
class GatewayService(RunnableService[Settings]):
    """The gateway. `create_app` returns its WSGI app and connects to nothing."""

    create_app: Callable[[Settings, Metrics], Any]

    def instance(
        self, settings: Settings, metrics: Metrics | None = None, *, with_worker: bool = False
    ) -> "GatewayInstance":
        """Return the gateway as this process holds it."""
        return GatewayInstance(self, settings, metrics or Metrics(self.name))


@dataclass(frozen=True)
class GatewayInstance:
    """The gateway in one process."""

    service: GatewayService
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
