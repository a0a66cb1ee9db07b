"""Bad input gets a 4xx problem that names the field; never a 5xx, never half a ticket."""

from typing import Any
from unicodedata import normalize
from urllib.parse import quote

import pytest
import requests

from tests.stack import Stack, eventually

TICKET: dict[str, Any] = {
    "title": "Cannot access email",
    "description": "It asks for my password.",
    "user_name": "John Doe",
    "user_email": "john.doe@company.example",
}
DEEP = '{"metadata":' * 200 + "1" + "}" * 200


def problem(response: requests.Response, status: int) -> dict[str, Any]:
    """Check the shape of a problem and return it."""
    assert response.status_code == status, response.text[:500]
    assert response.headers["Content-Type"].startswith("application/problem+json")
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["code"]
    assert "Traceback" not in response.text
    return body


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": None}, "title"),
        ({"title": ""}, "title"),
        ({"title": "   "}, "title"),
        ({"title": 7}, "title"),
        ({"title": ["a"]}, "title"),
        ({"title": {"a": 1}}, "title"),
        ({"title": "x" * 501}, "title"),
        ({"title": "nul \x00 inside"}, "title"),
        ({"description": "x" * 100_001}, "description"),
        ({"user_email": "no address"}, "user_email"),
        ({"priority": "sky-high"}, "priority"),
        ({"priority": 3}, "priority"),
        ({"metadata": "text"}, "metadata"),
        ({"department": "HR"}, "department"),
        ({"company_name": "x"}, "company_name"),
        ({"id": 1}, "id"),
    ],
)
def test_a_bad_field_is_named(stack: Stack, change: dict[str, Any], field: str) -> None:
    before = newest(stack)
    body = problem(requests.post(stack.url + "/api/tickets", json=TICKET | change, timeout=60), 400)
    assert field in {error["field"].split(".")[0] for error in body["errors"]}
    assert newest(stack) == before


def newest(stack: Stack) -> list[int]:
    """Return the id of the newest ticket, [] where there is none: what is stored, not what is counted already."""
    return [ticket["id"] for ticket in stack.get("/api/tickets", limit=1)["tickets"]]


@pytest.mark.parametrize("field", ["title", "description", "user_name", "user_email"])
def test_a_missing_field_is_named(stack: Stack, field: str) -> None:
    ticket = {name: value for name, value in TICKET.items() if name != field}
    body = problem(requests.post(stack.url + "/api/tickets", json=ticket, timeout=60), 400)
    assert [error["field"] for error in body["errors"]] == [field]


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        ("{bad", "application/json", 400),
        ("", "application/json", 400),
        ("[]", "application/json", 400),
        ("null", "application/json", 400),
        ('"text"', "application/json", 400),
        ('{"title": "\\ud800"}', "application/json", 400),
        (DEEP, "application/json", 400),
        ("[" * 50_000, "application/json", 400),
        (b"\xff\xfe\x00", "application/json", 400),
        ('{"title": NaN}', "application/json", 400),
        ("title=x", "application/x-www-form-urlencoded", 415),
        ("<ticket/>", "application/xml", 415),
        ("x" * 1_100_000, "application/json", 413),
    ],
)
def test_a_body_that_is_no_ticket(stack: Stack, data: str | bytes, content_type: str, status: int) -> None:
    response = requests.post(stack.url + "/api/tickets", data=data, headers={"Content-Type": content_type}, timeout=60)
    problem(response, status)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/tickets/999999999", 404),
        ("GET", "/api/tickets/-1", 404),
        ("GET", "/api/tickets/99999999999999999999999", 404),
        ("GET", "/api/tickets/abc", 404),
        ("GET", "/tickets/not-a-uuid", 404),
        ("GET", "/api/tickets?limit=0", 400),
        ("GET", "/api/tickets?limit=abc", 400),
        ("GET", "/api/tickets?limit=101", 400),
        ("GET", "/api/tickets?status=lost", 400),
        ("GET", "/api/tickets?cursor=%00", 400),
        ("GET", "/api/tickets?cursor=bm9uc2Vuc2U", 400),
        ("GET", "/api/analytics/trends?days=abc", 400),
        ("GET", "/api/analytics/trends?days=0", 400),
        ("GET", "/api/analytics/trends?days=367", 400),
        ("GET", "/api/departments/Nowhere", 404),
        ("GET", "/api/departments/Nowhere/tickets", 404),
        ("GET", "/api/routing/history/999999999", 404),
        ("GET", "/nowhere", 404),
        ("GET", "/api/../health", 404),
        ("PATCH", "/api/dashboard/summary", 405),
        ("DELETE", "/api/departments/General", 409),
    ],
)
def test_a_path_or_query_that_makes_no_sense(stack: Stack, method: str, path: str, status: int) -> None:
    request = requests.Request(method, stack.url + path).prepare()
    request.url = stack.url + path  # as written: requests would tidy it
    problem(requests.Session().send(request, timeout=60), status)


