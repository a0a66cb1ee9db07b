"""notification-service on one screen: its dependencies, routes and consumers."""

from collections.abc import Callable, Mapping
from functools import partial
from threading import Event as Flag

from company_kit.http.audit import audit
from company_kit.maintenance import company_maintenance
from eventbus.subscription import QueueOptions
from operations_kit.service import Service

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
    company_deleted,
    mail_accepted,
    mail_account_links,
    notify_people,
    team_changed,
    user_changed,
)
from notification_service.dependencies import Dependencies, build
from notification_service.domain.delivery import NoMailServer
from notification_service.domain.inbound import MailFileNotFound, MailNotFound, NotParked
from notification_service.domain.mail_rules import AddressNotConfirmed, MailsUsedUp
from notification_service.domain.mailbox import BadMailbox, MailboxExists, MailboxNotFound, TooManyMailboxes
from notification_service.domain.notification import NotificationNotFound
from notification_service.domain.preferences import NoPerson
from notification_service.domain.suppression import SuppressionNotFound
from notification_service.domain.template import BadTemplate, TemplateExists, TemplateNotFound, TooManyTemplates
from notification_service.domain.unsubscribing import BadToken
from notification_service.domain.webhook import (
    BadWebhook,
    TooManyWebhooks,
    WebhookInactive,
    WebhookNotFound,
)
from notification_service.domain.webhook_delivery import DeliveryNotFound, DeliveryOutstanding
from notification_service.ports import BadDelivery
from notification_service.settings import NAME, PORT, SCHEMA, Settings, read_settings
from notification_service.usecases.read_mailbox import run_mailboxes
from notification_service.usecases.receive_mail import NotVerified
from notification_service.usecases.remove_old import Retention
from notification_service.usecases.remove_old_changes import ChangeRetention
from notification_service.usecases.run_webhooks import Calls, run_webhooks
from notification_service.usecases.send_mail import MailSender, run_mails
from notification_service.usecases.send_notification import PersonNotFound, TooManySent
from notification_service.usecases.take_mail import run_intake

NEW_TICKET_EVENTS = {"ticket.created", "ticket.routed"}
MAX_NEW_TICKET_DELAY_SECONDS = 0.1

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
    AddressNotConfirmed: (409, "address_not_confirmed"),
    MailsUsedUp: (429, "mails_used_up"),
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


def queues(_settings: Settings) -> Mapping[str, QueueOptions]:
    """Return the options of the queues. A ticket is created, routed and assigned in quick succession: one batch for it.

    What people wait for beside a ticket, such as a comment, isn't delayed.
    """
    at_once = set(notify_people.CONSUMER.types) - NEW_TICKET_EVENTS
    return {"notify-people": QueueOptions(max_batch_delay_seconds=MAX_NEW_TICKET_DELAY_SECONDS, flush_on=at_once)}


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
            settings.mail_rules,
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
        user_changed.CONSUMER,
        team_changed.CONSUMER,
        company_deleted.CONSUMER,
    ],
    errors=ERRORS,
    maintenance=maintenance,
    loops=loops,
    queues=queues,
)
