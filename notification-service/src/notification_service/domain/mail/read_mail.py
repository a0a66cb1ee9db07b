"""A mail read as a whole: its contents, its kind, what of its text is new, and whom a bounce is about."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from notification_service.domain.mail.classify import classify
from notification_service.domain.mail.message import MailKind, ReadMail, Unreadable
from notification_service.domain.mail.parse import parse
from notification_service.domain.mail.quotes import new_text
from notification_service.domain.mail.threads import subject_number

Failures = tuple[Collection[str], Collection[str]]
"""The addresses that failed for now, and those that failed for good."""
NO_FAILURES: Failures = ((), ())


class Libraries(Protocol):
    """The steps that libraries do. Each may be slow; none may fail."""

    def guess(self, content: bytes) -> str | None:
        """Return the text of bytes by statistics, None where nothing fits."""

    def sanitise(self, html: str) -> str:
        """Return HTML without what is no text."""

    def strip_quotes(self, text: str) -> str:
        """Return a text without the mail that it quotes."""

    def failures(self, raw: bytes) -> Failures:
        """Return the addresses that the report of a mail server names."""


@dataclass(frozen=True)
class Reading:
    """The content of a mail. `answer` is the new part of its text, None where that is all of it."""

    mail: ReadMail
    kind: MailKind
    answer: str | None = None
    subject_number: int | None = None
    failures: Failures = NO_FAILURES


def read(raw: bytes, libraries: Libraries, own_addresses: Collection[str]) -> Reading:
    """Read a mail; raise Unreadable. `own_addresses` are those that this system sends from."""
    mail = parse(raw, guess=libraries.guess, sanitise=libraries.sanitise)
    found: list[Failures] = []

    def failures() -> Failures:
        if not found:
            found.append(libraries.failures(raw))
        return found[0]

    kind = classify(mail, own_addresses, lambda: any(failures()))
    if kind is MailKind.HUMAN and not mail.sender:
        raise Unreadable("it names no sender")
    answer = new_text(mail.text, libraries.strip_quotes) if _may_quote(mail) else mail.text
    return Reading(
        mail=mail,
        kind=kind,
        answer=answer if answer != mail.text else None,
        subject_number=subject_number(mail.subject),
        failures=failures() if kind is MailKind.BOUNCE else NO_FAILURES,
    )


def _may_quote(mail: ReadMail) -> bool:
    """Return whether a mail may be an answer: programs that write none of the headers still mark the subject."""
    return bool(mail.references) or ":" in mail.subject or "\n>" in mail.text or "[#" in mail.subject
