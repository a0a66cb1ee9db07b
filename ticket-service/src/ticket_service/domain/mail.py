"""Mails as tickets and comments: who writes, whether it takes part in the ticket, and how its text is shown."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ticket_service.domain.comment_text import MAX_TEXT_BYTES, stored_text
from ticket_service.domain.comments import AuthorKind
from ticket_service.domain.ticket import Ticket

NO_TEXT = "(no text)"
CUT = "\n[…]"
MAX_FETCHES = 20
"""A file that could not be fetched as often as this is given up."""
FIRST_PAUSE_SECONDS = 5
MAX_PAUSE_SECONDS = 3600
_REQUESTER = "requester"
_ADDRESS = "mail:"
"""The beginning of authors who are an address."""


@dataclass(frozen=True)
class ReceivedMail:
    """A mail as notification-service has read it; `mail.received` explains the fields."""

    mail_id: int
    mailbox: str
    message_id: str | None
    references: list[str]
    proven_ticket_id: int | None
    proven_user_id: int | None
    subject_ticket_id: int | None
    sender_email: str
    sender_name: str | None
    sender_user_id: int | None
    sender_role: str | None
    automatic: bool
    subject: str
    text: str
    answer: str | None
    files: list[dict[str, Any]]
    received_at: str
    internal: bool = False

    @property
    def received(self) -> datetime:
        """Return when it arrived."""
        return datetime.fromisoformat(self.received_at)


@dataclass(frozen=True)
class MailAuthor:
    """The author of a comment that came by mail."""

    actor: str
    kind: AuthorKind
    is_participant: bool


@dataclass(frozen=True)
class MissingFile:
    """A file of a mail that the comment doesn't have, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class CommentMail:
    """The mail that a comment came by. `whole_text` is None where the comment shows all of it."""

    sender: str
    is_participant: bool
    is_automatic: bool
    whole_text: str | None
    missing_files: Sequence[MissingFile] = ()


def message_key(message_id: str) -> bytes:
    """Return what a Message-ID is found by."""
    return hashlib.sha256(message_id.encode()).digest()


def requester_of(mail: ReceivedMail) -> str | None:
    """Return the owner of the ticket that a mail opens: the person with its address, None without one.

    An automatic mail has no owner, so that nobody is sent a receipt for it.
    """
    return None if mail.automatic or mail.sender_user_id is None else f"user:{mail.sender_user_id}"


def takes_part(mail: ReceivedMail, ticket: Ticket, *, has_written: bool) -> bool:
    """Return whether a mail's sender is the ticket's requester, or has taken part in it by mail before.

    The address is taken at its word, as by everything that reads mails: it gives no right to read anything.
    """
    is_requester = bool(mail.sender_email) and mail.sender_email.casefold() == (ticket.user_email or "").casefold()
    if has_written or is_requester:
        return True
    return mail.sender_user_id is not None and ticket.customer_id == f"user:{mail.sender_user_id}"


def author_of(mail: ReceivedMail, ticket: Ticket, *, has_written: bool) -> MailAuthor:
    """Return the author of a comment by mail.

    A person of the company writes under its account where the mail that it answers was sent to it alone, or where the
    ticket is its own. Everybody else is an address; who takes no part in the ticket is marked as such.
    """
    is_participant = takes_part(mail, ticket, has_written=has_written)
    if mail.automatic:
        return MailAuthor(f"{_ADDRESS}{mail.sender_email}", AuthorKind.MACHINE, is_participant)
    user = f"user:{mail.sender_user_id}"
    if mail.sender_user_id is not None and mail.sender_user_id == mail.proven_user_id:
        kind = AuthorKind.REQUESTER if mail.sender_role == _REQUESTER else AuthorKind.AGENT
        return MailAuthor(f"person:{user}", kind, is_participant=True)
    if mail.sender_user_id is not None and ticket.customer_id == user:
        return MailAuthor(f"person:{user}", AuthorKind.REQUESTER, is_participant=True)
    return MailAuthor(f"{_ADDRESS}{mail.sender_email}", AuthorKind.REQUESTER, is_participant)


def is_address(author: str) -> bool:
    """Return whether an author is the address of a mail, not a person of the company or a service."""
    return author.startswith(_ADDRESS)


def description_of(mail: ReceivedMail) -> str:
    """Return the description of the ticket that a mail opens: all of its text, quoted mails included."""
    return mail.text if mail.text.strip() else NO_TEXT


def comment_texts(mail: ReceivedMail) -> tuple[str, str | None]:
    """Return the text of a comment by mail, and the whole text where the comment shows a part of it."""
    whole = stored_text(mail.text)
    shown = stored_text(mail.answer or mail.text).strip()
    if len(shown.encode()) > MAX_TEXT_BYTES:
        shown = shown.encode()[: MAX_TEXT_BYTES - len(CUT.encode())].decode(errors="ignore") + CUT
    return shown or NO_TEXT, None if shown == whole.strip() else whole


def text_of_files(mail: ReceivedMail) -> str:
    """Return the text of the comment that gets the files of a mail that opened a ticket."""
    return "Files: " + ", ".join(str(each["name"]) for each in mail.files)


def pause_seconds(attempts: int) -> int:
    """Return how long a file waits after `attempts` fetches that failed."""
    return int(min(FIRST_PAUSE_SECONDS * 2 ** (attempts - 1), MAX_PAUSE_SECONDS))
