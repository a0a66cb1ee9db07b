"""One service down makes the system slower, not wrong."""

import time
from collections.abc import Iterator

import pytest
import requests

from tests.stack import Stack, eventually


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A system that answers before a ticket is routed."""
    with Stack(settings={"TICKET_CREATE_WAIT_MS": "50"}) as running:
        yield running


def counted(stack: Stack) -> tuple[int, int] | str:
    """Return how many tickets the dashboard counts, and how many of them as not routed; or its error."""
    answer = requests.get(stack.url + "/api/dashboard/summary", timeout=60)
    return (answer.json()["total_tickets"], answer.json()["unrouted"]) if answer.ok else answer.text


def test_tickets_are_taken_while_analytics_is_dead_and_counted_when_it_is_back(stack: Stack) -> None:
    stack.create()
    stack.kill("analytics-service")
    assert [stack.create(number).status_code for number in range(5)] == [201] * 5

    start = time.monotonic()
    health = requests.get(stack.url + "/api/health", timeout=60)
    assert time.monotonic() - start < 20
    assert health.status_code == 200
    assert health.json()["status"] == "degraded"
    assert health.json()["services"]["analytics-service"]["status"] != "healthy"
    eventually(lambda: stack.get("/api/health")["services"]["ticket-service"]["status"], lambda now: now == "healthy")

    summary = requests.get(stack.url + "/api/dashboard/summary", timeout=60)
    assert summary.status_code == 503
    assert summary.headers["Content-Type"] == "application/problem+json"
    assert int(summary.headers["Retry-After"]) >= 1

    stack.launch("analytics-service")
    tickets = stack.get("/api/tickets", limit=100)["count"]
    assert tickets >= 6
    eventually(lambda: counted(stack), lambda counts: counts == (tickets, 0))


def test_tickets_are_routed_later_where_the_reader_was_dead(stack: Stack) -> None:
    stack.kill("ai-service")
    tickets = [stack.create(number).json() for number in range(5)]
    assert {ticket["department"] for ticket in tickets} == {None}
    assert {ticket["category"] for ticket in tickets} == {"back"}
    assert {ticket["need_admin"] for ticket in tickets} == {True}
    stack.launch("ai-service")
    for ticket in tickets:
        eventually(lambda t=ticket: stack.get(f"/api/tickets/{t['id']}")["department"], bool)
