"""Revoked sessions, users and keys are refused within a poll, also while auth-service is down."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from api_gateway.authentication.access_tokens import AccessTokens
from api_gateway.authentication.auth_service import AuthServiceFailed
from api_gateway.authentication.background import Background, Task
from api_gateway.authentication.identity import Identity
from api_gateway.authentication.revocations import Revocation, Revocations
from service_kit.http.problems import Unauthorized, Unavailable
from service_kit.identity import ADMIN, Caller
from service_kit.testing.access_tokens import access_token, private_jwk, public_part
from werkzeug.test import Client

ADA = Caller(7, ADMIN, "user:1", "Ada", session="session-1")
NOW = 1_800_000_000.0
PROTECTED = "/api/dead-letters?limit=x"
Make = Callable[..., Client]


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def identity(issued_at: float = NOW, key_id: str = "") -> Identity:
    return Identity(ADA, issued_at, key_id)


def listed(*revocations: Revocation) -> Revocations:
    found = Revocations(lambda since: revocations, Clock())
    found.refresh()
    return found


def test_a_revoked_session_is_refused_and_another_is_not() -> None:
    assert listed(Revocation("session", "session-1", NOW)).refuse(identity())
    assert not listed(Revocation("session", "session-2", NOW)).refuse(identity())
    assert not listed(Revocation("user", "session-1", NOW)).refuse(identity())


def test_a_users_older_tokens_are_refused_and_newer_ones_are_not() -> None:
    revoked = listed(Revocation("user", "user:1", NOW))
    assert revoked.refuse(identity(NOW - 1))
    assert revoked.refuse(identity(NOW))
    assert not revoked.refuse(identity(NOW + 1))


def test_a_revoked_key_is_refused_whenever_it_was_verified() -> None:
    revoked = listed(Revocation("key", "0123ABCD", NOW))
    assert revoked.refuse(identity(NOW + 5, "0123ABCD"))
    assert not revoked.refuse(identity(NOW + 5, "0123ABCE"))


def test_each_poll_asks_a_minute_further_back_than_the_newest_revocation() -> None:
    asked: list[float] = []
    clock = Clock()
    answers = [[Revocation("session", "s", NOW - 5)], []]

    def fetch(since: float) -> list[Revocation]:
        asked.append(since)
        return answers[len(asked) - 1]

    revocations = Revocations(fetch, clock)
    revocations.refresh()
    revocations.refresh()
    assert asked == [NOW - 960, NOW - 65]


def test_a_revocation_stays_until_no_token_can_be_older() -> None:
    clock = Clock()
    answers = [[Revocation("session", "session-1", NOW)], [], []]
    revocations = Revocations(lambda since: answers.pop(0), clock)
    revocations.refresh()
    clock.now = NOW + 901
    revocations.refresh()
    assert revocations.refuse(identity())
    clock.now = NOW + 961
    revocations.refresh()
    assert not revocations.refuse(identity())


def test_the_last_list_counts_while_auth_service_is_down() -> None:
    answers: list[Any] = [[Revocation("session", "session-1", NOW)]]
    revocations = Revocations(lambda since: answers.pop(0), Clock())
    revocations.refresh()
    with pytest.raises(IndexError):
        revocations.refresh()
    assert revocations.refuse(identity())


def test_an_unknown_key_is_fetched_once_in_thirty_seconds() -> None:
    fetched, clock = [], Clock()
    keys = [public_part(private_jwk())]

    def fetch() -> dict[str, Any]:
        fetched.append(clock.now)
        return {"keys": keys}

    tokens = AccessTokens("smart-ticket", fetch, clock)
    tokens.refresh()
    private = private_jwk()
    signed = access_token(ADA, private)
    for _ in range(50):
        with pytest.raises(Unauthorized):
            tokens.identify(signed)
    assert len(fetched) == 2
    keys.append(public_part(private))
    clock.now += 31
    assert tokens.identify(signed).caller == ADA
    assert len(fetched) == 3


def test_the_last_keys_verify_while_auth_service_is_down_and_bad_sets_replace_nothing() -> None:
    private = private_jwk()
    answers: list[Any] = [{"keys": [public_part(private)]}, {"keys": []}, {"keys": [{"kty": "RSA"}]}, {}]

    def fetch() -> Any:
        if not answers:
            raise AuthServiceFailed("down")
        return answers.pop(0)

    tokens = AccessTokens("smart-ticket", fetch)
    tokens.refresh()
    for _ in range(4):
        with pytest.raises((AuthServiceFailed, ValueError)):
            tokens.refresh()
        assert tokens.identify(access_token(ADA, private)).caller == ADA


def test_without_keys_a_token_can_not_be_verified_which_is_not_the_clients_fault() -> None:
    with pytest.raises(Unavailable):
        AccessTokens("smart-ticket", dict).identify("x.y.z")


def test_a_failing_task_does_not_stop_the_others_and_is_tried_again() -> None:
    runs: list[str] = []

    def fail() -> None:
        runs.append("fails")
        if runs.count("fails") < 2:
            raise RuntimeError("down")

    background = Background([Task("fails", 0.01, fail), Task("works", 0.01, lambda: runs.append("works"))])
    background.begin(5)
    assert runs[:2] == ["fails", "works"]
    ends = time.monotonic() + 5
    while (runs.count("fails") < 3 or runs.count("works") < 3) and time.monotonic() < ends:
        time.sleep(0.005)
    background.close()
    assert runs.count("fails") >= 3
    assert runs.count("works") >= 3


def eventually(client: Client, token: str, status: int) -> None:
    ends = time.monotonic() + 10
    while client.get(PROTECTED, headers={"Authorization": f"Bearer {token}"}).status_code != status:
        assert time.monotonic() < ends, f"not {status} in time"
        time.sleep(0.02)


@pytest.fixture
def client(gateway: Make, auth_service: Any) -> Client:
    return gateway(auth=auth_service.server, REVOCATION_POLL_SECONDS="0.1")


def test_a_session_that_ends_is_refused_within_the_poll(client: Client, auth_service: Any) -> None:
    token, other = auth_service.token(), auth_service.token(session="session-2")
    eventually(client, token, 400)
    auth_service.revoke("session", "session-1")
    eventually(client, token, 401)
    auth_service.down = True
    for _ in range(3):  # and goes on being refused
        assert client.get(PROTECTED, headers={"Authorization": f"Bearer {token}"}).status_code == 401
        assert client.get(PROTECTED, headers={"Authorization": f"Bearer {other}"}).status_code == 400


def test_before_the_first_list_no_token_is_accepted(gateway: Make, auth_service: Any) -> None:
    auth_service.down = True
    client = gateway(auth=auth_service.server)
    answer = client.get(PROTECTED, headers={"Authorization": f"Bearer {auth_service.token()}"})
    assert (answer.status_code, answer.json["code"]) == (503, "upstream_down")
    assert answer.headers["Retry-After"] == "1"
    auth_service.down = False
    eventually(client, auth_service.token(), 400)


def test_a_new_signing_key_is_accepted_at_its_first_token(client: Client, auth_service: Any) -> None:
    eventually(client, auth_service.token(), 400)
    auth_service.rotate()
    assert client.get(PROTECTED, headers={"Authorization": f"Bearer {auth_service.token()}"}).status_code == 400


def test_nobody_asks_auth_service_before_there_is_a_token(client: Client, auth_service: Any) -> None:
    assert client.get("/api/statuses").status_code == 200
    assert client.get(PROTECTED).status_code == 400
    assert auth_service.server.seen == []
