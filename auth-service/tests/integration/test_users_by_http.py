"""Users over HTTP, on a real database."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER, SERVICE

from ..conftest import Api, People, Published, Rows

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


def test_a_user_is_added_shown_changed_and_deleted_and_each_is_published(api: Api, published: Published) -> None:
    ben = add(api)
    path = f"/api/users/{ben['id']}"
    assert set(ben) == {
        "id", "email", "username", "role", "is_active", "email_verified", "email_confirmed", "revision", "created_at",
        "updated_at", "last_login_at",
    }  # fmt: skip
    shown = api.call("GET", path)
    assert (shown.json, shown.headers["ETag"][:3]) == (ben, '"1-')
    changed = api.call("PATCH", path, {"username": "Benjamin"})
    assert (changed.status_code, changed.json["username"], changed.headers["ETag"][:3]) == (200, "Benjamin", '"2-')
    assert api.call("PATCH", path, {"username": "Benjamin"}).json == changed.json
    assert api.call("PATCH", path, {}).json == changed.json
    assert api.call("DELETE", path).status_code == 204
    assert api.call("GET", path).status_code == 404
    states = [(event["event"], event["revision"], event["subject"]) for event in published("user.%")]
    subject = f"user:{ben['id']}"
    assert states == [("user.created", 1, subject), ("user.updated", 2, subject), ("user.deleted", 3, subject)]
    assert published("user.deleted")[0]["is_active"] is False


@pytest.mark.parametrize("password", ["Beta Werke GmbH", "betawerkegmbh", "BetaWerke2026"])
def test_no_password_is_made_of_the_company_s_name(people: People, password: str) -> None:
    people.found(company="Beta Werke GmbH")
    ada = people.as_caller(people.log_in().json["access_token"])
    refused = ada.call("POST", "/api/users", BEN | {"password": password})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "password")
    change = {"current_password": People.PASSWORD, "new_password": password}
    refused = ada.call("POST", "/api/auth/password/change", change)
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "new_password")
    ben = add(ada, password=People.PASSWORD)
    link = ada.call("POST", f"/api/users/{ben['id']}/password-reset").json
    refused = people.post("/api/auth/password/reset", {"token": link["token"], "new_password": password})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "new_password")


def test_a_stale_version_is_refused_and_none_is_needed(api: Api) -> None:
    path = f"/api/users/{add(api)['id']}"
    assert api.call("PATCH", path, {"role": MANAGER}, If_Match='"1"').status_code == 200
    for method, body in (("PATCH", {"role": AGENT}), ("DELETE", None)):
        stale = api.call(method, path, body, If_Match='"1"')
        assert (stale.status_code, stale.json["code"]) == (412, "stale_version")
        weak = api.call(method, path, body, If_Match='W/"2"')
        assert weak.status_code == 412
        assert api.call(method, path, body, If_Match="two").status_code == 400
    assert api.call("PATCH", path, {"role": AGENT}, If_Match="*").status_code == 200
    assert api.call("DELETE", path).status_code == 204


def test_users_are_found_by_name_address_role_and_activity_in_pages(api: Api) -> None:
    for number in range(7):
        add(api, email=f"u{number}@acme.example", username=f"Üser {number}", role=[AGENT, REQUESTER][number % 2])
    assert [user["username"] for user in api.every("/api/users?limit=3")] == [f"Üser {n}" for n in range(7)]
    assert len(api.every("/api/users?q=üSER")) == 7
    assert [user["email"] for user in api.every("/api/users?q=U3%40ACME")] == ["u3@acme.example"]
    assert len(api.every("/api/users?role=requester&limit=2")) == 3
    api.call("PATCH", "/api/users/1", {"is_active": False})
    assert [user["id"] for user in api.every("/api/users?is_active=false")] == [1]
    assert len(api.every("/api/users?is_active=true&role=agent")) == 3
    assert api.every("/api/users?q=%25") == []
    for query in ("role=root", "is_active=maybe", "q=", "q=a%00b", "user=1", "limit=101", "cursor=x"):
        assert api.call("GET", f"/api/users?{query}").status_code == 400, query


def test_names_are_unique_in_a_company_and_addresses_everywhere(app: Flask, api: Api) -> None:
    add(api)
    other = Api(app.test_client(), company=2)
    for caller, change, code in (
        (api, {"email": "b@acme.example", "username": "BEN"}, "username_taken"),
        (api, {"username": "Ben 2"}, "email_taken"),
        (other, {"email": "bEN@aCME.example", "username": "Ben 2"}, "email_taken"),
    ):
        refused = caller.call("POST", "/api/users", BEN | change)
        assert (refused.status_code, refused.json["code"]) == (409, code)
    add(other, email="ben@other.example")
    second = add(api, email="c@acme.example", username="Cem")
    taken = api.call("PATCH", f"/api/users/{second['id']}", {"username": "bEN"})
    assert (taken.status_code, taken.json["code"]) == (409, "username_taken")


def test_concurrent_equal_posts_add_one_user(app: Flask, api: Api, published: Published) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: Api(app.test_client()).call("POST", "/api/users", BEN), range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert len(published("user.%")) == 1


def test_one_idempotency_key_adds_one_user_and_its_row_helps_nobody_to_guess_the_password(
    api: Api, rows: Rows, published: Published
) -> None:
    body = BEN | {"password": People.PASSWORD}
    first = api.call("POST", "/api/users", body, Idempotency_Key="k")
    again = api.call("POST", "/api/users", body, Idempotency_Key="k")
    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["ETag"] == first.headers["ETag"]
    assert (
        api.call("POST", "/api/users", body | {"password": "three green kites above"}, Idempotency_Key="k").status_code
        == 422
    )
    ((response, request_hash),) = rows("select response, request_hash from idempotency_keys")
    assert BEN["email"].lower() not in response.lower()  # three letters may stand in what is encrypted
    assert len(request_hash) == 64
    assert len(published("user.%")) == 1


def test_another_company_has_no_such_user(app: Flask, api: Api, published: Published) -> None:
    path = f"/api/users/{add(api)['id']}"
    other = Api(app.test_client(), company=2)
    for method, body in (("GET", None), ("PATCH", {"role": ADMIN}), ("DELETE", None)):
        refused = other.call(method, path, body)
        assert (refused.status_code, refused.json["code"]) == (404, "user_not_found")
    assert other.get("/api/users")["items"] == []
    assert len(published("user.%")) == 1


@pytest.mark.parametrize("role", [REQUESTER, AGENT, MANAGER, SERVICE])
def test_admins_change_and_managers_read(app: Flask, api: Api, role: str) -> None:
    path = f"/api/users/{add(api)['id']}"
    caller = Api(app.test_client(), role=role)
    for method, address, body in (
        ("POST", "/api/users", BEN),
        ("PATCH", path, {"role": ADMIN}),
        ("DELETE", path, None),
        ("POST", "/api/invitations", {"email": "c@acme.example", "role": ADMIN}),
    ):
        assert caller.call(method, address, body).status_code == 403
    for address in ("/api/users", path, "/api/invitations"):
        assert caller.call("GET", address).status_code == (200 if role == MANAGER else 403)


@pytest.mark.parametrize("change", [{"role": MANAGER}, {"is_active": False}])
def test_another_role_and_deactivation_end_all_sessions_of_the_user_alone(
    people: People, app: Flask, api: Api, rows: Rows, change: Any
) -> None:
    ben = add(api, password=People.PASSWORD)
    add(api, email="cem@acme.example", username="Cem", password=People.PASSWORD)
    logins = [people.log_in("ben@acme.example").json for _ in range(2)]
    cem = people.log_in("cem@acme.example").json
    assert revoked(app) == set()
    assert api.call("PATCH", f"/api/users/{ben['id']}", change).status_code == 200
    for login in logins:
        assert people.refresh(login["refresh_token"]).status_code == 401
    assert people.refresh(cem["refresh_token"]).status_code == 200
    sids = {people.verifier().verify(login["access_token"]).caller.session for login in logins}
    expected = {("session", sid) for sid in sids}
    # API keys live on and are verified again.
    expected.add(("user" if "is_active" in change else "role", f"user:{ben['id']}"))
    assert revoked(app) == expected
    assert people.log_in("ben@acme.example").status_code == (401 if "is_active" in change else 200)


def test_another_name_ends_no_session(people: People, api: Api) -> None:
    ben = add(api, password=People.PASSWORD)
    login = people.log_in("ben@acme.example").json
    api.call("PATCH", f"/api/users/{ben['id']}", {"username": "Benjamin"})
    renewed = people.refresh(login["refresh_token"])
    assert renewed.status_code == 200
    assert people.verifier().verify(renewed.json["access_token"]).caller.name == "Benjamin"


def test_a_deleted_user_is_gone_with_sessions_and_tokens(people: People, app: Flask, api: Api, rows: Rows) -> None:
    ben = add(api, password=People.PASSWORD)
    login = people.log_in("ben@acme.example").json
    session_id = people.verifier().verify(login["access_token"]).caller.session
    assert api.call("DELETE", f"/api/users/{ben['id']}").status_code == 204
    assert revoked(app) == {("session", session_id), ("user", f"user:{ben['id']}")}
    for table in ("users", "sessions", "refresh_tokens"):
        assert rows(f"select count(*) from {table}") == [(0,)]
    assert people.refresh(login["refresh_token"]).status_code == 401
    assert people.log_in("ben@acme.example").status_code == 401
    add(api)


def test_the_last_active_admin_stays(people: People) -> None:
    founder = people.found().json["user"]
    ada = people.as_caller(people.log_in().json["access_token"])
    path = f"/api/users/{founder['id']}"
    for method, body in (("PATCH", {"role": AGENT}), ("PATCH", {"is_active": False}), ("DELETE", None)):
        refused = ada.call(method, path, body)
        assert (refused.status_code, refused.json["code"]) == (409, "last_admin")
    inactive = add(ada, role=ADMIN)
    ada.call("PATCH", f"/api/users/{inactive['id']}", {"is_active": False})
    assert ada.call("PATCH", path, {"role": AGENT}).status_code == 409
    ada.call("PATCH", f"/api/users/{inactive['id']}", {"is_active": True})
    assert ada.call("PATCH", path, {"role": AGENT}).status_code == 200


def test_two_admins_who_demote_each_other_at_once_leave_one(app: Flask, people: People, rows: Rows) -> None:
    people.found()
    ada = people.as_caller(people.log_in().json["access_token"])
    ids = [1, add(ada, role=ADMIN)["id"]]
    with ThreadPoolExecutor(2) as pool:
        statuses = list(
            pool.map(
                lambda n: Api(app.test_client(), 2).call("PATCH", f"/api/users/{n}", {"role": AGENT}).status_code, ids
            )
        )
    assert sorted(statuses) == [200, 409]
    assert rows("select count(*) from users where role = 'admin'") == [(1,)]
