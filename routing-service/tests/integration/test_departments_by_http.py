"""Departments over HTTP, on a real database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from service_kit.identity import AGENT, MANAGER, REQUESTER

from ..conftest import Api, Events

FIVE = ["IT Support", "HR", "Facilities", "Finance", "General"]
Published = Callable[[str], list[dict[str, Any]]]


def names(api: Api) -> list[str]:
    return [department["name"] for department in api.get("/api/departments")["departments"]]


def test_a_company_starts_with_five_described_departments_published_once(api: Api, published: Published) -> None:
    body = api.get("/api/departments")
    assert body["count"] == 5
    assert body["next"] is None
    assert names(api) == FIVE
    first = body["departments"][0]
    assert set(first) == {"id", "name", "description", "is_active", "created_at"}
    assert first["description"]
    assert first["is_active"] is True
    assert first["created_at"].endswith("Z")
    assert [event["name"] for event in published("department.created")] == FIVE


def test_two_companies_seeded_concurrently_get_five_each(app: Flask, api: Api, published: Published) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: names(Api(app.test_client(), company=1 + n % 2)), range(16)))
    assert found == [FIVE] * 16
    assert len(published("department.created")) == 10


def test_one_department_is_found_by_its_exact_name(api: Api) -> None:
    assert api.get("/api/departments/IT%20Support")["name"] == "IT Support"
    for unknown in ("it support", "Nowhere", "x'", "%", "..."):
        response = api.call("GET", f"/api/departments/{unknown}")
        assert (response.status_code, response.json["code"]) == (404, "department_not_found")


def test_an_admin_adds_changes_and_deletes_a_department_and_each_is_published(api: Api, published: Published) -> None:
    added = api.call("POST", "/api/departments", {"name": "Legal", "description": "Contracts"})
    assert added.status_code == 201
    changed = api.call("PUT", "/api/departments/Legal", {"is_active": False})
    assert (changed.status_code, changed.json["is_active"]) == (200, False)
    assert changed.json["description"] == "Contracts"
    again = api.call("PUT", "/api/departments/Legal", {"is_active": False})
    assert again.json == changed.json
    assert api.call("DELETE", "/api/departments/Legal").status_code == 204
    assert api.call("GET", "/api/departments/Legal").status_code == 404
    identity = added.json["id"]
    states = [
        (event["revision"], event["is_active"])
        for kind in ("department.created", "department.updated", "department.deleted")
        for event in published(kind)
        if event["department_id"] == identity
    ]
    assert states == [(1, True), (2, False), (3, False)]


def test_a_deleted_seed_stays_deleted(api: Api) -> None:
    names(api)
    assert api.call("DELETE", "/api/departments/HR").status_code == 204
    assert names(api) == [name for name in FIVE if name != "HR"]


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("DELETE", "/api/departments/General", None, "department_is_fixed"),
        ("PUT", "/api/departments/General", {"is_active": False}, "department_is_fixed"),
        ("POST", "/api/departments", {"name": "hr"}, "department_exists"),
    ],
)
def test_changes_that_break_the_company_are_conflicts(api: Api, method: str, path: str, body: Any, code: str) -> None:
    response = api.call(method, path, body)
    assert (response.status_code, response.json["code"]) == (409, code)


def test_a_department_with_tickets_cannot_be_deleted(api: Api, events: Events) -> None:
    events.deliver(events.make("ticket.categorized", 1, department="HR"))
    response = api.call("DELETE", "/api/departments/HR")
    assert (response.status_code, response.json["code"]) == (409, "department_in_use")
    api.call("PUT", "/api/route/1", {"department": "Finance"})
    assert api.call("DELETE", "/api/departments/HR").status_code == 204


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "a/"}, "name"),
        ({"name": "a/../b"}, "name"),
        ({"name": " Legal"}, "name"),
        ({"name": ".."}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "a\n"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": 5}, "name"),
        ({"name": "Legal", "is_active": "yes"}, "is_active"),
        ({"name": "Legal", "is_active": 1}, "is_active"),
        ({"name": "Legal", "description": "x" * 2001}, "description"),
        ({"name": "Legal", "colour": "red"}, "colour"),
    ],
)
def test_a_bad_department_is_refused_by_field(api: Api, body: Any, field: str) -> None:
    response = api.call("POST", "/api/departments", body)
    assert response.status_code == 400
    assert {error["field"] for error in response.json["errors"]} == {field}


def test_an_empty_change_changes_nothing(api: Api, published: Published) -> None:
    before = api.get("/api/departments/HR")
    assert api.call("PUT", "/api/departments/HR", {}).json == before
    assert published("department.updated") == []


def test_the_number_of_departments_is_limited(api: Api) -> None:
    statuses = [api.call("POST", "/api/departments", {"name": f"D{n}"}).status_code for n in range(96)]
    assert statuses == [201] * 95 + [409]
    assert api.get("/api/departments")["count"] == 25
    every = api.every("/api/departments?limit=40", "departments")
    assert [each["name"] for each in every] == [*FIVE, *(f"D{n}" for n in range(95))]


@pytest.mark.parametrize(
    ("query", "field"), [("limit=0", "limit"), ("limit=101", "limit"), ("cursor=x", "cursor"), ("active=1", "active")]
)
def test_a_page_that_makes_no_sense_is_refused_by_name(api: Api, query: str, field: str) -> None:
    response = api.call("GET", f"/api/departments?{query}")
    assert (response.status_code, [error["field"] for error in response.json["errors"]]) == (400, [field])


def test_a_new_company_gets_its_departments_whatever_the_page(api: Api) -> None:
    assert [each["name"] for each in api.every("/api/departments?limit=2", "departments")] == FIVE


def test_only_admins_change_departments_and_everybody_reads_them(app: Flask, api: Api) -> None:
    for role in (REQUESTER, AGENT, MANAGER):
        other = Api(app.test_client(), role=role)
        assert other.call("GET", "/api/departments").status_code == 200
        assert other.call("POST", "/api/departments", {"name": "Legal"}).status_code == 403


def test_departments_of_another_company_are_not_found(app: Flask, api: Api) -> None:
    api.call("POST", "/api/departments", {"name": "Legal"})
    other = Api(app.test_client(), company=2)
    assert other.call("GET", "/api/departments/Legal").status_code == 404
    assert names(other) == FIVE


def test_the_same_post_with_the_same_key_adds_one_department(api: Api) -> None:
    first = api.call("POST", "/api/departments", {"name": "Legal"}, Idempotency_Key="k-1")
    second = api.call("POST", "/api/departments", {"name": "Legal"}, Idempotency_Key="k-1")
    assert (first.status_code, second.status_code, second.json) == (201, 201, first.json)
