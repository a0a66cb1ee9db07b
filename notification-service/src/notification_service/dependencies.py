"""The objects that request handlers and consumers share, built once per process."""

from dataclasses import dataclass

from service_kit.database.engine import Database

from notification_service.domain.delivery import MessageIds
from notification_service.domain.storm import StormLimit
from notification_service.domain.unsubscribing import UnsubscribeLinks
from notification_service.ports import Mailer, Renderer


@dataclass(frozen=True)
class Dependencies:
    """The dependencies of this service: `g.deps` in request handlers."""

    database: Database
    renderer: Renderer
    sends_per_minute: int
    """How many notifications one program or person may send in a minute."""
    unsubscribe_links: UnsubscribeLinks
    storm: StormLimit
    most_bounces: int
    """After how many refused mails in a row an address gets none any more."""
    message_ids: MessageIds | None = None
    """None without a mail server: no mail is queued then."""
    mailer: Mailer | None = None
    mail_threads: int = 0
