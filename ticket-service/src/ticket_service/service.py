"""Builds ticket-service: its app, its subscriptions and its maintenance job."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from flask import Flask, Response
from service_kit.database.engine import Database
from service_kit.http.app import WorkerStatus, service_app
from service_kit.http.problems import Unavailable, problem_response
from service_kit.http_client import ServiceClient
from service_kit.identity import TokenSigner
from service_kit.messaging.contracts import Contracts
from service_kit.messaging.publish import outbox
from service_kit.messaging.publish.wakeup import waker_for
from service_kit.messaging.subscription import Handler, Subscription
from service_kit.telemetry.metrics import Metrics

from ticket_service import settings as settings_module
from ticket_service.adapters.owners import AUTH, ROUTING, HttpOwners
from ticket_service.adapters.storage import storage_of
from ticket_service.api.customer_tickets import customer_tickets
from ticket_service.api.departments import departments
from ticket_service.api.files import files
from ticket_service.api.statuses import statuses
from ticket_service.api.tickets import tickets
from ticket_service.api.trail import trail
from ticket_service.consumers import company_changed, department_changed, solution_proposed, team_changed
from ticket_service.consumers.department_changed import DepartmentChanged
from ticket_service.consumers.solution_proposed import Proposed
from ticket_service.consumers.team_changed import TeamChanged
from ticket_service.consumers.ticket_routed import Routed, ShowRouting
from ticket_service.dependencies import EXTENSION, Dependencies
from ticket_service.domain.errors import (
    DuplicateOpen,
    IllegalMove,
    StaleVersion,
    TicketNotFound,
    UnfitTeam,
    UnknownDepartment,
    UnknownTeam,
    VersionConflict,
)
from ticket_service.domain.files import BadFile, NoSuchFile, VersionReplaced
from ticket_service.long_poll import RoutingWaiter, answered_requests_query
from ticket_service.metrics import TicketMetrics
from ticket_service.ports import Owners, StorageDown
from ticket_service.routing_notifier import RoutingNotifier, open_wakeup_socket
from ticket_service.settings import Settings
from ticket_service.usecases.create_customer_ticket import TooBusy
from ticket_service.usecases.delete_orphaned_blobs import orphan_deletion

NAME = "ticket-service"
SCHEMA = "ticket"
PORT = 5001
OWNER_SECONDS = 1.0
"""The deadline of a request to the owner of departments or teams."""

ERRORS = {
    TicketNotFound: (404, "not_found"),
    StaleVersion: (412, "stale_version"),
    VersionConflict: (409, "stale_version"),
    IllegalMove: (409, "illegal_move"),
    DuplicateOpen: (409, "twin_open"),
    TooBusy: (409, "too_busy"),
    UnknownDepartment: (400, "unknown_department"),
    UnknownTeam: (400, "unknown_team"),
    UnfitTeam: (400, "unfit_team"),
    BadFile: (400, "bad_file"),
    NoSuchFile: (404, "not_found"),
    VersionReplaced: (410, "version_replaced"),
}


def read_settings(mapping: Mapping[str, str]) -> Settings:
    """Read the settings from a mapping of names to texts; raise BadSettings."""
    return settings_module.read_settings(mapping, service=NAME, schema=SCHEMA, port=PORT)


def create_app(
    settings: Settings,
    metrics: Metrics | None = None,
    worker_status: WorkerStatus | None = None,
    *,
    owners: Owners | None = None,
) -> Flask:
    """Return the app; it connects to nothing before the first request."""
    metrics = metrics or Metrics(NAME)
    database = Database(
        settings.database_url,
        schema=SCHEMA,
        relay_url=settings.relay_database_url,
        pool_size=settings.pool_size,
        statement_timeout_ms=settings.statement_timeout_ms,
        application_name=NAME,
    )
    contracts = Contracts.installed(tuple(settings.services))
    waker = waker_for(settings)
    outbox.connect(database, contracts, waker.wake)
    app = service_app(
        settings,
        database,
        [tickets, customer_tickets, trail, departments, statuses, files],
        metrics=metrics,
        worker_status=worker_status,
        errors=ERRORS,
    )
    app.register_error_handler(StorageDown, _try_again)
    app.extensions[EXTENSION] = Dependencies(
        database=database,
        metrics=TicketMetrics(metrics),
        # A quarter of the threads may wait, so that a slow pipeline never blocks all requests.
        waiter=RoutingWaiter(
            answered_requests_query(database), max(1, settings.http_threads // 4), partial(open_wakeup_socket, settings)
        ),
        waker=waker,
        create_wait_seconds=settings.create_wait_ms / 1000,
        owners=owners or _owners(settings),
        storage=storage_of(settings.files),
        incoming=(settings.files.folder or Path(settings.runtime_dir)) / "incoming",
        max_file_bytes=settings.files.max_bytes,
    )
    return app


def subscriptions(settings: Settings, metrics: Metrics | None = None) -> list[Subscription]:
    """Return the events that this service consumes, and their handlers."""
    show_routing = ShowRouting(TicketMetrics(metrics or Metrics(NAME)), RoutingNotifier(settings).notify)
    department = Handler(DepartmentChanged, department_changed.apply)
    team = Handler(TeamChanged, team_changed.apply)
    return [
        Subscription("show-routing", {"ticket.routed": Handler(Routed, show_routing.apply)}),
        Subscription("show-solutions", {"ticket.solution.proposed": Handler(Proposed, solution_proposed.apply)}),
        Subscription(
            "know-departments",
            {"department.created": department, "department.updated": department, "department.deleted": department},
            track_revisions=False,
        ),
        Subscription(
            "know-teams", {"team.created": team, "team.updated": team, "team.deleted": team}, track_revisions=False
        ),
        Subscription("know-companies", company_changed.HANDLERS, track_revisions=False),
    ]


def upkeep(settings: Settings, database: Database) -> Callable[[], None]:
    """Return the worker's maintenance job, which runs every few seconds and deletes bytes that no file uses."""
    return orphan_deletion(database, storage_of(settings.files))


def _owners(settings: Settings) -> HttpOwners:
    routing, auth = (
        ServiceClient(name, url, deadline_seconds=OWNER_SECONDS)
        for name, url in ((ROUTING, settings.routing_service_url), (AUTH, settings.auth_service_url))
    )
    return HttpOwners(routing, auth, TokenSigner(NAME, settings.signing_key), NAME)


def _try_again(error: StorageDown) -> Response:
    return problem_response(Unavailable(str(error), retry_after=error.retry_after_seconds, code=error.code))
