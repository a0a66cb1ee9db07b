"""The internal token: the caller's identity, signed by the gateway or a service.

A JWT (RFC 7519) with an Ed25519 signature (RFC 8032), valid for 60 seconds and for one audience. Services accept no
other proof of identity.
"""

import base64
import binascii
import threading
import time
from collections.abc import Mapping
from typing import Any

from cachetools import FIFOCache
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from service_kit.identity.caller import ANONYMOUS, NO_COMPANY, ROLES, SERVICE, Caller

HEADER = "X-Internal-Token"
CHALLENGE = "Internal"
"""The scheme of `WWW-Authenticate` where a service refuses an internal token: the client can't mend that."""
ALGORITHM = "Ed25519"  # RFC 9864's name; the older "EdDSA" names a family, not an algorithm
TOKEN_TYPE = "internal+jwt"  # noqa: S105 - a type, not a secret
ISSUER_OF_PEOPLE = "api-gateway"
"""Only the gateway has checked who a person is; the other services sign for themselves."""
_HEADER = {"alg", "typ", "kid"}
# The claims that only some callers have, by the field of Caller.
_TEXTS = {"sid": "session", "addr": "address", "email": "email", "key": "api_key", "key_name": "api_key_name"}
LIFETIME_SECONDS = 60
REUSE_SECONDS = 30
LEEWAY_SECONDS = 5
MAX_TOKEN_CHARACTERS = 4096
MAX_CACHED_TOKENS = 4096


class BadKey(ValueError):
    """A key isn't the base64 of 32 bytes."""


class BadToken(Exception):
    """A token is not valid; the message holds the reason, for the log only."""


def public_key(seed: str) -> str:
    """Return the base64 public key of a base64 Ed25519 seed; raise BadKey."""
    private = Ed25519PrivateKey.from_private_bytes(_bytes(seed))
    return base64.b64encode(private.public_key().public_bytes_raw()).decode()


class TokenSigner:
    """Signs tokens as one service. It reuses a token for up to 30 seconds: signing costs far more than a look-up."""

    def __init__(self, service: str, seed: str) -> None:
        """`seed` is the base64 of the 32-byte Ed25519 seed; raises BadKey."""
        self._service = service
        self._key = _key(public_key(seed), seed)
        self._cache: FIFOCache[tuple[Caller, str], tuple[float, str]] = FIFOCache(MAX_CACHED_TOKENS)
        self._lock = threading.Lock()

    def sign(self, caller: Caller, audience: str, *, now: float | None = None) -> str:
        """Return a token with the caller's identity for `audience`, valid for at least 30 more seconds."""
        time_now = time.time() if now is None else now
        with self._lock:
            cached = self._cache.get((caller, audience))
        if cached is not None and cached[0] <= time_now < cached[0] + REUSE_SECONDS:
            return cached[1]
        claims = {
            "iss": self._service,
            "aud": audience,
            "iat": int(time_now),
            "exp": int(time_now) + LIFETIME_SECONDS,
            "sub": caller.subject,
            "company_id": caller.company_id,
            "role": caller.role,
            "name": caller.name,
            **_optional(caller),
        }
        # kid names the issuer, so that the verifier tries only the issuer's key.
        header = {"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": self._service}
        token = jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])
        with self._lock:
            self._cache[(caller, audience)] = (time_now, token)
        return token


