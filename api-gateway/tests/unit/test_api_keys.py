"""API keys: checked here by their checksum, then by auth-service, whose answer is kept for a minute."""

from collections.abc import Callable
from typing import Any

import pytest
from api_gateway.authentication.api_keys import ApiKeys
from api_gateway.authentication.auth_service import unavailable
from service_kit.http.problems import Unauthorized, Unavailable
from service_kit.identity import HEADER, TokenVerifier, public_key
from service_kit.identity.api_keys import key_id_of, new_api_key
from service_kit.service_settings import development_signing_key
from werkzeug.test import Client

Make = Callable[..., Client]
OWNER = {"company_id": 7, "role": "agent", "subject": "user:1", "name": "Exports", "scopes": ["tickets:read"]}


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
    key, auth = new_api_key(), Auth()
    identity = auth.keys.identify(key)
    assert identity.key_id == key_id_of(key)
    assert identity.caller.scopes == frozenset({"tickets:read"})
    assert (identity.caller.company_id, identity.caller.role, identity.caller.subject) == (7, "agent", "user:1")


def test_a_text_without_the_right_checksum_asks_nobody() -> None:
    auth, key = Auth(), new_api_key()
    for bad in (key[:-1] + ("0" if key[-1] != "0" else "1"), key[:-1], key + "0", "stk_", "stk_" + "0" * 47):
        with pytest.raises(Unauthorized):
            auth.keys.identify(bad)
    assert auth.asked == 0


def test_an_answer_is_kept_for_a_minute_at_most() -> None:
    auth, key = Auth(), new_api_key()
    for _ in range(10):
        auth.keys.identify(key)
    assert auth.asked == 1
    auth.now += 60
    auth.answer = None
    with pytest.raises(Unauthorized):
        auth.keys.identify(key)


def test_one_request_renews_the_answer_ahead_of_its_end() -> None:
    auth, key = Auth(), new_api_key()
    auth.keys.identify(key)
    auth.now += 31
    for _ in range(10):
        auth.keys.identify(key)
    assert auth.asked == 2


def test_the_last_answer_serves_its_minute_while_auth_service_is_down() -> None:
    auth, key = Auth(), new_api_key()
    auth.keys.identify(key)
    auth.answer = "down"
    auth.now += 59
    assert auth.keys.identify(key).caller.company_id == 7
    auth.now += 1
    with pytest.raises(Unavailable):
        auth.keys.identify(key)


def test_a_refused_key_is_not_asked_for_again_at_once_and_works_soon_after_it_is_made() -> None:
    auth, key = Auth(), new_api_key()
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
    key = new_api_key()
    auth_service.api_keys[key] = OWNER
    return key


def test_a_service_sees_the_scopes_of_the_key(gateway: Make, auth_service: Any, upstream: Any, key: str) -> None:
    tickets = upstream()
    client = gateway(auth=auth_service.server, ticket=tickets)
    assert client.get("/api/tickets", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    trusted = {"api-gateway": public_key(development_signing_key("api-gateway"))}
    caller = TokenVerifier("ticket-service", trusted).verify(tickets.seen[0].header(HEADER))
    assert caller.scopes == frozenset({"tickets:read"})
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


def test_a_key_of_a_revoked_user_is_asked_for_again(gateway: Make, auth_service: Any, upstream: Any, key: str) -> None:
    client = gateway(auth=auth_service.server, ticket=upstream())
    auth_service.revoke("user", "user:1", seconds_ago=-30)
    assert client.get("/api/tickets", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    assert auth_service.asked("/internal/api-keys/verify") == 2
    del auth_service.api_keys[key]
    assert client.get("/api/tickets", headers={"Authorization": f"Bearer {key}"}).status_code == 401


def test_auth_service_down_is_503_for_a_key_that_nobody_verified_yet(
    gateway: Make, auth_service: Any, upstream: Any, key: str
) -> None:
    client = gateway(auth=auth_service.server, ticket=upstream())
    assert client.get("/api/tickets", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    auth_service.down = True
    assert client.get("/api/tickets", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    answer = client.get("/api/tickets", headers={"Authorization": f"Bearer {new_api_key()}"})
    assert (answer.status_code, answer.json["code"]) == (503, "upstream_down")
