"""Companies over HTTP, on a real database."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from auth_service import service
from auth_service.settings import Settings
from flask import Flask
from service_kit.database.engine import Database
from service_kit.identity import AGENT, MANAGER, REQUESTER, SERVICE
from service_kit.testing.postgres import ServiceDatabase
from service_kit.testing.row_level_security import unprotected_tables

from ..conftest import Api, Published, Rows

SWITCHES = ("auto_categorize", "auto_prioritize", "auto_assign")


def test_the_demo_company_is_registered_and_published_once_however_often_a_worker_starts(
    app: Flask, settings: Settings, database: Database, published: Published
) -> None:
    for _ in range(3):
        service.register_operator(settings, app.extensions["service_kit"].dependencies)
    (event,) = published("company.%")
    assert (event["event"], event["subject"], event["revision"]) == ("company.created", "company:1", 1)
    assert event["name"] == "Demo company"
    assert all(event[switch] for switch in SWITCHES)


def test_a_company_registered_concurrently_is_published_once(
    app: Flask, api: Api, published: Published, rows: Rows
) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: Api(app.test_client(), 1 + n % 2).get("/api/companies"), range(16)))
    assert {item["name"] for each in found for item in each["items"]} == {"Demo company", "Company 2"}
    assert sorted(event["company_id"] for event in published("company.%")) == [1, 2]
    assert rows("select id from companies order by id") == [(1,), (2,)]


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_an_admin_changes_the_given_fields_and_each_change_is_published(
    api: Api, published: Published, method: str
) -> None:
    before = api.get("/api/companies/1")
    changed = api.call(method, "/api/companies/1", {"auto_categorize": False, "name": "Acme"})
    assert changed.status_code == 200
    assert changed.json == before | {
        "auto_categorize": False,
        "name": "Acme",
        "revision": 2,
        "updated_at": changed.json["updated_at"],
    }
    assert api.call(method, "/api/companies/1", {"name": "Acme"}).json == changed.json
    assert api.call(method, "/api/companies/1", {}).json == changed.json
    assert api.get("/api/companies/1") == changed.json
    states = [(event["event"], event["revision"], event["auto_categorize"]) for event in published("company.%")]
    assert states == [("company.created", 1, True), ("company.updated", 2, False)]


def test_concurrent_changes_each_get_a_revision_of_their_own(app: Flask, api: Api, published: Published) -> None:
    def rename(n: int) -> int:
        return Api(app.test_client()).call("PATCH", "/api/companies/1", {"name": f"N{n}"}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(rename, range(16))) == {200}
    assert [event["revision"] for event in published("company.%")] == list(range(1, 18))


@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT"])
@pytest.mark.parametrize("other", [2, 0, 2**31])
def test_another_company_is_not_found(app: Flask, api: Api, published: Published, method: str, other: int) -> None:
    Api(app.test_client(), company=2).get("/api/companies")
    response = api.call(method, f"/api/companies/{other}", None if method == "GET" else {"name": "Mine"})
    assert (response.status_code, response.json["code"]) == (404, "company_not_found")
    assert published("company.updated") == []


def test_only_admins_change_a_company_and_everybody_reads_it(app: Flask, api: Api) -> None:
    for role in (REQUESTER, AGENT, MANAGER, SERVICE):
        other = Api(app.test_client(), role=role)
        assert other.call("GET", "/api/companies/1").status_code == 200
        assert other.call("PATCH", "/api/companies/1", {"name": "Mine"}).status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " Acme"}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "a\u0000b"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": None}, "name"),
        ({"description": "x" * 2001}, "description"),
        ({"company_id": 2}, "company_id"),
        *(({switch: wrong}, switch) for switch in SWITCHES for wrong in (1, "yes", None)),
    ],
)
def test_a_bad_change_is_refused_by_field(api: Api, body: Any, field: str) -> None:
    response = api.call("PATCH", "/api/companies/1", body)
    assert response.status_code == 400
    assert {error["field"] for error in response.json["errors"]} == {field}


def test_every_table_with_a_company_has_row_level_security(made: ServiceDatabase) -> None:
    with made.admin() as connection, connection.cursor() as cursor:
        assert unprotected_tables(cursor, service.SERVICE.schema) == []


@pytest.mark.parametrize("name", ["Ac\u200bme", "\u202eemcA", "Ac\u0007me"])
def test_a_name_that_hides_something_is_refused_with_its_field(api: Api, name: str) -> None:
    refused = api.call("PATCH", "/api/companies/1", {"name": name})
    assert (refused.status_code, {error["field"] for error in refused.json["errors"]}) == (400, {"name"})
    assert api.get("/api/companies/1")["name"] == "Demo company"


def test_a_name_is_stored_in_its_composed_form(api: Api) -> None:
    changed = api.call("PATCH", "/api/companies/1", {"name": "Cafe\u0301 می\u200cخواهم"})
    assert (changed.status_code, changed.json["name"]) == (200, "Café می\u200cخواهم")
