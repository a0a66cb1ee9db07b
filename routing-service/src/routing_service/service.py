"""Builds routing-service: its app and its subscriptions."""

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any

from flask import Flask, Response
from service_kit.database.engine import Database
from service_kit.http.app import service_app
from service_kit.http.problems import Unavailable, problem_response
from service_kit.http_client import ServiceClient
from service_kit.identity import TokenSigner
from service_kit.messaging.contracts import Contracts
from service_kit.messaging.publish import outbox
from service_kit.messaging.publish.wakeup import waker_for
from service_kit.messaging.subscription import Delivery, Handler, Subscription
from service_kit.telemetry.metrics import Metrics
from sqlalchemy.orm import Session

from routing_service.adapters.auth_service import AUDIENCE as AUTH_AUDIENCE
from routing_service.adapters.auth_service import AuthServiceClient
from routing_service.adapters.ticket_service import AUDIENCE, TicketServiceClient
from routing_service.api.departments import departments
from routing_service.api.routing import routing_blueprint
from routing_service.consumers import company_changed, follow_tickets, team_changed, ticket_categorized
from routing_service.consumers.company_changed import CompanyChanged
from routing_service.consumers.team_changed import TeamChanged
from routing_service.consumers.ticket_categorized import Categorized
from routing_service.consumers.ticket_created import Created
from routing_service.consumers.ticket_deleted import Deleted
from routing_service.consumers.ticket_updated import Updated
from routing_service.domain.departments import (
    DepartmentExists,
    DepartmentInactive,
    DepartmentInUse,
    DepartmentIsFixed,
    DepartmentNotFound,
    TooManyDepartments,
)
from routing_service.domain.teams import TeamInactive, TeamNotFound, TeamOfAnotherDepartment
from routing_service.ports import AuthServicePort, OwnerUnavailable, TicketServicePort
from routing_service.settings import NAME, PORT, SCHEMA, Settings, read_settings
from routing_service.usecases.route_ticket import TicketNotFound
from routing_service.usecases.seed_departments import seed_company

__all__ = ["NAME", "PORT", "SCHEMA", "create_app", "on_worker_start", "read_settings", "subscriptions"]

AUTH_SECONDS = 1.0
"""The deadline of a request to auth-service."""

ERRORS: dict[type[Exception], tuple[int, str]] = {
    TicketNotFound: (404, "ticket_not_found"),
    DepartmentNotFound: (404, "department_not_found"),
    DepartmentExists: (409, "department_exists"),
    DepartmentInactive: (409, "department_inactive"),
    DepartmentInUse: (409, "department_in_use"),
    DepartmentIsFixed: (409, "department_is_fixed"),
    TooManyDepartments: (409, "too_many_departments"),
    TeamNotFound: (404, "team_not_found"),
    TeamInactive: (409, "team_inactive"),
    TeamOfAnotherDepartment: (409, "team_of_another_department"),
}


def create_app(
    settings: Settings,
    metrics: Metrics | None = None,
    worker_status: Callable[[], Mapping[str, Any]] | None = None,
    *,
    ticket_service: TicketServicePort | None = None,
    auth_service: AuthServicePort | None = None,
) -> Flask:
    """Return the app, without connecting to anything. `app.extensions["waker"]` opens a socket with its first use."""
    database = Database(
        settings.database_url,
        schema=SCHEMA,
        relay_url=settings.relay_database_url,
        pool_size=settings.pool_size,
        statement_timeout_ms=settings.statement_timeout_ms,
        application_name=NAME,
    )
    routing = routing_blueprint(
        ticket_service or ticket_service_client(settings), auth_service or auth_service_client(settings)
    )
    waker = waker_for(settings)
    outbox.connect(database, Contracts.installed(tuple(settings.services)), waker.wake)
    app = service_app(
        settings,
        database,
        [departments, routing],
        metrics=metrics,
        worker_status=worker_status,
        errors=ERRORS,
    )
    app.register_error_handler(OwnerUnavailable, _try_again)
    app.extensions["waker"] = waker
    return app


def subscriptions(settings: Settings, metrics: Metrics | None = None) -> list[Subscription]:
    """Return the events that this service consumes, and their handlers.

    The subscriptions don't guard revisions, because each row stores the revisions that it has applied.
    """
    timed = _timed(metrics or Metrics(NAME), ticket_categorized.apply)
    follow = follow_tickets.apply
    return [
        Subscription("route", {"ticket.categorized": Handler(Categorized, timed)}, track_revisions=False),
        Subscription(
            "follow-tickets",
            {
                "ticket.created": Handler(Created, follow),
                "ticket.updated": Handler(Updated, follow),
                "ticket.deleted": Handler(Deleted, follow),
            },
            track_revisions=False,
            max_batch_delay_seconds=0.25,
            flush_on=("ticket.updated",),  # it may hold a person's routing request
        ),
        Subscription(
            "know-teams",
            dict.fromkeys(("team.created", "team.updated", "team.deleted"), Handler(TeamChanged, team_changed.apply)),
            track_revisions=False,
        ),
        Subscription(
            "know-companies",
            dict.fromkeys(("company.created", "company.updated"), Handler(CompanyChanged, company_changed.apply)),
            track_revisions=False,
        ),
    ]


def on_worker_start(settings: Settings, database: Database) -> None:
    """Seed the departments of the operator's company before its first ticket arrives."""
    company_id = settings.operator_company_id
    with database.session(company_id) as session:
        seed_company(session, company_id)


def ticket_service_client(settings: Settings) -> TicketServiceClient:
    """Return a client of ticket-service."""
    neighbour = ServiceClient(
        AUDIENCE, settings.ticket_service_url, deadline_seconds=settings.ticket_service_deadline_seconds
    )
    return TicketServiceClient(neighbour, TokenSigner(NAME, settings.signing_key), NAME)


def auth_service_client(settings: Settings) -> AuthServiceClient:
    """Return a client of auth-service."""
    neighbour = ServiceClient(AUTH_AUDIENCE, settings.auth_service_url, deadline_seconds=AUTH_SECONDS)
    return AuthServiceClient(neighbour, TokenSigner(NAME, settings.signing_key), NAME)


def _timed(
    metrics: Metrics, apply: Callable[[Session, Sequence[Delivery[Categorized]]], None]
) -> Callable[[Session, Sequence[Delivery[Categorized]]], None]:
    durations = metrics.histogram(
        "workflow_step_duration_seconds", "Time a step of a ticket's way takes.", ("step",)
    ).labels("route")

    def timed(session: Session, deliveries: Sequence[Delivery[Categorized]]) -> None:
        started = perf_counter()
        apply(session, deliveries)
        seconds = perf_counter() - started
        # A ticket's duration is that of its whole batch.
        for _ in deliveries:
            durations.observe(seconds)

    return timed


def _try_again(error: OwnerUnavailable) -> Response:
    return problem_response(Unavailable(str(error), retry_after=error.retry_after_seconds))
