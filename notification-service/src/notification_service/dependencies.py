"""The objects that request handlers and consumers share, built once per process."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import Event as Flag

from outbound_kit.sealing import TextSealer
from service_kit.database.engine import Database

from notification_service.domain.delivery import MessageIds
from notification_service.domain.storm import StormLimit
from notification_service.domain.unsubscribing import UnsubscribeLinks
from notification_service.domain.webhook import UrlRules
from notification_service.metrics import MailMetrics
from notification_service.ports import AccountLinks, Mailer, Renderer
from notification_service.usecases.call_webhooks import WebhookSender
from notification_service.usecases.mailboxes import Mailboxes
from notification_service.usecases.read_mailbox import MailboxTools
from notification_service.usecases.take_mail import Intake
from notification_service.usecases.webhook_companies import WebhookCompanies


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
