"""The internal token: the caller's identity, signed by the gateway or a service.

A JWT (RFC 7519) with an Ed25519 signature (RFC 8032), valid for 60 seconds and for one audience. Services accept no
other proof of identity.
"""

import base64
import binascii
import threading
import time
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from cachetools import FIFOCache
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
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
KEY_BYTES = 32
_HEADER = {"alg", "typ", "kid"}
LIFETIME_SECONDS = 60
REUSE_SECONDS = 30
LEEWAY_SECONDS = 5
MAX_TOKEN_CHARACTERS = 4096
MAX_CACHED_TOKENS = 4096

Claims = TypeVar("Claims")


class BadKey(ValueError):
    """A key isn't the base64 of 32 bytes."""


class BadToken(Exception):
    """A token is not valid; the message holds the reason, for the log only."""


class Times(msgspec.Struct):
    """The times among a token's claims, in Unix seconds."""

    iat: int
    exp: int
    nbf: int = 0


def public_key(seed: str) -> str:
    """Return the base64 public key of a base64 Ed25519 seed; raise BadKey."""
    return base64.b64encode(private_key(seed).public_key().public_bytes_raw()).decode()


def private_key(seed: str) -> Ed25519PrivateKey:
    """Return the private key of a base64 Ed25519 seed; raise BadKey."""
    return Ed25519PrivateKey.from_private_bytes(key_bytes(seed))


class TokenSigner:
    """Signs tokens as one service. It reuses a token for up to 30 seconds: signing costs far more than a look-up."""

    def __init__(self, service: str, seed: str) -> None:
        """`seed` is the base64 of the 32-byte Ed25519 seed; raises BadKey."""
        self._service = service
        self._key = OKPKey.import_key(private_key(seed))
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
            **msgspec.to_builtins(caller, order="deterministic"),
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
        self._keys = {
            name: OKPKey.import_key(Ed25519PublicKey.from_public_bytes(key_bytes(key))) for name, key in trusted.items()
        }
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
        times = read_claims(claims, Times)
        if not max(times.iat, times.nbf) - LEEWAY_SECONDS <= now < times.exp + LEEWAY_SECONDS:
            raise BadToken("expired or not yet valid")
        if not 0 < times.exp - times.iat <= LIFETIME_SECONDS:
            raise BadToken("lifetime too long")
        caller = _caller(claims)
        if header["kid"] != ISSUER_OF_PEOPLE and caller.role != SERVICE:
            raise BadToken("a service speaks for itself only")
        return times.exp + LEEWAY_SECONDS, caller

    def _key_of(self, token: Any) -> OKPKey:
        name = token.headers().get("kid")
        key = self._keys.get(name) if isinstance(name, str) else None
        if key is None:
            raise BadToken("issuer not trusted")
        return key


def read_claims(claims: Mapping[str, Any], kind: type[Claims]) -> Claims:
    """Return claims as a type of msgspec; raise BadToken where one is missing or not of its type."""
    try:
        return msgspec.convert(claims, kind)
    except msgspec.ValidationError as error:
        raise BadToken(str(error)) from error


def _caller(claims: Mapping[str, Any]) -> Caller:
    caller = read_claims(claims, Caller)
    if caller.role not in ROLES | {ANONYMOUS}:
        raise BadToken("no role")
    if (caller.company_id == NO_COMPANY) != (caller.role == ANONYMOUS):
        raise BadToken("no company")
    # Null must not be read as "no list", which would mean every scope.
    if "scopes" in claims and caller.scopes is None:
        raise BadToken("scopes are no list of texts")
    return caller


def key_bytes(text: str) -> bytes:
    """Return the 32 bytes of a key in base64; raise BadKey."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadKey("is not base64") from error
    if len(raw) != KEY_BYTES:
        raise BadKey(f"must be {KEY_BYTES} bytes in base64, not {len(raw)}")
    return raw
