"""Changed and forgotten passwords, over HTTP on a real database."""

import time
import unicodedata
from typing import Any

import pytest
from auth_service.adapters.passwords import PasswordHasher

from ..conftest import Api, People, Published, Rows
from ..credentials import NEW, change, signed_in


def test_a_changed_password_replaces_the_old_one(people: People, ada: Api, published: Published) -> None:
    assert change(ada).status_code == 204
    assert people.log_in().status_code == 401
    assert people.log_in(password=NEW).status_code == 200
    (updated,) = published("user.updated")
    assert NEW not in str(updated)


def test_a_change_ends_all_sessions_but_the_callers(people: People, ada: Api) -> None:
    other, _ = signed_in(people)
    refresh_of_other = signed_in(people)[1]["refresh_token"]
    assert change(ada).status_code == 204
    assert people.refresh(refresh_of_other).status_code == 401
    alive = [session["id"] for session in ada.get("/api/sessions")["items"]]
    assert alive == [ada.session]
    assert other.session not in alive


def test_a_change_needs_the_current_password(people: People, ada: Api) -> None:
    answer = change(ada, current="not the current one")
    assert (answer.status_code, answer.json["code"]) == (403, "wrong_password")
    assert answer.json["errors"] == [{"field": "current_password", "message": "Wrong."}]
    assert people.log_in().status_code == 200


def test_a_stolen_session_guesses_the_password_five_times_at_most(ada: Api) -> None:
    answers = [change(ada, current=f"guess number {number}") for number in range(6)]
    assert [answer.status_code for answer in answers] == [403] * 5 + [429]
    assert 890 <= int(answers[-1].headers["Retry-After"]) <= 901
    assert change(ada).status_code == 429


def test_a_repeated_change_with_the_same_key_answers_as_the_first(people: People, ada: Api) -> None:
    answers = [change(ada, Idempotency_Key="once") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]
    assert "Idempotency-Replayed" in answers[1].headers
    assert people.log_in(password=NEW).status_code == 200


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        ("too short", "Shorter"),
        ("aaaaaaaaaaaaaaaa", "repeated"),
        ("with\x00a NUL inside", "NUL"),
        (People.PASSWORD, "current"),
        pytest.param("long" * 300, "bytes", id="1,200 bytes"),
        (None, "null"),
        (12, "string"),
        (["seven small blue boats"], "string"),
    ],
)
def test_unacceptable_new_passwords_are_400_with_the_field(ada: Api, new: Any, reason: str) -> None:
    answer = change(ada, new=new)
    assert answer.status_code == 400, answer.text
    (error,) = answer.json["errors"]
    assert error["field"] == "new_password"
    assert reason in error["message"]


@pytest.mark.parametrize("path", ["/api/auth/password/change", "/api/auth/login", "/api/auth/password/reset"])
def test_a_lone_surrogate_is_400(ada: Api, path: str) -> None:
    for name in ("current_password", "new_password", "password"):
        raw = f'{{"{name}": "lone \\ud83d surrogate here"}}'
        answer = ada.send("POST", path, data=raw, content_type="application/json")
        assert answer.status_code == 400
        assert answer.json["errors"][0]["field"] == name


def test_a_password_of_a_megabyte_is_refused_before_it_is_hashed(
    people: People, ada: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def computed(*_arguments: object) -> None:
        raise AssertionError("a hash is computed")

    for name in ("hash", "verify"):
        monkeypatch.setattr(PasswordHasher, name, computed)
    answer = people.log_in(password="x" * 1_000_000)
    assert answer.status_code == 400
    assert answer.json["errors"][0]["field"] == "password"
    assert people.log_in(password="x" * 1_100_000).status_code == 413
    assert change(ada, new="x" * 500_000, current="y" * 500_000).status_code == 400


@pytest.mark.parametrize(
    "password", ["🐘🦒🐊🦓🦁🐯🐻🐼🐨🐸🐙🦊", "  blanks around it  ", "パスワードは十二文字以上です"]
)
def test_odd_but_long_passwords_work_as_typed(people: People, ada: Api, password: str) -> None:
    assert change(ada, new=password).status_code == 204
    assert people.log_in(password=password).status_code == 200
    assert people.log_in(password=password.strip() + " ").status_code == 401


def test_composed_and_decomposed_letters_log_in_alike(people: People, ada: Api) -> None:
    composed, decomposed = (unicodedata.normalize(form, "Übergrößenträger") for form in ("NFC", "NFD"))
    assert change(ada, new=decomposed).status_code == 204
    assert people.log_in(password=composed).status_code == 200
    assert people.log_in(password=decomposed).status_code == 200


def forget(people: People, email: str) -> Any:
    return people.post("/api/auth/password/forgot", {"email": email})


def test_a_request_for_a_link_is_published_without_a_token(people: People, published: Published, rows: Rows) -> None:
    user_id = people.found().json["user"]["id"]
    answer = forget(people, "ADA@Acme.example")
    assert (answer.status_code, answer.data) == (202, b"")
    (event,) = published("user.password.%")
    assert (event["company_id"], event["user_id"]) == (2, user_id)
    assert set(event) == {"event", "event_id", "company_id", "user_id", "requested_at", "revision", "subject"}
    assert "stp_" not in str(event)
    assert rows("select token_hash from password_resets") == []


def test_everybody_gets_the_same_answer_after_the_same_time(people: People, published: Published, rows: Rows) -> None:
    people.found()
    people.found("bob@other.example", "Other")
    rows("update users set is_active = false where email = 'bob@other.example' returning id")
    answers, seconds = [], []
    for email in ("ada@acme.example", "nobody@acme.example", "bob@other.example", "no address", "x" * 10_000):
        started = time.perf_counter()
        answer = forget(people, email)
        seconds.append(time.perf_counter() - started)
        headers = {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}
        answers.append((answer.status_code, answer.data, headers))
    assert answers == [answers[0]] * 5
    assert min(seconds) >= 0.1
    assert [event["user_id"] for event in published("user.password.%")] == [1]


def test_three_requests_an_hour_are_published_for_an_address(people: People, published: Published) -> None:
    people.found()
    assert {forget(people, "ada@acme.example").status_code for _ in range(5)} == {202}
    assert len(published("user.password.%")) == 3
