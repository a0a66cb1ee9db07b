"""Authentication: development mode, the bearer key, foreign web pages; CORS beside it."""

from collections.abc import Callable

import pytest
from werkzeug.test import Client

KEY = "c2VjcmV0LWtleS1vZi10aGlzLXRlc3Q"
SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
PROTECTED = "/api/dead-letters"  # answered by the gateway itself, and only to an authenticated caller
Make = Callable[..., Client]


@pytest.fixture
def production(gateway: Make) -> Client:
    return gateway(SMARTTICKET_ENV="production", INTERNAL_SIGNING_KEY=SEED, GATEWAY_API_KEY=KEY, RATE_LIMITS="off")


def test_without_a_token_development_mode_lets_the_demo_companys_admin_in(gateway: Make) -> None:
    assert gateway().get(PROTECTED).status_code == 200


def test_without_a_token_nobody_else_gets_in(production: Client) -> None:
    answer = production.get(PROTECTED)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json["code"] == "unauthorized"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_key_is_the_admin_of_the_demo_company(production: Client, scheme: str) -> None:
    assert production.get(PROTECTED, headers={"Authorization": f"{scheme} {KEY}"}).status_code == 200


@pytest.mark.parametrize(
    "credentials",
    ["", "Bearer", "Bearer ", f"Bearer {KEY}x", f"Bearer {KEY[:-1]}", f"Basic {KEY}", KEY, f"Bearer={KEY}",
     "Bearer \xff", f"Bearer {KEY},Bearer {KEY}"],
)  # fmt: skip
@pytest.mark.parametrize("environment", ["development", "production"])
def test_a_bad_token_is_401_in_every_mode(gateway: Make, credentials: str, environment: str) -> None:
    client = gateway(SMARTTICKET_ENV=environment, INTERNAL_SIGNING_KEY=SEED, GATEWAY_API_KEY=KEY, RATE_LIMITS="off")
    answer = client.get(PROTECTED, headers={"Authorization": credentials})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert KEY not in answer.text


def test_without_a_key_any_token_is_a_bad_one(gateway: Make) -> None:
    for credentials in ("Bearer", "Bearer ", "Bearer x"):
        assert gateway().get(PROTECTED, headers={"Authorization": credentials}).status_code == 401


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
    assert gateway(CORS_ORIGINS="https://desk.example").get(PROTECTED, headers=headers).status_code == 200


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
