"""The gateway refuses every access token of the corpus."""

import pytest
from api_gateway.authentication.access_tokens import AccessTokens
from service_kit.http.problems import Unauthorized
from service_kit.identity.access_tokens import DEFAULT_ISSUER

from tests.security.bad_tokens import bad_tokens
from tests.security.token_kinds import access_kind, internal_kind

KIND, JWKS = access_kind()


def verifier() -> AccessTokens:
    tokens = AccessTokens(DEFAULT_ISSUER, lambda: JWKS)
    tokens.refresh()
    return tokens


@pytest.mark.parametrize(("name", "token"), bad_tokens(KIND).items(), ids=lambda value: str(value)[:60])
def test_a_bad_access_token_is_refused(name: str, token: str) -> None:
    with pytest.raises(Unauthorized):
        verifier().identify(token)


def test_an_internal_token_is_no_access_token() -> None:
    with pytest.raises(Unauthorized):
        verifier().identify(internal_kind("smart-ticket").good())


def test_the_good_token_of_the_corpus_is_accepted() -> None:
    assert verifier().identify(KIND.good()).caller.subject == "user:7"


def test_bad_tokens_ask_auth_service_for_keys_once() -> None:
    """A flood of forged tokens with unknown keys must not become a flood of requests."""
    asked = []

    def fetch() -> object:
        asked.append(1)
        return JWKS

    tokens = AccessTokens(DEFAULT_ISSUER, fetch)  # type: ignore[arg-type]
    tokens.refresh()
    for token in bad_tokens(KIND).values():
        with pytest.raises(Unauthorized):
            tokens.identify(token)
    assert len(asked) == 2
