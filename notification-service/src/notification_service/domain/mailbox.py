"""Mailboxes of a company: addresses at which its mails arrive, and by which way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

MAX_MAILBOXES = 50
MAX_SHARED = 20
"""How many companies may name one address for the same provider."""


class Provider(StrEnum):
    """The way by which mails arrive."""

    GENERIC = "generic"
    SENDGRID = "sendgrid"
    MAILGUN = "mailgun"
    POSTMARK = "postmark"
    IMAP = "imap"


class Security(StrEnum):
    """How the connection to an IMAP server is encrypted."""

    TLS = "tls"
    """From the start."""
    STARTTLS = "starttls"
    """After the greeting, before the password is sent."""
    NONE = "none"
    """Not at all; only where the operator allows it."""


GENERATED = frozenset({Provider.GENERIC, Provider.POSTMARK})
"""The providers whose secret is made here; the others have one of their own."""
SECRETS = {
    Provider.SENDGRID: "the verification key of the security policy",
    Provider.MAILGUN: "the HTTP webhook signing key",
    Provider.IMAP: "the password",
}
IMAP_FIELDS = ("host", "port", "security", "username", "folder")
IMAP_PORT, PLAIN_PORT = 993, 143


class MailboxNotFound(Exception):
    """The company has no such mailbox."""

    def __init__(self, mailbox_id: int) -> None:
        super().__init__(f"there is no mailbox {mailbox_id}")


class MailboxExists(Exception):
    """The company has a mailbox of that address already."""


class TooManyMailboxes(Exception):
    """The company has reached the limit of mailboxes."""


class BadMailbox(Exception):
    """A mailbox can't be set up like this; `errors` names the field."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.errors = [{"field": name, "message": message}]


@dataclass(frozen=True)
class Mailbox:
    """A mailbox. The last fields are about the reader of an IMAP mailbox."""

    company_id: int
    id: int
    address: str
    provider: Provider
    secret_sealed: bytes = field(repr=False)
    host: str | None
    port: int | None
    security: str | None
    username: str | None
    folder: str | None
    is_active: bool
    version: int
    created_at: datetime
    updated_at: datetime
    read_at: datetime | None
    fault: str
    uid_validity: int | None
    last_uid: int | None


def with_defaults(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an IMAP mailbox, the missing ones filled in."""
    security = values.get("security") or Security.TLS
    port = values.get("port") or (IMAP_PORT if security == Security.TLS else PLAIN_PORT)
    return {**values, "security": security, "port": port, "folder": values.get("folder") or "INBOX"}


def needs_secret_again(before: Mailbox, after: Mapping[str, Any]) -> str | None:
    """Return why a changed mailbox needs its password again, None where it doesn't.

    Without it a changed host would be sent the password that another admin has entered, or everybody on the way.
    """
    if after["host"] != before.host:
        return "Another host needs the password again."
    if after["security"] == Security.NONE != before.security:
        return "A connection without encryption needs the password again."
    return None


def check(provider: Provider, values: Mapping[str, Any], *, secret_given: bool, unencrypted: bool = False) -> None:
    """Raise BadMailbox where the fields don't fit the provider.

    `unencrypted`: whether the operator allows connections without encryption at all.
    """
    if provider is Provider.IMAP:
        if values.get("security") == Security.NONE and not unencrypted:
            raise BadMailbox("security", "Passwords are sent encrypted; the operator can allow networks without it.")
        for name in ("host", "username"):
            if not values.get(name):
                raise BadMailbox(name, "Needed to read a mailbox by IMAP.")
    else:
        for name in IMAP_FIELDS:
            if values.get(name) is not None:
                raise BadMailbox(name, "For the provider imap alone.")
    if provider in GENERATED and secret_given:
        raise BadMailbox("secret", "Is made here; leave it out.")
    if provider not in GENERATED and not secret_given:
        raise BadMailbox("secret", f"Needed: {SECRETS[provider]}.")
