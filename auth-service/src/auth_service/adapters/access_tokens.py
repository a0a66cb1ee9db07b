"""Signs access tokens, whose form `service_kit.identity.access_tokens` describes."""

import time
import uuid
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey
from service_kit.identity import Caller
from service_kit.identity.access_tokens import ALGORITHM, AUDIENCE, CURVE, LIFETIME_SECONDS, TOKEN_TYPE


def new_private_jwk() -> dict[str, Any]:
    """Return a fresh private key as a JWK. Its `kid` is its thumbprint (RFC 7638)."""
    key = ECKey.generate_key(CURVE, private=True)
    return {**key.as_dict(private=True), "kid": key.thumbprint(), "alg": ALGORITHM, "use": "sig"}


def public_jwk(private: Mapping[str, Any]) -> dict[str, Any]:
    """Return the public part of a private JWK."""
    return {name: private[name] for name in ("kty", "crv", "x", "y", "kid", "alg", "use")}


class AccessTokenSigner:
    """Signs access tokens with one key."""

    def __init__(self, issuer: str, private: Mapping[str, Any]) -> None:
        """`private` is a JWK of `new_private_jwk`."""
        self._issuer = issuer
        self._kid = str(private["kid"])
        self._key = ECKey.import_key(dict(private))

    def sign(self, caller: Caller, *, now: float | None = None) -> str:
        """Return a token with the identity of a person; `caller.session` is the id of the person's session."""
        issued = int(time.time() if now is None else now)
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": caller.subject,
            "iat": issued,
            "exp": issued + LIFETIME_SECONDS,
            "jti": uuid.uuid4().hex,
            "sid": caller.session,
            "company_id": caller.company_id,
            "role": caller.role,
            "name": caller.name,
            "email": caller.email,
        }
        header = {"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": self._kid}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])
