"""The objects that request handlers and consumers share, built once per process."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event as Flag

from service_kit.database.engine import Database

from notification_service.domain.delivery import MessageIds
from notification_service.ports import Mailer, Renderer


@dataclass(frozen=True)
class Dependencies:
    """The dependencies of this service: `g.deps` in request handlers."""

    database: Database
    renderer: Renderer
    sends_per_minute: int
    """How many notifications one program or person may send in a minute."""
    message_ids: MessageIds | None = None
    """None without a mail server: no mail is queued then."""
    mailer: Mailer | None = None
    mail_threads: int = 0
    live: Callable[[Flag], None] | None = None
    """Serves real time until the flag is set; None where another process does."""
