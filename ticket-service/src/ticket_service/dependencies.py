"""The objects that request handlers share, built once per app."""

from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from service_kit.database.engine import Database
from service_kit.messaging.publish.wakeup import Waker

from ticket_service.long_poll import RoutingWaiter
from ticket_service.metrics import TicketMetrics
from ticket_service.ports import FileStorage, Owners

EXTENSION = "ticket_service"


@dataclass(frozen=True)
class Dependencies:
    """Connections, clients and settings that request handlers use besides their session."""

    database: Database
    metrics: TicketMetrics
    waiter: RoutingWaiter
    waker: Waker
    create_wait_seconds: float
    owners: Owners
    storage: FileStorage
    incoming: Path
    """The folder of uploads that are still being received."""
    max_file_bytes: int

    def close(self) -> None:
        """Close connections and sockets; the next use opens them again."""
        self.database.dispose()
        self.waker.close()


def dependencies() -> Dependencies:
    """Return the dependencies of the app that serves the current request."""
    found: Dependencies = current_app.extensions[EXTENSION]
    return found
