"""What requests need besides their session; made once per app."""

from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from service_kit.database.engine import Database
from service_kit.messaging.wake import Waker

from ticket_service.measures import Measures
from ticket_service.ports import FileStorage, Owners
from ticket_service.waiting import RoutingWaiter

EXTENSION = "ticket_service"


@dataclass(frozen=True)
class Parts:
    """The parts of this service that requests use."""

    database: Database
    measures: Measures
    waiter: RoutingWaiter
    waker: Waker
    create_wait_seconds: float
    owners: Owners
    storage: FileStorage
    incoming: Path
    """Where uploads wait until they are whole."""
    largest_file: int

    def close(self) -> None:
        """Close connections and sockets; they open again when they are needed."""
        self.database.dispose()
        self.waker.close()


def parts() -> Parts:
    """Return the parts of the app that serves the current request."""
    found: Parts = current_app.extensions[EXTENSION]
    return found
