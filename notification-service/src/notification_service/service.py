"""notification-service on one screen: its dependencies, routes and consumers."""

from collections.abc import Callable

from company_kit.http.audit import audit
from company_kit.maintenance import company_maintenance
from eventbus.service import Service
from service_kit.database.engine import Database
from service_kit.telemetry.metrics import Metrics

from notification_service.api.notifications import notifications
from notification_service.api.preferences import preferences
from notification_service.consumers import company_deleted, notify_people, user_changed
from notification_service.dependencies import Dependencies
from notification_service.domain.notification import NotificationNotFound
from notification_service.domain.preferences import NoPerson
from notification_service.settings import NAME, PORT, SCHEMA, Settings, read_settings
from notification_service.usecases.remove_old import Retention

ERRORS: dict[type[Exception], tuple[int, str]] = {
    NotificationNotFound: (404, "notification_not_found"),
    NoPerson: (409, "no_person"),
}


def build(_settings: Settings, database: Database, _metrics: Metrics) -> Dependencies:
    """Return what handlers and consumers need, once per process; connects to nothing."""
    return Dependencies(database=database)


def maintenance(settings: Settings, deps: Dependencies) -> Callable[[], None]:
    """Return the periodic job, which removes old notifications and maintains companies."""
    retention = Retention(deps.database, settings.notification_days)
    maintain_companies = company_maintenance(settings, deps.database)

    def job() -> None:
        retention.run_when_due()
        maintain_companies()

    return job


SERVICE = Service(
    name=NAME,
    schema=SCHEMA,
    port=PORT,
    read_settings=read_settings,
    build=build,
    blueprints=[preferences, notifications, audit],
    consumers=[notify_people.CONSUMER, user_changed.CONSUMER, company_deleted.CONSUMER],
    errors=ERRORS,
    maintenance=maintenance,
)
