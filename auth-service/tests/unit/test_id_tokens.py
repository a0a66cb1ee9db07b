"""ID tokens that prove nothing, and some that do."""

import time
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from auth_service.adapters.id_tokens import ALGORITHMS, Expected, usable_keys, verify
from auth_service.domain.sign_in import NotVerified
from joserfc.jwk import ECKey

from tests.identity_provider import (
    CLIENT_ID,
    Claims,
    half_hash,
    hmac_with_public_key,
    new_key,
    public,
    signed,
    unsigned,
)

KEY = new_key("k1")
OTHER_KEY = new_key("k1")
CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
SMALL_KEY = {"kty": "RSA", "kid": "k1", "n": "AQAB" * 40, "e": "AQAB"}
RS256 = {"alg": "RS256", "kid": "k1"}
ISSUER = "https://idp.example/realms/staff"
EXPECTED = Expected(ISSUER, CLIENT_ID, "n" * 43, "at-1")


class Signer:
    """Signs ID tokens."""

    issuer = ISSUER
    key = KEY

    def token(self, claims: Claims, **header: Any) -> str:
        """Return a signed token."""
        return signed(RS256 | header, claims, self.key)


def claims(**more: Any) -> Claims:
    now = int(time.time())
    return {"iss": ISSUER, "aud": CLIENT_ID, "sub": "7", "nonce": "n" * 43, "iat": now, "exp": now + 60} | more


def check(token: Any, keys: Any = None) -> Claims:
    return verify(token, usable_keys({"keys": [public(KEY)] if keys is None else keys}), EXPECTED, time.time())


MakeToken = Callable[[Signer, Claims], str]


def but(**changed: Any) -> MakeToken:
    """Return a maker of well-signed tokens with other claims; None leaves a claim out."""

    def make(provider: Signer, claims: Claims) -> str:
        return provider.token({name: value for name, value in (claims | changed).items() if value is not None})

    return make


def shifted(**seconds: int) -> MakeToken:
    """Return a maker of well-signed tokens with other times."""
    return lambda provider, claims: provider.token(
        claims | {name: int(time.time()) + shift for name, shift in seconds.items()}
    )


BAD_TOKENS: dict[str, MakeToken] = {
    "alg none": lambda p, c: unsigned({"alg": "none"}, c),
    "alg None with a kid": lambda p, c: unsigned({"alg": "None", "kid": "k1"}, c),
    "no signature": lambda p, c: unsigned(RS256, c),
    "no alg": lambda p, c: unsigned({"kid": "k1"}, c, "AAAA"),
    "HS256 with the public key": lambda p, c: hmac_with_public_key(RS256, c, p.key),
    "signed by another key": lambda p, c: signed(RS256, c, OTHER_KEY),
    "jwk in the header": lambda p, c: signed(RS256 | {"jwk": public(OTHER_KEY)}, c, OTHER_KEY),
    "jku in the header": lambda p, c: p.token(c, jku="https://evil.example/keys"),
    "x5u in the header": lambda p, c: p.token(c, x5u="https://evil.example/certificate"),
    "unknown kid": lambda p, c: signed({"alg": "RS256", "kid": "k2"}, c, p.key),
    "kid of another type": lambda p, c: signed({"alg": "RS256", "kid": "../../etc/passwd"}, c, p.key),
    "changed payload": lambda p, c: _with_payload(p.token(c), c | {"sub": "admin"}),
    "JWE": lambda p, c: p.token(c) + ".x.y",
    "JSON serialization": lambda p, c: '{"payload":"e30","signatures":[]}',
    "not a token": lambda p, c: "hello",
    "no token": lambda p, c: None,  # type: ignore[dict-item, return-value]
    "a number": lambda p, c: 7,  # type: ignore[dict-item, return-value]
    "payload no JSON": lambda p, c: signed(RS256, b"hello", p.key),
    "payload a list": lambda p, c: signed(RS256, b"[]", p.key),
    "a claim twice": lambda p, c: signed(RS256, b'{"sub":"a",' + _json(c)[1:], p.key),
    "deep payload": lambda p, c: signed(RS256, b'{"a":' + b"[" * 9000 + b"]" * 9000 + b"}", p.key),
    "40 KB": but(padding="x" * 40_000),
    "another issuer": but(iss="https://accounts.google.com"),
    "issuer with a slash": lambda p, c: p.token(c | {"iss": f"{p.issuer}/"}),
    "issuer in a list": lambda p, c: p.token(c | {"iss": [p.issuer]}),
    "no issuer": but(iss=None),
    "another audience": but(aud="another-client"),
    "audience a part": but(aud=CLIENT_ID[:-1]),
    "audience an object": but(aud={CLIENT_ID: True}),
    "no audience": but(aud=None),
    "two audiences without azp": but(aud=[CLIENT_ID, "another"]),
    "azp another client": but(azp="another-client"),
    "two audiences, azp the other": but(aud=[CLIENT_ID, "another"], azp="another"),
    "expired": shifted(exp=-61, iat=-120),
    "no exp": but(exp=None),
    "exp a text": but(exp="9999999999"),
    "exp true": but(exp=True),
    "exp without end": lambda p, c: signed(RS256, _json(c).replace(b'"exp":', b'"exp":1e999,"x":'), p.key),
    "no iat": but(iat=None),
    "iat an hour ago": shifted(iat=-3600),
    "iat in an hour": shifted(iat=3600, exp=7200),
    "nbf in an hour": shifted(nbf=3600),
    "another nonce": but(nonce="A" * 43),
    "no nonce": but(nonce=None),
    "nonce in a list": lambda p, c: p.token(c | {"nonce": [c["nonce"]]}),
    "no sub": but(sub=None),
    "empty sub": but(sub=""),
    "sub a number": but(sub=7),
    "sub too long": but(sub="s" * 256),
    "sub with NUL": but(sub="a\x00b"),
    "at_hash of another token": but(at_hash=half_hash("another")),
    "at_hash null": lambda p, c: p.token(c | {"at_hash": None}),
}


