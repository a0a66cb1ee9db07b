"""Mail servers, providers of mails, receivers of webhooks and the language of templates, as use cases see them."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from service_kit.identity import Caller

from notification_service.domain.account_mail import Link
from notification_service.domain.delivery import Outcome
from notification_service.domain.mail.read_mail import Reading
from notification_service.domain.mailbox import Security
from notification_service.domain.template import Context
from notification_service.domain.webhook_delivery import Outcome as CallOutcome


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
    reply_to: str | None = None
    """Where answers go, None for the sender's address."""
    thread_id: str | None = None
    """The Message-ID that all mails about the ticket refer to."""


class Mailer(Protocol):
    """Gives mails to a mail server; threads share it."""

    def send(self, mail: Mail) -> Outcome:
        """Offer a mail to the server once and return what is known then; raise nothing, and end in bounded time."""


class AccountLinks(Protocol):
    """Makes links of accounts; each one replaces those of before. Threads share it."""

    def password_reset(self, company_id: int, user_id: int) -> Link:
        """Return a link for a new password; raise NoLink, LinksDown."""

    def email_verification(self, company_id: int, user_id: int, email: str) -> Link:
        """Return a link that confirms an address; raise NoLink, also once another one is asked for, LinksDown."""

    def invitation(self, company_id: int, invitation_id: int) -> Link:
        """Return a link by which an invited person joins; raise NoLink, LinksDown."""


class TicketPresence(Protocol):
    """Shows people at tickets; threads share it."""

    def renew(self, person: Caller, ticket_id: int, *, typing: bool) -> None:
        """Renew a person's lease at a ticket; raise nothing, and end in bounded time."""


class Renderer(Protocol):
    """Checks and renders templates; threads share it."""

    def check(self, field: str, source: str, variables: Collection[str] | None = None) -> None:
        """Raise BadTemplate where a source isn't accepted, or names anything but `variables` (None: any)."""

    def render(self, field: str, source: str, values: Context) -> str:
        """Return a source with its values; raise BadTemplate for a missing value or too long a text."""


class BadDelivery(Exception):
    """A provider's request holds no mail; `errors` names the field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.errors = [{"field": field, "message": message}]


@dataclass(frozen=True)
class Incoming:
    """A request of a provider: its headers by lower-case name, the recipient in its query, and its body."""

    headers: Mapping[str, str]
    recipient: str
    body: bytes = field(repr=False)
    forms: dict[str, Mapping[str, bytes]] = field(default_factory=dict, repr=False, compare=False)
    """The body's form, once it was read: it is checked against several secrets."""

    def header(self, name: str) -> str:
        """Return a header's value, '' without one."""
        return self.headers.get(name, "")


@dataclass(frozen=True)
class Delivered:
    """A mail in a provider's request; `token` is used for one mail, where the signature doesn't cover it."""

    recipients: Sequence[str]
    raw: bytes = field(repr=False)
    token: str | None = None


class MailProvider(Protocol):
    """A provider that sends mails by webhook."""

    def delivered(self, incoming: Incoming) -> Delivered:
        """Return the mail and whom it is for; raise BadDelivery."""

    def verifies(self, incoming: Incoming, secret: str, now: float) -> bool:
        """Return whether a request proves to come from the provider that has the secret of a mailbox."""

    def fault_of(self, secret: str) -> str:
        """Return what is wrong with a secret that an admin enters, for people; '' where it may be right."""


class MailReader(Protocol):
    """Reads mails in processes with limits; threads share it."""

    def read(self, raw: bytes, own_addresses: Collection[str]) -> Reading:
        """Return what a mail says, with files without their contents; raise Unreadable."""

    def file(self, raw: bytes, position: int) -> bytes:
        """Return the content of a file of a mail; raise Unreadable."""


class MailServerDown(Exception):
    """A mailbox can't be read; the reason is for people."""


@dataclass(frozen=True)
class ImapServer:
    """Where a mailbox is read, and as whom."""

    host: str
    port: int
    username: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    security: Security = Security.TLS


class MailFolder(Protocol):
    """An open folder of a mailbox. The numbers of its mails hold for one `uid_validity`."""

    uid_validity: int
    uid_next: int

    def after(self, uid: int) -> Sequence[int]:
        """Return the numbers of the mails after a number, in order; raise MailServerDown."""

    def since(self, day: date) -> Sequence[int]:
        """Return the numbers of the mails that have arrived since a day, in order; raise MailServerDown."""

    def size(self, uid: int) -> int | None:
        """Return the size of a mail in bytes, None where it is gone; raise MailServerDown."""

    def headers(self, uid: int) -> bytes:
        """Return the headers that tell a mail from others, b'' without any; raise MailServerDown."""

    def content(self, uid: int) -> bytes | None:
        """Return a mail without marking it as read, None where it is gone; raise MailServerDown."""


class MailboxReader(Protocol):
    """Opens mailboxes; threads share it."""

    def open(self, server: ImapServer) -> AbstractContextManager[MailFolder]:
        """Open a mailbox's folder for reading; raise MailServerDown."""


class Caller(Protocol):
    """Calls receivers of webhooks; threads share it."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> CallOutcome:
        """Send a message once and return what came of it; raise nothing, and end in bounded time."""
