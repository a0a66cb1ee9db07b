"""Sign-ins by a provider through the gateway: one cookie passes on few routes, and the provider's address."""

from collections.abc import Callable
from typing import Any

import pytest
from api_gateway.headers import SIGN_IN_COOKIES, sign_in_cookies
from api_gateway.routes import ROUTES, SIGN_INS
from werkzeug.test import Client

Make = Callable[..., Client]
SEED = "/AZdKcp0xqpf9LLLFRQS/ijoxq7ejwnImt0cnYQG7Z4="
SECURE_COOKIE, COOKIE = SIGN_IN_COOKIES
CONNECTION = "7d444840-9dc0-51d1-b245-5ffdce74fad2"
START = f"/api/auth/sso/{CONNECTION}/start"
CALLBACK = f"/api/auth/sso/{CONNECTION}/callback"
VALUE = "stb_" + "A" * 43
SENT = [
    ("Set-Cookie", f"{SECURE_COOKIE}={VALUE}; Secure; HttpOnly; Path=/; SameSite=Lax"),
    ("Set-Cookie", "session=1"),
    ("Location", "https://idp.example/auth?state=1"),
    ("X-Internal", "1"),
]


def gateway_to(gateway: Make, upstream: Any, replied: Any, status: int, headers: Any) -> tuple[Client, Any]:
    """Return a client of a gateway whose auth-service answers like this, and the service."""
    service = upstream(lambda handler, _: replied(handler, {}, status, headers))
    return gateway(auth=service, SMARTTICKET_ENV="production", INTERNAL_SIGNING_KEY=SEED, RATE_LIMITS="off"), service


def test_the_routes_of_a_sign_in_exist() -> None:
    assert {(route.method, route.pattern) for route in ROUTES if route.sign_in} == SIGN_INS


def test_a_sign_in_sets_its_cookie_and_goes_to_the_provider(gateway: Make, upstream: Any, replied: Any) -> None:
    client, _ = gateway_to(gateway, upstream, replied, 303, SENT)
    answer = client.get(START)
    assert (answer.status_code, answer.headers["Location"]) == (303, "https://idp.example/auth?state=1")
    assert answer.headers.getlist("Set-Cookie") == [SENT[0][1]]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "X-Internal" not in answer.headers


def test_another_route_sets_no_cookie_and_goes_nowhere(gateway: Make, upstream: Any, replied: Any) -> None:
    client, service = gateway_to(gateway, upstream, replied, 200, SENT)
    client.set_cookie(SECURE_COOKIE, VALUE)
    answer = client.post("/api/auth/login", json={})
    assert not {"Location", "Set-Cookie"} & {name for name, _ in answer.headers}
    assert service.seen[0].header("Cookie") is None


@pytest.mark.parametrize("location", ["javascript:alert(1)", "//evil.example", "ftp://x", "data:text/html,x"])
def test_no_other_kind_of_address_passes(gateway: Make, upstream: Any, replied: Any, location: str) -> None:
    client, _ = gateway_to(gateway, upstream, replied, 303, [("Location", location)])
    assert "Location" not in client.get(START).headers


@pytest.mark.parametrize(
    ("cookies", "passed"),
    [
        ("", ""),
        (f"a=1; {SECURE_COOKIE}={VALUE}; session=2", f"{SECURE_COOKIE}={VALUE}"),
        (f"{COOKIE}={VALUE}", f"{COOKIE}={VALUE}"),
        (f"x{COOKIE}={VALUE}; {COOKIE}x={VALUE}; {COOKIE.upper()}={VALUE}", ""),
        (f'{COOKIE}="{VALUE}"', ""),
        (f"{COOKIE}=a b; {COOKIE}=a\r\nX: y; {COOKIE}={'x' * 101}; {COOKIE}", ""),
    ],
)
def test_no_other_cookie_passes(cookies: str, passed: str) -> None:
    assert sign_in_cookies(cookies) == passed


def test_the_callback_gets_the_cookie_and_the_query(gateway: Make, upstream: Any, replied: Any) -> None:
    client, service = gateway_to(gateway, upstream, replied, 200, [])
    client.set_cookie("a", "b")
    client.set_cookie(COOKIE, VALUE)
    client.get(f"{CALLBACK}?state=s&code=c%2F&iss=https%3A%2F%2Fidp")
    assert service.seen[0].header("Cookie") == f"{COOKIE}={VALUE}"
    assert service.seen[0].target == f"{CALLBACK}?state=s&code=c%2F&iss=https%3A%2F%2Fidp"
