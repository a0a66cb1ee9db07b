"""The routes that need no token: exactly these, in every mode."""

from collections.abc import Callable
from typing import Any

import pytest
from api_gateway.routes import INBOUND_MAIL, ROUTES
from service_kit.identity import HEADER, TokenVerifier, anonymous, public_key
from werkzeug.test import Client

SEED = "/AZdKcp0xqpf9LLLFRQS/ijoxq7ejwnImt0cnYQG7Z4="
Make = Callable[..., Client]
PUBLIC = {
    ("GET", "/.well-known/jwks.json"),
    ("POST", "/api/auth/login"),
    ("POST", "/api/auth/logout"),
    ("POST", "/api/auth/password/forgot"),
    ("POST", "/api/auth/password/reset"),
    ("POST", "/api/auth/refresh"),
    ("POST", "/api/auth/register"),
    ("GET", "/api/auth/sso/{connection_id}/start"),
    ("GET", "/api/auth/sso/{connection_id}/callback"),
    ("POST", "/api/auth/sso/exchange"),
    ("POST", "/api/auth/email/confirm"),
    ("GET", "/api/auth/email/confirm"),
    ("GET", "/api/auth/password/reset"),
    ("GET", "/api/auth/register"),
    ("POST", "/webhooks/partners/{partner}"),
    INBOUND_MAIL,
    ("GET", "/api/notifications/unsubscribe"),
    ("POST", "/api/notifications/unsubscribe"),
}
LOGINS = {
    ("POST", "/api/auth/email/confirm"),
    ("GET", "/api/auth/sso/{connection_id}/start"),
    ("POST", "/api/auth/login"),
    ("POST", "/api/auth/password/forgot"),
    ("POST", "/api/auth/password/reset"),
    ("POST", "/api/auth/register"),
}


def test_these_routes_and_no_others_need_no_token() -> None:
    assert {(route.method, route.pattern) for route in ROUTES if route.public} == PUBLIC


def test_the_routes_that_prove_an_account_are_limited_as_logins() -> None:
    assert {(route.method, route.pattern) for route in ROUTES if route.login} == LOGINS


@pytest.mark.parametrize(("method", "path"), sorted(PUBLIC))
@pytest.mark.parametrize("credentials", [None, "Bearer expired.or.forged"])
def test_a_public_route_is_anonymous_whatever_token_comes_with_it(
    gateway: Make, upstream: Any, method: str, path: str, credentials: str | None
) -> None:
    service = upstream()
    settings = {"SMARTTICKET_ENV": "production", "INTERNAL_SIGNING_KEY": SEED}
    client = gateway(auth=service, notification=service, workflow=service, **settings)
    headers = {"X-User-Id": "7"} | ({"Authorization": credentials} if credentials else {})
    address = {"REMOTE_ADDR": "192.0.2.7"}
    assert client.open(path, method=method, headers=headers, environ_base=address).status_code == 200
    (audience,) = {route.service for route in ROUTES if (route.method, route.pattern) == (method, path)}
    verifier = TokenVerifier(audience, {"api-gateway": public_key(SEED)})
    assert verifier.verify(service.seen[0].header(HEADER)) == anonymous("192.0.2.7")


def test_every_other_route_needs_one(gateway: Make, upstream: Any) -> None:
    service = upstream()
    names = dict.fromkeys(("ticket", "ai", "routing", "analytics", "rag", "auth"), service)
    client = gateway(**names, SMARTTICKET_ENV="production", INTERNAL_SIGNING_KEY=SEED, RATE_LIMITS="off")
    for route in ROUTES:
        if not route.public:
            path = route.pattern.replace("{service}", "ai-service").replace("{queue}", "ai-service.categorize")
            answer = client.open(path.replace("{", "").replace("}", ""), method=route.method)
            assert answer.status_code == 401, (route.method, route.pattern)
    assert service.seen == []
