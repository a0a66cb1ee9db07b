"""auth-service on one screen: its dependencies, routes and errors. It consumes no events; its worker only publishes."""

from eventbus.service import Service
from service_kit.database.engine import Database
from service_kit.telemetry.metrics import Metrics

from auth_service.api.companies import companies
from auth_service.api.teams import teams
from auth_service.dependencies import Dependencies
from auth_service.domain.company import CompanyNotFound
from auth_service.domain.team import (
    MemberExists,
    MemberNotFound,
    TeamExists,
    TeamNotFound,
    TooManyMembers,
    TooManyTeams,
)
from auth_service.settings import NAME, PORT, SCHEMA, Settings, read_settings
from auth_service.usecases.change_companies import register_company

ERRORS: dict[type[Exception], tuple[int, str]] = {
    CompanyNotFound: (404, "company_not_found"),
    TeamNotFound: (404, "team_not_found"),
    MemberNotFound: (404, "member_not_found"),
    TeamExists: (409, "team_exists"),
    MemberExists: (409, "member_exists"),
    TooManyTeams: (409, "too_many_teams"),
    TooManyMembers: (409, "too_many_members"),
}


def build(_settings: Settings, database: Database, _metrics: Metrics) -> Dependencies:
    """Return what handlers need, once per process; connects to nothing."""
    return Dependencies(database=database)


def register_operator(settings: Settings, deps: Dependencies) -> None:
    """Register and publish the operator's company before its first ticket arrives."""
    company_id = settings.operator_company_id
    with deps.database.session(company_id) as session:
        register_company(session, company_id)


SERVICE = Service(
    name=NAME,
    schema=SCHEMA,
    port=PORT,
    read_settings=read_settings,
    build=build,
    blueprints=[companies, teams],
    errors=ERRORS,
    on_start=register_operator,
)
