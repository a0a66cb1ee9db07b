"""ticket-service on one screen: its dependencies, routes, consumers and maintenance job."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from eventbus.consumer import QueueOptions
from eventbus.service import Service
from service_kit.database.engine import Database
from service_kit.http_client import ServiceClient
from service_kit.identity import TokenSigner
from service_kit.telemetry.metrics import Metrics

from ticket_service.adapters.directory import AUTH, ROUTING, HttpDirectory
from ticket_service.adapters.long_poll import RoutingWaiter, answered_requests_query
from ticket_service.adapters.routing_notifier import RoutingNotifier, open_wakeup_socket
from ticket_service.adapters.storage import storage_of
from ticket_service.api.customer_tickets import customer_tickets
from ticket_service.api.departments import departments
from ticket_service.api.files import files
from ticket_service.api.statuses import statuses
from ticket_service.api.tickets import tickets
from ticket_service.api.trail import trail
from ticket_service.consumers import company_changed, department_changed, solution_proposed, team_changed, ticket_routed
from ticket_service.dependencies import Dependencies
from ticket_service.domain.errors import (
    DuplicateOpen,
    IllegalMove,
    RequesterMove,
    StaleVersion,
    TicketNotFound,
    UnfitTeam,
    UnknownDepartment,
    UnknownTeam,
    VersionConflict,
)
from ticket_service.domain.files import BadFile, NoSuchFile, VersionReplaced
from ticket_service.metrics import TicketMetrics
from ticket_service.ports import StorageDown
from ticket_service.settings import NAME, PORT, SCHEMA, Settings, read_settings
from ticket_service.usecases.create_customer_ticket import TooBusy
from ticket_service.usecases.delete_orphaned_blobs import orphan_deletion

OWNER_DEADLINE_SECONDS = 1.0
"""The deadline of a request to the owner of departments or teams."""

ERRORS: dict[type[Exception], tuple[int, str]] = {
    TicketNotFound: (404, "not_found"),
    StaleVersion: (412, "stale_version"),
    VersionConflict: (409, "stale_version"),
    IllegalMove: (409, "illegal_move"),
    RequesterMove: (403, "forbidden"),
    DuplicateOpen: (409, "duplicate_open"),
    TooBusy: (409, "too_busy"),
    UnknownDepartment: (400, "unknown_department"),
    UnknownTeam: (400, "unknown_team"),
    UnfitTeam: (400, "unfit_team"),
    BadFile: (400, "bad_file"),
    NoSuchFile: (404, "not_found"),
    VersionReplaced: (410, "version_replaced"),
    StorageDown: (503, "unavailable"),
}


def build(settings: Settings, database: Database, metrics: Metrics) -> Dependencies:
    """Return what handlers and consumers need, once per process; connects to nothing."""
    return Dependencies(
        database=database,
        metrics=TicketMetrics(metrics),
        # A quarter of the threads may wait, so that a slow pipeline never blocks all requests.
        waiter=RoutingWaiter(
            answered_requests_query(database), max(1, settings.http_threads // 4), partial(open_wakeup_socket, settings)
        ),
        notify=RoutingNotifier(settings).notify,
        create_wait_seconds=settings.create_wait_ms / 1000,
        directory=_directory(settings),
        storage=storage_of(settings.files),
        incoming=(settings.files.folder or Path(settings.runtime_dir)) / "incoming",
        max_file_bytes=settings.files.max_bytes,
    )


def queues(_settings: Settings) -> Mapping[str, QueueOptions]:
    """Return the options of the queues. Replicas keep the revisions in their own rows."""
    return {
        "show-routing": QueueOptions(track_revisions=True),
        "show-solutions": QueueOptions(track_revisions=True),
    }


def blob_deletion(_settings: Settings, deps: Dependencies) -> Callable[[], None]:
    """Return the maintenance job, which deletes bytes that no file uses."""
    return orphan_deletion(deps.database, deps.storage)


def _directory(settings: Settings) -> HttpDirectory:
    routing, auth = (
        ServiceClient(name, url, deadline_seconds=OWNER_DEADLINE_SECONDS)
        for name, url in ((ROUTING, settings.routing_service_url), (AUTH, settings.auth_service_url))
    )
    return HttpDirectory(routing, auth, TokenSigner(NAME, settings.signing_key), NAME)


SERVICE = Service(
    name=NAME,
    schema=SCHEMA,
    port=PORT,
    read_settings=read_settings,
    build=build,
    blueprints=[tickets, customer_tickets, trail, departments, statuses, files],
    consumers=[
        ticket_routed.CONSUMER,
        solution_proposed.CONSUMER,
        department_changed.CONSUMER,
        team_changed.CONSUMER,
        company_changed.CONSUMER,
    ],
    queues=queues,
    errors=ERRORS,
    maintenance=blob_deletion,
)
