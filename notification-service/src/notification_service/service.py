"""notification-service on one screen: its dependencies, routes and consumers."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from threading import Event as Flag

from company_kit.http.audit import audit
from company_kit.maintenance import company_maintenance
from eventbus.service import Service
from outbound_kit.client import OutboundHttp, Permissions
from outbound_kit.sealing import Sealer, TextSealer
from service_kit.database.engine import Database
from service_kit.http_client import ServiceClient
from service_kit.identity import TokenSigner
from service_kit.telemetry.metrics import Metrics

from notification_service.adapters.account_links import AUTH, HttpAccountLinks
from notification_service.adapters.imap import ImapReader
from notification_service.adapters.mail_reader import ReaderPool
from notification_service.adapters.providers import PROVIDERS
from notification_service.adapters.smtp import SmtpMailer
from notification_service.adapters.templates import JinjaRenderer
from notification_service.adapters.webhook_http import WebhookHttp
from notification_service.api.history import history
from notification_service.api.inbound_mails import inbound_mails
from notification_service.api.mailboxes import mailboxes
from notification_service.api.notifications import notifications
from notification_service.api.preferences import preferences
from notification_service.api.sending import sending
from notification_service.api.suppressed_addresses import suppressed_addresses
from notification_service.api.templates import templates
from notification_service.api.unsubscribing import unsubscribing
from notification_service.api.webhook_deliveries import deliveries
from notification_service.api.webhooks import webhooks
from notification_service.consumers import (
    call_webhooks,
    company_deleted,
    mail_accepted,
    mail_account_links,
    notify_people,
    team_changed,
    user_changed,
)
from notification_service.dependencies import Dependencies, Webhooks
from notification_service.domain.delivery import MessageIds, NoMailServer
from notification_service.domain.inbound import MailFileNotFound, MailNotFound, NotParked
from notification_service.domain.mail.threads import ReplyTags
from notification_service.domain.mailbox import BadMailbox, MailboxExists, MailboxNotFound, Provider, TooManyMailboxes
from notification_service.domain.notification import NotificationNotFound
from notification_service.domain.preferences import NoPerson
from notification_service.domain.storm import StormLimit
from notification_service.domain.suppression import SuppressionNotFound
from notification_service.domain.template import BadTemplate, TemplateExists, TemplateNotFound, TooManyTemplates
from notification_service.domain.unsubscribing import BadToken, UnsubscribeLinks
from notification_service.domain.webhook import (
    BadWebhook,
    TooManyWebhooks,
    UrlRules,
    WebhookInactive,
    WebhookNotFound,
)
from notification_service.domain.webhook_delivery import DeliveryNotFound, DeliveryOutstanding, Policy
from notification_service.live.server import run_live
from notification_service.metrics import MailMetrics, WebhookMetrics, show_webhook_backlog
from notification_service.ports import BadDelivery
from notification_service.settings import NAME, PORT, SCHEMA, Settings, read_settings
from notification_service.usecases.call_webhooks import WebhookSender
from notification_service.usecases.mailboxes import Mailboxes
from notification_service.usecases.read_mailbox import MailboxTools, run_mailboxes
from notification_service.usecases.receive_mail import NotVerified
from notification_service.usecases.remove_old import Retention
from notification_service.usecases.remove_old_changes import ChangeRetention
from notification_service.usecases.run_webhooks import Calls, run_webhooks
from notification_service.usecases.send_mail import MailSender, run_mails
from notification_service.usecases.send_notification import PersonNotFound, TooManySent
from notification_service.usecases.take_mail import Intake, run_intake
from notification_service.usecases.webhook_companies import WebhookCompanies

LOOKUPS_PER_CALL = 4
"""Late look-ups go on after their calls, so more of them are allowed: other names are still resolved."""
LINK_DEADLINE_SECONDS = 5.0

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
    BadWebhook: (400, "invalid"),
    WebhookNotFound: (404, "webhook_not_found"),
    DeliveryNotFound: (404, "webhook_delivery_not_found"),
    TooManyWebhooks: (409, "too_many_webhooks"),
    WebhookInactive: (409, "webhook_inactive"),
    DeliveryOutstanding: (409, "delivery_outstanding"),
}


def build(settings: Settings, database: Database, metrics: Metrics) -> Dependencies:
    """Return what handlers and consumers need, once per process; connects to nothing."""
    message_ids = MessageIds(_key(settings, "Message-IDs"), settings.smtp_from.rpartition("@")[2])
    mail_metrics, known = MailMetrics(metrics), _mailboxes(settings)
    imap = ImapReader(settings.imap_timeout_seconds, settings.imap_allowed_networks, settings.development,
                      settings.imap_unencrypted_networks)  # fmt: skip
    has_server = bool(settings.smtp_host)
    return Dependencies(
        database,
        JinjaRenderer(),
        settings.sends_per_minute,
        confidential=TextSealer(settings.sealing_key),
        unsubscribe_links=UnsubscribeLinks(_key(settings, "Unsubscribing"), settings.public_url),
        storm=StormLimit(settings.storm, settings.storm_minutes * 60),
        mailboxes=known,
        intake=Intake(
            database,
            ReaderPool(settings.mail_readers, settings.mail_reader_mails),
            ReplyTags(_key(settings, "reply addresses")),
            settings.smtp_from,
            settings.inbound_automatic_per_hour,
            settings.mail_batch,
            settings.mail_readers,
        ),
        mailbox_tools=MailboxTools(
            database, known, imap, mail_metrics, settings.inbound_mail_max_bytes, settings.imap_seconds
        ),
        max_mail_bytes=settings.inbound_mail_max_bytes,
        metrics=mail_metrics,
        webhooks=_webhooks(settings, database, metrics, message_ids if has_server else None),
        webhook_companies=WebhookCompanies(database),
        message_ids=message_ids if has_server else None,
        mailer=_mailer(settings) if has_server else None,
        mail_threads=settings.smtp_threads,
        most_bounces=settings.most_bounces,
        account_links=_account_links(settings),
        live=partial(run_live, settings, metrics) if settings.live_in_worker else None,
    )


def _mailboxes(settings: Settings) -> Mailboxes:
    faults = {Provider(name): each.fault_of for name, each in PROVIDERS.items()}
    unencrypted = settings.development or bool(settings.imap_unencrypted_networks)
    return Mailboxes(Sealer(settings.sealing_key), faults, unencrypted)


def _account_links(settings: Settings) -> HttpAccountLinks:
    client = ServiceClient(AUTH, settings.auth_service_url, deadline_seconds=LINK_DEADLINE_SECONDS)
    return HttpAccountLinks(client, TokenSigner(NAME, settings.signing_key), NAME)


def _mailer(settings: Settings) -> SmtpMailer:
    return SmtpMailer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_tls,
        settings.smtp_from,
        user=settings.smtp_user,
        password=settings.smtp_password,
        timeout_seconds=settings.smtp_timeout_seconds,
        inside=settings.allow_inside_addresses,
    )


def _webhooks(settings: Settings, database: Database, metrics: Metrics, message_ids: MessageIds | None) -> Webhooks:
    show_webhook_backlog(metrics, database)
    permissions = Permissions(settings.webhook_allowed_networks, settings.development)
    sealer = TextSealer(settings.sealing_key)
    http = OutboundHttp(permissions, max_lookups=LOOKUPS_PER_CALL * settings.webhook_threads)
    policy = Policy(
        retry_seconds=settings.webhook_retry_seconds,
        breaker_failures=settings.webhook_breaker_failures,
        probe_seconds=settings.webhook_probe_seconds,
        disable_after=timedelta(days=settings.webhook_disable_days),
        per_company=settings.webhook_parallel_per_company,
        per_webhook=settings.webhook_parallel_per_endpoint,
    )
    caller = WebhookHttp(http, settings.webhook_timeout_seconds)
    return Webhooks(
        UrlRules(settings.webhook_ports, permissions.permit),
        sealer,
        WebhookSender(database, caller, sealer, policy, WebhookMetrics(metrics), message_ids),
        settings.webhook_threads,
        settings.webhooks_per_company,
        timedelta(hours=settings.webhook_rotation_hours),
    )


def _key(settings: Settings, purpose: str) -> bytes:
    """Return a key of this service for one purpose."""
    return hashlib.sha256(f"{purpose}\n{settings.signing_key}".encode()).digest()


def maintenance(settings: Settings, deps: Dependencies) -> Callable[[], None]:
    """Return the periodic job, which removes old notifications and maintains companies."""
    retention = Retention(deps.database, settings.notification_days, settings.inbound_mail_days, settings.webhook_days)
    change_retention = ChangeRetention(deps.database, settings.live_hours, settings.live_events)
    maintain_companies = company_maintenance(settings, deps.database)

    def job() -> None:
        retention.run_when_due()
        change_retention.run_when_due()
        maintain_companies()

    return job


def loops(settings: Settings, deps: Dependencies) -> Mapping[str, Callable[[Flag], object]]:
    """Return real time, the senders of webhooks, the readers and, with a mail server, the senders of mails."""
    running: dict[str, Callable[[Flag], object]] = {
        "webhooks": partial(run_webhooks, Calls(deps.webhooks.sender, deps.webhooks.threads))
    }
    running |= {f"intake-{n}": partial(run_intake, deps.intake) for n in range(settings.inbound_mail_threads)}
    running |= {f"imap-{n}": partial(run_mailboxes, deps.mailbox_tools) for n in range(settings.imap_threads)}
    if deps.mailer is not None and deps.message_ids is not None:
        sender = MailSender(
            deps.database,
            deps.mailer,
            deps.renderer,
            deps.unsubscribe_links,
            deps.intake.tags,
            deps.most_bounces,
            deps.account_links,
            settings.public_url,
        )
        running |= {f"mail-{n}": partial(run_mails, sender, deps.message_ids) for n in range(deps.mail_threads)}
    if deps.live is not None:
        running["live"] = deps.live
    return running


SERVICE = Service(
    name=NAME,
    schema=SCHEMA,
    port=PORT,
    read_settings=read_settings,
    build=build,
    blueprints=[
        preferences,
        unsubscribing,
        history,
        sending,
        templates,
        notifications,
        mailboxes,
        inbound_mails,
        suppressed_addresses,
        deliveries,
        webhooks,
        audit,
    ],
    consumers=[
        notify_people.CONSUMER,
        mail_accepted.CONSUMER,
        mail_account_links.CONSUMER,
        call_webhooks.CONSUMER,
        user_changed.CONSUMER,
        team_changed.CONSUMER,
        company_deleted.CONSUMER,
    ],
    errors=ERRORS,
    maintenance=maintenance,
    loops=loops,
)
