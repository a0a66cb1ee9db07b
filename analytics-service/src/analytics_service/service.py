"""Builds analytics-service: its app, its subscriptions and its maintenance job."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask
from service_kit.database.engine import Database
from service_kit.http.app import service_app
from service_kit.messaging.contracts import Contracts
from service_kit.messaging.publish import outbox
from service_kit.messaging.subscription import Handler, Subscription
from service_kit.telemetry.metrics import Metrics

from analytics_service.api.analytics import analytics
from analytics_service.api.dashboard import dashboard
from analytics_service.api.models import models
from analytics_service.api.rebuild import rebuild
from analytics_service.consumers import count, department_changed, model_promoted, model_used
from analytics_service.consumers.department_changed import DepartmentChanged
from analytics_service.consumers.ticket_events import Categorized, Created, Deleted, Routed, StatusUpdated, Updated
from analytics_service.settings import NAME, PORT, SCHEMA, Settings, read_settings
from analytics_service.usecases import rebuild as rebuilding
from analytics_service.usecases.dashboard_queries import UnknownDepartment

__all__ = ["NAME", "PORT", "SCHEMA", "create_app", "read_settings", "subscriptions", "upkeep"]

ERRORS: dict[type[Exception], tuple[int, str]] = {UnknownDepartment: (404, "department_not_found")}


def create_app(
    settings: Settings,
    metrics: Metrics | None = None,
    worker_status: Callable[[], Mapping[str, Any]] | None = None,
) -> Flask:
    """Return the app, without connecting to anything."""
    database = Database(
        settings.database_url,
        schema=SCHEMA,
        relay_url=settings.relay_database_url,
        pool_size=settings.pool_size,
        statement_timeout_ms=settings.statement_timeout_ms,
        application_name=NAME,
    )
    outbox.connect(database, Contracts.installed(tuple(settings.services)))
    return service_app(
        settings,
        database,
        [dashboard, analytics, models, rebuild],
        metrics=metrics,
        worker_status=worker_status,
        errors=ERRORS,
    )


def upkeep(_settings: Settings, database: Database) -> Callable[[], None]:
    """Return the worker's maintenance job, which runs every few seconds and does the requested rebuilds."""
    return rebuilding.requested_rebuilds(database)


def subscriptions(settings: Settings, metrics: Metrics | None = None) -> list[Subscription]:
    """Return the events that this service consumes, and their handlers.

    The subscriptions don't guard revisions, because each field is stored with the revision it came from.
    """
    department = Handler(DepartmentChanged, department_changed.apply)
    return [
        Subscription(
            "count",
            {
                "ticket.created": Handler(Created, count.apply),
                "ticket.updated": Handler(Updated, count.apply),
                "ticket.status.updated": Handler(StatusUpdated, count.apply),
                "ticket.categorized": Handler(Categorized, count.apply),
                "ticket.routed": Handler(Routed, count.apply),
                "ticket.deleted": Handler(Deleted, count.apply),
            },
            track_revisions=False,
            max_batch_delay_seconds=0.25,
        ),
        Subscription(
            "know-departments",
            {
                "department.created": department,
                "department.updated": department,
                "department.deleted": department,
            },
            track_revisions=False,
        ),
        Subscription(
            "count-models",
            {"model.promoted": model_promoted.HANDLER, "model.used": model_used.HANDLER},
            track_revisions=False,
            max_batch_delay_seconds=0.25,
        ),
    ]
