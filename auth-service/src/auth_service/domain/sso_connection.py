"""A company's connection to an OpenID provider, such as Keycloak, Entra ID or Google."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from auth_service.domain.user import ROLES

MAX_CONNECTIONS = 10
MAX_URL_CHARACTERS = 500
DEFAULT_SCOPES = ("openid", "email", "profile")
EMAIL_VERIFIED = "email_verified"
VERIFIED_CLAIMS = (EMAIL_VERIFIED, "xms_edov")
"""The claims that may say that the provider has verified the address: OpenID Connect's own, and Entra ID's."""
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class ConnectionNotFound(Exception):
    """There is no such connection, or none that is active."""

    def __init__(self) -> None:
        super().__init__("There is no such sign-in. Ask an admin of your company for the right address.")


class TooManyConnections(Exception):
    """The company has reached the limit of connections."""

    def __init__(self) -> None:
        super().__init__(f"A company has at most {MAX_CONNECTIONS} connections.")


class BadConnection(Exception):
    """A connection can't be as requested; `errors` names the field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__("The connection is not valid.")
        self.errors = [{"field": field, "message": message}]


@dataclass(frozen=True)
class Connection:
    """A connection as stored; its client secret is encrypted."""

    company_id: int
    id: UUID
    number: int
    name: str
    issuer: str
    client_id: str
    client_secret_sealed: bytes | None = field(repr=False)
    """None for a client without a secret, which PKCE alone protects."""
    scopes: Sequence[str]
    domains: Sequence[str]
    """The domains of the addresses that may sign in, in lower case and IDNA's ASCII form."""
    groups_claim: str | None
    """The claim that lists a person's groups; None where roles are set here and not at the provider."""
    role_map: Mapping[str, str]
    default_role: str | None
    """The role of people without a group of `role_map`; None where they may not sign in."""
    create_users: bool
    """Whether people without an account get one at their first sign-in."""
    verified_claim: str
    is_active: bool
    revision: int
    created_at: datetime
    updated_at: datetime


def check(connection: Connection, before: Connection | None, *, secret_given: bool, development: bool) -> None:
    """Raise BadConnection unless the fields of a connection fit together, and fit those of before."""
    fault = url_fault(connection.issuer, development=development)
    if fault is not None:
        raise BadConnection("issuer", fault)
    if connection.groups_claim is None and connection.role_map:
        raise BadConnection("role_map", "Needs groups_claim: the claim that lists a person's groups.")
    if connection.groups_claim is None and connection.default_role is None:
        raise BadConnection("default_role", "Needs groups_claim; without it everybody begins as requester.")
    moved = before is not None and before.issuer != connection.issuer
    if moved and connection.client_secret_sealed is not None and not secret_given:
        # A secret that nobody can read must not be sent to another address than the one it was entered for.
        raise BadConnection("client_secret", "Needed again: a secret isn't sent to another issuer.")


def url_fault(url: str, *, development: bool) -> str | None:
    """Return the fault of an address of a provider, None for a good one. Only https; development has http://localhost.

    Query and userinfo are refused, as in every issuer; the address of a page may have a query, see `endpoint_fault`.
    """
    return endpoint_fault(url, development=development) or ("No query in it." if "?" in url else None)


def endpoint_fault(url: str, *, development: bool) -> str | None:
    """Return the fault of an address that a provider names for its services, None for a good one."""
    if len(url) > MAX_URL_CHARACTERS:
        return f"Longer than {MAX_URL_CHARACTERS} characters."
    if not url.isascii() or any(not "!" <= character <= "~" for character in url) or "\\" in url:
        return "Not an address: only visible ASCII characters, no backslash."
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "Not an address."
    if not host or port == 0 or "@" in parts.netloc or "#" in url:
        return "Must be https://host/…, without a name, a password or a fragment."
    if parts.scheme == "https" or (parts.scheme == "http" and development and host in LOOPBACK_NAMES):
        return None
    return "Must begin with https://."


def mapped_role(connection: Connection, groups: Sequence[str]) -> str | None:
    """Return the highest role of the groups, else the default role; None where nobody without a group signs in."""
    found = {connection.role_map[group] for group in groups if group in connection.role_map}
    return max(found, key=ROLES.index) if found else connection.default_role


@dataclass(frozen=True)
class ProvingProviders:
    """The providers that prove to other companies, too, that a person receives mail at an address.

    A company connects any provider, also one of its own that verifies whatever it likes; so the operator names them.
    """

    issuers: frozenset[str]
    operator_company_id: int
    """The company whose own connections prove addresses as well: the operator has made its first admin."""

    def prove(self, connection: Connection) -> bool:
        """Return whether an address is proved by the provider of a connection that has verified it."""
        return connection.company_id == self.operator_company_id or connection.issuer in self.issuers
