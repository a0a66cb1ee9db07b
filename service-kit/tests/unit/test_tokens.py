"""The internal token proves the caller to one audience for a minute; no other token does."""

import base64
from typing import Any

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey
from service_kit.identity import ADMIN, BadKey, BadToken, Caller, TokenSigner, TokenVerifier, anonymous, public_key
from service_kit.identity import tokens as module
from service_kit.service_settings import development_signing_key

SEED = development_signing_key("api-gateway")
ADA = Caller(1, ADMIN, "user-1", "Ada Løvelace")
NOW = 1_800_000_000


def verifier(audience: str = "ai-service", **keys: str) -> TokenVerifier:
    return TokenVerifier(audience, keys or {"api-gateway": public_key(SEED)})


def key_of(seed: str) -> OKPKey:
    return OKPKey.import_key(module.private_key(seed))


def forged(
    header: dict[str, Any] | None = None, claims: dict[str, Any] | None = None, key: Any = None, alg: str = "Ed25519"
) -> str:
    whole_header = {"alg": alg, "typ": "internal+jwt", "kid": "api-gateway", **(header or {})}
    whole_claims = {"iss": "api-gateway", "aud": "ai-service", "iat": NOW, "exp": NOW + 60, "sub": "u", "company_id": 1}
    whole_claims |= {"role": "admin", "name": "n", **(claims or {})}
    kept = {name: value for name, value in whole_claims.items() if value != "LEFT OUT"}
    return jwt.encode(whole_header, kept, key or key_of(SEED), algorithms=[alg])


def test_a_signed_caller_comes_back() -> None:
    token = TokenSigner("api-gateway", SEED).sign(ADA, "ai-service")
    assert verifier().verify(token) == ADA
    assert len(token) < 500


def test_scopes_session_and_address_come_back() -> None:
    caller = Caller(1, ADMIN, "user:1", "Ada", frozenset({"tickets:read", "files:write"}), "s-1", "2001:db8::7")
    program = Caller(1, ADMIN, "user:1", "Ada", frozenset(), api_key="0a1B2c3D", api_key_name="Größe ☃")
    for given in (caller, program, Caller(1, ADMIN, "user:1", "Ada", frozenset()), anonymous("192.0.2.7")):
        assert verifier().verify(TokenSigner("api-gateway", SEED).sign(given, "ai-service")) == given


def test_the_token_of_the_longest_names_is_not_too_long() -> None:
    scopes = frozenset(f"conversations-{number}:write" for number in range(40))
    texts = {"address": "2001:db8:1111:2222:3333:4444:5555:6666", "email": "e" * 254, "api_key": "0a1B2c3D"}
    caller = Caller(
        2**31 - 1, ADMIN, f"user:{2**63}", "\U0001f600" * 150, scopes, api_key_name="\U0001f600" * 100, **texts
    )
    assert verifier("analytics-service").verify(TokenSigner("api-gateway", SEED).sign(caller, "analytics-service"))


def test_a_token_without_the_newer_claims_is_accepted() -> None:
    assert verifier().verify(forged(), now=NOW) == Caller(1, ADMIN, "u", "n", scopes=None, session="", address="")


def test_a_token_is_reused_for_half_a_minute_and_valid_for_half_a_minute_more() -> None:
    signer = TokenSigner("api-gateway", SEED)
    first = signer.sign(ADA, "ai-service", now=NOW)
    assert signer.sign(ADA, "ai-service", now=NOW + 29) == first
    assert signer.sign(ADA, "ai-service", now=NOW + 31) != first
    assert signer.sign(ADA, "routing-service", now=NOW) != first
    assert verifier().verify(first, now=NOW + 59) == ADA


def test_a_cached_token_is_refused_after_it_expires() -> None:
    checks = verifier()
    token = TokenSigner("api-gateway", SEED).sign(ADA, "ai-service", now=NOW)
    assert checks.verify(token, now=NOW) == ADA
    with pytest.raises(BadToken):
        checks.verify(token, now=NOW + 66)


