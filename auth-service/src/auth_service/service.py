"""Builds auth-service: its app and its start-up step."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask
from service_kit.database.engine import Database
from service_kit.http.app import service_app
from service_kit.messaging.contracts import Contracts
from service_kit.messaging.publish import outbox
from service_kit.messaging.publish.wakeup import waker_for
from service_kit.messaging.subscription import Subscription
from service_kit.telemetry.metrics import Metrics

from auth_service.api.companies import companies
from auth_service.api.teams import teams
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

__all__ = ["NAME", "PORT", "SCHEMA", "create_app", "on_worker_start", "read_settings", "subscriptions"]

ERRORS: dict[type[Exception], tuple[int, str]] = {
    CompanyNotFound: (404, "company_not_found"),
    TeamNotFound: (404, "team_not_found"),
    MemberNotFound: (404, "member_not_found"),
    TeamExists: (409, "team_exists"),
    MemberExists: (409, "member_exists"),
    TooManyTeams: (409, "too_many_teams"),
    TooManyMembers: (409, "too_many_members"),
}


def create_app(
    settings: Settings,
    metrics: Metrics | None = None,
    worker_status: Callable[[], Mapping[str, Any]] | None = None,
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
    waker = waker_for(settings)
    outbox.connect(database, Contracts.installed(tuple(settings.services)), waker.wake)
    app = service_app(
        settings, database, [companies, teams], metrics=metrics, worker_status=worker_status, errors=ERRORS
    )
    app.extensions["waker"] = waker
    return app


def subscriptions(settings: Settings, metrics: Metrics | None = None) -> list[Subscription]:
    """Return no subscriptions: this service consumes no events, and its worker only publishes."""
    return []


def on_worker_start(settings: Settings, database: Database) -> None:
    """Register and publish the operator's company before its first ticket arrives."""
    company_id = settings.operator_company_id
    with database.session(company_id) as session:
        register_company(session, company_id)
