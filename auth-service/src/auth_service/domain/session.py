"""Sessions of people: families of refresh tokens, each used once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

SESSION_DAYS = 30
IDLE_DAYS = 14
GRACE = timedelta(seconds=10)
"""A token is often presented twice by one person: two tabs, or an answer that was lost."""


class EndReason(StrEnum):
    """Why a session ended."""

    LOGOUT = "logout"
    ENDED = "ended"
    """A person ended it in the list of sessions."""
    PASSWORD = "password"  # noqa: S105 - a reason, not a secret
    ROLE = "role"
    INACTIVE = "inactive"
    EMAIL = "email"
    """The person has another address."""
    REUSE = "reuse"
    """A refresh token was presented again later: somebody has a copy."""


class SessionNotFound(Exception):
    """The caller has no such session."""

    def __init__(self) -> None:
        super().__init__("There is no such session.")


@dataclass(frozen=True)
class UserSession:
    """A session as stored."""

    company_id: int
    id: UUID
    user_id: int
    device: str
    address: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    end_reason: str | None


@dataclass(frozen=True)
class RefreshToken:
    """A refresh token as stored: unused, or used and exchanged for a successor."""

    used_at: datetime | None
    successor_sealed: bytes | None
    idle_expires_at: datetime


class Answer(StrEnum):
    """The answer to a presented refresh token."""

    ROTATE = "rotate"
    """A successor is made, and the token is used up."""
    REPEAT = "repeat"
    """The successor that was made seconds ago is returned again."""
    REFUSE = "refuse"
    KILL = "kill"
    """Refused, and the session ends."""


def answer_to(session: UserSession, token: RefreshToken, *, successor_used: bool, now: datetime) -> Answer:
    """Decide about a presented refresh token.

    `successor_used` says whether the token's successor was used in its turn. A session that ended or expired is not
    ended again: nothing else of the person's dies.
    """
    if session.ended_at is not None or session.expires_at <= now:
        return Answer.REFUSE
    if token.used_at is None:
        return Answer.ROTATE if now < token.idle_expires_at else Answer.REFUSE
    if now - token.used_at > GRACE:
        return Answer.KILL
    return Answer.REFUSE if successor_used else Answer.REPEAT


def session_expiry(now: datetime) -> datetime:
    """Return when a session that begins now ends at the latest."""
    return now + timedelta(days=SESSION_DAYS)


def idle_expiry(now: datetime, session_expires_at: datetime) -> datetime:
    """Return until when a refresh token made now can be used."""
    return min(now + timedelta(days=IDLE_DAYS), session_expires_at)