def test_the_cache_of_tokens_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CACHED_TOKENS", 8)
    checks, signer = verifier(), TokenSigner("api-gateway", SEED)
    for number in range(50):
        checks.verify(signer.sign(Caller(1, ADMIN, f"user-{number}", "n"), "ai-service", now=NOW), now=NOW)
    assert len(checks._cache) <= 8


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "ticket-service"},
        {"aud": ["ai-service"]},
        {"aud": "LEFT OUT"},
        {"iss": "routing-service"},
        {"iss": "LEFT OUT"},
        {"exp": NOW - 6, "iat": NOW - 66},
        {"exp": "LEFT OUT"},
        {"exp": NOW + 3600},
        {"exp": "never"},
        {"exp": float(NOW + 60)},
        {"iat": NOW + 30, "exp": NOW + 90},
        {"iat": "LEFT OUT"},
        {"company_id": "1"},
        {"company_id": 0},
        {"company_id": -1},
        {"company_id": True},
        {"company_id": 2**31},
        {"company_id": "LEFT OUT"},
        {"role": "root"},
        {"role": ["admin"]},
        {"role": "LEFT OUT"},
        {"sub": ""},
        {"sub": 7},
        {"name": None},
        {"scopes": "tickets:read"},
        {"scopes": None},
        {"scopes": [7]},
        {"scopes": {"tickets:read": True}},
        {"sid": 7},
        {"addr": ["192.0.2.7"]},
        {"key": 7},
        {"key_name": None},
        {"role": "anonymous"},
        {"role": "anonymous", "company_id": False},
        {"role": "admin", "company_id": False},
    ],
)
def test_a_signed_token_with_a_wrong_claim_is_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(BadToken):
        verifier().verify(forged(claims=claims), now=NOW)


@pytest.mark.parametrize(
    "header", [{"typ": "JWT"}, {"typ": "at+jwt"}, {"kid": "nobody"}, {"kid": 5}, {"kid": "../../x"}]
)
def test_a_token_with_a_wrong_header_is_refused(header: dict[str, Any]) -> None:
    try:
        token = forged(header=header)
    except Exception:  # joserfc won't even write some of them
        token = hand_made({"alg": "Ed25519", "typ": "internal+jwt", **header})
    with pytest.raises(BadToken):
        verifier().verify(token, now=NOW)


def hand_made(header: dict[str, Any], signature: bytes = b"") -> str:
    parts = [orjson.dumps(header), orjson.dumps({"iss": "api-gateway", "aud": "ai-service"}), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def test_the_key_of_another_is_refused() -> None:
    with pytest.raises(BadToken):
        verifier().verify(forged(key=key_of(development_signing_key("unknown-service"))), now=NOW)


def test_a_trusted_service_can_not_sign_in_the_name_of_the_gateway() -> None:
    seed = development_signing_key("routing-service")
    checks = verifier(**{"api-gateway": public_key(SEED), "routing-service": public_key(seed)})
    with pytest.raises(BadToken):
        checks.verify(forged(header={"kid": "routing-service"}, key=key_of(seed)), now=NOW)


def test_a_public_key_used_as_a_shared_secret_is_refused() -> None:
    secret = OctKey.import_key(base64.b64decode(public_key(SEED)))
    with pytest.raises(BadToken):
        verifier().verify(forged(key=secret, alg="HS256"), now=NOW)


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "x" * 100,
        "é.é.é",
        "eyJ.eyJ.",
        hand_made({"alg": "none", "typ": "internal+jwt"}),
        hand_made({"alg": "none", "typ": "internal+jwt", "kid": "api-gateway"}),
        hand_made({"alg": "Ed25519", "kid": "api-gateway"}, b"x" * 64),
        hand_made({"alg": "Ed25519", "kid": "api-gateway", "crit": ["b64"], "b64": False}, b"x" * 64),
    ],
)
def test_nonsense_is_refused(token: str) -> None:
    with pytest.raises(BadToken):
        verifier().verify(token)


def test_every_flipped_character_breaks_a_token() -> None:
    token = TokenSigner("api-gateway", SEED).sign(ADA, "ai-service")
    for position in range(0, len(token) - 1, 7):
        other = "A" if token[position] != "A" else "B"
        with pytest.raises(BadToken):
            verifier().verify(token[:position] + other + token[position + 1 :])


def test_a_token_over_four_kilobytes_is_refused_before_it_is_read() -> None:
    token = TokenSigner("api-gateway", SEED).sign(Caller(1, ADMIN, "u", "n" * 5000), "ai-service")
    with pytest.raises(BadToken, match="4 KB"):
        verifier().verify(token)


@pytest.mark.parametrize("key", ["", "not base64!", base64.b64encode(b"short").decode()])
def test_a_key_of_the_wrong_kind_is_refused(key: str) -> None:
    with pytest.raises(BadKey):
        public_key(key)
    with pytest.raises(BadKey):
        TokenVerifier("ai-service", {"api-gateway": key})


def test_verifying_a_cached_token_is_a_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = verifier()
    token = TokenSigner("api-gateway", SEED).sign(ADA, "ai-service")
    checks.verify(token)
    # Without the library that checks signatures only the look-up remains.
    monkeypatch.setattr("service_kit.identity.tokens.jwt", None)
    assert checks.verify(token) == ADA
    with pytest.raises(AttributeError):
        verifier().verify(token)
