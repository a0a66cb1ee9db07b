"""Registration, login and who the caller is, over HTTP on a real database."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from service_kit.identity import ADMIN, AGENT

from ..conftest import Api, People, Published, Rows


def test_a_founder_becomes_admin_of_a_new_company_and_both_are_published(people: People, published: Published) -> None:
    answer = people.found()
    assert answer.status_code == 201, answer.text
    user, company = answer.json["user"], answer.json["company"]
    assert (user["role"], user["is_active"], user["email_verified"], user["revision"]) == (ADMIN, True, False, 1)
    assert company["company_id"] == 2
    assert company["name"] == "Acme"
    (founded,) = published("company.%")
    (created,) = published("user.%")
    assert (founded["event"], founded["company_id"], founded["auto_assign"]) == ("company.created", 2, True)
    assert (created["event"], created["company_id"], created["user_id"]) == ("user.created", 2, user["id"])
    assert (created["subject"], created["email"]) == (f"user:{user['id']}", "ada@acme.example")
    assert "password" not in str(created)


def test_a_founder_logs_in_and_sees_who_they_are(people: People) -> None:
    people.found()
    answer = people.log_in()
    assert answer.status_code == 200, answer.text
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 900)
    assert answer.headers["Cache-Control"] == "no-store"
    ada = people.as_caller(answer.json["access_token"])
    assert (ada.company, ada.role) == (2, ADMIN)
    me = ada.get("/api/me")
    assert (me["email"], me["role"], me["company"]) == ("ada@acme.example", ADMIN, {"company_id": 2, "name": "Acme"})
    assert {"users:write", "tickets:read"} <= set(me["rights"])
    assert me["session_id"] == ada.session
    assert me["last_login_at"] == answer.json["user"]["last_login_at"] is not None
    assert me["preferences"] == {}


def test_founding_skips_numbers_in_use_and_the_operators(
    app: Flask, people: People, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    Api(app.test_client(), company=3).get("/api/companies")
    deps = app.extensions["service_kit"].dependencies
    monkeypatch.setitem(deps.__dict__, "operator_company_id", 2)
    assert people.found().json["company"]["company_id"] == 4
    assert rows("select company_id, name from company_profiles order by 1") == [(3, "Company 3"), (4, "Acme")]


def test_companies_founded_concurrently_get_numbers_of_their_own(people: People, published: Published) -> None:
    with ThreadPoolExecutor(3) as pool:  # no more than hash at a time and wait briefly, however busy the machine is
        answers = list(pool.map(lambda n: people.found(f"p{n}@acme.example"), range(6)))
    assert [answer.status_code for answer in answers] == [201] * 6
    assert len({answer.json["company"]["company_id"] for answer in answers}) == 6
    assert len(published("company.created")) == len(published("user.created")) == 6


def test_an_address_founds_one_company_however_often_and_however_it_is_spelled(
    people: People, published: Published, rows: Rows
) -> None:
    with ThreadPoolExecutor(4) as pool:
        spellings = ["Ada@bücher.example", "ada@BÜCHER.example", "ada@xn--bcher-kva.example", "ADA@bücher.example"]
        answers = list(pool.map(people.found, spellings))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    taken = next(answer for answer in answers if answer.status_code == 409)
    assert (taken.json["code"], taken.json["errors"][0]["field"]) == ("email_taken", "email")
    assert len(published("%")) == 2
    assert rows("select count(*) from users") == rows("select count(*) from company_profiles") == [(1,)]
    assert people.log_in("aDa@bücher.example").status_code == 200


def test_a_registration_is_answered_again_for_its_idempotency_key_alone(
    people: People, published: Published, rows: Rows
) -> None:
    body = {"email": "ada@acme.example", "username": "Ada", "password": People.PASSWORD, "company": "Acme"}
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda _: people.post("/api/auth/register", body, **{"Idempotency-Key": "k"}), range(4))
        )
    assert {answer.status_code for answer in answers} == {201}
    first = next(each for each in answers if each.status_code == 201 and "Idempotency-Replayed" not in each.headers)
    again = people.post("/api/auth/register", body, **{"Idempotency-Key": "k"})
    assert (again.status_code, again.json, again.headers["Idempotency-Replayed"]) == (201, first.json, "true")
    other = people.post(
        "/api/auth/register", body | {"password": "three green kites above"}, **{"Idempotency-Key": "k"}
    )
    assert other.status_code == 422
    for headers in ({}, {"Idempotency-Key": "l"}):
        assert people.post("/api/auth/register", body, **headers).status_code == 409
    assert len(published("%")) == 2
    assert body["email"].lower() not in str(rows("select response from idempotency_keys")).lower()


@pytest.mark.parametrize(
    "email",
    [
        "ada+desk@acme.example",
        "o'neil@acme.example",
        "ada@bücher.example",
        "用户@例え.example",
        "a" * 64 + "@" + ".".join(["d" * 60] * 3) + ".xyz",
    ],
)
def test_an_unusual_address_registers_and_logs_in_and_is_stored_as_typed(people: People, email: str) -> None:
    answer = people.found(email, username="Ada")
    assert answer.status_code == 201, answer.text
    assert answer.json["user"]["email"] == email
    assert people.log_in(email).status_code == 200
    assert people.log_in(email.upper()).status_code == 200


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "@acme.example",
        "ada@",
        " ada@acme.example",
        "ada@acme.example ",
        "ada@acme.example\n",
        "ada@acme..example",
        "ada@acme\u0000.example",
        "Ada <ada@acme.example>",
        "ada@acme.example,ben@acme.example",
        "a" * 243 + "@acme.example",
        "ada\u202e@acme.example",
        7,
        None,
    ],
)
def test_what_is_no_address_is_refused_by_name(people: People, rows: Rows, email: Any) -> None:
    answer = people.post(
        "/api/auth/register", {"email": email, "username": "Ada", "password": People.PASSWORD, "company": "Acme"}
    )
    assert answer.status_code == 400, answer.text
    assert {error["field"] for error in answer.json["errors"]} == {"email"}
    assert rows("select count(*) from users") == [(0,)]


@pytest.mark.parametrize(
    "password",
    [
        "🐌🐎🦀🐘🦒🐊🦓🦁🐯🐻🐼🐨",
        "  blanks around it  ",
        "パスワードは長いほうがよい",
        ("many boats sail past the old mill by night, " * 30)[:1024],
    ],
)
def test_an_unusual_password_logs_in(people: People, password: str) -> None:
    assert people.found(password=password).status_code == 201
    assert people.log_in(password=password).status_code == 200
    assert people.log_in(password=password + "x" if len(password) < 1000 else password[1:]).status_code == 401


def test_one_password_in_two_normal_forms_logs_in(people: People) -> None:
    assert people.found(password="Zoe\u0308 zoe\u0308 zoe\u0308 zoe\u0308").status_code == 201
    assert people.log_in(password="Zo\u00eb zo\u00eb zo\u00eb zo\u00eb").status_code == 200


def test_every_refused_login_has_the_same_answer_and_costs_one_hash(
    app: Flask, people: People, api: Api, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.found()
    api.call("POST", "/api/users", {"email": "ben@acme.example", "username": "Ben", "role": AGENT})
    people.found("cem@acme.example")
    rows("update users set is_active = false where username = 'cem' returning id")
    hashed: list[bool] = []
    passwords = app.extensions["service_kit"].dependencies.passwords
    verify = passwords.verify

    def counted(encoded: str | None, password: str) -> bool:
        hashed.append(encoded is None)
        return bool(verify(encoded, password))

    monkeypatch.setattr(passwords, "verify", counted)
    answers = [
        people.log_in(password="wrong wrong wrong"),
        people.log_in("ben@acme.example"),
        people.log_in("cem@acme.example"),
        people.log_in("nobody@acme.example"),
        people.log_in("no address"),
        people.log_in("x" * 5000),
    ]
    assert hashed == [False, True, False, True, True, True]
    bodies = {
        (answer.status_code, answer.text.replace(answer.json["request_id"], ""), answer.headers["WWW-Authenticate"])
        for answer in answers
    }
    assert len(bodies) == 1
    assert answers[0].json["detail"] == "E-mail address or password is wrong."


def test_no_transaction_is_open_while_a_password_is_hashed(
    app: Flask, people: People, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.found()
    passwords = app.extensions["service_kit"].dependencies.passwords
    open_transactions: list[Any] = []

    def watched(work: Any) -> Any:
        def run(*arguments: Any, **options: Any) -> Any:
            open_transactions.extend(
                rows(
                    "select state, query from pg_stat_activity where datname = current_database()"
                    " and xact_start is not null and pid <> pg_backend_pid() and backend_type = 'client backend'"
                )
            )
            return work(*arguments, **options)

        return run

    for name in ("verify", "hash"):
        monkeypatch.setattr(passwords, name, watched(getattr(passwords, name)))
    assert people.log_in().status_code == 200
    assert people.found("ben@acme.example").status_code == 201
    assert people.log_in("nobody@acme.example").status_code == 401
    assert open_transactions == []


def test_a_password_changed_while_it_was_checked_begins_no_session(
    app: Flask, people: People, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.found()
    passwords = app.extensions["service_kit"].dependencies.passwords
    verify = passwords.verify

    def slow(encoded: str | None, password: str) -> bool:
        rows("update users set password_version = password_version + 1 returning id")
        return bool(verify(encoded, password))

    monkeypatch.setattr(passwords, "verify", slow)
    assert people.log_in().status_code == 401
    assert rows("select count(*) from sessions") == [(0,)]


def test_a_hash_of_old_parameters_is_renewed_by_a_login(people: People, rows: Rows) -> None:
    import argon2

    people.found()
    old = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(People.PASSWORD)
    rows("update users set password_hash = %s returning id", old)
    assert people.log_in().status_code == 200
    ((renewed, version),) = rows("select password_hash, password_version from users")
    assert renewed != old
    assert version == 1
    assert people.log_in().status_code == 200


def test_a_caller_who_is_no_user_sees_who_they_are_too(app: Flask, api: Api) -> None:
    operator = Api(app.test_client(), subject="development")
    me = operator.get("/api/me")
    assert (me["id"], me["subject"], me["role"], me["email"]) == (None, "development", ADMIN, None)
    assert me["company"] == {"company_id": 1, "name": "Demo company"}
    assert operator.call("PATCH", "/api/me", {"username": "X"}).status_code == 404


def test_a_token_of_a_user_who_is_gone_is_refused(app: Flask, api: Api) -> None:
    assert Api(app.test_client(), subject="user:77").call("GET", "/api/me").status_code == 401


def test_people_change_their_own_name_and_preferences(people: People, published: Published) -> None:
    people.found()
    ada = people.as_caller(people.log_in().json["access_token"])
    shown = ada.call("GET", "/api/me")
    changed = ada.call(
        "PATCH", "/api/me", {"username": "Ada L", "preferences": {"a": [1e30, None]}}, If_Match=shown.headers["ETag"]
    )
    assert changed.status_code == 200, changed.text
    assert (changed.json["username"], changed.json["preferences"]) == ("Ada L", {"a": [1e30, None]})
    assert changed.headers["ETag"].startswith('"2-')
    stale = ada.call("PATCH", "/api/me", {"username": "B"}, If_Match='"1"')
    assert (stale.status_code, stale.json["code"]) == (412, "stale_version")
    assert [event["revision"] for event in published("user.updated")] == [2]
    for body in ({"role": "admin"}, {"preferences": []}, {"preferences": {"a": "x" * 17_000}}, {"username": " "}):
        assert ada.call("PATCH", "/api/me", body).status_code == 400
