"""API keys: checked here by their checksum, then by auth-service, whose answer is kept for a minute."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from api_gateway.authentication.api_keys import ApiKeys
from api_gateway.authentication.auth_service import unavailable
from service_kit.http.problems import Unauthorized, Unavailable
from service_kit.identity import HEADER, TokenVerifier, public_key
from service_kit.identity.api_keys import key_id_of
from service_kit.service_settings import development_signing_key
from service_kit.testing.api_keys import some_api_key
from werkzeug.test import Client

Make = Callable[..., Client]
OWNER = {
    "company_id": 7, "role": "agent", "subject": "user:1", "name": "Exports", "email": "ada@acme.example",
    "scopes": ["tickets:read"], "key_name": "Nightly export",
}  # fmt: skip
SEED = "/AZdKcp0xqpf9LLLFRQS/ijoxq7ejwnImt0cnYQG7Z4="


class Auth:
    """auth-service with a clock that the test moves."""

    def __init__(self) -> None:
        self.now, self.asked = 1_800_000_000.0, 0
        self.answer: Any = OWNER
        self.keys = ApiKeys(self.verify, lambda: self.now)

    def verify(self, key: str) -> Any:
        self.asked += 1
        if self.answer == "down":
            raise unavailable()
        return self.answer


def test_a_key_names_its_owner_and_its_scopes() -> None:
    key, auth = some_api_key(), Auth()
    identity = auth.keys.identify(key)
    assert identity.key_id == key_id_of(key)
    assert identity.caller.scopes == frozenset({"tickets:read"})
    assert (identity.caller.company_id, identity.caller.role, identity.caller.subject) == (7, "agent", "user:1")


def test_a_text_without_the_right_checksum_asks_nobody() -> None:
    auth, key = Auth(), some_api_key()
    for bad in (key[:-1] + ("0" if key[-1] != "0" else "1"), key[:-1], key + "0", "stk_", "stk_" + "0" * 47):
        with pytest.raises(Unauthorized):
            auth.keys.identify(bad)
    assert auth.asked == 0


def test_an_answer_is_kept_for_a_minute_at_most() -> None:
    auth, key = Auth(), some_api_key()
    for _ in range(10):
        auth.keys.identify(key)
    assert auth.asked == 1
    auth.now += 60
    auth.answer = None
    with pytest.raises(Unauthorized):
        auth.keys.identify(key)


def test_one_request_renews_the_answer_ahead_of_its_end() -> None:
    auth, key = Auth(), some_api_key()
    auth.keys.identify(key)
    auth.now += 31
    for _ in range(10):
        auth.keys.identify(key)
    assert auth.asked == 2


def test_the_last_answer_serves_its_minute_while_auth_service_is_down() -> None:
    auth, key = Auth(), some_api_key()
    auth.keys.identify(key)
    auth.answer = "down"
    auth.now += 59
    assert auth.keys.identify(key).caller.company_id == 7
    auth.now += 1
    with pytest.raises(Unavailable):
        auth.keys.identify(key)


def test_a_refused_key_is_not_asked_for_again_at_once_and_works_soon_after_it_is_made() -> None:
    auth, key = Auth(), some_api_key()
    auth.answer = None
    for _ in range(5):
        with pytest.raises(Unauthorized):
            auth.keys.identify(key)
    assert auth.asked == 1
    auth.answer = OWNER
    auth.now += 5
    assert auth.keys.identify(key).caller.name == "Exports"


@pytest.fixture
def key(auth_service: Any) -> str:
    key = some_api_key()
    auth_service.api_keys[key] = OWNER
    return key


def test_a_service_sees_the_scopes_of_the_key(gateway: Make, auth_service: Any, upstream: Any, key: str) -> None:
    tickets = upstream()
    client = gateway(auth=auth_service.server, ticket=tickets)
    assert client.get("/api/tickets", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    trusted = {"api-gateway": public_key(development_signing_key("api-gateway"))}
    caller = TokenVerifier("ticket-service", trusted).verify(tickets.seen[0].header(HEADER))
    assert caller.scopes == frozenset({"tickets:read"})
    assert (caller.api_key, caller.api_key_name) == (key_id_of(key), "Nightly export")
    assert auth_service.asked("/internal/api-keys/verify") == 1


def test_the_gateways_own_endpoints_check_the_scope(gateway: Make, auth_service: Any, key: str) -> None:
    client = gateway(auth=auth_service.server)
    auth_service.api_keys[key] = OWNER | {"role": "admin"}
    answer = client.get("/api/dead-letters", headers={"Authorization": f"Bearer {key}"})
    assert (answer.status_code, answer.json["code"]) == (403, "scope_missing")
    assert "dead-letters:read" in answer.json["detail"]
    trace = client.get("/api/tickets/x/trace", headers={"Authorization": f"Bearer {key}"})
    assert trace.status_code == 404  # allowed by tickets:read; there is no ticket x


def test_a_revoked_key_is_401_though_its_answer_is_kept(gateway: Make, auth_service: Any, key: str) -> None:
    client = gateway(auth=auth_service.server)
    auth_service.revoke("key", key_id_of(key))
    assert client.get("/api/tickets", headers={"Authorization": f"Bearer {key}"}).status_code == 401


@pytest.mark.parametrize("kind", ["user", "role"])
@pytest.mark.parametrize("clocks_differ_by", [-30, 0, 30])
def test_a_key_whose_owner_changed_is_verified_again_within_a_poll(
    gateway: Make, auth_service: Any, upstream: Any, key: str, kind: str, clocks_differ_by: float
) -> None:
    client = gateway(auth=auth_service.server, ticket=upstream(), REVOCATION_POLL_SECONDS="0.1")
    sent = {"Authorization": f"Bearer {key}"}
    assert client.get("/api/tickets", headers=sent).status_code == 200
    auth_service.revoke(kind, "user:1", seconds_ago=clocks_differ_by)
    ends = time.monotonic() + 10
    while auth_service.asked("/internal/api-keys/verify") < 2:
        assert client.get("/api/tickets", headers=sent).status_code == 200
        assert time.monotonic() < ends, "not asked again in time"
        time.sleep(0.02)
    for _ in range(3):  # once is enough
        assert client.get("/api/tickets", headers=sent).status_code == 200
    assert auth_service.asked("/internal/api-keys/verify") == 2
    del auth_service.api_keys[key]
    auth_service.revoke(kind, "user:1", seconds_ago=clocks_differ_by - 5)
    while client.get("/api/tickets", headers=sent).status_code != 401:
        assert time.monotonic() < ends, "not refused in time"
        time.sleep(0.02)


def test_a_role_change_concerns_keys_alone(gateway: Make, auth_service: Any) -> None:
    client = gateway(auth=auth_service.server)
    auth_service.revoke("role", "user:1")
    token = auth_service.token(seconds_ago=5)
    assert client.get("/api/dead-letters?limit=x", headers={"Authorization": f"Bearer {token}"}).status_code == 400


def test_an_expired_key_is_asked_for_again_though_its_answer_is_kept() -> None:
    auth = Auth()
    expires = datetime.fromtimestamp(auth.now + 10, UTC).isoformat()
    auth.answer = OWNER | {"expires_at": expires}
    key = some_api_key()
    auth.keys.identify(key)
    auth.now += 9
    auth.keys.identify(key)
    assert auth.asked == 1
    auth.answer = None
    auth.now += 1
    with pytest.raises(Unauthorized):
        auth.keys.identify(key)


@pytest.mark.parametrize("environment", ["development", "production"])
def test_a_key_in_a_header_of_its_own_counts_in_every_mode(
    gateway: Make, auth_service: Any, upstream: Any, key: str, environment: str
) -> None:
    tickets = upstream()
    client = gateway(
        auth=auth_service.server, ticket=tickets, SMARTTICKET_ENV=environment, INTERNAL_SIGNING_KEY=SEED,
        RATE_LIMITS="off",
    )  # fmt: skip
    assert client.get("/api/tickets", headers={"X-API-Key": f" {key} "}).status_code == 200
    caller = TokenVerifier("ticket-service", {"api-gateway": public_key(SEED)}).verify(tickets.seen[0].header(HEADER))
    assert (caller.subject, caller.role, caller.email) == (OWNER["subject"], OWNER["role"], OWNER["email"])
    assert tickets.seen[0].header("X-API-Key") is None
    for wrong in ("", "  ", "x", key[:-1], f"{key}x", some_api_key(), f"Bearer {key}", auth_service.token(), "\xff"):
        answer = client.get("/api/tickets", headers={"X-API-Key": wrong})
        assert (answer.status_code, answer.json["code"]) == (401, "unauthorized"), wrong
    both = client.get("/api/tickets", headers={"X-API-Key": key, "Authorization": f"Bearer {key}"})
    assert (both.status_code, both.json["code"]) == (400, "invalid")
    assert len(tickets.seen) == 1


def test_auth_service_down_is_503_for_a_key_that_nobody_verified_yet(
    gateway: Make, auth_service: Any, upstream: Any, key: str
) -> None:
    client = gateway(auth=auth_service.server, ticket=upstream())
    assert client.get("/api/tickets", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    auth_service.down = True
    assert client.get("/api/tickets", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    answer = client.get("/api/tickets", headers={"Authorization": f"Bearer {some_api_key()}"})
    assert (answer.status_code, answer.json["code"]) == (503, "upstream_down")
