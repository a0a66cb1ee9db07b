"""Sessions and revocations over HTTP, on a real database."""

from typing import Any

from flask import Flask
from service_kit.identity import AGENT, MANAGER, SERVICE

from ..conftest import Api, People, Rows

BEN = {"email": "Ben@Acme.example", "username": "Ben", "role": AGENT}


def add(api: Api, **change: Any) -> Any:
    """Add a user and return it."""
    answer = api.call("POST", "/api/users", BEN | change)
    assert answer.status_code == 201, answer.text
    return answer.json


def revoked(app: Flask) -> set[tuple[str, str]]:
    """Return what the gateway must refuse."""
    gateway = Api(app.test_client(), role=SERVICE, subject="api-gateway")
    return {(each["kind"], each["id"]) for each in gateway.get("/internal/revocations")["items"]}


def test_people_see_and_end_their_own_sessions(people: People, app: Flask, api: Api) -> None:
    add(api, password=People.PASSWORD)
    other_login = people.log_in("ben@acme.example").json
    answer = people.app.test_client().post(
        "/api/auth/login",
        json={"email": "ben@acme.example", "password": People.PASSWORD},
        headers={"User-Agent": "Browser\t1.0 \x7f" + "x" * 300},
    )
    ben = people.as_caller(answer.json["access_token"])
    listed = ben.every("/api/sessions?limit=1")
    assert [each["current"] for each in listed] == [True, False]
    assert listed[0]["device"] == ("Browser 1.0 " + "x" * 300)[:200]
    assert ben.get(f"/api/sessions/{ben.session}") == listed[0]
    assert ben.call("DELETE", "/api/sessions").status_code == 204
    assert people.refresh(other_login["refresh_token"]).status_code == 401
    assert revoked(app) == {("session", listed[1]["id"])}
    assert ben.call("DELETE", f"/api/sessions/{ben.session}").status_code == 204
    assert ben.call("DELETE", f"/api/sessions/{ben.session}").status_code == 404
    assert people.refresh(answer.json["refresh_token"]).status_code == 401


def test_sessions_of_others_are_the_admins_business_and_never_another_companys(
    people: People, app: Flask, api: Api
) -> None:
    ben = add(api, password=People.PASSWORD)
    add(api, email="cem@acme.example", username="Cem", password=People.PASSWORD)
    session_id = people.as_caller(people.log_in("ben@acme.example").json["access_token"]).session
    cem = people.as_caller(people.log_in("cem@acme.example").json["access_token"])
    path = f"/api/sessions/{session_id}"
    assert cem.call("GET", f"/api/sessions?user_id={ben['id']}").status_code == 403
    stranger = Api(app.test_client(), company=2)
    for caller in (cem, stranger, Api(app.test_client(), role=MANAGER, subject="development")):
        for method in ("GET", "DELETE"):
            assert caller.call(method, path).status_code == 404
    assert stranger.get(f"/api/sessions?user_id={ben['id']}")["items"] == []
    assert api.get("/api/sessions")["items"] == []
    assert [each["id"] for each in api.get(f"/api/sessions?user_id={ben['id']}")["items"]] == [session_id]
    assert api.call("DELETE", path).status_code == 204
    assert api.get(f"/api/sessions?user_id={ben['id']}")["items"] == []


def test_only_the_gateway_reads_the_revocations_of_all_companies(people: People, app: Flask, api: Api) -> None:
    people.found()
    ada = people.as_caller(people.log_in().json["access_token"])
    ben = add(api, password=People.PASSWORD)
    people.log_in("ben@acme.example")
    assert ada.call("DELETE", f"/api/sessions/{ada.session}").status_code == 204
    assert api.call("PATCH", f"/api/users/{ben['id']}", {"role": MANAGER}).status_code == 200
    gateway = Api(app.test_client(), role=SERVICE, subject="api-gateway")
    items = gateway.get("/internal/revocations")["items"]
    # Two sessions, and the keys of the user, who has another role.
    assert sorted(item["kind"] for item in items) == ["role", "session", "session"]
    newest = items[-1]["revoked_at"]
    later = newest.replace("+00:00", "Z").replace("+", "%2B")
    assert gateway.get(f"/internal/revocations?since={later}")["items"] == items[-1:]
    assert gateway.call("GET", "/internal/revocations?since=yesterday").status_code == 400
    for caller in (ada, Api(app.test_client(), role=SERVICE, subject="ticket-service")):
        assert caller.call("GET", "/internal/revocations").status_code == 403


def test_old_revocations_are_removed_with_the_next(people: People, api: Api, rows: Rows) -> None:
    ben = add(api, password=People.PASSWORD)
    people.log_in("ben@acme.example")
    api.call("PATCH", f"/api/users/{ben['id']}", {"role": MANAGER})
    rows("update revocations set revoked_at = now() - interval '21 minutes' returning id")
    people.log_in("ben@acme.example")
    api.call("PATCH", f"/api/users/{ben['id']}", {"role": AGENT})
    assert rows("select kind, count(*) from revocations group by kind order by kind") == [("role", 1), ("session", 1)]
