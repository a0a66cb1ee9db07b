"""The mail server, the templates' language, receivers of webhooks and their secrets, as use cases see them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from notification_service.domain.delivery import Outcome
from notification_service.domain.template import Context
from notification_service.domain.webhook_delivery import Outcome as CallOutcome


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


class Renderer(Protocol):
    """Checks and renders templates; threads share it."""

    def check(self, field: str, source: str, variables: Collection[str] | None = None) -> None:
        """Raise BadTemplate where a source isn't accepted, or names anything but `variables` (None: any)."""

    def render(self, field: str, source: str, values: Context) -> str:
        """Return a source with its values; raise BadTemplate for a missing value or too long a text."""


class Caller(Protocol):
    """Calls receivers of webhooks; threads share it."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> CallOutcome:
        """Send a message once and return what came of it; raise nothing, and end in bounded time."""


class Sealer(Protocol):
    """Encrypts what the database must keep but not reveal; threads share it."""

    def seal_text(self, text: str) -> str:
        """Return the encrypted text."""

    def unseal_text(self, text: str) -> str:
        """Return the text that was encrypted; raise CannotUnseal."""

    def digest(self, content: bytes) -> bytes:
        """Return a keyed digest."""


class CannotUnseal(Exception):
    """Something was sealed with another secret, or was changed since."""
