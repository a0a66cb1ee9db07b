"""The internal token: a short-lived statement, signed by the gateway or a service, of who is calling.

Ed25519 (RFC 8032) in a JWT (RFC 7519), 60 seconds, bound to one audience. Services read identity from nothing else.
"""

import base64
import binascii
import threading
import time
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from service_kit.identity.caller import ROLES, Caller

HEADER = "X-Internal-Token"
ALGORITHM = "Ed25519"  # RFC 9864's name; the older "EdDSA" names a family, not an algorithm
TOKEN_TYPE = "internal+jwt"  # noqa: S105 - a type, not a secret
LIFETIME_SECONDS = 60
REUSE_SECONDS = 30
LEEWAY_SECONDS = 5
MAX_TOKEN_LENGTH = 4096
MAX_CACHED = 4096


class BadKey(ValueError):
    """A key isn't the base64 of 32 bytes."""


class BadToken(Exception):
    """A token that proves nothing; the message says why, for the log only."""


def public_key(seed: str) -> str:
    """Return the base64 public key of a base64 Ed25519 seed; raise BadKey."""
    private = Ed25519PrivateKey.from_private_bytes(_bytes(seed))
    return base64.b64encode(private.public_key().public_bytes_raw()).decode()


class TokenSigner:
    """Signs tokens as one service. Tokens are reused for up to 30 seconds: signing costs far more than a look-up."""

    def __init__(self, service: str, seed: str) -> None:
        """`seed` is the base64 of the 32-byte Ed25519 seed; raises BadKey."""
        self._service = service
        self._key = _key(public_key(seed), seed)
        self._cache: dict[tuple[Caller, str], tuple[float, str]] = {}
        self._lock = threading.Lock()

    def sign(self, caller: Caller, audience: str, *, now: float | None = None) -> str:
        """Return a token that tells `audience` who the caller is, valid for at least 30 more seconds."""
        moment = time.time() if now is None else now
        cached = self._cache.get((caller, audience))
        if cached is not None and cached[0] <= moment < cached[0] + REUSE_SECONDS:
            return cached[1]
        claims = {
            "iss": self._service,
            "aud": audience,
            "iat": int(moment),
            "exp": int(moment) + LIFETIME_SECONDS,
            "sub": caller.subject,
            "company_id": caller.company_id,
            "role": caller.role,
            "name": caller.name,
        }
        # kid tells the issuer before the signature is checked, so that only that issuer's key is tried.
        header = {"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": self._service}
        token = jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])
        with self._lock:
            if len(self._cache) >= MAX_CACHED:
                self._cache.clear()
            self._cache[(caller, audience)] = (moment, token)
        return token


class TokenVerifier:
    """Verifies tokens made for one audience. A verified token is remembered until it expires."""

    def __init__(self, audience: str, trusted: Mapping[str, str]) -> None:
        """`trusted` maps the names of those who may sign to their base64 public keys; raises BadKey."""
        self._audience = audience
        self._keys = {name: _key(key) for name, key in trusted.items()}
        self._cache: dict[str, tuple[float, Caller]] = {}
        self._lock = threading.Lock()

    def verify(self, token: str, *, now: float | None = None) -> Caller:
        """Return the caller a token speaks of; raise BadToken."""
        moment = time.time() if now is None else now
        cached = self._cache.get(token)
        if cached is not None and moment < cached[0]:
            return cached[1]
        expires, caller = self._check(token, moment)
        with self._lock:
            if len(self._cache) >= MAX_CACHED:
                self._forget(moment)
            self._cache[token] = (expires, caller)
        return caller

    def _check(self, token: str, now: float) -> tuple[float, Caller]:
        if len(token) > MAX_TOKEN_LENGTH:
            raise BadToken("longer than 4 KB")
        try:
            decoded = jwt.decode(token, self._key_of, algorithms=[ALGORITHM])
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise BadToken(f"not verified: {type(error).__name__}") from error
        header, claims = decoded.header, decoded.claims
        if header.get("typ") != TOKEN_TYPE or header.get("alg") != ALGORITHM:
            raise BadToken("another kind of token")
        if claims.get("iss") != header.get("kid"):
            raise BadToken("signed by another than its issuer")
        if claims.get("aud") != self._audience:
            raise BadToken("made for another audience")
        issued, expires = _seconds(claims, "iat"), _seconds(claims, "exp")
        if not issued - LEEWAY_SECONDS <= now < expires + LEEWAY_SECONDS:
            raise BadToken("expired or not yet valid")
        if not 0 < expires - issued <= LIFETIME_SECONDS:
            raise BadToken("lives too long")
        return expires + LEEWAY_SECONDS, _caller(claims)

    def _key_of(self, guest: Any) -> OKPKey:
        name = guest.headers().get("kid")
        key = self._keys.get(name) if isinstance(name, str) else None
        if key is None:
            raise BadToken("signed by nobody we trust")
        return key

    def _forget(self, now: float) -> None:
        """Make room: drop what has expired, and the older half if that isn't enough. Call with the lock held."""
        alive = {token: entry for token, entry in self._cache.items() if entry[0] > now}
        if len(alive) > MAX_CACHED // 2:
            alive = dict(list(alive.items())[len(alive) // 2 :])
        self._cache = alive


def _caller(claims: Mapping[str, Any]) -> Caller:
    company_id, role = claims.get("company_id"), claims.get("role")
    subject, name = claims.get("sub"), claims.get("name")
    if type(company_id) is not int or not 0 < company_id < 2**31:
        raise BadToken("names no company")
    if not isinstance(role, str) or role not in ROLES:
        raise BadToken("names no role")
    if not isinstance(subject, str) or not subject or not isinstance(name, str):
        raise BadToken("names no subject")
    return Caller(company_id=company_id, role=role, subject=subject, name=name)


def _seconds(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if type(value) is not int:
        raise BadToken(f"has no {name}")
    return value


def _bytes(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadKey("is not base64") from error
    if len(raw) != 32:
        raise BadKey(f"must be 32 bytes in base64, not {len(raw)}")
    return raw


def _key(public: str, seed: str | None = None) -> OKPKey:
    parts: dict[str, str | list[str]] = {"kty": "OKP", "crv": "Ed25519", "x": _base64url(_bytes(public))}
    if seed is not None:
        parts["d"] = _base64url(_bytes(seed))
    return OKPKey.import_key(parts)


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
