"""Builds routing-service out of its parts; the only place that does."""

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any

from flask import Flask, Response
from service_kit.calls import Neighbour
from service_kit.database.engine import Database
from service_kit.http.app import service_app
from service_kit.http.problems import Unavailable, problem_response
from service_kit.identity import TokenSigner
from service_kit.messaging import outbox
from service_kit.messaging.contracts import Contracts
from service_kit.messaging.subscription import Delivery, Handler, Subscription
from service_kit.messaging.wake import waker_for
from service_kit.telemetry.metrics import Metrics
from sqlalchemy.orm import Session

from routing_service.adapters.auth_service import AUDIENCE as AUTH_AUDIENCE
from routing_service.adapters.auth_service import AuthService
from routing_service.adapters.ticket_service import AUDIENCE, TicketService
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
from routing_service.domain.teams import TeamElsewhere, TeamInactive, TeamNotFound
from routing_service.ports import CantKnow, TeamsElsewhere, TicketsElsewhere
from routing_service.settings import NAME, PORT, SCHEMA, Settings, read_settings
from routing_service.usecases.meet_companies import meet_company
from routing_service.usecases.route_ticket import TicketNotFound

__all__ = ["NAME", "PORT", "SCHEMA", "create_app", "on_worker_start", "read_settings", "subscriptions"]

AUTH_SECONDS = 1.0
"""How long auth-service may take to say what a team is."""

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
    TeamElsewhere: (409, "team_of_another_department"),
}


def create_app(
    settings: Settings,
    metrics: Metrics | None = None,
    worker_status: Callable[[], Mapping[str, Any]] | None = None,
    *,
    elsewhere: TicketsElsewhere | None = None,
    teams: TeamsElsewhere | None = None,
) -> Flask:
    """Make the HTTP side; connects to nothing yet. `app.extensions["waker"]` holds a socket once it was used."""
    database = Database(
        settings.database_url,
        schema=SCHEMA,
        relay_url=settings.relay_database_url,
        pool_size=settings.pool_size,
        statement_timeout_ms=settings.statement_timeout_ms,
        application_name=NAME,
    )
    waker = waker_for(settings)
    outbox.connect(database, Contracts.installed(tuple(settings.services)), waker.wake)
    app = service_app(
        settings,
        database,
        [departments, routing_blueprint(elsewhere or ticket_service(settings), teams or auth_service(settings))],
        metrics=metrics,
        worker_status=worker_status,
        errors=ERRORS,
    )
    app.register_error_handler(CantKnow, _try_again)
    app.extensions["waker"] = waker
    return app


def subscriptions(settings: Settings, metrics: Metrics | None = None) -> list[Subscription]:
    """Tell what this service consumes. No revisions are guarded: every ticket's row keeps its own."""
    timed = _timed(metrics or Metrics(NAME), ticket_categorized.apply)
    follow = follow_tickets.apply
    return [
        Subscription("route", {"ticket.categorized": Handler(Categorized, timed)}, guarded=False),
        Subscription(
            "follow-tickets",
            {
                "ticket.created": Handler(Created, follow),
                "ticket.updated": Handler(Updated, follow),
                "ticket.deleted": Handler(Deleted, follow),
            },
            guarded=False,
            linger_seconds=0.25,
            hurried=("ticket.updated",),  # a person may have wished for a department in it
        ),
        Subscription(
            "know-teams",
            dict.fromkeys(("team.created", "team.updated", "team.deleted"), Handler(TeamChanged, team_changed.apply)),
            guarded=False,
        ),
        Subscription(
            "know-companies",
            dict.fromkeys(("company.created", "company.updated"), Handler(CompanyChanged, company_changed.apply)),
            guarded=False,
        ),
    ]


def on_worker_start(settings: Settings, database: Database) -> None:
    """Make sure that the operator's company has departments before its first ticket comes."""
    company = settings.operator_company_id
    with database.session(company) as session:
        meet_company(session, company)


def ticket_service(settings: Settings) -> TicketService:
    """Make the way to the owner of tickets."""
    neighbour = Neighbour(
        AUDIENCE, settings.ticket_service_url, deadline_seconds=settings.ticket_service_deadline_seconds
    )
    return TicketService(neighbour, TokenSigner(NAME, settings.signing_key), NAME)


def auth_service(settings: Settings) -> AuthService:
    """Make the way to the owner of teams."""
    neighbour = Neighbour(AUTH_AUDIENCE, settings.auth_service_url, deadline_seconds=AUTH_SECONDS)
    return AuthService(neighbour, TokenSigner(NAME, settings.signing_key), NAME)


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
        # Each ticket waited for its whole batch.
        for _ in deliveries:
            durations.observe(seconds)

    return timed


def _try_again(error: CantKnow) -> Response:
    return problem_response(Unavailable(str(error), retry_after=error.retry_after_seconds))
