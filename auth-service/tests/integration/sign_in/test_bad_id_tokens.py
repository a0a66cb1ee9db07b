"""ID tokens that prove nothing: nobody is signed in, linked or added. `tests/unit/test_id_tokens.py` has them all."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.identity_provider import Claims, Provider, hmac_with_public_key, new_key, public, signed, unsigned

from ...conftest import Rows
from .conftest import Browser, Desk, refused

OTHER_KEY = new_key("k1")
RS256 = {"alg": "RS256", "kid": "k1"}
BAD_TOKENS: dict[str, Callable[[Provider, Claims], Any]] = {
    "alg none": lambda p, c: unsigned({"alg": "none"}, c),
    "HS256 with the public key": lambda p, c: hmac_with_public_key(RS256, c, p.key),  # type: ignore[arg-type]
    "signed by another key": lambda p, c: signed(RS256, c, OTHER_KEY),
    "jwk in the header": lambda p, c: signed(RS256 | {"jwk": public(OTHER_KEY)}, c, OTHER_KEY),
    "another issuer": lambda p, c: p.token(c | {"iss": "https://accounts.google.com"}),
    "another audience": lambda p, c: p.token(c | {"aud": "another-client"}),
    "expired": lambda p, c: p.token(c | {"exp": int(time.time()) - 61}),
    "another nonce": lambda p, c: p.token(c | {"nonce": "A" * 43}),
    "another access token": lambda p, c: p.token(c | {"at_hash": "A" * 22}),
    "no token": lambda p, c: None,
}


@pytest.mark.parametrize("name", BAD_TOKENS)
def test_a_bad_id_token_signs_nobody_in(
    desk: Desk, browser: Browser, connection: Any, provider: Provider, rows: Rows, name: str
) -> None:
    provider.make_token = lambda claims: BAD_TOKENS[name](provider, claims)
    refused(browser.come_back(connection, provider), 401, "sign_in_not_verified")
    assert rows("select count(*) from user_identities") == [(0,)]
    assert len(desk.users()) == 1
    provider.make_token = None
    browser.sign_in(connection, provider)
