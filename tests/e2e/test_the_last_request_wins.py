"""Of several requests for a department the last one stands, by whichever path each was sent."""

from itertools import pairwise
from typing import Any

import pytest
import requests

from tests.stack import Stack, eventually

PLACES = ("HR", "Finance", "Facilities", "IT Support", "General")


def put_route(stack: Stack, ticket: int, department: str) -> requests.Response:
    return requests.put(f"{stack.url}/api/route/{ticket}", json={"department": department}, timeout=60)


def post_route(stack: Stack, ticket: int, department: str) -> requests.Response:
    order = {"ticket_id": ticket, "department": department, "confidence_score": 80}
    return requests.post(f"{stack.url}/api/route", json=order, timeout=60)


def patch(stack: Stack, ticket: int, department: str, prefer: str = "respond-async") -> requests.Response:
    return requests.patch(
        f"{stack.url}/api/tickets/{ticket}", json={"department": department}, headers={"Prefer": prefer}, timeout=60
    )


def put(stack: Stack, ticket: int, department: str, prefer: str = "respond-async") -> requests.Response:
    return requests.put(
        f"{stack.url}/api/tickets/{ticket}", json={"department": department}, headers={"Prefer": prefer}, timeout=60
    )


PATHS = (put_route, patch, post_route, put)


def settled_history(stack: Stack, ticket: int, lines: int) -> list[dict[str, Any]]:
    """Wait until routing-service has all requests; return its history, newest first."""
    return list(
        eventually(
            lambda: stack.get(f"/api/routing/history/{ticket}", limit=100)["history"], lambda now: len(now) >= lines, 30
        )
    )


@pytest.mark.parametrize("first", PATHS)
@pytest.mark.parametrize("last", PATHS)
def test_of_three_requests_in_a_row_the_last_one_stands(stack: Stack, first: Any, last: Any) -> None:
    ticket = stack.create().json()["id"]
    settled_history(stack, ticket, 1)
    # The last request is for the department that the ticket shows while the second one is on its way.
    for send, department in ((first, "HR"), (put_route, "Finance"), (last, "HR")):
        assert send(stack, ticket, department).status_code == 200
    settled_history(stack, ticket, 4)
    eventually(lambda: stack.get(f"/api/tickets/{ticket}")["department"], lambda now: now == "HR")
    assert stack.get(f"/api/tickets/{ticket}")["decided_by"] == "person"


def test_twenty_requests_by_all_paths_end_where_the_last_one_wanted(stack: Stack) -> None:
    ticket = stack.create().json()["id"]
    settled_history(stack, ticket, 1)
    wanted = [PLACES[(number * 3) % 5] for number in range(20)]
    assert all(one != other for one, other in pairwise(wanted))
    for number, department in enumerate(wanted):
        answer = PATHS[number % 4](stack, ticket, department)
        assert answer.status_code == 200, answer.text
    settled_history(stack, ticket, 21)
    eventually(lambda: stack.get(f"/api/tickets/{ticket}")["department"], lambda now: now == wanted[-1])


@pytest.mark.parametrize("edit", [patch, put])
def test_an_answer_that_waits_shows_its_own_request(stack: Stack, edit: Any) -> None:
    ticket = stack.create().json()["id"]
    settled_history(stack, ticket, 1)
    for department, next_one in (("HR", "Finance"), ("General", "HR"), ("Finance", "Finance")):
        assert put_route(stack, ticket, department).status_code == 200
        answer = edit(stack, ticket, next_one, "wait=10")
        assert (answer.json()["department"], answer.headers["Preference-Applied"]) == (next_one, "wait=10")


def test_a_ticket_is_gone_for_routing_from_the_moment_it_is_deleted(stack: Stack) -> None:
    for _ in range(5):
        ticket = stack.create().json()["id"]
        assert requests.delete(f"{stack.url}/api/tickets/{ticket}", timeout=60).status_code == 204
        assert put_route(stack, ticket, "HR").status_code == 404
        assert post_route(stack, ticket, "HR").status_code == 404
        assert requests.get(f"{stack.url}/api/routing/history/{ticket}", timeout=60).status_code == 404
