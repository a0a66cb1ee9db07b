"""Refresh tokens over HTTP, on a real database: one family, one successor, and a thief ends it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from auth_service.domain.opaque_token import token_hash
from flask import Flask

from ..conftest import Api, People, Rows

AGE = "update refresh_tokens set used_at = used_at - make_interval(secs => %s) where token_hash = %s returning 1"


@pytest.fixture
def token(people: People) -> str:
    """The refresh token of a founder who has just logged in."""
    people.found()
    return str(people.log_in().json["refresh_token"])


def age(rows: Rows, token: str, seconds: float) -> None:
    """Make a token used `seconds` earlier than it was."""
    assert rows(AGE, seconds, token_hash(token)) == [(1,)]


def sessions(rows: Rows) -> list[Any]:
    """Return how each session ended, None for one that is alive."""
    return [reason for (reason,) in rows("select end_reason from sessions order by created_at")]


def test_a_refresh_token_is_exchanged_for_the_next_and_a_new_access_token(
    people: People, token: str, rows: Rows
) -> None:
    first = people.refresh(token)
    assert first.status_code == 200, first.text
    assert set(first.json) == {"access_token", "refresh_token", "token_type", "expires_in", "user"}
    assert first.json["refresh_token"] != token
    second = people.refresh(first.json["refresh_token"])
    assert second.status_code == 200
    before = people.verifier().verify(first.json["access_token"])
    after = people.verifier().verify(second.json["access_token"])
    assert before.caller == after.caller
    assert before.token_id != after.token_id
    assert rows("select count(*), count(used_at) from refresh_tokens") == [(3, 2)]


def test_twenty_parallel_refreshes_get_one_successor_and_the_family_lives(
    people: People, token: str, rows: Rows
) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(people.refresh, [token] * 20))
    assert {answer.status_code for answer in answers} == {200}
    (successor,) = {answer.json["refresh_token"] for answer in answers}
    assert rows("select count(*), count(used_at) from refresh_tokens") == [(2, 1)]
    assert sessions(rows) == [None]
    assert people.refresh(successor).status_code == 200


def test_a_lost_answer_is_given_again_within_seconds(people: People, token: str, rows: Rows) -> None:
    first = people.refresh(token).json["refresh_token"]
    age(rows, token, 9)
    assert people.refresh(token).json["refresh_token"] == first


def test_a_slow_tab_is_refused_and_the_family_lives(people: People, token: str, rows: Rows) -> None:
    successor = people.refresh(token).json["refresh_token"]
    newest = people.refresh(successor).json["refresh_token"]
    assert people.refresh(token).status_code == 401
    assert sessions(rows) == [None]
    assert people.refresh(newest).status_code == 200


@pytest.mark.parametrize("successor_used", [False, True])
def test_a_token_presented_again_later_ends_the_family_and_no_other(
    people: People, api: Api, app: Flask, token: str, rows: Rows, successor_used: bool
) -> None:
    other = people.log_in().json["refresh_token"]
    newest = people.refresh(token).json["refresh_token"]
    if successor_used:
        newest = people.refresh(newest).json["refresh_token"]
    age(rows, token, 11)
    refused = people.refresh(token)
    assert (refused.status_code, refused.json["code"]) == (401, "invalid_refresh_token")
    assert people.refresh(newest).status_code == 401
    assert people.refresh(newest).status_code == 401
    assert sessions(rows) == ["reuse", None]
    assert people.refresh(other).status_code == 200
    ((session_id,),) = rows("select id::text from sessions where end_reason = 'reuse'")
    gateway = Api(app.test_client(), role="service", subject="api-gateway")
    assert [(each["kind"], each["id"]) for each in gateway.get("/internal/revocations")["items"]] == [
        ("session", session_id)
    ]


def test_a_thief_and_the_owner_at_once_leave_no_session(people: People, token: str, rows: Rows) -> None:
    newest = people.refresh(token).json["refresh_token"]
    age(rows, token, 11)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(people.refresh, [token, newest] * 4))
    assert {answer.status_code for answer in answers[::2]} == {401}
    assert sessions(rows) == ["reuse"]
    assert people.refresh(newest).status_code == 401


def test_every_refusal_has_the_same_answer(people: People, token: str, rows: Rows) -> None:
    expired = people.log_in().json["refresh_token"]
    rows("update refresh_tokens set idle_expires_at = now() where token_hash = %s returning 1", token_hash(expired))
    over = people.log_in().json["refresh_token"]
    rows(
        "update sessions set expires_at = now() where id in"
        " (select session_id from refresh_tokens where token_hash = %s) returning 1",
        token_hash(over),
    )
    out = people.log_in().json["refresh_token"]
    assert people.post("/api/auth/logout", {"refresh_token": out}).status_code == 204
    ended = [people.refresh(each) for each in (expired, over, out)]
    wrong = ["", "str_", "str_" + "a" * 43, token[:-1], token + "a", token.upper(), "é" * 47, "x" * 900_000]
    answers = [*ended, *map(people.refresh, wrong)]
    assert {(answer.status_code, answer.text.replace(answer.json["request_id"], "")) for answer in answers} == {
        (401, answers[0].text.replace(answers[0].json["request_id"], ""))
    }
    assert people.refresh(token).status_code == 200
    assert people.refresh("x" * 1_100_000).status_code == 413
    assert people.refresh("nul\u0000").status_code == 400


def test_a_logged_out_session_stays_ended_and_nothing_else_dies(people: People, token: str, rows: Rows) -> None:
    other = people.log_in().json["refresh_token"]
    newest = people.refresh(token).json["refresh_token"]
    for _ in range(2):
        assert people.post("/api/auth/logout", {"refresh_token": newest}).status_code == 204
    assert people.post("/api/auth/logout", {"refresh_token": "str_" + "a" * 43}).status_code == 204
    age(rows, token, 11)
    for presented in (token, newest):
        assert people.refresh(presented).status_code == 401
    assert sessions(rows) == ["logout", None]
    assert people.refresh(other).status_code == 200


def test_a_logout_while_tokens_are_exchanged_leaves_no_living_token(people: People, token: str, rows: Rows) -> None:
    with ThreadPoolExecutor(8) as pool:
        refreshes = [pool.submit(people.refresh, token) for _ in range(4)]
        logout = pool.submit(people.post, "/api/auth/logout", {"refresh_token": token})
        refreshes += [pool.submit(people.refresh, token) for _ in range(3)]
    assert logout.result().status_code == 204
    for each in refreshes:
        if each.result().status_code == 200:
            assert people.refresh(each.result().json["refresh_token"]).status_code == 401
    assert sessions(rows) == ["logout"]


def test_the_database_holds_no_token_in_clear(people: People, token: str, rows: Rows) -> None:
    newest = people.refresh(token).json["refresh_token"]
    stored = str(rows("select t::text, encode(successor_sealed, 'escape') from refresh_tokens t"))
    for secret in (token, newest):
        assert secret not in stored
        assert secret.removeprefix("str_") not in stored


def test_a_session_ends_after_thirty_days_however_often_it_is_used(people: People, token: str, rows: Rows) -> None:
    rows("update sessions set expires_at = now() + interval '1 hour' returning 1")
    newest = people.refresh(token).json["refresh_token"]
    ((same,),) = rows(
        "select t.idle_expires_at = s.expires_at from refresh_tokens t join sessions s on s.id = t.session_id"
        " where t.token_hash = %s",
        token_hash(newest),
    )
    assert same
