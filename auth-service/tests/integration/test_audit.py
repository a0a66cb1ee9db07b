"""What the audit says of logins, passwords, second factors and keys, and that it holds no secret of theirs."""

import base64
from typing import Any

import pytest
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api, People, Rows
from ..credentials import Clock, Factor, confirm, enable

EMAIL, NEW_PASSWORD = "ada@acme.example", "eight large red trains"
NETWORK = "203.0.113.7"


def records(api: Api, **wanted: str) -> list[Any]:
    query = "&".join(f"{name}={value}" for name, value in wanted.items())
    return api.every(f"/api/audit?limit=100&{query}")


def actions(api: Api, **wanted: str) -> list[tuple[str, str, str]]:
    """Return what was done to what and by whom, the oldest first."""
    return [(each["action"], each["record"], each["actor"]["id"]) for each in reversed(records(api, **wanted))]


def admin(people: People) -> Api:
    """Return the service as the admin of Ada's company sees it, without a session that a test could end."""
    people.found()
    (company,) = {row.company for row in [people.as_caller(people.log_in().json["access_token"])]}
    return Api(people.app.test_client(), company=company, subject="user:1", address=NETWORK)


def test_a_login_and_its_failures_are_recorded_for_a_known_user_alone(people: People, rows: Rows) -> None:
    ada = admin(people)
    before = len(records(ada))
    assert people.log_in(password="not this password").status_code == 401
    assert people.log_in("nobody@acme.example").status_code == 401
    assert people.log_in().status_code == 200
    failed, begun = actions(ada)[before:]
    assert failed == ("login.failed", "user:1", "anonymous")
    assert (begun[0], begun[2]) == ("session.created", "user:1")
    assert rows("select count(*) from audit where company_id <> %s", ada.company) == [(0,)]


def test_a_failure_waits_for_no_disk(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a known name would answer more slowly than an unknown one."""
    from auth_service.usecases import record_failure

    seen: list[str] = []
    real = record_failure.audit.add

    def add(session: Any, *arguments: Any, **more: Any) -> None:
        seen.append(session.connection().exec_driver_sql("show synchronous_commit").scalar_one())
        real(session, *arguments, **more)

    monkeypatch.setattr(record_failure.audit, "add", add)
    people.found()
    people.log_in(password="not this password")
    assert seen == ["off"]


def test_registering_names_the_new_user_as_who_did_it(people: People) -> None:
    ada = admin(people)
    assert ("user.created", "user:1", "user:1") in actions(ada)


def test_another_password_is_recorded_and_the_sessions_that_it_ends(people: People) -> None:
    ada = admin(people)
    change = {"current_password": People.PASSWORD, "new_password": NEW_PASSWORD}
    assert ada.call("POST", "/api/auth/password/change", change).status_code == 204
    (changed, *_) = [each for each in records(ada, record="user:1") if each["action"] == "user.updated"]
    assert changed["changes"] == [{"field": "password_version", "old": 1, "new": 2}]
    assert changed["ip"] == NETWORK
    ended = [each for each in records(ada, record="session") if each["action"] == "session.updated"]
    assert {"end_reason"} <= {change["field"] for change in ended[0]["changes"]}


def test_a_password_by_a_link_is_its_owners_change(people: People) -> None:
    ada = admin(people)
    link = ada.call("POST", "/api/users/1/password-reset").json
    body = {"token": link["token"], "new_password": NEW_PASSWORD}
    assert people.post("/api/auth/password/reset", body).status_code == 204
    assert ("password_link.created", "password_link:1", "user:1") in actions(ada)
    assert actions(ada, record="user:1")[-1] == ("user.updated", "user:1", "user:1")


def test_a_second_factor_is_recorded_when_it_comes_and_when_it_goes(ada: Api, factor: Factor) -> None:
    app, _codes = factor
    body = {"password": People.PASSWORD, "code": app.next_code()}
    assert ada.call("POST", "/api/auth/totp/disable", body).status_code == 204
    done = [action for action, _, _ in actions(ada, record="second_factor")]
    assert done == ["second_factor.created", "second_factor.updated", "second_factor.deleted"]


def test_a_wrong_code_at_the_login_is_recorded(people: People, ada: Api, factor: Factor) -> None:
    assert people.log_in(totp="000000").status_code == 401
    (failed,) = records(ada, action="login.failed")
    assert failed["changes"] == [{"field": "wrong", "old": None, "new": "code"}]


def test_no_secret_is_in_any_record(people: People, ada: Api, clock: Clock, made: ServiceDatabase) -> None:
    """Each secret that people and programs get or send is looked for, as text and in the forms of the database."""
    secrets = {People.PASSWORD, NEW_PASSWORD, EMAIL, "eva@acme.example", "cyd@acme.example"}
    tokens = people.log_in().json
    secrets |= {tokens["access_token"], tokens["refresh_token"], tokens["device_token"]}
    again = people.refresh(tokens["refresh_token"]).json
    secrets |= {again["access_token"], again["refresh_token"]}
    key = ada.call("POST", "/api/api-keys", {"name": "Robot", "scopes": ["tickets:read"]}).json
    secrets.add(key["key"])
    eva = {"email": "eva@acme.example", "username": "Eva Example", "role": "agent", "password": "nine grey owls fly"}
    assert ada.call("POST", "/api/users", eva).status_code == 201
    secrets |= {eva["password"], eva["username"]}
    invited = ada.call("POST", "/api/invitations", {"email": "cyd@acme.example", "role": "agent"}).json
    secrets.add(invited["token"])
    joined = {"email": "cyd@acme.example", "username": "Cyd", "password": "ten tall green trees"}
    assert people.post("/api/auth/register", {**joined, "invitation": invited["token"]}).status_code == 201
    secrets.add(joined["password"])
    wanted = enable(ada).json
    secrets |= {wanted["secret"], wanted["uri"]}
    from ..credentials import App

    codes = confirm(ada, App(clock, wanted["secret"]).next_code()).json["recovery_codes"]
    secrets |= set(codes)
    half = people.log_in().json["half_login_token"]
    secrets.add(half)
    link = ada.call("POST", "/api/users/2/password-reset").json
    secrets.add(link["token"])
    people.post("/api/auth/password/reset", {"token": link["token"], "new_password": NEW_PASSWORD})
    ada.call("DELETE", f"/api/api-keys/{key['id']}")
    hashes = made.rows("select password_hash from users where password_hash is not null")
    hashes += made.rows("select encode(secret_hash, 'hex') from api_keys")
    hashes += made.rows("select encode(token_hash, 'hex') from refresh_tokens")
    hashes += made.rows("select encode(secret_sealed, 'hex') from totp")
    secrets |= {value for (value,) in hashes}
    stored = "\n".join(row for (row,) in made.rows("select t::text from audit t"))
    assert stored.count("\n") >= 10
    assert {secret for secret in secrets for form in forms(secret) if form in stored} == set()


def forms(secret: str) -> set[str]:
    raw = secret.encode()
    return {secret, base64.b64encode(raw).decode().rstrip("="), raw.hex()}


def test_only_admins_of_the_company_read_it(people: People) -> None:
    ada = admin(people)
    for role, status in (("requester", 403), ("agent", 403), ("manager", 403), ("service", 403), ("admin", 200)):
        assert Api(ada.client, ada.company, role).call("GET", "/api/audit").status_code == status
    assert records(Api(ada.client, ada.company + 1)) == []
