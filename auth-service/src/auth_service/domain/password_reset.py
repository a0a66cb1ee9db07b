"""Links for a new password: random tokens of 256 bits for one use, one user and one version of the password."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

RESET = "stp_"
LIFETIME = timedelta(minutes=30)


class ResetRefused(Exception):
    """The token of a link is unknown, used or too old, or its user can't sign in; which of these, nobody learns."""

    def __init__(self) -> None:
        super().__init__("This link is not valid, or no longer. Ask for a new one.")
        self.errors = [{"field": "token", "message": "Not valid, or no longer."}]


class UserInactive(Exception):
    """The user may not sign in, so a link would be of no use."""


@dataclass(frozen=True)
class ResetLink:
    """A new link's token, which is shown once: the database has its digest only."""

    token: str = field(repr=False)
    user_id: int
    email: str
    """The user's address, at which a mail with the token may arrive."""
    expires_at: datetime


@dataclass(frozen=True)
class PendingReset:
    """A link that nobody has used yet."""

    id: int
    company_id: int
    user_id: int
    password_version: int
    email_key: bytes
    is_mailed: bool
    """Whether a mail has brought the link, so that who uses it receives mail at the user's address."""
