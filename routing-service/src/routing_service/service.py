"""routing-service on one screen: its dependencies, routes and consumers."""

from collections.abc import Callable

from company_kit.http.audit import audit
from company_kit.maintenance import company_maintenance
from operations_kit.service import Service
from service_kit.database.engine import Database
from service_kit.http_client import ServiceClient
from service_kit.identity import TokenSigner
from service_kit.telemetry.metrics import Metrics

from routing_service.adapters.auth_service import AUDIENCE as AUTH_SERVICE
from routing_service.adapters.auth_service import AuthServiceClient
from routing_service.adapters.ticket_service import AUDIENCE as TICKET_SERVICE
from routing_service.adapters.ticket_service import TicketServiceClient
from routing_service.api.departments import departments
from routing_service.api.routing import routing
from routing_service.consumers import (
    company_changed,
    company_deleted,
    follow_tickets,
    team_changed,
    ticket_categorized,
)
from routing_service.dependencies import Dependencies
from routing_service.domain.departments import (
    DepartmentExists,
    DepartmentInactive,
    DepartmentInUse,
    DepartmentIsFixed,
    DepartmentNotFound,
    TooManyDepartments,
)
from routing_service.domain.teams import TeamInactive, TeamNotFound, TeamOfAnotherDepartment
from routing_service.metrics import RoutingMetrics
from routing_service.ports import OwnerUnavailable
from routing_service.settings import NAME, PORT, SCHEMA, Settings, read_settings
from routing_service.usecases.route_ticket import TicketNotFound
from routing_service.usecases.seed_departments import seed_company

AUTH_DEADLINE_SECONDS = 1.0
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
    OwnerUnavailable: (503, "unavailable"),
}


def build(settings: Settings, database: Database, metrics: Metrics) -> Dependencies:
    """Return what handlers and consumers need, once per process; connects to nothing."""
    signer = TokenSigner(NAME, settings.signing_key)
    ticket_service = ServiceClient(
        TICKET_SERVICE, settings.ticket_service_url, deadline_seconds=settings.ticket_service_deadline_seconds
    )
    auth_service = ServiceClient(AUTH_SERVICE, settings.auth_service_url, deadline_seconds=AUTH_DEADLINE_SECONDS)
    return Dependencies(
        database=database,
        metrics=RoutingMetrics(metrics),
        tickets=TicketServiceClient(ticket_service, signer, NAME),
        teams=AuthServiceClient(auth_service, signer, NAME),
    )


def seed_operator(settings: Settings, deps: Dependencies) -> None:
    """Seed the departments of the operator's company before its first ticket arrives."""
    company_id = settings.operator_company_id
    with deps.database.session(company_id) as session:
        seed_company(session, company_id)


def maintenance(settings: Settings, deps: Dependencies) -> Callable[[], None]:
    """Return the maintenance job, which removes deleted companies and old audit records."""
    return company_maintenance(settings, deps.database)


SERVICE = Service(
    name=NAME,
    schema=SCHEMA,
    port=PORT,
    read_settings=read_settings,
    build=build,
    blueprints=[departments, routing, audit],
    consumers=[
        ticket_categorized.CONSUMER,
        follow_tickets.CONSUMER,
        team_changed.CONSUMER,
        company_changed.CONSUMER,
        company_deleted.CONSUMER,
    ],
    errors=ERRORS,
    maintenance=maintenance,
    on_start=seed_operator,
)
