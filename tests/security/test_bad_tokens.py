"""The corpus of bad tokens: both verifiers refuse each; PyJWT, the second opinion, refuses what a library can judge."""

import json
from typing import Any

import jwt
import pytest
from api_gateway.authentication.access_token_verifier import AccessTokenVerifier
from service_kit.identity import ADMIN, SERVICE, BadToken, Caller, TokenSigner, TokenVerifier, public_key
from service_kit.identity.access_tokens import AUDIENCE, DEFAULT_ISSUER
from service_kit.service_settings import GATEWAY, development_signing_key

from tests.security.bad_tokens import bad_tokens
from tests.security.token_kinds import access_kind, internal_kind

INTERNAL = internal_kind("ai-service")
ACCESS, JWKS = access_kind()

LEFT_TO_THE_APPLICATION = {
    "a megabyte of claims", "a list of audiences with ours in it", "too long a life", "an end with a fraction",
    "an end that is text", "no company", "a company that is text", "company zero", "a company that is true",
    "a list of companies", "an unknown role", "a list of roles", "no role", "an empty subject",
    "the role of a service", "no session", "no name",
    "no typ", "typ JWT", "typ internal+jwt", "typ id_token", "typ AT+JWT",
    *(f"{name} in the header, our signature" for name in ("jku", "x5u", "jwk", "x5c", "zip", "cty")),
}  # fmt: skip
"""What PyJWT accepts: no library knows these rules, so that ours alone refuse it."""


def internal_verifier() -> TokenVerifier:
    seeds = {name: public_key(development_signing_key(name)) for name in (GATEWAY, "routing-service")}
    return TokenVerifier("ai-service", seeds)


@pytest.mark.parametrize(("name", "token"), bad_tokens(INTERNAL).items(), ids=lambda value: str(value)[:60])
def test_a_service_refuses_a_bad_internal_token(name: str, token: str) -> None:
    with pytest.raises(BadToken):
        internal_verifier().verify(token)


@pytest.mark.parametrize(("name", "token"), bad_tokens(ACCESS).items(), ids=lambda value: str(value)[:60])
def test_the_gateway_refuses_a_bad_access_token(name: str, token: str) -> None:
    with pytest.raises(BadToken):
        AccessTokenVerifier(DEFAULT_ISSUER, JWKS).verify(token)


def test_pyjwt_refuses_all_that_a_library_can_judge() -> None:
    assert {name for name, token in bad_tokens(ACCESS).items() if accepted_by_pyjwt(token)} == LEFT_TO_THE_APPLICATION


def test_the_tokens_of_the_corpus_are_good_but_for_their_fault() -> None:
    assert internal_verifier().verify(INTERNAL.good()).subject == "user:7"
    assert AccessTokenVerifier(DEFAULT_ISSUER, JWKS).verify(ACCESS.good()).caller.company_id == 1
    assert by_pyjwt(ACCESS.good())["sub"] == "user:7"
    assert len(bad_tokens(INTERNAL)) >= 40
    assert len(bad_tokens(ACCESS)) >= 40


def test_a_service_can_not_sign_for_a_person() -> None:
    """A service that was taken over must not become an admin of every company."""
    seed = development_signing_key("routing-service")
    signer = TokenSigner("routing-service", seed)
    assert internal_verifier().verify(signer.sign(Caller(1, SERVICE, "routing-service", "r"), "ai-service"))
    with pytest.raises(BadToken, match="for itself"):
        internal_verifier().verify(signer.sign(Caller(1, ADMIN, "user:7", "Ann"), "ai-service"))


def accepted_by_pyjwt(token: str) -> bool:
    try:
        by_pyjwt(token)
    except jwt.PyJWTError:
        return False
    return True


def by_pyjwt(token: str) -> dict[str, Any]:
    """Verify as a stranger does who has read the documentation: the published key by its kid, ES256 alone."""
    kid = jwt.get_unverified_header(token).get("kid")
    (key,) = JWKS["keys"]
    if kid != key["kid"]:
        raise jwt.InvalidKeyError("unknown kid")
    claims: dict[str, Any] = jwt.decode(
        token,
        jwt.PyJWK(json.loads(json.dumps(key)), algorithm="ES256"),
        algorithms=["ES256"],
        audience=AUDIENCE,
        issuer=DEFAULT_ISSUER,
        options={"require": ["exp", "iat", "sub", "aud", "iss"]},
    )
    return claims
