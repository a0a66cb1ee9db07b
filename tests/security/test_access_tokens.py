"""An access token proves a person for 15 minutes; nothing else does: no other key, algorithm or claim."""

import base64
from typing import Any

import jwt as second_library
import orjson
import pytest
from api_gateway.authentication import access_token_verifier as module
from api_gateway.authentication.access_token_verifier import AccessTokenVerifier, UnknownKey
from auth_service.adapters.access_tokens import AccessTokenSigner, new_private_jwk, public_jwk
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from service_kit.identity import ADMIN, BadKey, BadToken, Caller

PRIVATE, OTHER = new_private_jwk(), new_private_jwk()
JWKS = {"keys": [public_jwk(PRIVATE)]}
ISSUER = "https://desk.example"
ADA = Caller(3, ADMIN, "user:7", "Ada Løvelace", session="0b8f6d0c-6a52-4f0e-9a55-0d3f0a1f7e11")
NOW = 1_800_000_000
LEFT_OUT = object()


def verifier() -> AccessTokenVerifier:
    return AccessTokenVerifier(ISSUER, JWKS)


def signed(now: int = NOW) -> str:
    return AccessTokenSigner(ISSUER, PRIVATE).sign(ADA, now=now)


def forged(
    header: dict[str, Any] | None = None, claims: dict[str, Any] | None = None, key: Any = None, alg: str = "ES256"
) -> str:
    whole_header = {"alg": alg, "typ": "at+jwt", "kid": PRIVATE["kid"], **(header or {})}
    whole_claims = {
        "iss": ISSUER, "aud": "smart-ticket", "iat": NOW, "exp": NOW + 900, "sub": "user:7", "jti": "j", "sid": "s",
        "company_id": 3, "role": "admin", "name": "n", **(claims or {}),
    }  # fmt: skip
    kept_header = {name: value for name, value in whole_header.items() if value is not LEFT_OUT}
    kept_claims = {name: value for name, value in whole_claims.items() if value is not LEFT_OUT}
    if alg == "none":
        return f"{_part(kept_header)}.{_part(kept_claims)}."
    registry = None
    if set(kept_header) - {"alg", "typ", "kid"}:
        from joserfc.jws import JWSRegistry

        registry = JWSRegistry(algorithms=[alg], strict_check_header=False)
    return jwt.encode(kept_header, kept_claims, key or module._key(PRIVATE), algorithms=[alg], registry=registry)


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(value)).rstrip(b"=").decode()


def test_a_signed_person_comes_back() -> None:
    verified = verifier().verify(signed(), now=NOW)
    assert verified.caller == ADA
    assert (verified.issued_at, verified.expires_at) == (NOW, NOW + 900)
    assert verified.token_id
    assert verifier().verify(forged(), now=NOW).caller.company_id == 3


def test_another_library_verifies_the_token_by_the_published_key() -> None:
    key = second_library.PyJWK(JWKS["keys"][0])
    claims = second_library.decode(
        AccessTokenSigner(ISSUER, PRIVATE).sign(ADA), key, algorithms=["ES256"], audience="smart-ticket", issuer=ISSUER
    )
    assert (claims["sub"], claims["company_id"], claims["role"], claims["sid"]) == ("user:7", 3, "admin", ADA.session)


def test_two_tokens_of_one_second_differ() -> None:
    assert verifier().verify(signed(), now=NOW).token_id != verifier().verify(signed(), now=NOW).token_id


def test_the_longest_name_fits_into_a_token() -> None:
    caller = Caller(2**31 - 1, ADMIN, f"user:{2**63 - 1}", "🧑🏿" * 75, session=ADA.session)
    token = AccessTokenSigner("https://" + "d" * 192, PRIVATE).sign(caller, now=NOW)
    assert AccessTokenVerifier("https://" + "d" * 192, JWKS).verify(token, now=NOW).caller == caller


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"},
        {"iss": [ISSUER]},
        {"iss": LEFT_OUT},
        {"aud": "ticket-service"},
        {"aud": ["smart-ticket"]},
        {"aud": LEFT_OUT},
        {"iat": NOW - 906, "exp": NOW - 6},
        {"iat": NOW + 6, "exp": NOW + 60},
        {"exp": NOW + 901},
        {"exp": NOW},
        {"exp": LEFT_OUT},
        {"exp": float(NOW + 60)},
        {"exp": str(NOW + 60)},
        {"exp": True},
        {"iat": LEFT_OUT},
        {"iat": None},
        {"sub": LEFT_OUT},
        {"sub": ""},
        {"sub": 7},
        {"jti": LEFT_OUT},
        {"sid": LEFT_OUT},
        {"sid": ""},
        {"company_id": LEFT_OUT},
        {"company_id": 0},
        {"company_id": -1},
        {"company_id": 2**31},
        {"company_id": "3"},
        {"company_id": True},
        {"company_id": [3]},
        {"role": LEFT_OUT},
        {"role": "service"},
        {"role": "root"},
        {"role": ["admin"]},
        {"name": LEFT_OUT},
        {"name": {}},
    ],
    ids=str,
)
def test_a_wrong_or_missing_claim_is_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(BadToken):
        verifier().verify(forged(claims=claims), now=NOW)


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": "internal+jwt"},
        {"typ": "AT+JWT"},
        {"typ": LEFT_OUT},
        {"kid": LEFT_OUT},
        {"kid": "../../etc/passwd"},
        {"jwk": public_jwk(PRIVATE)},
        {"jku": "https://evil.example/jwks.json"},
        {"x5u": "https://evil.example/cert.pem"},
    ],
    ids=str,
)
def test_a_wrong_header_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises(BadToken):
        verifier().verify(forged(header), now=NOW)


