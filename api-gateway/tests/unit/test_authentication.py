"""Authentication: development mode, access tokens, foreign web pages; CORS beside it."""

import base64
import time
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from service_kit.identity import AGENT, HEADER, Caller, TokenVerifier, public_key
from service_kit.service_settings import development_signing_key
from werkzeug.test import Client

SEED = "/AZdKcp0xqpf9LLLFRQS/ijoxq7ejwnImt0cnYQG7Z4="
PROTECTED = "/api/dead-letters?limit=x"
"""Answered by the gateway itself: 400 to an authenticated admin."""
Make = Callable[..., Client]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def production(gateway: Make, auth_service: Any) -> Client:
    return gateway(auth=auth_service.server, SMARTTICKET_ENV="production", INTERNAL_SIGNING_KEY=SEED, RATE_LIMITS="off")


def test_without_a_token_development_mode_lets_the_demo_companys_admin_in(gateway: Make) -> None:
    assert gateway().get(PROTECTED).status_code == 400


def test_without_a_token_nobody_else_gets_in(production: Client) -> None:
    answer = production.get(PROTECTED)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json["code"] == "unauthorized"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_token_names_its_owner(production: Client, auth_service: Any, scheme: str) -> None:
    token = auth_service.token()
    assert production.get(PROTECTED, headers={"Authorization": f"{scheme} {token}"}).status_code == 400


def test_a_token_means_its_owner_in_development_mode_too(gateway: Make, auth_service: Any) -> None:
    client = gateway(auth=auth_service.server)
    assert client.get(PROTECTED, headers=bearer(auth_service.token(role=AGENT))).status_code == 403
    assert client.get(PROTECTED).status_code == 400


def test_services_see_the_owner_the_session_and_the_clients_address(
    gateway: Make, auth_service: Any, upstream: Any
) -> None:
    tickets = upstream()
    client = gateway(auth=auth_service.server, ticket=tickets)
    sent = bearer(auth_service.token())
    assert client.get("/api/tickets", headers=sent, environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200
    trusted = {"api-gateway": public_key(development_signing_key("api-gateway"))}
    caller = TokenVerifier("ticket-service", trusted).verify(tickets.seen[0].header(HEADER))
    assert caller == Caller(7, "admin", "user:1", "Ada", None, "session-1", "192.0.2.7")


def test_an_expired_token_is_named_so_that_the_client_gets_another(production: Client, auth_service: Any) -> None:
    answer = production.get(PROTECTED, headers=bearer(auth_service.token(seconds_ago=906)))
    assert (answer.status_code, answer.json["code"]) == (401, "token_expired")
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def changed(token: str, part: int, **fields: Any) -> str:
    """Return the token with fields of its header (0) or claims (1) replaced, under the old signature."""
    parts = token.split(".")
    content = orjson.loads(base64.urlsafe_b64decode(parts[part] + "==")) | fields
    parts[part] = base64.urlsafe_b64encode(orjson.dumps(content)).rstrip(b"=").decode()
    return ".".join(parts)


@pytest.mark.parametrize("environment", ["development", "production"])
def test_a_bad_token_is_401_in_every_mode(gateway: Make, auth_service: Any, environment: str) -> None:
    client = gateway(
        auth=auth_service.server, SMARTTICKET_ENV=environment, INTERNAL_SIGNING_KEY=SEED, RATE_LIMITS="off"
    )
    good = auth_service.token()
    bad = [
        "", "Bearer", "Bearer ", f"Basic {good}", good, f"Bearer={good}", "Bearer \xff", f"Bearer {good},Bearer {good}",
        f"Bearer {good}x", f"Bearer {good[:-1]}", f"Bearer {good.rpartition('.')[0]}.", "Bearer " + "x" * 5000,
        f"Bearer {changed(good, 0, alg='none')}", f"Bearer {changed(good, 0, alg='HS256')}",
        f"Bearer {changed(good, 0, typ='internal+jwt')}", f"Bearer {changed(good, 0, kid='../../x')}",
        f"Bearer {changed(good, 0, jku='http://127.0.0.1/keys')}", f"Bearer {changed(good, 1, role='service')}",
        f"Bearer {changed(good, 1, company_id=1)}", f"Bearer {changed(good, 1, exp=int(time.time()) + 9999)}",
        "Bearer stk_", "Bearer stk_0123ABCD_" + "0" * 38,
    ]  # fmt: skip
    for credentials in bad:
        answer = client.get(PROTECTED, headers={"Authorization": credentials})
        assert (answer.status_code, answer.json["code"]) == (401, "unauthorized"), credentials
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert good[:20] not in answer.text


def test_a_token_of_another_issuer_is_refused(gateway: Make, auth_service: Any) -> None:
    client = gateway(auth=auth_service.server, PUBLIC_URL="https://desk.example")
    assert client.get(PROTECTED, headers=bearer(auth_service.token())).status_code == 401


@pytest.mark.parametrize(
    "path", ["/", "/health", "/ready", "/docs", "/openapi.json", "/metrics", "/api/health", "/api/statuses"]
)
def test_what_everybody_may_see_needs_no_token(production: Client, path: str) -> None:
    assert production.get(path).status_code == 200


def test_what_is_not_there_is_404_and_not_401(production: Client) -> None:
    assert production.get("/api/secret").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost:8080"},
     {"Sec-Fetch-Site": "cross-site"}, {"Host": "evil.example"}, {"Host": "127.0.0.1.evil.example"},
     {"Host": "10.1.2.3"}],
)  # fmt: skip
def test_a_web_page_from_elsewhere_is_not_the_developer(gateway: Make, headers: dict[str, str]) -> None:
    answer = gateway().post("/api/refill/ai-service.categorize", headers=headers)
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://localhost"}, {"Host": "127.0.0.1:5000", "Origin": "http://127.0.0.1:5000"},
     {"Host": "[::1]:5000"}, {"Host": "api-gateway:5000"}, {"Origin": "https://desk.example"},
     {"Origin": "https://desk.example", "Sec-Fetch-Site": "cross-site"}],
)  # fmt: skip
def test_our_own_pages_and_listed_origins_are(gateway: Make, headers: dict[str, str]) -> None:
    assert gateway(CORS_ORIGINS="https://desk.example").get(PROTECTED, headers=headers).status_code == 400


def test_a_listed_origins_preflight_says_what_it_may_send(gateway: Make) -> None:
    client = gateway(CORS_ORIGINS="https://desk.example, https://other.example")
    asked = {"Origin": "https://desk.example", "Access-Control-Request-Method": "PUT"}
    answer = client.options("/api/tickets/7/status", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "https://desk.example"
    assert answer.headers["Access-Control-Allow-Methods"] == "OPTIONS, PUT"
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://desk.example.evil.example", "*"])
def test_an_unlisted_origin_gets_no_cors_headers(gateway: Make, origin: str) -> None:
    client = gateway(CORS_ORIGINS="https://desk.example")
    for answer in (
        client.options("/api/tickets", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}),
        client.get("/api/statuses", headers={"Origin": origin}),
    ):
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


def test_options_without_an_origin_says_what_is_offered(gateway: Make) -> None:
    answer = gateway().options("/api/tickets")
    assert (answer.status_code, answer.headers["Allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    assert gateway().options("/nothing").status_code == 404