class TokenVerifier:
    """Verifies tokens for one audience. It caches a verified token until it expires.

    The oldest token is evicted first, as tokens expire about in the order of their arrival.
    """

    def __init__(self, audience: str, trusted: Mapping[str, str]) -> None:
        """`trusted` maps the names of the trusted issuers to their base64 public keys; raises BadKey."""
        self._audience = audience
        self._keys = {name: _key(key) for name, key in trusted.items()}
        self._cache: FIFOCache[str, tuple[float, Caller]] = FIFOCache(MAX_CACHED_TOKENS)
        self._lock = threading.Lock()

    def verify(self, token: str, *, now: float | None = None) -> Caller:
        """Return the caller in a token; raise BadToken."""
        time_now = time.time() if now is None else now
        with self._lock:
            cached = self._cache.get(token)
        if cached is not None and time_now < cached[0]:
            return cached[1]
        expires, caller = self._check(token, time_now)
        with self._lock:
            self._cache[token] = (expires, caller)
        return caller

    def _check(self, token: str, now: float) -> tuple[float, Caller]:
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise BadToken("longer than 4 KB")
        try:
            decoded = jwt.decode(token, self._key_of, algorithms=[ALGORITHM])
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise BadToken(f"not verified: {type(error).__name__}") from error
        header, claims = decoded.header, decoded.claims
        # `jwk`, `jku`, `crit`, `b64` … let a token choose how it is verified.
        if set(header) != _HEADER or header["typ"] != TOKEN_TYPE or header["alg"] != ALGORITHM:
            raise BadToken("wrong type, algorithm or header")
        if claims.get("iss") != header.get("kid"):
            raise BadToken("issuer and key differ")
        if claims.get("aud") != self._audience:
            raise BadToken("wrong audience")
        issued, expires = seconds_in(claims, "iat"), seconds_in(claims, "exp")
        if not max(issued, not_before(claims)) - LEEWAY_SECONDS <= now < expires + LEEWAY_SECONDS:
            raise BadToken("expired or not yet valid")
        if not 0 < expires - issued <= LIFETIME_SECONDS:
            raise BadToken("lifetime too long")
        caller = _caller(claims)
        if header["kid"] != ISSUER_OF_PEOPLE and caller.role != SERVICE:
            raise BadToken("a service speaks for itself only")
        return expires + LEEWAY_SECONDS, caller

    def _key_of(self, token: Any) -> OKPKey:
        name = token.headers().get("kid")
        key = self._keys.get(name) if isinstance(name, str) else None
        if key is None:
            raise BadToken("issuer not trusted")
        return key


def _optional(caller: Caller) -> dict[str, Any]:
    """Return the claims that only some callers have."""
    texts = {claim: getattr(caller, field) for claim, field in _TEXTS.items()}
    scopes: dict[str, Any] = {} if caller.scopes is None else {"scopes": sorted(caller.scopes)}
    return {name: value for name, value in texts.items() if value} | scopes


def _caller(claims: Mapping[str, Any]) -> Caller:
    company_id, role = claims.get("company_id"), claims.get("role")
    subject, name = claims.get("sub"), claims.get("name")
    if not isinstance(role, str) or role not in ROLES | {ANONYMOUS}:
        raise BadToken("no role")
    fits = company_id == NO_COMPANY if role == ANONYMOUS else type(company_id) is int and 0 < company_id < 2**31
    if type(company_id) is not int or not fits:
        raise BadToken("no company")
    if not isinstance(subject, str) or not subject or not isinstance(name, str):
        raise BadToken("no subject")
    texts = {field: claims.get(claim, "") for claim, field in _TEXTS.items()}
    if not all(isinstance(value, str) for value in texts.values()):
        raise BadToken("session, address, e-mail address or API key is no text")
    return Caller(company_id, role, subject, name, _scopes(claims), **texts)


def _scopes(claims: Mapping[str, Any]) -> frozenset[str] | None:
    if "scopes" not in claims:
        return None
    scopes = claims["scopes"]
    # A malformed list must not be read as "no list", which would mean every scope.
    if not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
        raise BadToken("scopes are no list of texts")
    return frozenset(scopes)


def not_before(claims: Mapping[str, Any]) -> int:
    """Return the time before which a token is not valid, 0 without one; raise BadToken for one that is no number."""
    return 0 if "nbf" not in claims else seconds_in(claims, "nbf")


def seconds_in(claims: Mapping[str, Any], name: str) -> int:
    """Return a time among the claims; raise BadToken where there is none."""
    value = claims.get(name)
    if type(value) is not int:
        raise BadToken(f"no {name}")
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
