"""Tickets by which a browser opens a WebSocket: it can't send a header, and tokens in addresses end up in logs.

A ticket is a JWT that the gateway signs and verifies itself: good for 30 seconds, for one path and for pages of one
origin. The live process records its number, so that it is good once.
"""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from service_kit.identity import Caller, public_key
from service_kit.identity.tokens import ALGORITHM, MAX_TOKEN_CHARACTERS

from api_gateway.authentication.identity import Identity, invalid_token

TOKEN_TYPE = "ws-ticket+jwt"  # noqa: S105 - a type, not a secret: no service takes a ticket for an internal token
SECONDS = 30
FOREVER = 2**53


@dataclass(frozen=True)
class Redeemed:
    """A ticket's owner, and the number that the live process records."""

    identity: Identity
    number: str


class Tickets:
    """Issues and redeems tickets. All gateways share one key, so that each redeems those of the others."""

    def __init__(self, seed: str, clock: Callable[[], float] = time.time) -> None:
        parts = {"kty": "OKP", "crv": "Ed25519", "x": _base64url(public_key(seed)), "d": _base64url(seed)}
        self._key = OKPKey.import_key(parts)
        self._clock = clock

    def issue(self, identity: Identity, path: str, origin: str) -> str:
        """Return a ticket for a path, and for pages of an origin ('' for a client that is no browser)."""
        claims = {
            "jti": uuid.uuid4().hex,
            "exp": int(self._clock()) + SECONDS,
            "path": path,
            "origin": origin.lower(),
            "caller": msgspec.to_builtins(identity.caller, order="deterministic"),
            "verified_at": identity.verified_at,
            "ends_at": min(identity.expires_at, FOREVER),
            "key_id": identity.key_id,
        }
        return jwt.encode({"alg": ALGORITHM, "typ": TOKEN_TYPE}, claims, self._key, algorithms=[ALGORITHM])

    def redeem(self, ticket: str, path: str, origin: str) -> Redeemed:
        """Return a ticket's owner; raise Unauthorized for one that is expired, foreign, or for something else."""
        if len(ticket) > MAX_TOKEN_CHARACTERS or not ticket.isascii():
            raise invalid_token()
        try:
            decoded = jwt.decode(ticket, self._key, algorithms=[ALGORITHM])
        except (JoseError, ValueError, TypeError) as error:
            raise invalid_token() from error
        claims: Mapping[str, Any] = decoded.claims
        good = (
            decoded.header == {"alg": ALGORITHM, "typ": TOKEN_TYPE}
            and self._clock() < claims["exp"]
            and (claims["path"], claims["origin"]) == (path, origin.lower())
        )
        if not good:
            raise invalid_token()
        owner = msgspec.convert(claims["caller"], Caller)
        identity = Identity(owner, claims["verified_at"], claims["key_id"], expires_at=claims["ends_at"])
        return Redeemed(identity, claims["jti"])


def _base64url(text: str) -> str:
    return text.replace("+", "-").replace("/", "_").rstrip("=")
