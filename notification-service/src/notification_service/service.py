"""notification-service on one screen: its dependencies, routes and consumers."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from threading import Event as Flag

from company_kit.http.audit import audit
from company_kit.maintenance import company_maintenance
from eventbus.service import Service
from service_kit.database.engine import Database
from service_kit.telemetry.metrics import Metrics

from notification_service.adapters.imap import ImapReader
from notification_service.adapters.mail_reader import ChildReader
from notification_service.adapters.sealing import ConfidentialResponses, Sealer
from notification_service.adapters.smtp import SmtpMailer
from notification_service.adapters.templates import JinjaRenderer
from notification_service.api.history import history
from notification_service.api.inbound_mails import inbound_mails
from notification_service.api.mailboxes import mailboxes
from notification_service.api.notifications import notifications
from notification_service.api.preferences import preferences
from notification_service.api.sending import sending
from notification_service.api.suppressed_addresses import suppressed_addresses
from notification_service.api.templates import templates
from notification_service.consumers import company_deleted, mail_accepted, notify_people, user_changed
from notification_service.dependencies import Dependencies
from notification_service.domain.delivery import MessageIds
from notification_service.domain.inbound import MailFileNotFound, MailNotFound, NotParked
from notification_service.domain.mail.threads import ReplyTags
from notification_service.domain.mailbox import BadMailbox, MailboxExists, MailboxNotFound, TooManyMailboxes
from notification_service.domain.notification import NotificationNotFound
from notification_service.domain.preferences import NoPerson
from notification_service.domain.suppression import SuppressionNotFound
from notification_service.domain.template import BadTemplate, TemplateExists, TemplateNotFound, TooManyTemplates
from notification_service.metrics import MailMetrics
from notification_service.ports import BadDelivery
from notification_service.settings import NAME, PORT, SCHEMA, Settings, read_settings
from notification_service.usecases.mailboxes import Mailboxes
from notification_service.usecases.read_mailbox import MailboxTools, run_mailboxes
from notification_service.usecases.receive_mail import NotVerified
from notification_service.usecases.remove_old import Retention
from notification_service.usecases.send_mail import run_mails
from notification_service.usecases.send_notification import PersonNotFound, TooManySent
from notification_service.usecases.take_mail import Intake, run_intake

ERRORS: dict[type[Exception], tuple[int, str]] = {
    NotificationNotFound: (404, "notification_not_found"),
    NoPerson: (409, "no_person"),
    BadTemplate: (400, "invalid"),
    TemplateNotFound: (404, "template_not_found"),
    TemplateExists: (409, "template_exists"),
    TooManyTemplates: (409, "too_many_templates"),
    PersonNotFound: (404, "person_not_found"),
    TooManySent: (429, "rate_limited"),
    MailboxNotFound: (404, "mailbox_not_found"),
    MailboxExists: (409, "mailbox_exists"),
    TooManyMailboxes: (409, "too_many_mailboxes"),
    BadMailbox: (400, "invalid"),
    BadDelivery: (400, "invalid"),
    NotVerified: (401, "not_verified"),
    MailNotFound: (404, "inbound_mail_not_found"),
    MailFileNotFound: (404, "inbound_mail_not_found"),
    SuppressionNotFound: (404, "suppression_not_found"),
    NotParked: (409, "not_parked"),
}


def build(settings: Settings, database: Database, metrics: Metrics) -> Dependencies:
    """Return what handlers and consumers need, once per process; connects to nothing."""
    secret = _key(settings, "secrets")
    known, mail_metrics = Mailboxes(Sealer(secret)), MailMetrics(metrics)
    imap = ImapReader(settings.imap_timeout_seconds, settings.imap_allowed_networks, settings.development)
    inbound = Dependencies(
        database,
        JinjaRenderer(),
        settings.sends_per_minute,
        mailboxes=known,
        confidential=ConfidentialResponses(secret),
        intake=Intake(
            database,
            ChildReader(),
            ReplyTags(_key(settings, "reply addresses")),
            settings.smtp_from,
            settings.inbound_automatic_per_hour,
        ),
        mailbox_tools=MailboxTools(
            database, known, imap, mail_metrics, settings.inbound_mail_max_bytes, settings.imap_seconds
        ),
        max_mail_bytes=settings.inbound_mail_max_bytes,
        metrics=mail_metrics,
    )
    return _with_mailer(settings, inbound) if settings.smtp_host else inbound


def _with_mailer(settings: Settings, inbound: Dependencies) -> Dependencies:
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
    message_ids = MessageIds(_key(settings, "Message-IDs"), domain)
    return replace(inbound, message_ids=message_ids, mailer=mailer, mail_threads=settings.smtp_threads)


def _key(settings: Settings, purpose: str) -> bytes:
    """Return a key of this service for one purpose."""
    return hashlib.sha256(f"{purpose}\n{settings.signing_key}".encode()).digest()


def maintenance(settings: Settings, deps: Dependencies) -> Callable[[], None]:
    """Return the periodic job, which removes old notifications and maintains companies."""
    retention = Retention(deps.database, settings.notification_days, settings.inbound_mail_days)
    maintain_companies = company_maintenance(settings, deps.database)

    def job() -> None:
        retention.run_when_due()
        maintain_companies()

    return job


def loops(settings: Settings, deps: Dependencies) -> Mapping[str, Callable[[Flag], object]]:
    """Return the readers and the senders of mails, for every replica; no senders without a mail server."""
    running: dict[str, Callable[[Flag], object]] = {
        f"intake-{number}": partial(run_intake, deps.intake) for number in range(settings.inbound_mail_threads)
    }
    running |= {f"imap-{number}": partial(run_mailboxes, deps.mailbox_tools) for number in range(settings.imap_threads)}
    if deps.mailer is not None:
        running |= {
            f"mail-{number}": partial(run_mails, deps.database, deps.mailer, deps.renderer, deps.intake.tags)
            for number in range(deps.mail_threads)
        }
    return running


SERVICE = Service(
    name=NAME,
    schema=SCHEMA,
    port=PORT,
    read_settings=read_settings,
    build=build,
    blueprints=[
        preferences,
        history,
        sending,
        templates,
        notifications,
        mailboxes,
        inbound_mails,
        suppressed_addresses,
        audit,
    ],
    consumers=[notify_people.CONSUMER, mail_accepted.CONSUMER, user_changed.CONSUMER, company_deleted.CONSUMER],
    errors=ERRORS,
    maintenance=maintenance,
    loops=loops,
)
