"""analytics-service on one screen: its dependencies, routes, consumers and maintenance job."""

from collections.abc import Callable, Mapping

from company_kit.http.audit import audit
from company_kit.maintenance import company_maintenance
from eventbus.consumer import QueueOptions
from operations_kit.service import Service
from service_kit.database.engine import Database
from service_kit.telemetry.metrics import Metrics

from analytics_service.api.analytics import analytics
from analytics_service.api.dashboard import dashboard
from analytics_service.api.models import models
from analytics_service.api.rebuild import rebuild
from analytics_service.consumers import (
    company_deleted,
    count,
    department_changed,
    model_promoted,
    model_used,
)
from analytics_service.dependencies import Dependencies
from analytics_service.settings import NAME, PORT, SCHEMA, Settings, read_settings
from analytics_service.usecases.dashboard_queries import UnknownDepartment
from analytics_service.usecases.rebuild import requested_rebuilds

MAX_COUNT_DELAY_SECONDS = 0.25
"""Counts have no latency target, and larger batches cost less CPU per event."""


def build(_settings: Settings, database: Database, _metrics: Metrics) -> Dependencies:
    """Return what handlers need, once per process; connects to nothing."""
    return Dependencies(database=database)


def queues(_settings: Settings) -> Mapping[str, QueueOptions]:
    """Return the options of the queues. No queue tracks revisions: each field is stored with the one it came from."""
    counting = QueueOptions(max_batch_delay_seconds=MAX_COUNT_DELAY_SECONDS)
    return {"count": counting, "count-models": counting}


def maintenance(settings: Settings, deps: Dependencies) -> Callable[[], None]:
    """Return the maintenance job, which does the requested rebuilds, and what each service does for companies."""
    rebuild_requested = requested_rebuilds(deps.database)
    maintain_companies = company_maintenance(settings, deps.database)

    def job() -> None:
        rebuild_requested()
        maintain_companies()

    return job


SERVICE = Service(
    name=NAME,
    schema=SCHEMA,
    port=PORT,
    read_settings=read_settings,
    build=build,
    blueprints=[dashboard, analytics, models, rebuild, audit],
    consumers=[
        count.CONSUMER,
        department_changed.CONSUMER,
        model_promoted.CONSUMER,
        model_used.CONSUMER,
        company_deleted.CONSUMER,
    ],
    queues=queues,
    errors={UnknownDepartment: (404, "department_not_found")},
    maintenance=maintenance,
)