@pytest.mark.parametrize("name", BAD_TOKENS)
def test_a_bad_id_token_is_refused(name: str) -> None:
    """Also Authlib CVE-2026-27962 (`jwk`) and -28498 (`at_hash`), joserfc CVE-2026-102946 (JSON without signatures)."""
    token = BAD_TOKENS[name](Signer(), claims())
    with pytest.raises(NotVerified):
        check(token)


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [SMALL_KEY],
        [{"kty": "oct", "kid": "k1", "k": "c2VjcmV0"}],
        [{"kty": "RSA", "kid": "k1"}],
        [public(OTHER_KEY)],
        [public(new_key("e1", "EC")) | {"kid": "k1"}],
        [public(OTHER_KEY, use="enc")],
        [public(OTHER_KEY), public(OTHER_KEY)],
        [7, None, "k1"],
    ],
    ids=lambda keys: str(len(keys)),
)
def test_keys_that_fit_no_token_verify_none(keys: list[Any]) -> None:
    with pytest.raises(NotVerified):
        check(Signer().token(claims()), keys)


@pytest.mark.parametrize("jwks", [None, [], {}, {"keys": None}, {"keys": {}}, "keys"])
def test_what_is_no_key_set_is_refused(jwks: Any) -> None:
    with pytest.raises(NotVerified):
        usable_keys(jwks)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_accepted_algorithm_verifies(algorithm: str) -> None:
    curve = CURVES.get(algorithm)
    key = KEY if curve is None else ECKey.generate_key(curve, {"kid": "k1"}, private=True)
    token = signed({"alg": algorithm, "kid": "k1"}, claims(), key)
    assert check(token, [public(key)])["sub"] == "7"


@pytest.mark.parametrize(
    "more",
    [
        {"aud": [CLIENT_ID]},
        {"aud": [CLIENT_ID, "account"], "azp": CLIENT_ID},
        {"azp": CLIENT_ID},
        {"at_hash": half_hash("at-1")},
        {"nbf": int(time.time())},
        {"exp": time.time() + 3600.5},
        {"sub": "s" * 255},
        {"nested": {"sub": "another"}},
    ],
    ids=str,
)
def test_a_good_id_token_is_accepted(more: Claims) -> None:
    assert check(Signer().token(claims(**more)))["nonce"] == "n" * 43


def test_a_token_without_a_kid_needs_a_single_key() -> None:
    token = signed({"alg": "RS256"}, claims(), KEY)
    assert check(token)["sub"] == "7"
    assert check(token, [public(KEY), public(new_key("e1", "EC"))])["sub"] == "7"
    with pytest.raises(NotVerified):
        check(token, [public(KEY), public(OTHER_KEY) | {"kid": "k2"}])


def _with_payload(token: str, claims: Claims) -> str:
    header, _, signature = token.split(".")
    return f"{header}.{unsigned({}, claims).split('.')[1]}.{signature}"


def _json(claims: Claims) -> bytes:
    return orjson.dumps(claims)
