"""The people of a company."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

ROLES = ("requester", "agent", "manager", "admin")
ADMIN = "admin"
AGENT = "agent"
MACHINE_DOMAIN = "smart-ticket.internal"
"""The domain of the accounts of programs; `.internal` is reserved, so no person has such an address."""
SUBJECT_PREFIX = "user:"


class UserNotFound(Exception):
    """The company has no such user."""

    def __init__(self) -> None:
        super().__init__("There is no such user.")


class EmailTaken(Exception):
    """A user, perhaps of another company, has the address already."""

    def __init__(self, *, is_elsewhere: bool) -> None:
        """`is_elsewhere` says whether the user is, or may be, of another company; no answer does."""
        super().__init__("This address belongs to a user already.")
        self.is_elsewhere = is_elsewhere
        self.errors = [{"field": "email", "message": "Belongs to a user already."}]


class UsernameTaken(Exception):
    """A user of the company has the name already, ignoring case, or one that looks like it."""

    def __init__(self) -> None:
        super().__init__("Another user of the company has this name, or one that looks like it.")
        self.errors = [{"field": "username", "message": "Another user has it, or one that looks like it."}]


class AdminNeeded(Exception):
    """A company without an active admin gets a person of another role."""

    def __init__(self) -> None:
        super().__init__("There is no admin yet, and the first person must be one: --role admin.")


class LastAdmin(Exception):
    """The company would have no active admin left."""

    def __init__(self) -> None:
        super().__init__("A company needs an active admin; make another user admin first.")


@dataclass(frozen=True)
class User:
    """A user as stored, without the password's hash."""

    company_id: int
    id: int
    email: str
    username: str
    role: str
    is_active: bool
    email_verified: bool
    """Whether the address has taken effect by a token, also by one that an admin handed over."""
    email_confirmed: bool
    """Whether the person has proved to receive mail at the address; an admin alone can't do that."""
    password_version: int
    preferences: Mapping[str, Any]
    revision: int
    created_at: datetime
    updated_at: datetime
    last_login_at: datetime | None

    @property
    def is_machine(self) -> bool:
        """Return whether programs of this system act by this account. It never has a password."""
        return is_machine_domain(self.email.rpartition("@")[2])

    @property
    def subject(self) -> str:
        """Return the user's permanent name in tokens: `user:7`."""
        return subject_of(self.id)


def is_machine_domain(domain: str) -> bool:
    """Return whether addresses of a domain are reserved for programs: MACHINE_DOMAIN and the domains below it."""
    return f".{domain.lower()}".endswith(f".{MACHINE_DOMAIN}")


def subject_of(user_id: int) -> str:
    """Return the permanent name in tokens of the user with that id."""
    return f"{SUBJECT_PREFIX}{user_id}"


def user_id_of(subject: str) -> int | None:
    """Return the id of the user that a token's subject names, None for another kind of caller."""
    number = subject.removeprefix(SUBJECT_PREFIX)
    if number == subject or not (number.isascii() and number.isdigit() and len(number) <= 19):
        return None
    return int(number)


def username_key(username: str) -> str:
    """Return the form of a name by which names are equal: NFKC, no case."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", username).casefold())


def is_admin(user: User) -> bool:
    """Return whether the user can administer the company now."""
    return user.role == ADMIN and user.is_active


def needs_new_sessions(before: User, after: User) -> bool:
    """Return whether a change ends the user's sessions: another role, another password or deactivation.

    An access token holds the role, so the old ones must end.
    """
    return (
        before.role != after.role
        or before.password_version != after.password_version
        or (before.is_active and not after.is_active)
    )
