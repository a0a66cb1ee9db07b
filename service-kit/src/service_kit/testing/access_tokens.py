"""Access tokens by PyJWT, a second writer and reader: tests of a service need no code of another."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from joserfc.jwk import ECKey
from jwt.types import Options

from service_kit.identity import Caller
from service_kit.identity.access_tokens import (
    ALGORITHM,
    AUDIENCE,
    CURVE,
    DEFAULT_ISSUER,
    LIFETIME_SECONDS,
    ROLES_OF_PEOPLE,
    TOKEN_TYPE,
)

_REQUIRED = ("iss", "aud", "sub", "iat", "exp", "jti", "sid", "company_id", "role", "name")


@dataclass(frozen=True)
class ReadToken:
    """The content of a verified token."""

    caller: Caller
    token_id: str


class TokenReader:
    """Verifies access tokens by published keys."""

    def __init__(self, issuer: str, jwks: Mapping[str, Any]) -> None:
        self._issuer = issuer
        self._keys = {jwk["kid"]: jwt.PyJWK(jwk, algorithm=ALGORITHM) for jwk in jwks["keys"]}

    def verify(self, token: str) -> ReadToken:
        """Return the content of a token; raise PyJWTError, KeyError for an unknown key."""
        header = jwt.get_unverified_header(token)
        assert header["typ"] == TOKEN_TYPE
        key = self._keys[header["kid"]]
        required: Options = {"require": [*_REQUIRED]}
        claims = jwt.decode(
            token, key, algorithms=[ALGORITHM], audience=AUDIENCE, issuer=self._issuer, options=required
        )
        assert claims["exp"] - claims["iat"] == LIFETIME_SECONDS
        assert claims["role"] in ROLES_OF_PEOPLE
        company, role, subject, name = (claims[each] for each in ("company_id", "role", "sub", "name"))
        return ReadToken(
            Caller(company, role, subject, name, session=claims["sid"], email=claims["email"]), claims["jti"]
        )


def private_jwk() -> dict[str, Any]:
    """Return a fresh private key as a JWK."""
    key = ECKey.generate_key(CURVE, private=True)
    return {**key.as_dict(private=True), "kid": key.thumbprint(), "alg": ALGORITHM, "use": "sig"}


def public_part(private: Mapping[str, Any]) -> dict[str, Any]:
    """Return the public part of a private JWK."""
    return {name: value for name, value in private.items() if name != "d"}


def access_token(
    caller: Caller, private: Mapping[str, Any], *, issuer: str = DEFAULT_ISSUER, now: float | None = None
) -> str:
    """Return an access token of a person."""
    issued = int(time.time() if now is None else now)
    claims = {
        "iss": issuer, "aud": AUDIENCE, "sub": caller.subject, "iat": issued, "exp": issued + LIFETIME_SECONDS,
        "jti": uuid.uuid4().hex, "sid": caller.session, "company_id": caller.company_id, "role": caller.role,
        "name": caller.name, "email": caller.email,
    }  # fmt: skip
    header = {"typ": TOKEN_TYPE, "kid": private["kid"]}
    return jwt.encode(claims, jwt.PyJWK(dict(private)).key, algorithm=ALGORITHM, headers=header)
