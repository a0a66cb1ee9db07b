"""A caller whose token or key was verified, and the reasons for which one is refused."""

import math
from dataclasses import dataclass

from service_kit.http.problems import Unauthorized
from service_kit.identity import Caller

CHALLENGE = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


@dataclass(frozen=True, slots=True)
class Identity:
    """A verified caller. `verified_at` is when auth-service vouched for it, in unix seconds."""

    caller: Caller
    verified_at: float
    key_id: str = ""
    """The id of the API key, '' for an access token."""
    expires_at: float = math.inf
    """When the token or key itself expires, in unix seconds."""


def invalid_token() -> Unauthorized:
    """Return the error for a token that proves nothing: unknown, forged, expired long ago or revoked."""
    return Unauthorized("The token is not valid.", headers=CHALLENGE)


def expired_token() -> Unauthorized:
    """Return the error for a token that was valid: the client can get another with its refresh token."""
    return Unauthorized("The token has expired.", code="token_expired", headers=CHALLENGE)
