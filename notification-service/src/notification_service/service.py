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
from service_kit.database.engine import Database
from service_kit.telemetry.metrics import Metrics

from notification_service.adapters.sealing import FernetSealer
from notification_service.adapters.smtp import SmtpMailer
from notification_service.adapters.templates import JinjaRenderer
from notification_service.adapters.webhook_http import WebhookHttp
from notification_service.api.history import history
from notification_service.api.notifications import notifications
from notification_service.api.preferences import preferences
from notification_service.api.sending import sending
from notification_service.api.templates import templates
from notification_service.api.webhook_deliveries import deliveries
from notification_service.api.webhooks import webhooks
from notification_service.consumers import call_webhooks, company_deleted, notify_people, user_changed
from notification_service.dependencies import Dependencies, Webhooks
from notification_service.domain.delivery import MessageIds
from notification_service.domain.notification import NotificationNotFound
from notification_service.domain.preferences import NoPerson
from notification_service.domain.template import BadTemplate, TemplateExists, TemplateNotFound, TooManyTemplates
from notification_service.domain.webhook import (
    BadWebhook,
    TooManyWebhooks,
    UrlRules,
    WebhookInactive,
    WebhookNotFound,
)
from notification_service.domain.webhook_delivery import DeliveryNotFound, DeliveryOutstanding, Policy
from notification_service.settings import NAME, PORT, SCHEMA, Settings, read_settings
from notification_service.usecases.call_webhooks import WebhookSender, run_webhooks
from notification_service.usecases.remove_old import Retention
from notification_service.usecases.send_mail import run_mails
from notification_service.usecases.send_notification import PersonNotFound, TooManySent
from notification_service.usecases.webhook_companies import WebhookCompanies

LOOKUPS_PER_CALL = 4
"""Late look-ups go on after their calls, so more of them are allowed: other names are still resolved."""

ERRORS: dict[type[Exception], tuple[int, str]] = {
    NotificationNotFound: (404, "notification_not_found"),
    NoPerson: (409, "no_person"),
    BadTemplate: (400, "invalid"),
    TemplateNotFound: (404, "template_not_found"),
    TemplateExists: (409, "template_exists"),
    TooManyTemplates: (409, "too_many_templates"),
    PersonNotFound: (404, "person_not_found"),
    TooManySent: (429, "rate_limited"),
    BadWebhook: (400, "invalid"),
    WebhookNotFound: (404, "webhook_not_found"),
    DeliveryNotFound: (404, "webhook_delivery_not_found"),
    TooManyWebhooks: (409, "too_many_webhooks"),
    WebhookInactive: (409, "webhook_inactive"),
    DeliveryOutstanding: (409, "delivery_outstanding"),
}


def build(settings: Settings, database: Database, _metrics: Metrics) -> Dependencies:
    """Return what handlers and consumers need, once per process; connects to nothing."""
    message_ids, mailer = _mail(settings)
    return Dependencies(
        database,
        JinjaRenderer(),
        settings.sends_per_minute,
        _webhooks(settings, database, message_ids),
        WebhookCompanies(database),
        message_ids,
        mailer,
        settings.smtp_threads,
    )


def _mail(settings: Settings) -> tuple[MessageIds, SmtpMailer] | tuple[None, None]:
    if not settings.smtp_host:
        return None, None
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
    return MessageIds(key, settings.smtp_from.rpartition("@")[2]), mailer


def _webhooks(settings: Settings, database: Database, message_ids: MessageIds | None) -> Webhooks:
    permissions = Permissions(settings.webhook_allowed_networks, settings.development)
    sealer = FernetSealer(settings.webhook_key)
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
        WebhookSender(database, caller, sealer, policy, settings.webhook_threads, message_ids),
        settings.webhooks_per_company,
        timedelta(hours=settings.webhook_rotation_hours),
    )


def maintenance(settings: Settings, deps: Dependencies) -> Callable[[], None]:
    """Return the periodic job, which removes old notifications and maintains companies."""
    retention = Retention(deps.database, settings.notification_days, settings.webhook_days)
    maintain_companies = company_maintenance(settings, deps.database)

    def job() -> None:
        retention.run_when_due()
        maintain_companies()

    return job


def loops(_settings: Settings, deps: Dependencies) -> Mapping[str, Callable[[Flag], object]]:
    """Return the senders of webhooks and mails, for every replica; none of mails without a mail server."""
    found: dict[str, Callable[[Flag], object]] = {"webhooks": partial(run_webhooks, deps.webhooks.sender)}
    if deps.mailer is not None:
        run = partial(run_mails, deps.database, deps.mailer, deps.renderer)
        found |= {f"mail-{number}": run for number in range(deps.mail_threads)}
    return found


SERVICE = Service(
    name=NAME,
    schema=SCHEMA,
    port=PORT,
    read_settings=read_settings,
    build=build,
    blueprints=[preferences, history, sending, templates, notifications, deliveries, webhooks, audit],
    consumers=[notify_people.CONSUMER, call_webhooks.CONSUMER, user_changed.CONSUMER, company_deleted.CONSUMER],
    errors=ERRORS,
    maintenance=maintenance,
    loops=loops,
)
