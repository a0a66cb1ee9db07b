"""When a key signs access tokens, and when its successor is needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

SIGNS_FOR = timedelta(days=30)
OVERLAP = timedelta(hours=24)
"""A key is published this long before it signs, and this long after its last signature."""


@dataclass(frozen=True)
class SigningKey:
    """A key: published from its creation until `expires_at`; it signs from `signs_from` until `retires_at`."""

    kid: str
    algorithm: str
    public_jwk: Mapping[str, Any]
    private_sealed: bytes
    signs_from: datetime
    retires_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Term:
    """The times of a key that is to be made."""

    signs_from: datetime
    retires_at: datetime
    expires_at: datetime


def signing_key(keys: Sequence[SigningKey], now: datetime) -> SigningKey | None:
    """Return the key that signs now: of several the one that began last; None without one."""
    return max(
        (key for key in keys if key.signs_from <= now < key.retires_at), key=lambda key: key.signs_from, default=None
    )


def missing_term(keys: Sequence[SigningKey], now: datetime) -> Term | None:
    """Return the times of the key to make now, None where none is needed.

    A successor is made when the last key retires within `OVERLAP`, and signs from then on. Without a key that signs now
    the new one begins at once: nobody has verified by another for a while.
    """
    last = max((key.retires_at for key in keys), default=now)
    if last - now > OVERLAP:
        return None
    signs_from = max(last, now)
    return Term(signs_from, signs_from + SIGNS_FOR, signs_from + SIGNS_FOR + OVERLAP)