def test_routing_an_unknown_ticket_or_to_an_unknown_department(stack: Stack) -> None:
    unknown = {"ticket_id": 999_999_999, "department": "HR", "confidence_score": 50}
    problem(requests.post(stack.url + "/api/route", json=unknown, timeout=60), 404)
    ticket = stack.create().json()
    nowhere = requests.put(f"{stack.url}/api/route/{ticket['id']}", json={"department": "Nowhere"}, timeout=60)
    assert nowhere.status_code in (400, 404)
    status = requests.put(f"{stack.url}/api/tickets/{ticket['id']}/status", json={"status": "lost"}, timeout=60)
    problem(status, 400)


def test_a_stale_edit_is_refused(stack: Stack) -> None:
    ticket = stack.create().json()
    url = f"{stack.url}/api/tickets/{ticket['id']}"
    etag = requests.get(url, timeout=60).headers["ETag"]
    first = requests.put(url + "/status", json={"status": "in_progress"}, headers={"If-Match": etag}, timeout=60)
    second = requests.put(url + "/status", json={"status": "resolved"}, headers={"If-Match": etag}, timeout=60)
    assert first.status_code == 200, first.text
    problem(second, 412)
    back = requests.put(url + "/status", json={"status": "pending"}, timeout=60)
    problem(back, 409)


def test_the_same_idempotency_key_gives_the_same_answer(stack: Stack) -> None:
    headers = {"Idempotency-Key": "once-only-please", "Prefer": "respond-async"}
    answers = [requests.post(stack.url + "/api/tickets", json=TICKET, headers=headers, timeout=60) for _ in range(3)]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers] == [None, "true", "true"]
    other = requests.post(stack.url + "/api/tickets", json=TICKET | {"title": "x"}, headers=headers, timeout=60)
    problem(other, 422)


@pytest.mark.parametrize("name", ["A\\B", "A/B", "Ops %2F net", "Why? #1; a&b=c", "Büro 🛠", "Cafe\u0301", "..."])
def test_a_department_that_can_be_made_can_be_addressed(stack: Stack, name: str) -> None:
    address = f"{stack.url}/api/departments/{quote(name, safe='')}"
    made = requests.post(f"{stack.url}/api/departments", json={"name": name}, timeout=60)
    assert made.status_code == 201, made.text
    assert requests.get(address, timeout=60).json()["name"] == normalize("NFC", name)
    assert requests.put(address, json={"description": "changed"}, timeout=60).json()["description"] == "changed"
    eventually(lambda: requests.get(f"{address}/tickets", timeout=60).status_code, lambda status: status == 200)
    figures = f"{stack.url}/api/analytics/department/{quote(name, safe='')}"
    eventually(lambda: requests.get(figures, timeout=60).status_code, lambda status: status == 200)
    assert requests.delete(address, timeout=60).status_code == 204
    assert requests.get(address, timeout=60).status_code == 404


@pytest.mark.parametrize("name", [".", "..", "/A", "A/", "A//B", "../tickets", "A/./B", "A ", " A", "A\n", "A\x00B"])
def test_a_department_that_no_address_could_name_is_refused(stack: Stack, name: str) -> None:
    problem(requests.post(f"{stack.url}/api/departments", json={"name": name}, timeout=60), 400)
