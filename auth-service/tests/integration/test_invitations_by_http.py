"""Invitations over HTTP, on a real database."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from service_kit.identity import ADMIN, AGENT, MANAGER

from ..conftest import Api, People, Published, Rows

BEN = {"email": "Ben@Acme.example", "username": "Ben", "role": AGENT}


def add(api: Api, **change: Any) -> Any:
    """Add a user and return it."""
    answer = api.call("POST", "/api/users", BEN | change)
    assert answer.status_code == 201, answer.text
    return answer.json


def test_an_invited_person_joins_once_in_the_role_of_the_invitation(people: People, published: Published) -> None:
    people.found()
    ada = people.as_caller(people.log_in().json["access_token"])
    issued = ada.call("POST", "/api/invitations", {"email": "Ben@acme.example", "role": MANAGER})
    assert issued.status_code == 201
    assert issued.json["invited_by"] == ada.subject
    shown = ada.get("/api/invitations")["items"]
    assert shown == [{name: value for name, value in issued.json.items() if name != "token"}]
    ben = {"email": "ben@ACME.example", "username": "Ben", "password": People.PASSWORD}
    for change in ({"email": "cem@acme.example"}, {"invitation": "sti_" + "a" * 43}, {"invitation": "x" * 10_000}):
        refused = people.post("/api/auth/register", ben | {"invitation": issued.json["token"]} | change)
        assert refused.status_code == 400
        assert refused.json["errors"][0]["field"] == "invitation"
    joining = ben | {"invitation": issued.json["token"]}
    joined = people.post("/api/auth/register", joining, **{"Idempotency-Key": "k"})
    assert joined.status_code == 201, joined.text
    repeated = people.post("/api/auth/register", joining, **{"Idempotency-Key": "k"})
    assert (repeated.status_code, repeated.json) == (201, joined.json)
    assert (joined.json["user"]["role"], joined.json["company"]["company_id"]) == (MANAGER, 2)
    assert people.log_in("ben@acme.example").status_code == 200
    again = people.post(
        "/api/auth/register",
        ben | {"invitation": issued.json["token"], "username": "Ben 2", "email": "ben@acme.example"},
    )
    assert again.status_code == 400
    assert ada.get("/api/invitations")["items"] == []
    assert len(published("company.created")) == 1
    assert [event["role"] for event in published("user.created")] == [ADMIN, MANAGER]


def test_one_invitation_lets_one_person_in_however_many_try(people: People, api: Api, rows: Rows) -> None:
    token = api.call("POST", "/api/invitations", {"email": "ben@acme.example", "role": AGENT}).json["token"]

    def join(number: int) -> int:
        body = {
            "email": "ben@acme.example",
            "username": f"Ben {number}",
            "password": People.PASSWORD,
            "invitation": token,
        }
        return int(people.post("/api/auth/register", body).status_code)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(join, range(4))) == [201, 400, 400, 400]
    assert rows("select count(*) from users") == [(1,)]


def test_an_invitation_ends_by_revocation_and_after_a_week(people: People, app: Flask, api: Api, rows: Rows) -> None:
    body = {"email": "ben@acme.example", "role": AGENT}
    first = api.call("POST", "/api/invitations", body, Idempotency_Key="k").json
    assert api.call("POST", "/api/invitations", body, Idempotency_Key="k").json == first
    assert first["token"] not in str(rows("select * from idempotency_keys"))
    refused = api.call("POST", "/api/invitations", body | {"email": "BEN@acme.example"})
    assert (refused.status_code, refused.json["code"]) == (409, "invitation_open")
    assert api.call("DELETE", f"/api/invitations/{first['id']}").status_code == 204
    second = api.call("POST", "/api/invitations", body).json
    assert [each["id"] for each in api.get("/api/invitations")["items"]] == [second["id"]]
    assert Api(app.test_client(), company=2).call("DELETE", f"/api/invitations/{second['id']}").status_code == 404
    third = api.call("POST", "/api/invitations", body | {"email": "cem@acme.example"}).json
    rows("update invitations set expires_at = now() where id = %s returning 1", third["id"])
    assert api.call("DELETE", f"/api/invitations/{second['id']}").status_code == 204
    assert api.call("DELETE", f"/api/invitations/{second['id']}").status_code == 404
    for issued in (first, second, third):
        joining = {
            "email": issued["email"],
            "username": "B",
            "password": People.PASSWORD,
            "invitation": issued["token"],
        }
        assert people.post("/api/auth/register", joining).status_code == 400
    assert rows("select count(*) from users") == [(0,)]


@pytest.mark.parametrize("change", [None, {"is_active": False}, {"role": MANAGER}])
def test_open_invitations_end_with_the_rights_of_their_inviter(people: People, change: dict[str, Any] | None) -> None:
    people.found()
    ada = people.as_caller(people.log_in().json["access_token"])
    add(ada, role=ADMIN, password=People.PASSWORD)
    ben = people.as_caller(people.log_in("ben@acme.example").json["access_token"])
    tokens = {
        name: inviter.call("POST", "/api/invitations", {"email": f"{name}@acme.example", "role": ADMIN}).json["token"]
        for name, inviter in (("cem", ben), ("dora", ada))
    }
    path = f"/api/users/{ben.subject.partition(':')[2]}"
    ended = ada.call("DELETE", path) if change is None else ada.call("PATCH", path, change)
    assert ended.status_code in (200, 204)
    for name, status in (("cem", 400), ("dora", 201)):
        joining = {"email": f"{name}@acme.example", "username": name, "password": People.PASSWORD}
        assert people.post("/api/auth/register", joining | {"invitation": tokens[name]}).status_code == status


def test_who_has_an_account_is_not_invited_again_and_elsewhere_that_is_not_told(app: Flask, api: Api) -> None:
    add(api)
    body = {"email": "ben@acme.example", "role": AGENT}
    refused = api.call("POST", "/api/invitations", body)
    assert (refused.status_code, refused.json["code"]) == (409, "email_taken")
    assert Api(app.test_client(), company=2).call("POST", "/api/invitations", body).status_code == 201
