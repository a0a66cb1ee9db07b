"""The objects that request handlers, consumers and loops share, built once per process."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from threading import Event as Flag

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
from notification_service.domain.delivery import MessageIds
from notification_service.domain.mail.threads import ReplyTags
from notification_service.domain.mail_rules import MailRules
from notification_service.domain.mailbox import Provider
from notification_service.domain.storm import StormLimit
from notification_service.domain.unsubscribing import UnsubscribeLinks
from notification_service.domain.webhook import UrlRules
from notification_service.domain.webhook_delivery import Policy
from notification_service.live.server import run_live
from notification_service.metrics import MailMetrics, WebhookMetrics, show_webhook_backlog
from notification_service.ports import AccountLinks, Mailer, Renderer
from notification_service.settings import NAME, Settings
from notification_service.usecases.call_webhooks import WebhookSender
from notification_service.usecases.mailboxes import Mailboxes
from notification_service.usecases.read_mailbox import MailboxTools
from notification_service.usecases.take_mail import Intake
from notification_service.usecases.webhook_companies import WebhookCompanies

LOOKUPS_PER_CALL = 4
"""Late look-ups go on after their calls, so more of them are allowed: other names are still resolved."""
LINK_DEADLINE_SECONDS = 5.0


@dataclass(frozen=True)
class Webhooks:
    """The rules by which companies add webhooks, and the sender of their messages."""

    rules: UrlRules
    sealer: TextSealer
    sender: WebhookSender
    threads: int
    """How many messages a process sends at the same time."""
    max_per_company: int
    rotation: timedelta
    """How long a former secret signs beside the new one."""


@dataclass(frozen=True)
class Dependencies:
    """The dependencies of this service: `g.deps` in request handlers."""

    database: Database
    renderer: Renderer
    sends_per_minute: int
    """How many notifications one program or person may send in a minute."""
    mail_rules: MailRules
    unsubscribe_links: UnsubscribeLinks
    storm: StormLimit
    mailboxes: Mailboxes
    confidential: TextSealer
    """Protects the stored answers that show a mailbox's secret."""
    intake: Intake
    mailbox_tools: MailboxTools
    max_mail_bytes: int
    metrics: MailMetrics
    webhooks: Webhooks
    webhook_companies: WebhookCompanies
    most_bounces: int
    """After how many refused mails in a row an address gets none any more."""
    account_links: AccountLinks
    message_ids: MessageIds | None = None
    """None without a mail server: no mail is queued then."""
    mailer: Mailer | None = None
    mail_threads: int = 0
    live: Callable[[Flag], None] | None = None
    """Serves real time until the flag is set; None where another process does."""


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
        settings.mail_rules,
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
    permissions = Permissions(settings.imap_allowed_networks, settings.development)
    return Mailboxes(Sealer(settings.sealing_key), permissions.permit, faults, unencrypted)


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
