"""notification-service on one screen: its dependencies, routes and consumers."""

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from threading import Event as Flag

from company_kit.http.audit import audit
from company_kit.maintenance import company_maintenance
from eventbus.service import Service
from service_kit.database.engine import Database
from service_kit.telemetry.metrics import Metrics

from notification_service.adapters.smtp import SmtpMailer
from notification_service.adapters.templates import JinjaRenderer
from notification_service.api.history import history
from notification_service.api.notifications import notifications
from notification_service.api.preferences import preferences
from notification_service.api.sending import sending
from notification_service.api.templates import templates
from notification_service.consumers import company_deleted, notify_people, user_changed
from notification_service.dependencies import Dependencies
from notification_service.domain.delivery import MessageIds
from notification_service.domain.notification import NotificationNotFound
from notification_service.domain.preferences import NoPerson
from notification_service.domain.template import BadTemplate, TemplateExists, TemplateNotFound, TooManyTemplates
from notification_service.live.server import run_live
from notification_service.settings import NAME, PORT, SCHEMA, Settings, read_settings
from notification_service.usecases.remove_old import Retention
from notification_service.usecases.remove_old_changes import ChangeRetention
from notification_service.usecases.send_mail import run_mails
from notification_service.usecases.send_notification import PersonNotFound, TooManySent

ERRORS: dict[type[Exception], tuple[int, str]] = {
    NotificationNotFound: (404, "notification_not_found"),
    NoPerson: (409, "no_person"),
    BadTemplate: (400, "invalid"),
    TemplateNotFound: (404, "template_not_found"),
    TemplateExists: (409, "template_exists"),
    TooManyTemplates: (409, "too_many_templates"),
    PersonNotFound: (404, "person_not_found"),
    TooManySent: (429, "rate_limited"),
}


def build(settings: Settings, database: Database, metrics: Metrics) -> Dependencies:
    """Return what handlers and consumers need, once per process; connects to nothing."""
    renderer = JinjaRenderer()
    live = partial(run_live, settings, metrics) if settings.live_in_worker else None
    if not settings.smtp_host:
        return Dependencies(database, renderer, settings.sends_per_minute, live=live)
    key = hashlib.sha256(b"Message-IDs\n" + settings.signing_key.encode()).digest()
    mailer = SmtpMailer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_tls,
        settings.smtp_from,
        user=settings.smtp_user,
        password=settings.smtp_password,
        timeout_seconds=settings.smtp_timeout_seconds,
        inside=settings.allow_inside_addresses,
    )
    domain = settings.smtp_from.rpartition("@")[2]
    return Dependencies(
        database, renderer, settings.sends_per_minute, MessageIds(key, domain), mailer, settings.smtp_threads, live
    )


def maintenance(settings: Settings, deps: Dependencies) -> Callable[[], None]:
    """Return the periodic job, which removes old notifications and maintains companies."""
    retention = Retention(deps.database, settings.notification_days)
    change_retention = ChangeRetention(deps.database, settings.live_hours, settings.live_events)
    maintain_companies = company_maintenance(settings, deps.database)

    def job() -> None:
        retention.run_when_due()
        change_retention.run_when_due()
        maintain_companies()

    return job


def loops(_settings: Settings, deps: Dependencies) -> Mapping[str, Callable[[Flag], object]]:
    """Return the senders of mails, none without a mail server, and real time, for every replica."""
    live: dict[str, Callable[[Flag], object]] = {} if deps.live is None else {"live": deps.live}
    if deps.mailer is None:
        return live
    return live | {
        f"mail-{number}": partial(run_mails, deps.database, deps.mailer, deps.renderer)
        for number in range(deps.mail_threads)
    }


SERVICE = Service(
    name=NAME,
    schema=SCHEMA,
    port=PORT,
    read_settings=read_settings,
    build=build,
    blueprints=[preferences, history, sending, templates, notifications, audit],
    consumers=[notify_people.CONSUMER, user_changed.CONSUMER, company_deleted.CONSUMER],
    errors=ERRORS,
    maintenance=maintenance,
    loops=loops,
)
