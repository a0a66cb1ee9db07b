"""Mails that have arrived: their states, and when two are the same."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from notification_service.domain.mail.message import ReadMail

BATCH = 50
"""How many mails one process takes together."""
READERS = 2
"""How many processes read the mails of one worker."""
READER_MAILS = 500
"""How many mails one of them reads before another one takes its place."""
MAX_ATTEMPTS = 5
"""A mail whose reading has ended its process as often as this is parked."""
CLAIM_SECONDS = 180
"""How long one process may read mails before another one tries."""
MAX_BATCH_SECONDS = 45
"""After so long the rest of a batch is given back: one mail may take two minutes, where it ends two readers."""
AUTOMATIC_PER_HOUR = 5
"""How many automatic mails of one address about one ticket, or about none, are taken in an hour."""


class MailState(StrEnum):
    """The state of an inbound mail."""

    STORED = "stored"
    PUBLISHED = "published"
    BOUNCE = "bounce"
    IGNORED = "ignored"
    DUPLICATE = "duplicate"
    PARKED = "parked"


@dataclass(frozen=True)
class Waiting:
    """A mail that waits for its reading; `attempts` counts the processes that took it and ended."""

    company_id: int
    id: int
    attempts: int


def next_batch(waiting: Sequence[Waiting], *, tried_first: bool) -> Sequence[Waiting]:
    """Return the mails to take together.

    A mail that a process took and didn't end with is taken alone, so that it counts against no other mail.
    `tried_first` decides whether such a mail comes before those that nobody has taken yet.
    """
    tried = [each for each in waiting if each.attempts][:1]
    untried = [each for each in waiting if not each.attempts]
    return (tried or untried) if tried_first else (untried or tried)


class MailNotFound(Exception):
    """The company has no such inbound mail."""

    def __init__(self, mail_id: int) -> None:
        super().__init__(f"there is no inbound mail {mail_id}")


class MailFileNotFound(Exception):
    """The mail has no such file."""


class NotParked(Exception):
    """Only a parked mail is tried again."""


@dataclass(frozen=True)
class InboundMail:
    """An inbound mail as people see it."""

    id: int
    mailbox: str
    state: MailState
    reason: str
    kind: str | None
    sender: str | None
    subject: str | None
    size_bytes: int
    ticket_id: int | None
    comment_id: int | None
    received_at: datetime
    ended_at: datetime | None


def content_key(mail: ReadMail, sha256: bytes) -> bytes:
    """Return what two copies of a mail share, in whatever mailboxes they arrive and whatever headers they got there."""
    if mail.message_id is None:
        return sha256
    files = "\n".join(f"{each.name} {each.size}" for each in mail.files)
    body = hashlib.sha256(f"{mail.text}\n{files}".encode()).digest()
    return hashlib.sha256(mail.message_id.encode() + b"\n" + body).digest()
