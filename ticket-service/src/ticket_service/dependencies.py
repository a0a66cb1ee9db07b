"""The objects that request handlers and consumers share, built once per process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from service_kit.database.engine import Database

from ticket_service.adapters.long_poll import RoutingWaiter
from ticket_service.metrics import TicketMetrics
from ticket_service.ports import Directory, FileStorage, MailFiles
from ticket_service.settings import JobSettings
from ticket_service.store.routings import Key

NotifyRouted = Callable[[Mapping[Key, int]], None]
"""Takes, by ticket, the newest routing request that its routing answers; must neither block nor raise."""


@dataclass(frozen=True)
class Dependencies:
    """The dependencies of this service: `g.deps` in request handlers."""

    database: Database
    metrics: TicketMetrics
    waiter: RoutingWaiter
    notify: NotifyRouted
    """Tells waiting requests on this machine which tickets were routed."""
    create_wait_seconds: float
    directory: Directory
    storage: FileStorage
    mail_files: MailFiles
    incoming: Path
    """The folder of uploads that are still being received."""
    max_file_bytes: int
    jobs: JobSettings
    views_per_person: int
    """How many saved views a person may have."""
    macros_per_company: int
    """How many macros a company may have."""
    errors: Mapping[type[Exception], tuple[int, str]]
    """The errors of requests about tickets, as (status, code), for the results of jobs."""
