"""Registrations that are refused, and the names of people, over HTTP on a real database."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from service_kit.identity import AGENT

from ..conftest import Api, People, Published, Rows


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"company": None}, "company"),
        ({"company": ""}, "company"),
        ({"invitation": "sti_" + "a" * 43}, "company"),
        ({"username": ""}, "username"),
        ({"username": "x" * 151}, "username"),
        ({"username": "\u200b"}, "username"),
        ({"username": "a\nb"}, "username"),
        ({"role": "admin"}, "role"),
        ({"company_id": 1}, "company_id"),
        ({"username": "Ad\u200ba"}, "username"),
        ({"username": "\u202eadA"}, "username"),
        ({"password": "short"}, "password"),
        ({"password": "password1234"}, "password"),
        ({"password": "ada@acme.example"}, "password"),
        ({"password": "Analytical Engines", "company": "Analytical Engines"}, "password"),
        ({"password": "a" * 1025}, "password"),
        ({"password": "seven small\u0000 boats"}, "password"),
        ({"password": 12}, "password"),
    ],
)
def test_a_bad_registration_is_refused_by_field(people: People, rows: Rows, change: Any, field: str) -> None:
    answer = people.found(**change)
    assert answer.status_code == 400, answer.text
    assert {error["field"] for error in answer.json["errors"]} == {field}
    assert rows("select count(*) from company_profiles") == [(0,)]


def test_all_faults_of_a_registration_are_named_together(people: People) -> None:
    body = {"email": "ada", "username": " Ada\u200b", "password": "short", "company": ""}
    answer = people.post("/api/auth/register", body)
    assert answer.status_code == 400
    assert {error["field"] for error in answer.json["errors"]} == {"email", "username", "password", "company"}
    neither = people.post("/api/auth/register", {"email": "ada", "username": "Ada", "password": "password1234"})
    assert {error["field"] for error in neither.json["errors"]} == {"email", "password", "company"}
    assert all(error["message"] for error in neither.json["errors"])


def test_a_closed_registration_founds_no_company_and_lets_invited_people_join(
    app: Flask, people: People, api: Api, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions["service_kit"].dependencies.__dict__, "open_registration", False)
    answer = people.found()
    assert (answer.status_code, answer.json["code"]) == (403, "registration_closed")
    assert rows("select count(*) from users") == [(0,)]
    invitation = api.call("POST", "/api/invitations", {"email": "ben@acme.example", "role": AGENT}).json["token"]
    body = {"email": "ben@acme.example", "username": "Ben", "password": People.PASSWORD, "invitation": invitation}
    assert people.post("/api/auth/register", body).status_code == 201


def test_a_network_learns_of_few_addresses_whether_they_have_an_account(app: Flask, people: People, rows: Rows) -> None:
    people.found()

    def found(address: str, email: str = "ada@acme.example") -> Any:
        body = {"email": email, "username": "Eve", "password": People.PASSWORD, "company": "Eve Ltd"}
        return Api(app.test_client(), address=address).call("POST", "/api/auth/register", body)

    answers = [found("192.0.2.1") for _ in range(12)]
    assert [answer.status_code for answer in answers] == [409] * 10 + [429] * 2
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 61
    assert found("192.0.2.2", "new@acme.example").status_code == 429
    # Other networks found companies, as many as they like.
    assert [found("198.51.100.1", f"n{number}@acme.example").status_code for number in range(12)] == [201] * 12
    rows("delete from login_guards returning key")


@pytest.mark.parametrize("look_alike", ["ADA", "Ａda", "\u0410da", "Ad\u0430", "Ada "])
def test_a_name_that_looks_like_another_of_the_company_is_refused(
    people: People, api: Api, published: Published, look_alike: str
) -> None:
    assert (
        api.call("POST", "/api/users", {"email": "a@acme.example", "username": "Ada", "role": AGENT}).status_code == 201
    )
    body = {"email": "b@acme.example", "username": look_alike, "role": AGENT}
    answer = api.call("POST", "/api/users", body)
    assert answer.status_code == (400 if look_alike.endswith(" ") else 409), answer.text
    assert answer.json["errors"][0]["field"] == "username"
    other = api.call("POST", "/api/users", body | {"username": "Ben"}).json
    renamed = api.call("PATCH", f"/api/users/{other['id']}", {"username": look_alike})
    assert renamed.status_code in (400, 409)
    assert people.found("ada@other.example", "Other", username=look_alike.strip()).status_code == 201


def test_a_company_learns_of_few_addresses_whether_they_have_an_account_elsewhere(
    app: Flask, people: People, rows: Rows
) -> None:
    people.found()
    people.found("eve@eve.example", "Eve Ltd")
    admin = people.as_caller(people.log_in("eve@eve.example").json["access_token"])
    networks = iter(range(1, 100))

    def from_anywhere() -> Api:
        return replace(admin, address=f"198.51.{next(networks)}.1")

    def add(email: str, name: str) -> Any:
        return from_anywhere().call("POST", "/api/users", {"email": email, "username": name, "role": AGENT})

    assert add("ben@eve.example", "Ben").status_code == 201
    # Own people are listed anyway.
    assert [add("ben@eve.example", f"Ben {number}").status_code for number in range(12)] == [409] * 12
    answers = [add("ada@acme.example", f"Ada {number}") for number in range(12)]
    assert [(answer.status_code, answer.json["code"]) for answer in answers] == [(409, "email_taken")] * 10 + [
        (429, "too_many_tries")
    ] * 2
    assert add("new@eve.example", "New").status_code == 429
    rows("delete from login_guards returning key")


def test_a_network_learns_little_by_inviting_addresses_and_joining_by_them(
    app: Flask, people: People, rows: Rows
) -> None:
    people.found()
    people.found("eve@eve.example", "Eve Ltd")
    admin = people.as_caller(people.log_in("eve@eve.example").json["access_token"])
    token = admin.call("POST", "/api/invitations", {"email": "ada@acme.example", "role": AGENT}).json["token"]
    body = {"email": "ada@acme.example", "username": "Ada", "password": People.PASSWORD, "invitation": token}

    def join() -> int:
        network = Api(app.test_client(), address="192.0.2.1")
        return int(network.call("POST", "/api/auth/register", body).status_code)

    assert [join() for _ in range(12)] == [409] * 10 + [429] * 2
    rows("delete from login_guards returning key")


@pytest.mark.parametrize("name", ["Acme", "ACME", "Acm\u0435", "\uff21cme"])
def test_no_answer_reveals_that_another_company_has_a_name_or_one_that_looks_like_it(people: People, name: str) -> None:
    unheard = people.found("eve@eve.example", "Unheard of")
    people.found()
    known = people.found("dan@dan.example", name)
    assert (known.status_code, known.json["company"]["name"]) == (201, name)
    assert known.json["company"].keys() == unheard.json["company"].keys()
    dan = people.as_caller(people.log_in("dan@dan.example").json["access_token"])
    path = f"/api/companies/{dan.company}"
    assert [dan.call("PATCH", path, {"name": each}).status_code for each in ("Dan Ltd", name)] == [200, 200]


def test_a_name_is_stored_in_its_usual_letters(people: People) -> None:
    assert people.found(username="Ａｄａ\u3000Lovelace").json["user"]["username"] == "Ada Lovelace"
