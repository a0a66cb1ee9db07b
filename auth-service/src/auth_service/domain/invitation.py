"""Invitations to a company, and how many a company may make."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

VALID = timedelta(days=7)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MAX_PER_ADDRESS = 3
"""Invitations that a company makes, and mails that all companies send, to one address in a day."""


class InvitationNotFound(Exception):
    """There is no such open invitation."""

    def __init__(self) -> None:
        super().__init__("There is no such open invitation.")


class InvitationNotValid(Exception):
    """The presented invitation is unknown, of another address, used, revoked or expired; no answer reveals which."""

    def __init__(self) -> None:
        super().__init__("The invitation is not valid, or is for another address.")
        self.errors = [{"field": "invitation", "message": "Not a valid invitation for this address."}]


class InvitationOpen(Exception):
    """The address has an open invitation of this company."""

    def __init__(self) -> None:
        super().__init__("The address has an open invitation. Revoke that one to invite the address again.")
        self.errors = [{"field": "email", "message": "Has an open invitation."}]


class TooManyInvitations(Exception):
    """The company has reached the limit of open invitations."""


class InvitationsUsedUp(Exception):
    """The company has made as many invitations as it may for a while; `retry_after_seconds` says for how long."""

    def __init__(self, made: str, wait: timedelta) -> None:
        """`made` names the limit that is reached."""
        super().__init__(f"{made}. Wait, or add people by POST /api/users.")
        self.retry_after_seconds = max(1, math.ceil(wait.total_seconds()))


@dataclass(frozen=True)
class InvitationLimits:
    """How many invitations a company makes, and how many of them are open at a time."""

    per_hour: int
    per_day: int
    max_open: int


@dataclass(frozen=True)
class Invitation:
    """An invitation as stored, without its token."""

    company_id: int
    id: int
    email: str
    role: str
    invited_by: str
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    revoked_at: datetime | None


def check_number(open_invitations: int, limits: InvitationLimits) -> None:
    """Raise TooManyInvitations where `open_invitations` are the limit."""
    if open_invitations >= limits.max_open:
        raise TooManyInvitations(f"a company has at most {limits.max_open} open invitations")


def check_pace(
    limits: InvitationLimits, *, hourly: timedelta | None, daily: timedelta | None, of_address: timedelta | None
) -> None:
    """Raise InvitationsUsedUp where a company has made as many invitations as it may in an hour or a day.

    Each argument is the age of the oldest invitation that counts: with `per_hour` counted from the newest, `per_day`,
    or MAX_PER_ADDRESS of the invited address; None where the company has fewer.
    """
    reached = (
        (of_address, DAY, f"A company invites an address at most {MAX_PER_ADDRESS} times a day"),
        (daily, DAY, f"A company invites at most {limits.per_day} addresses a day"),
        (hourly, HOUR, f"A company invites at most {limits.per_hour} addresses an hour"),
    )
    for age, window, made in reached:
        if age is not None and age < window:
            raise InvitationsUsedUp(made, window - age)
