"""Verifies ID tokens (OpenID Connect Core 3.1.3.7): signature, then every claim. The token chooses nothing."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

from auth_service.domain.sign_in import NotVerified

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures by a private key. `none` and HS*, which a public key would verify, are not among them."""
MAX_TOKEN_CHARACTERS = 32 * 1024
MAX_SUBJECT_CHARACTERS = 255
MAX_KEYS = 100
MIN_RSA_BITS = 2048
LEEWAY_SECONDS = 60
MAX_AGE_SECONDS = 300
_CHOOSING = {"jwk", "jku", "x5u", "x5c", "crit", "b64", "zip"}
"""Headers by which a token would choose how it is verified."""

Key = RSAKey | ECKey


class UnknownKey(NotVerified):
    """None of the provider's known keys has the token's `kid`; they may be old."""


@dataclass(frozen=True)
class Expected:
    """The values that an ID token must hold."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str | None = None
    """The access token beside the ID token, for `at_hash`."""


def usable_keys(jwks: object) -> list[dict[str, Any]]:
    """Return the keys of a JWK set that may verify ID tokens: public RSA and EC keys for signatures."""
    keys = jwks.get("keys") if isinstance(jwks, Mapping) else None
    if not isinstance(keys, list):
        raise NotVerified("the key set has no list of keys")
    return [
        key
        for key in keys[:MAX_KEYS]
        if isinstance(key, dict) and key.get("kty") in ("RSA", "EC") and key.get("use", "sig") == "sig"
    ]


def verify(token: object, keys: Sequence[Mapping[str, Any]], expected: Expected, now: float) -> dict[str, Any]:
    """Return the claims of a valid ID token; raise NotVerified, UnknownKey."""
    if not isinstance(token, str) or len(token) > MAX_TOKEN_CHARACTERS or token.count(".") != 2:
        raise NotVerified("not a compact token")
    header = _json(_decoded(token.partition(".")[0]))
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS or _CHOOSING & header.keys():
        raise NotVerified("algorithm or header not accepted")
    key = _key(keys, header, algorithm)
    registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    try:
        payload = jws.deserialize_compact(token, key, algorithms=[algorithm], registry=registry).payload
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise NotVerified(f"signature: {type(error).__name__}") from error
    claims = _json(payload)
    _check(claims, expected, algorithm, now)
    return claims


def _key(keys: Sequence[Mapping[str, Any]], header: Mapping[str, Any], algorithm: str) -> Key:
    kind = "EC" if algorithm.startswith("ES") else "RSA"
    kid = header.get("kid")
    fitting = [key for key in keys if key["kty"] == kind and key.get("alg", algorithm) == algorithm]
    found = [key for key in fitting if key.get("kid") == kid] if kid is not None else fitting
    if len(found) != 1:
        raise UnknownKey(f"{len(found)} keys fit the token's kid and algorithm")
    jwk = dict(found[0])
    if kind == "RSA" and int.from_bytes(_decoded(str(jwk.get("n", ""))), "big").bit_length() < MIN_RSA_BITS:
        raise NotVerified(f"an RSA key of less than {MIN_RSA_BITS} bits")
    try:
        return RSAKey.import_key(jwk) if kind == "RSA" else ECKey.import_key(jwk)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise NotVerified(f"unusable key: {type(error).__name__}") from error


def _check(claims: Mapping[str, Any], expected: Expected, algorithm: str, now: float) -> None:
    if claims.get("iss") != expected.issuer:
        raise NotVerified("iss: another issuer")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if expected.client_id not in audiences:
        raise NotVerified("aud: for another client")
    if claims.get("azp", expected.client_id if len(audiences) == 1 else None) != expected.client_id:
        raise NotVerified("azp: given to another client")
    if _seconds(claims, "exp") <= now - LEEWAY_SECONDS:
        raise NotVerified("exp: expired")
    if not now - MAX_AGE_SECONDS - LEEWAY_SECONDS <= _seconds(claims, "iat") <= now + LEEWAY_SECONDS:
        raise NotVerified("iat: not issued just now")
    if "nbf" in claims and _seconds(claims, "nbf") > now + LEEWAY_SECONDS:
        raise NotVerified("nbf: not yet valid")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise NotVerified("nonce: of another sign-in")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT_CHARACTERS or not subject.isprintable():
        raise NotVerified("sub: missing or not acceptable")
    if "at_hash" in claims and claims["at_hash"] != _half_hash(expected.access_token, algorithm):
        raise NotVerified("at_hash: another access token")


def _half_hash(access_token: str | None, algorithm: str) -> str | None:
    """Return the left half of the access token's digest, by the hash of the signature's algorithm."""
    if access_token is None:
        return None
    digest = hashlib.new(f"sha{algorithm[-3:]}", access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise NotVerified(f"{name}: missing or no time")
    return float(value)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise NotVerified("not base64url") from error


def _json(content: bytes | str) -> dict[str, Any]:
    """Return a JSON object without a name that stands twice: two readers would take different values."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise NotVerified("a name stands twice")
        return found

    try:
        value = json.loads(content, object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise NotVerified("not JSON") from error
    if not isinstance(value, dict):
        raise NotVerified("not a JSON object")
    return value
