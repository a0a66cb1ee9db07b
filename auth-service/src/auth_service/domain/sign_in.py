"""A sign-in by a provider: the person in its claims, and the conditions for an account.

A person is the pair of issuer and subject. An address identifies nobody: it can be reassigned, and some providers let
people enter any. It only links an existing account, and only where the provider has verified it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from auth_service.domain.sso_connection import Connection
from auth_service.domain.user import is_machine_domain

ATTEMPT_LIFETIME = timedelta(minutes=10)
CODE_LIFETIME = timedelta(minutes=1)
MAX_NAME_CHARACTERS = 150
MAX_SUFFIX = 1000


class SignInExpired(Exception):
    """The sign-in is unknown, over, used, or was begun in another browser; which of these, nobody learns."""

    def __init__(self) -> None:
        super().__init__("This sign-in has expired or began in another browser. Start again, with cookies allowed.")


class SignInRefused(Exception):
    """The provider has proved who the person is, and this person may not sign in; the message says what to do."""


class ProviderRefused(Exception):
    """The provider has not signed the person in: the person cancelled, or isn't allowed to use this system."""

    def __init__(self) -> None:
        super().__init__("Your identity provider did not sign you in. Start again, or ask who administers it.")


class NotVerified(Exception):
    """The provider's answer can't be trusted. The reason is for the log alone."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "The answer of your identity provider could not be verified. Start again; if it happens again, ask an"
            " admin to check the connection."
        )
        self.reason = reason


class NoPublicUrl(Exception):
    """The installation doesn't know its own address, so no provider could send anybody back."""

    def __init__(self) -> None:
        super().__init__("The operator must set PUBLIC_URL, the address at which people reach this system.")


@dataclass(frozen=True)
class Person:
    """A person as a verified ID token describes them."""

    issuer: str
    subject: str
    email: str | None
    email_verified: bool
    name: str
    groups: Sequence[str]


@dataclass(frozen=True)
class Address:
    """A valid address: its spelling, the digest by which it is unique, and its domain in ASCII."""

    email: str
    key: bytes
    domain: str


def person(connection: Connection, claims: Mapping[str, Any]) -> Person:
    """Return what verified claims say; raise SignInRefused where the token leaves the groups out."""
    claim = connection.groups_claim
    elsewhere = claims.get("_claim_names")
    if claim is not None and isinstance(elsewhere, Mapping) and claim in elsewhere:
        raise SignInRefused(
            "You are in more groups than your identity provider sends. Ask an admin to assign roles by another claim."
        )
    email = claims.get("email")
    # Only the boolean counts: the text "false" would be true.
    verified = claims.get(connection.verified_claim) is True
    return Person(
        issuer=connection.issuer,
        subject=str(claims["sub"]),
        email=email if isinstance(email, str) else None,
        email_verified=verified,
        name=_name(claims),
        groups=[] if claim is None else _texts(claims.get(claim)),
    )


def check_address(connection: Connection, person: Person, address: Address | None) -> Address:
    """Return the address by which an unknown person may be linked or added; raise SignInRefused."""
    if address is None:
        raise SignInRefused("Your identity provider sends no e-mail address. Ask an admin to add the scope `email`.")
    if not person.email_verified:
        raise SignInRefused(
            "Your identity provider has not verified your e-mail address. Have it verified there, or sign in here"
            " and link the identity in your settings."
        )
    if address.domain not in connection.domains or is_machine_domain(address.domain):
        raise SignInRefused("Addresses of this domain can't sign in here. Use the account of your company.")
    return address


def usernames(person: Person, address: Address) -> list[str]:
    """Return the names for a new account in order of preference: the person's own, then with a number."""
    name = person.name or address.email.rpartition("@")[0]
    return [name[:MAX_NAME_CHARACTERS], *(f"{name[: MAX_NAME_CHARACTERS - 5]} {n}" for n in range(2, MAX_SUFFIX))]


def _name(claims: Mapping[str, Any]) -> str:
    for claim in ("name", "preferred_username"):
        value = claims.get(claim)
        if isinstance(value, str):
            printable = "".join(character if character.isprintable() else " " for character in value[:1000])
            if name := " ".join(printable.split())[:MAX_NAME_CHARACTERS].strip():
                return name
    return ""


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