def test_a_header_that_must_be_understood_is_refused() -> None:
    key = second_library.PyJWK(PRIVATE).key
    claims = second_library.decode(forged(), options={"verify_signature": False})
    header = {"typ": "at+jwt", "kid": PRIVATE["kid"], "crit": ["exp"], "exp": NOW + 900}
    with pytest.raises(BadToken):
        verifier().verify(second_library.encode(claims, key, algorithm="ES256", headers=header), now=NOW)


def test_another_key_or_algorithm_is_refused() -> None:
    rsa, public_text = RSAKey.generate_key(2048), orjson.dumps(JWKS["keys"][0])
    for token in (
        forged(key=ECKey.import_key({name: OTHER[name] for name in ("kty", "crv", "x", "y", "d")})),
        forged(key=rsa, alg="RS256"),
        forged(key=OctKey.import_key(public_text), alg="HS256"),
        forged(alg="none"),
        forged({"alg": "None"}, alg="none"),
    ):
        with pytest.raises(BadToken):
            verifier().verify(token, now=NOW)


def test_a_changed_or_malformed_token_is_refused() -> None:
    header, claims, signature = signed().split(".")
    zero = base64.urlsafe_b64encode(bytes(64)).rstrip(b"=").decode()
    for token in (
        "",
        ".",
        "..",
        "a.b.c",
        f"{header}.{claims}.",
        f"{header}.{claims}.{zero}",
        f"{header}.{claims}.{signature[:-2]}",
        f"{header}.{claims}.{signature}=",
        f"{header}.{claims}.{signature}\n",
        f" {header}.{claims}.{signature}",
        f"{header}.{claims}.{signature}.{signature}",
        f"{header}.{_part({'sub': 'user:1'})}.{signature}",
        f"{_part({'alg': 'ES256'})}.{claims}.{signature}",
        f"{header}.{_part([])}.{signature}",
        '{"payload":"e30","signatures":[]}',
        "x" * 5000,
        "é" * 200,
    ):
        with pytest.raises(BadToken):
            verifier().verify(token, now=NOW)


def test_clocks_may_differ_by_five_seconds() -> None:
    assert verifier().verify(signed(), now=NOW - 5).caller == ADA
    assert verifier().verify(signed(), now=NOW + 904).caller == ADA
    for moment in (NOW - 6, NOW + 905):
        with pytest.raises(BadToken):
            verifier().verify(signed(), now=moment)


def test_a_cached_token_is_refused_once_it_expired() -> None:
    checks, token = verifier(), signed()
    assert checks.verify(token, now=NOW + 890).caller == ADA
    assert checks.verify(token, now=NOW + 904).caller == ADA
    with pytest.raises(BadToken):
        checks.verify(token, now=NOW + 905)


def test_a_token_of_a_withdrawn_key_is_refused_although_it_was_cached() -> None:
    checks, token = verifier(), signed()
    checks.verify(token, now=NOW)
    checks.replace_keys({"keys": [public_jwk(OTHER)]})
    with pytest.raises(UnknownKey):
        checks.verify(token, now=NOW)


def test_a_new_key_is_used_once_it_is_published_and_the_old_one_goes_on() -> None:
    checks = verifier()
    token = AccessTokenSigner(ISSUER, OTHER).sign(ADA, now=NOW)
    with pytest.raises(UnknownKey):
        checks.verify(token, now=NOW)
    checks.replace_keys({"keys": [public_jwk(OTHER), public_jwk(PRIVATE)]})
    assert checks.verify(token, now=NOW).caller == checks.verify(signed(), now=NOW).caller == ADA


@pytest.mark.parametrize(
    "jwks",
    [
        {},
        {"keys": None},
        {"keys": []},
        {"keys": ["key"]},
        {"keys": [PRIVATE]},
        {"keys": [{**public_jwk(PRIVATE), "crv": "P-384"}]},
        {"keys": [{**public_jwk(PRIVATE), "x": "AAAA"}]},
        {"keys": [{**public_jwk(PRIVATE), "use": "enc"}]},
        {"keys": [{**public_jwk(PRIVATE), "alg": "ES384"}]},
        {"keys": [{"kty": "oct", "k": "AAAA", "kid": PRIVATE["kid"]}]},
        {"keys": [public_jwk(PRIVATE)] * 33},
    ],
    ids=lambda jwks: str(jwks)[:40],
)
def test_a_set_without_usable_keys_leaves_the_old_keys_in_use(jwks: dict[str, Any]) -> None:
    checks = verifier()
    with pytest.raises(BadKey):
        checks.replace_keys(jwks)
    assert checks.verify(signed(), now=NOW).caller == ADA


def test_a_broken_key_does_not_disable_the_others() -> None:
    checks = AccessTokenVerifier(
        ISSUER, {"keys": [{"kty": "RSA", "kid": "r"}, {**public_jwk(OTHER), "x": ""}, *JWKS["keys"]]}
    )
    assert checks.verify(signed(), now=NOW).caller == ADA


def test_the_published_part_of_a_key_holds_no_secret() -> None:
    assert "d" not in public_jwk(PRIVATE)
    assert PRIVATE["kid"] != OTHER["kid"]


def test_the_cache_of_tokens_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CACHED_TOKENS", 8)
    checks = verifier()
    for _ in range(20):
        checks.verify(signed(), now=NOW)
    assert len(checks._cache) == 8
