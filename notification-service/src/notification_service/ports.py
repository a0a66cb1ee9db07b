"""The mail server and the templates' language, as use cases see them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from notification_service.domain.delivery import Outcome
from notification_service.domain.template import Context


@dataclass(frozen=True)
class Mail:
    """A mail to one person."""

    address: str
    subject: str
    text: str
    message_id: str
    footer: str = ""
    unsubscribe_url: str = ""
    """The address that ends mails of this kind; '' where there is none."""


class Mailer(Protocol):
    """Gives mails to a mail server; threads share it."""

    def send(self, mail: Mail) -> Outcome:
        """Offer a mail to the server once and return what is known then; raise nothing, and end in bounded time."""


class Renderer(Protocol):
    """Checks and renders templates; threads share it."""

    def check(self, field: str, source: str, variables: Collection[str] | None = None) -> None:
        """Raise BadTemplate where a source isn't accepted, or names anything but `variables` (None: any)."""

    def render(self, field: str, source: str, values: Context) -> str:
        """Return a source with its values; raise BadTemplate for a missing value or too long a text."""
