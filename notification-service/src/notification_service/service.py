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
from notification_service.api.suppressions import suppressions
from notification_service.api.templates import templates
from notification_service.api.unsubscribing import unsubscribing
from notification_service.consumers import company_deleted, notify_people, team_changed, user_changed
from notification_service.dependencies import Dependencies
from notification_service.domain.delivery import MessageIds, NoMailServer, NotSuppressed
from notification_service.domain.notification import NotificationNotFound
from notification_service.domain.preferences import NoPerson
from notification_service.domain.storm import StormLimit
from notification_service.domain.template import BadTemplate, TemplateExists, TemplateNotFound, TooManyTemplates
from notification_service.domain.unsubscribing import BadToken, UnsubscribeLinks
from notification_service.settings import NAME, PORT, SCHEMA, Settings, read_settings
from notification_service.usecases.remove_old import Retention
from notification_service.usecases.send_mail import MailSender, run_mails
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
    NoMailServer: (409, "no_mail_server"),
    BadToken: (400, "invalid"),
    NotSuppressed: (404, "suppression_not_found"),
}


def build(settings: Settings, database: Database, _metrics: Metrics) -> Dependencies:
    """Return what handlers and consumers need, once per process; connects to nothing."""
    renderer = JinjaRenderer()
    links = UnsubscribeLinks(_key(settings, b"Unsubscribing"), settings.public_url)
    storm = StormLimit(settings.storm, settings.storm_minutes * 60)
    if not settings.smtp_host:
        return Dependencies(database, renderer, settings.sends_per_minute, links, storm, settings.most_bounces)
    message_ids = MessageIds(_key(settings, b"Message-IDs"), settings.smtp_from.rpartition("@")[2])
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
    return Dependencies(
        database,
        renderer,
        settings.sends_per_minute,
        links,
        storm,
        settings.most_bounces,
        message_ids,
        mailer,
        settings.smtp_threads,
    )


def _key(settings: Settings, purpose: bytes) -> bytes:
    return hashlib.sha256(purpose + b"\n" + settings.signing_key.encode()).digest()


def maintenance(settings: Settings, deps: Dependencies) -> Callable[[], None]:
    """Return the periodic job, which removes old notifications and maintains companies."""
    retention = Retention(deps.database, settings.notification_days)
    maintain_companies = company_maintenance(settings, deps.database)

    def job() -> None:
        retention.run_when_due()
        maintain_companies()

    return job


def loops(_settings: Settings, deps: Dependencies) -> Mapping[str, Callable[[Flag], object]]:
    """Return the senders of mails, for every replica; none without a mail server."""
    if deps.mailer is None or deps.message_ids is None:
        return {}
    sender = MailSender(deps.database, deps.mailer, deps.renderer, deps.unsubscribe_links, deps.most_bounces)
    return {f"mail-{number}": partial(run_mails, sender, deps.message_ids) for number in range(deps.mail_threads)}


SERVICE = Service(
    name=NAME,
    schema=SCHEMA,
    port=PORT,
    read_settings=read_settings,
    build=build,
    blueprints=[preferences, unsubscribing, suppressions, history, sending, templates, notifications, audit],
    consumers=[notify_people.CONSUMER, user_changed.CONSUMER, team_changed.CONSUMER, company_deleted.CONSUMER],
    errors=ERRORS,
    maintenance=maintenance,
    loops=loops,
)
