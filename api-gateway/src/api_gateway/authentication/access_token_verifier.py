"""Verifies access tokens, whose form `service_kit.identity.access_tokens` describes, by published keys."""

import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cachetools import FIFOCache
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from service_kit.identity import BadKey, BadToken, Caller
from service_kit.identity.access_tokens import (
    ALGORITHM,
    AUDIENCE,
    CURVE,
    LIFETIME_SECONDS,
    ROLES_OF_PEOPLE,
    TOKEN_TYPE,
)
from service_kit.identity.tokens import LEEWAY_SECONDS, MAX_TOKEN_CHARACTERS, Times, read_claims

CACHE_SECONDS = 60
MAX_CACHED_TOKENS = 4096
MAX_KEYS = 32
# The compact form and no other: three parts of base64url without padding, 64 bytes of signature.
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}")
# `jwk`, `jku`, `x5c`, `crit`, `b64` … let a token choose how it is verified.
_HEADER = {"alg", "typ", "kid"}


class UnknownKey(BadToken):
    """No known key has the `kid` of a token; the verifier's keys may be old."""


class ExpiredToken(BadToken):
    """A token was valid until it expired; its owner can get a new one."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A verified token: its caller with the session, and its times in Unix seconds."""

    caller: Caller
    token_id: str
    issued_at: int
    expires_at: int


class AccessTokenVerifier:
    """Verifies access tokens by published keys. It caches a verified token for up to 60 seconds."""

    def __init__(self, issuer: str, jwks: Mapping[str, Any] | None = None) -> None:
        """`jwks` is a JWK set (RFC 7517); without one no token is valid until `replace_keys`. Raises BadKey."""
        self._issuer = issuer
        self._keys: dict[str, ECKey] = {}
        self._cache: FIFOCache[str, tuple[float, AccessToken]] = FIFOCache(MAX_CACHED_TOKENS)
        self._lock = threading.Lock()
        if jwks is not None:
            self.replace_keys(jwks)

    def replace_keys(self, jwks: Mapping[str, Any]) -> None:
        """Verify by these keys from now on. Raises BadKey for a set without a usable key; the old ones then stay."""
        keys = _keys(jwks)
        with self._lock:
            self._keys = keys
            # A token of a key that is gone must not live on in the cache.
            self._cache.clear()

    def verify(self, token: str, *, now: float | None = None) -> AccessToken:
        """Return the content of a token; raise BadToken, or UnknownKey where newer keys might help."""
        time_now = time.time() if now is None else now
        with self._lock:
            cached = self._cache.get(token)
        if cached is not None and time_now < cached[0]:
            return cached[1]
        keys = self._keys
        verified = self._check(token, keys, time_now)
        valid_until = min(verified.expires_at + LEEWAY_SECONDS, time_now + CACHE_SECONDS)
        with self._lock:
            if keys is self._keys:
                self._cache[token] = (valid_until, verified)
        return verified

    def _check(self, token: str, keys: Mapping[str, ECKey], now: float) -> AccessToken:
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise BadToken("longer than 4 KB")
        if not _COMPACT.fullmatch(token):
            raise BadToken("not a compact JWT")

        def key_of(decoded: Any) -> ECKey:
            return _find_key(decoded.headers(), keys)

        try:
            claims = jwt.decode(token, key_of, algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise BadToken(f"not verified: {type(error).__name__}") from error
        if claims.get("iss") != self._issuer or claims.get("aud") != AUDIENCE:
            raise BadToken("wrong issuer or audience")
        times = read_claims(claims, Times)
        if now < max(times.iat, times.nbf) - LEEWAY_SECONDS:
            raise BadToken("not yet valid")
        if not 0 < times.exp - times.iat <= LIFETIME_SECONDS:
            raise BadToken("lifetime too long")
        if now >= times.exp + LEEWAY_SECONDS:
            raise ExpiredToken("expired")
        return AccessToken(_caller(claims), _text(claims, "jti"), times.iat, times.exp)


def _find_key(header: Mapping[str, Any], keys: Mapping[str, ECKey]) -> ECKey:
    if set(header) != _HEADER or header["typ"] != TOKEN_TYPE or header["alg"] != ALGORITHM:
        raise BadToken("wrong type, algorithm or header")
    name = header["kid"]
    if not isinstance(name, str):
        raise BadToken("the kid is no text")
    if name not in keys:
        raise UnknownKey("key not known")
    return keys[name]


def _caller(claims: Mapping[str, Any]) -> Caller:
    company_id, role = claims.get("company_id"), claims.get("role")
    name, email = claims.get("name"), claims.get("email", "")
    if type(company_id) is not int or not 0 < company_id < 2**31:
        raise BadToken("no company")
    if not isinstance(role, str) or role not in ROLES_OF_PEOPLE:
        raise BadToken("no role of a person")
    if not isinstance(name, str) or not isinstance(email, str):
        raise BadToken("no name, or an e-mail address that is no text")
    return Caller(company_id, role, _text(claims, "sub"), name, session=_text(claims, "sid"), email=email)


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise BadToken(f"no {name}")
    return value


def _keys(jwks: Mapping[str, Any]) -> dict[str, ECKey]:
    listed = jwks.get("keys")
    if not isinstance(listed, list) or len(listed) > MAX_KEYS:
        raise BadKey(f"is not a set of up to {MAX_KEYS} keys")
    found = {}
    for jwk in listed:
        # Other keys may stand in the set, for other uses (RFC 7517, 5); a broken one must not disable the rest.
        try:
            if isinstance(jwk, dict) and isinstance(jwk.get("kid"), str) and "d" not in jwk:
                found[jwk["kid"]] = _key(jwk)
        except BadKey:
            continue
    if not found:
        raise BadKey("holds no usable key")
    return found


def _key(jwk: Mapping[str, Any]) -> ECKey:
    if (
        jwk.get("kty") != "EC"
        or jwk.get("crv") != CURVE
        or jwk.get("alg", ALGORITHM) != ALGORITHM
        or jwk.get("use", "sig") != "sig"
    ):
        raise BadKey(f"is not a key for {ALGORITHM}")
    try:
        return ECKey.import_key({name: jwk[name] for name in ("kty", "crv", "x", "y", "d") if name in jwk})
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise BadKey(f"is not a key: {type(error).__name__}") from error
