"""The identities of people at providers."""

from dataclasses import dataclass
from datetime import datetime


class IdentityNotFound(Exception):
    """The caller has no such identity."""

    def __init__(self) -> None:
        super().__init__("There is no such identity.")


class OnlyWayIn(Exception):
    """The account has no password, and this is its last identity."""

    def __init__(self) -> None:
        super().__init__("You could not sign in any more. Ask an admin for a link to set a password first.")


@dataclass(frozen=True)
class Identity:
    """An identity as stored: the pair of issuer and subject that signs a user in."""

    company_id: int
    id: int
    user_id: int
    issuer: str
    subject: str
    created_at: datetime
    last_used_at: datetime
