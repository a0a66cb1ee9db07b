"""Logging in with a second factor, over HTTP on a real database."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from auth_service.adapters import one_time_codes
from auth_service.domain.second_factor import half_login_of
from outbound_kit.sealing import Sealer

from ..conftest import Api, People, Rows
from ..credentials import Factor, disable, finish, half_login, user_id


def test_a_confirmed_factor_is_needed_to_log_in(people: People, factor: Factor) -> None:
    app, _ = factor
    answer = people.log_in()
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"
    assert set(answer.json) >= {"type", "title", "status", "code", "detail", "half_login_token"}
    assert "access_token" not in answer.json
    assert people.log_in(totp=app.next_code()).status_code == 200


def test_a_half_done_login_is_finished_by_a_code(people: People, factor: Factor) -> None:
    app, _ = factor
    answer = finish(people, half_login(people), app.next_code())
    assert answer.status_code == 200, answer.text
    assert people.as_caller(answer.json["access_token"]).get("/api/me")["email"] == "ada@acme.example"
    assert answer.json["device_token"].startswith("std_")


def test_a_wrong_password_says_nothing_about_the_second_factor(people: People, factor: Factor) -> None:
    answer = people.log_in(password="not her password", totp="000000")
    assert (answer.status_code, answer.json["code"]) == (401, "invalid_credentials")
    assert "half_login_token" not in answer.json


def test_a_code_works_once(people: People, factor: Factor) -> None:
    app, _ = factor
    code = app.next_code()
    assert people.log_in(totp=code).status_code == 200
    for answer in (people.log_in(totp=code), finish(people, half_login(people), code)):
        assert (answer.status_code, answer.json["code"]) == (401, "wrong_code")


def test_the_code_that_confirmed_the_factor_does_not_log_in(people: People, factor: Factor) -> None:
    assert people.log_in(totp=factor[0].code()).status_code == 401


def test_a_code_of_an_earlier_step_is_refused_after_a_later_one(people: People, factor: Factor) -> None:
    app, _ = factor
    earlier, later = app.next_code(), app.next_code()
    assert people.log_in(totp=later).status_code == 200
    assert people.log_in(totp=earlier).status_code == 401


def test_of_parallel_uses_of_a_code_one_wins(people: People, factor: Factor) -> None:
    token, code = half_login(people), factor[0].next_code()
    begin = threading.Barrier(4)

    def use(_number: int) -> int:
        begin.wait(10)
        status: int = finish(people, token, code).status_code
        return status

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(use, range(4))) == [200, 401, 401, 401]


def test_five_wrong_codes_close_every_way_in_for_a_quarter_of_an_hour(people: People, ada: Api, factor: Factor) -> None:
    """ZITADEL's CVE-2025-64102: codes of one way in were counted, those of another were not."""
    app, recovery_codes = factor
    token = half_login(people)
    tries = [
        people.log_in(totp="000000"),
        finish(people, token, "000001"),
        finish(people, token, "000004"),
        disable(ada, "000002"),
        people.log_in(totp="000003"),
    ]
    assert [answer.status_code for answer in tries] == [401, 401, 401, 400, 401]  # `disable` has a login already
    right = app.next_code()
    for answer in (people.log_in(totp=right), finish(people, token, right), disable(ada, right)):
        assert (answer.status_code, answer.json["code"]) == (429, "too_many_tries")
        assert 800 <= int(answer.headers["Retry-After"]) <= 901
    # Whoever guesses codes doesn't keep the owner's recovery codes out.
    assert finish(people, token, recovery_codes[0]).status_code == 200


def test_what_has_the_form_of_no_code_is_no_try(people: People, ada: Api, factor: Factor) -> None:
    app, _ = factor
    token = half_login(people)
    for text in ("12345", "１２３４５６", "abcdef"):
        assert people.log_in(totp=text).status_code == finish(people, token, text).status_code == 401
        assert disable(ada, text).status_code == 400
    assert people.log_in(totp=app.next_code()).status_code == 200


def test_five_wrong_recovery_codes_close_recovery_codes_and_nothing_else(people: People, factor: Factor) -> None:
    app, recovery_codes = factor
    for letter in "ABCDE":
        assert people.log_in(totp="-".join([letter * 4] * 4)).status_code == 401
    assert people.log_in(totp=recovery_codes[0]).status_code == 429
    assert people.log_in(totp=app.next_code()).status_code == 200


def test_a_half_done_login_begins_one_session_whatever_code_follows(
    people: People, ada: Api, factor: Factor, rows: Rows
) -> None:
    app, recovery_codes = factor
    token = half_login(people)
    assert finish(people, token, app.next_code()).status_code == 200
    sessions = rows("select count(*) from sessions")
    for code in (app.next_code(), recovery_codes[0], "000000"):
        answer = finish(people, token, code)
        assert (answer.status_code, answer.json["code"]) == (401, "half_login_expired")
    assert rows("select count(*) from sessions") == sessions
    assert people.log_in(totp=recovery_codes[0]).status_code == 200  # and it used up no code


def test_of_parallel_uses_of_a_half_done_login_with_different_codes_one_wins(people: People, factor: Factor) -> None:
    token = half_login(people)
    codes = [factor[0].next_code(), *factor[1][:3]]
    begin = threading.Barrier(4)

    def use(code: str) -> int:
        begin.wait(10)
        status: int = finish(people, token, code).status_code
        return status

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(use, codes)) == [200, 401, 401, 401]


