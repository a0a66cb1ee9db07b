"""A mail as it was read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MAX_BYTES = 25 * 1024 * 1024
MAX_TEXT_CHARACTERS = 100_000
"""A longer text is cut; the whole mail stays in the store."""
MAX_SUBJECT_CHARACTERS = 500
NO_SUBJECT = "(no subject)"


class Unreadable(Exception):
    """A mail can't be read; the reason is for people."""


class ReadingInterrupted(Unreadable):
    """Something else than the mail has ended the processes that read it; it may be read later."""


class MailKind(StrEnum):
    """The kinds of mails."""

    HUMAN = "human"
    AUTOMATIC = "automatic"
    """A program wrote it: an out-of-office note, a newsletter, a monitor."""
    BOUNCE = "bounce"
    """A mail server reports that a mail could not be delivered."""
    LOOP = "loop"
    """This system sent it."""


@dataclass(frozen=True)
class MailFile:
    """A file of a mail; `position` counts the files from 0. The content is left out where the size alone matters."""

    position: int
    name: str
    content_type: str
    content: bytes = field(repr=False)
    size: int


@dataclass(frozen=True)
class ReadMail:
    """A mail's headers, text and files. `headers` has lower-case names; the values are decoded."""

    headers: Mapping[str, tuple[str, ...]]
    message_id: str | None
    sender: str
    sender_name: str
    recipients: tuple[str, ...]
    """The addresses that it was sent to, also those that mail servers on its way have noted."""
    subject: str
    references: tuple[str, ...]
    """The Message-IDs of the mails that it answers, the newest first."""
    content_type: str
    report_type: str
    text: str
    files: tuple[MailFile, ...] = ()
    returned_ids: tuple[str, ...] = ()
    """The Message-IDs of mails that it returns, as a bounce does."""
    actions: tuple[str, ...] = ()
    """The actions of a mail server's report, one per address: `failed`, `delayed`, `delivered` and the like."""
    faults: tuple[str, ...] = ()
    """The parts that could not be read or were cut."""

    def header(self, name: str) -> str:
        """Return the first value of a header, '' without one."""
        return next(iter(self.headers.get(name, ())), "")
