"""Changes of an address: it takes effect when a token that was sent to the new address comes back."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

VERIFICATION = "ste_"
TOKEN_LIFETIME = timedelta(minutes=30)
REQUEST_LIFETIME = timedelta(days=7)


class NoEmailChange(Exception):
    """The user has not asked for another address, or not lately."""

    def __init__(self) -> None:
        super().__init__(
            "This user has no open request for another address. The user asks first (`POST /api/me/email`), and a"
            " request waits seven days."
        )


class VerificationRefused(Exception):
    """The token is unknown, used or too old, or the account has changed since; which of these, nobody learns."""

    def __init__(self) -> None:
        super().__init__("This link is not valid, or no longer. Ask for a new one.")
        self.errors = [{"field": "token", "message": "Not valid, or no longer."}]


@dataclass(frozen=True)
class EmailChange:
    """An address that a user wants to have."""

    company_id: int
    user_id: int
    email: str
    email_key: bytes
    old_email_key: bytes
    is_mailed: bool = False
    """Whether the newest token went by mail, which proves the address; an admin hands over the others."""


@dataclass(frozen=True)
class Verification:
    """A token by which a new address takes effect; it is shown once."""

    token: str = field(repr=False)
    user_id: int
    email: str
    expires_at: datetime
