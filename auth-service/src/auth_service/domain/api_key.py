"""API keys: what they may do, how long they live, how many a person has."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

MAX_KEYS = 20
DEFAULT_DAYS = 90
MAX_DAYS = 365

# A key makes no keys and no people, signs nobody in or out, and doesn't decide who can sign in. A person's own account
# is for the person.
NOT_FOR_KEYS = frozenset({"api-keys", "auth", "invitations", "sessions", "sso"})
READ_ONLY_FOR_KEYS = frozenset({"me", "users"})


class ApiKeyError(Exception):
    """An API key can't be made or changed as requested; the message explains it to the caller."""


class ApiKeyNotFound(ApiKeyError):
    """The company has no such key that is still valid, or it is another person's."""


class TooManyApiKeys(ApiKeyError):
    """The person has reached the limit of keys."""


class UnknownScopes(ApiKeyError):
    """A key is requested with scopes that don't exist or that no key may have."""

    def __init__(self, unknown: Collection[str]) -> None:
        message = f"No API key can have {', '.join(sorted(unknown)[:5])[:200]}."
        super().__init__(message)
        self.errors = [{"field": "scopes", "message": message}]


@dataclass(frozen=True)
class ApiKey:
    """An API key as lists show it; the key itself is shown once, when it is made."""

    id: str
    number: int
    user_id: int
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True)
class NewApiKey:
    """A key that was just made, with the key itself, of which only a digest is stored."""

    row: ApiKey
    key: str


@dataclass(frozen=True)
class KeyOwner:
    """The user whose rights a valid key has, within its scopes."""

    company_id: int
    key_id: str
    key_name: str
    user_id: int
    role: str
    name: str
    email: str
    scopes: tuple[str, ...]
    expires_at: datetime


def grantable(scopes: Collection[str]) -> frozenset[str]:
    """Return those of the API's scopes (`tickets:read` …) that a key may have."""
    return frozenset(scope for scope in scopes if _is_grantable(*scope.split(":")))


def check_scopes(wanted: Collection[str], known: Collection[str]) -> tuple[str, ...]:
    """Return the wanted scopes in order, each once; raise UnknownScopes for those that are not among the known."""
    unknown = set(wanted) - set(known)
    if unknown:
        raise UnknownScopes(unknown)
    return tuple(sorted(set(wanted)))


def check_number(existing: int) -> None:
    """Raise TooManyApiKeys where `existing` valid keys are the limit."""
    if existing >= MAX_KEYS:
        raise TooManyApiKeys(f"a person has at most {MAX_KEYS} API keys")


def _is_grantable(noun: str, action: str) -> bool:
    return noun not in NOT_FOR_KEYS and (action == "read" or noun not in READ_ONLY_FOR_KEYS)
