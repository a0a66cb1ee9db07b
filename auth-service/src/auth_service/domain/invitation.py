"""Invitations to a company."""

from dataclasses import dataclass
from datetime import datetime, timedelta

VALID = timedelta(days=7)
MAX_OPEN = 500


class InvitationNotFound(Exception):
    """There is no such open invitation."""

    def __init__(self) -> None:
        super().__init__("There is no such open invitation.")


class InvitationNotValid(Exception):
    """The presented invitation is unknown, of another address, used, revoked or expired; no answer reveals which."""

    def __init__(self) -> None:
        super().__init__("The invitation is not valid, or is for another address.")
        self.errors = [{"field": "invitation", "message": "Not a valid invitation for this address."}]


class TooManyInvitations(Exception):
    """The company has reached the limit of open invitations."""


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


def check_number(open_invitations: int) -> None:
    """Raise TooManyInvitations where `open_invitations` are the limit."""
    if open_invitations >= MAX_OPEN:
        raise TooManyInvitations(f"a company has at most {MAX_OPEN} open invitations")