def test_a_wrong_code_does_not_use_a_half_done_login_up(people: People, factor: Factor) -> None:
    token = half_login(people)
    assert finish(people, token, "000000").json["code"] == "wrong_code"
    assert finish(people, token, factor[0].next_code()).status_code == 200


def test_fifty_parallel_codes_are_checked_five_times_at_most(
    people: People, factor: Factor, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = half_login(people)
    checked: list[str] = []

    def step_of(_secret: str, code: str, _now: datetime) -> None:
        checked.append(code)
        time.sleep(0.01)

    monkeypatch.setattr(one_time_codes, "step_of", step_of)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda number: finish(people, token, f"{number:06}"), range(50)))
    assert len(checked) == 5
    assert sorted({answer.status_code for answer in answers}) == [401, 429]


def test_right_passwords_with_wrong_codes_do_not_close_the_name(people: People, factor: Factor) -> None:
    for _ in range(12):
        people.log_in(totp="000000")
    answer = people.log_in()
    assert answer.json["code"] == "totp_required"


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "１２３４５６", "000000\u200b", "0" * 100_000, "'; drop table totp; --"]
)
def test_other_texts_are_wrong_codes(people: People, factor: Factor, code: str) -> None:
    assert people.log_in(totp=code).json["code"] == "wrong_code"


def test_a_recovery_code_replaces_the_app_once(people: People, factor: Factor) -> None:
    _, codes = factor
    assert len(codes) == 10
    assert people.log_in(totp=codes[0].lower().replace("-", " ")).status_code == 200
    assert people.log_in(totp=codes[0]).status_code == 401
    assert finish(people, half_login(people), codes[1]).status_code == 200


def test_with_another_secret_of_the_service_codes_are_wrong_and_recovery_codes_work(
    people: People, factor: Factor, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    authenticator, codes = factor
    second_factors = app.extensions["service_kit"].dependencies.second_factors
    monkeypatch.setitem(second_factors.__dict__, "sealer", Sealer(b"another secret of thirty-two byte"))
    assert people.log_in(totp=authenticator.next_code()).json["code"] == "wrong_code"
    assert people.log_in(totp=codes[0]).status_code == 200


def test_a_half_done_login_alone_opens_nothing(people: People, factor: Factor) -> None:
    token = half_login(people)
    assert finish(people, token, None).json["errors"] == [
        {"field": "totp", "message": "Missing data for required field."}
    ]
    assert people.refresh(token).status_code == 401
    assert (
        people.post("/api/auth/password/reset", {"token": token, "new_password": "three green kites above"}).status_code
        == 400
    )


@pytest.mark.parametrize(
    "statement",
    [
        "update users set password_version = password_version + 1 returning id",
        "update users set is_active = false returning id",
        "delete from users returning id",
    ],
    ids=["password changed", "inactive", "deleted"],
)
def test_a_half_done_login_ends_with_its_account(people: People, factor: Factor, rows: Rows, statement: str) -> None:
    """Keycloak's issue 26180: a half-done login went on after the account was locked."""
    token = half_login(people)
    assert rows(statement)
    answer = finish(people, token, factor[0].next_code())
    assert (answer.status_code, answer.json["code"]) == (401, "half_login_expired")


def test_a_half_done_login_expires(people: People, ada: Api, factor: Factor, app: Any) -> None:
    half_logins = app.extensions["service_kit"].dependencies.half_logins
    old, young = (
        half_logins.make(half_login_of(ada.company, user_id(ada), 1, datetime.now(UTC) - timedelta(minutes=minutes)))
        for minutes in (5, 4)
    )
    assert finish(people, old, factor[0].next_code()).json["code"] == "half_login_expired"
    assert finish(people, young, factor[0].next_code()).status_code == 200


@pytest.mark.parametrize(
    "token",
    ["", "sth_", "sth_1.1.1.9999999999.x", "sth_1.1.1.9999999999.AAAAAAAAAAAAAAAAAAAAAA.x", "🐘", "x" * 900_000],
)
def test_forged_half_logins_are_401(people: People, factor: Factor, token: str) -> None:
    answer = finish(people, token, factor[0].next_code())
    assert (answer.status_code, answer.json["code"]) == (401, "half_login_expired")


@pytest.mark.parametrize("more", [{"email": "ada@acme.example"}, {"password": People.PASSWORD}, {"user_id": 1}])
def test_a_half_done_login_takes_no_other_proofs(people: People, factor: Factor, more: Any) -> None:
    assert finish(people, half_login(people), "123456", **more).status_code == 400


@pytest.mark.parametrize("body", [{}, {"email": "ada@acme.example"}, {"password": "x"}, {"totp": "123456"}])
def test_a_login_without_its_proofs_is_400_with_the_fields(people: People, body: Any) -> None:
    answer = people.post("/api/auth/login", body)
    assert answer.status_code == 400
    assert {error["field"] for error in answer.json["errors"]} == {"email", "password"} - body.keys()


def test_a_reset_password_still_needs_the_second_factor(people: People, ada: Api, factor: Factor) -> None:
    link = ada.call("POST", f"/api/users/{user_id(ada)}/password-reset").json["token"]
    new = "three green kites above"
    assert people.post("/api/auth/password/reset", {"token": link, "new_password": new}).status_code == 204
    assert people.log_in(password=new).json["code"] == "totp_required"
    assert people.log_in(password=new, totp=factor[0].next_code()).status_code == 200
