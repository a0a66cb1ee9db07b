"""The delivery of one mail to one person: its states, its tries, and when nothing is sent.

queued → sending → sent | failed | unknown; queued again after a failure that may pass; suppressed instead of sending;
bounced where a mail that was sent comes back.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from notification_service.domain.kinds import Kind, group_of
from notification_service.domain.mail_rules import REASONS, MailState
from notification_service.domain.people import REQUESTER
from notification_service.domain.preferences import Channel, Preferences

RETRY_SECONDS = (60, 5 * 60, 30 * 60, 2 * 3600, 8 * 3600)
"""The pauses after the first tries; the try after the last pause is the last one."""
CLAIM_SECONDS = 600
"""After this time in `sending` nothing is known of a mail any more. A try ends long before: its process has ended."""
PAUSE_SECONDS = dict.fromkeys((Kind.ASSIGNED, Kind.TEAM, Kind.COMMENT, Kind.SOLUTION, Kind.APPROVAL), 120)
"""How long mails of a kind wait: who reads the notification in the app meanwhile gets none."""
FOOTER = "You get this mail because of your preferences for notifications"
PREFERENCES_PATH = "/api/notifications/preferences"


class State(StrEnum):
    """Where a delivery is."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"
    BOUNCED = "bounced"


class Result(StrEnum):
    """The knowledge after a try."""

    SENT = "sent"
    """The server has taken responsibility for the mail."""
    REFUSED = "refused"
    """The server will not take it, however often it is offered."""
    POSTPONED = "postponed"
    """The server has not taken it, and may take it later."""
    UNKNOWN = "unknown"
    """The whole mail was handed over, and no answer came: the server may have taken it."""


@dataclass(frozen=True)
class Outcome:
    """The result of a try, and its reason for people."""

    result: Result
    reason: str = ""
    is_bounce: bool = False
    """Whether the server refuses the address, whatever the mail."""


@dataclass(frozen=True)
class Next:
    """A delivery's next state; `at` is when a queued one is due."""

    state: State
    at: datetime | None = None
    reason: str = ""


def after(outcome: Outcome, tries: int, now: datetime) -> Next:
    """Return what follows from the outcome of the try with the number `tries`."""
    match outcome.result:
        case Result.SENT:
            return Next(State.SENT, reason=outcome.reason)
        case Result.REFUSED:
            return Next(State.FAILED, reason=outcome.reason)
        case Result.UNKNOWN:
            return Next(State.UNKNOWN, reason=outcome.reason)
        case Result.POSTPONED if tries <= len(RETRY_SECONDS):
            return Next(State.QUEUED, now + timedelta(seconds=RETRY_SECONDS[tries - 1]), outcome.reason)
        case _:
            return Next(State.FAILED, reason=f"given up after {tries} tries: {outcome.reason}")


class NoMailServer(Exception):
    """The operator has set no mail server."""

    def __init__(self) -> None:
        super().__init__("No mail is sent, because the operator has set no mail server.")


@dataclass(frozen=True)
class Recipient:
    """The person whom a mail is for, as it is known right before sending."""

    email: str
    role: str
    is_active: bool
    preferences: Preferences
    suppressed: str = ""
    """Why nothing is sent to the address, '' where it takes mails."""
    bounces: int = 0
    """How many mails to the address were refused since the last one that was taken."""
    is_confirmed: bool = False
    """Whether the person has proved to receive mail at the address."""


def before_sending(
    recipient: Recipient | None,
    kind: str,
    facts: Mapping[str, Any],
    *,
    may_mail: bool,
    is_read: bool,
    now: datetime,
) -> Next:
    """Return `sending` where a due mail is still wanted, else why it is suppressed or how long it has to wait.

    `may_mail` says whether the company's mails may go to the address as it is known now.
    """
    if recipient is None or not recipient.is_active or not recipient.email:
        return Next(State.SUPPRESSED, reason="the person has no active account")
    if recipient.suppressed:
        return Next(State.SUPPRESSED, reason=f"the address takes no mails: {recipient.suppressed}")
    if not may_mail:
        return Next(State.SUPPRESSED, reason=REASONS[MailState.ADDRESS_NOT_CONFIRMED])
    if facts.get("internal") and recipient.role == REQUESTER:
        return Next(State.SUPPRESSED, reason="the person may not read internal notes any more")
    if not recipient.preferences.wants(kind, Channel.EMAIL):
        return Next(State.SUPPRESSED, reason="the person doesn't want mails of this kind")
    if is_read:
        return Next(State.SUPPRESSED, reason="read in the app before")
    quiet = recipient.preferences.quiet_hours
    until = quiet.end_after(now) if quiet else None
    return Next(State.SENDING) if until is None else Next(State.QUEUED, until, "quiet hours")


def before_account_mail(suppressed: str) -> Next:
    """Return `sending` for a due mail about an account, unless its address takes no mails.

    Whether the account may still have a link, auth-service knows alone.
    """
    if suppressed:
        return Next(State.SUPPRESSED, reason=f"the address takes no mails: {suppressed}")
    return Next(State.SENDING)


def due_at(kind: str, now: datetime) -> datetime:
    """Return when the mail of a new notification is due."""
    return now + timedelta(seconds=PAUSE_SECONDS.get(group_of(kind), 0))


@dataclass(frozen=True)
class MessageIds:
    """Makes the Message-IDs of mails: one per cause and person, which nobody without the key can guess."""

    key: bytes
    domain: str

    def of(self, company_id: int, cause: str, user_id: int) -> str:
        """Return the Message-ID of the mail to a person about a cause."""
        content = f"{company_id}\n{cause}\n{user_id}".encode()
        return f"<{hmac.new(self.key, content, hashlib.sha256).hexdigest()[:40]}@{self.domain}>"


def footer_of(public_url: str) -> str:
    """Return the last line of mails about notifications; without a public address ('') it names none."""
    return f"{FOOTER}: {public_url}{PREFERENCES_PATH}" if public_url else f"{FOOTER}."
