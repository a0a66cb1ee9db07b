"""The mail server, as use cases see it."""

from dataclasses import dataclass
from typing import Protocol

from notification_service.domain.delivery import Outcome


@dataclass(frozen=True)
class Mail:
    """A mail to one person."""

    address: str
    subject: str
    text: str
    message_id: str


class Mailer(Protocol):
    """Gives mails to a mail server; threads share it."""

    def send(self, mail: Mail) -> Outcome:
        """Offer a mail to the server once and return what is known then; raise nothing, and end in bounded time."""
