"""A company is deleted by its admin: nobody of it gets in any more, and everything of it goes."""

from collections.abc import Callable
from typing import Any

import pytest
from auth_service import service
from auth_service.settings import Settings
from flask import Flask
from service_kit.identity import AGENT, MANAGER, REQUESTER, SERVICE

from ..conftest import Api, People, Published, Rows

NAME = "Acme & Søns"
EMAIL = "ada@acme.example"

Tables = Callable[[int], dict[str, int]]


@pytest.fixture
def ada(people: People) -> Api:
    """The admin of a company with users, a team, an invitation, a key and sessions."""
    assert people.found(EMAIL, NAME).status_code == 201
    ada = people.as_caller(people.log_in(EMAIL).json["access_token"])
    ada.add_team("Network")
    bob = {"email": "bob@acme.example", "username": "Bob", "role": "agent", "password": People.PASSWORD}
    assert ada.call("POST", "/api/users", bob).status_code == 201
    invitation = {"email": "cyd@acme.example", "role": "agent"}
    assert ada.call("POST", "/api/invitations", invitation).status_code == 201
    return ada


@pytest.fixture
def tables(rows: Rows) -> Tables:
    """Give a function that counts a company's rows in each table with `company_id` that has any."""

    def run(company: int) -> dict[str, int]:
        names = rows(
            "select table_name from information_schema.columns where table_schema = 'auth' and column_name ="
            " 'company_id'"
        )
        counted = {name: rows(f"select count(*) from {name} where company_id = %s", company) for (name,) in names}
        return {name: number for name, ((number,),) in counted.items() if number}

    return run


def delete(api: Api, name: str = NAME, company: int | None = None) -> Any:
    path = f"/api/companies/{api.company if company is None else company}"
    return api.send("DELETE", path, query_string={"confirm": name})


def test_nobody_of_a_deleted_company_gets_in(people: People, ada: Api, rows: Rows) -> None:
    tokens = people.log_in("bob@acme.example").json
    key = ada.call("POST", "/api/api-keys", {"name": "K", "scopes": ["tickets:read"]}).json["key"]
    invited = ada.call("POST", "/api/invitations", {"email": "dee@acme.example", "role": "agent"}).json
    answer = delete(ada)
    assert (answer.status_code, answer.json) == (202, {"company_id": ada.company, "status": "deleted"})
    assert people.log_in(EMAIL).status_code == 401
    assert people.refresh(tokens["refresh_token"]).status_code == 401
    gateway = Api(ada.client, role=SERVICE, subject="api-gateway")
    assert gateway.call("POST", "/internal/api-keys/verify", {"key": key}).status_code == 404
    revoked = gateway.get("/internal/revocations")["items"]
    subjects = {f"user:{number}" for (number,) in rows("select id from users where company_id = %s", ada.company)}
    assert len(subjects) == 2
    assert subjects <= {each["id"] for each in revoked if each["kind"] == "user"}
    joined = people.post(
        "/api/auth/register",
        {"email": "dee@acme.example", "username": "Dee", "password": People.PASSWORD, "invitation": invited["token"]},
    )
    assert joined.status_code == 400, joined.text


def test_its_deletion_is_published_in_the_same_transaction(ada: Api, published: Published) -> None:
    delete(ada)
    (event,) = published("company.deleted")
    assert event["company_id"] == ada.company
    assert event["subject"] == f"company:{ada.company}"
    assert event["actor"] == ada.subject
    assert event["revision"] > max(each["revision"] for each in published("company.created"))


@pytest.mark.parametrize("name", ["", "acme & søns", "Acme", f"{NAME} ", "x" * 5000, "\x00"])
def test_another_name_confirms_nothing(ada: Api, published: Published, people: People, name: str) -> None:
    refused = delete(ada, name)
    assert refused.status_code == 400, refused.text
    assert [error["field"] for error in refused.json["errors"]] == ["confirm"]
    assert published("company.deleted") == []
    assert people.log_in(EMAIL).status_code == 200


def test_without_a_name_nothing_is_deleted(ada: Api, published: Published) -> None:
    refused = ada.call("DELETE", f"/api/companies/{ada.company}")
    assert refused.status_code == 400
    assert [error["field"] for error in refused.json["errors"]] == ["confirm"]
    assert published("company.deleted") == []


@pytest.mark.parametrize("role", [REQUESTER, AGENT, MANAGER, SERVICE])
def test_only_admins_delete_their_company(ada: Api, published: Published, role: str) -> None:
    assert delete(Api(ada.client, ada.company, role)).status_code == 403
    assert published("company.deleted") == []


def test_another_companys_admin_deletes_nothing(ada: Api, published: Published) -> None:
    stranger = Api(ada.client, ada.company + 1)
    assert delete(stranger, company=ada.company).status_code == 404
    assert published("company.deleted") == []


def test_the_operators_company_stays(api: Api, published: Published) -> None:
    refused = delete(api, "Demo company")
    assert (refused.status_code, refused.json["code"]) == (409, "operator_company")
    assert published("company.deleted") == []


@pytest.mark.parametrize("removed", [False, True], ids=["before its rows go", "after its rows went"])
def test_a_deleted_company_is_not_registered_again_by_a_token_that_is_still_valid(
    app: Flask, settings: Settings, ada: Api, published: Published, removed: bool
) -> None:
    delete(ada)
    if removed:
        service.maintenance(settings, app.extensions["service_kit"].dependencies)()
        assert ada.call("GET", "/api/companies").status_code == 404
    user = {"email": "late@acme.example", "username": "Late", "role": "agent"}
    for path, body in (("/api/teams", {"name": "Late"}), ("/api/users", user), ("/api/invitations", user)):
        body = {name: value for name, value in body.items() if path != "/api/invitations" or name != "username"}
        answer = ada.call("POST", path, body)
        assert answer.status_code == 404, answer.text
    assert delete(ada).status_code == 404
    assert len(published("company.deleted")) == 1
    assert published("company.created") == [] or not removed


def test_maintenance_removes_it_but_for_what_the_gateway_still_asks_for(
    app: Flask, settings: Settings, people: People, ada: Api, tables: Tables, rows: Rows
) -> None:
    assert people.found("zoe@other.example", "Other").status_code == 201
    other = people.as_caller(people.log_in("zoe@other.example").json["access_token"])
    before = tables(other.company)
    delete(ada)
    job = service.maintenance(settings, app.extensions["service_kit"].dependencies)
    job()
    assert tables(ada.company).keys() == {"revocations", "outbox"}
    assert rows("update deleted_companies set deleted_at = now() - interval '31 minutes' returning 1") == [(1,)]
    job()
    assert tables(ada.company) == {"outbox": 1}
    assert rows("select type from outbox where company_id = %s", ada.company) == [("company.deleted",)]
    assert tables(other.company) == before
    assert people.found(EMAIL, NAME).status_code == 201
