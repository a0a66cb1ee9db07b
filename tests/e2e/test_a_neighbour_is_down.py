"""One service down makes the system slower, not wrong."""

import time
from typing import Any
from uuid import uuid4

import pytest

from tests.stack import Stack, eventually

from .company_in_use import Company, found


@pytest.fixture
def company(polling: Stack) -> Company:
    """A company of the test's own: its tickets are counted."""
    return found(polling, f"neighbours-{uuid4().hex[:8]}")


def hand_in(company: Company, number: int) -> Any:
    """Hand in a ticket; the answer doesn't wait for its department."""
    return company.create(f"Cannot access email {number}", "Outlook is broken.", {"Prefer": "respond-async"})


def counted(company: Company) -> tuple[int, int] | str:
    """Return how many tickets the dashboard counts, and how many of them as not routed; or its error."""
    answer = company.send("GET", "/api/dashboard/summary")
    return (answer.json()["total_tickets"], answer.json()["unrouted"]) if answer.ok else answer.text


def test_tickets_are_taken_while_analytics_is_dead_and_counted_when_it_is_back(
    polling: Stack, company: Company
) -> None:
    hand_in(company, 0)
    polling.kill("analytics-service")
    for number in range(1, 6):
        hand_in(company, number)

    start = time.monotonic()
    health = polling.get("/api/health")
    assert time.monotonic() - start < 20
    assert health["status"] == "degraded"
    assert health["services"]["analytics-service"]["status"] != "healthy"
    eventually(lambda: polling.get("/api/health")["services"]["ticket-service"]["status"], lambda now: now == "healthy")

    summary = company.send("GET", "/api/dashboard/summary")
    assert summary.status_code == 503
    assert summary.headers["Content-Type"] == "application/problem+json"
    assert int(summary.headers["Retry-After"]) >= 1

    polling.launch("analytics-service")
    assert company.call("GET", "/api/tickets")["count"] == 6
    eventually(lambda: counted(company), lambda counts: counts == (6, 0))


def test_tickets_are_routed_later_where_the_reader_was_dead(polling: Stack, company: Company) -> None:
    polling.kill("ai-service")
    tickets = [hand_in(company, number) for number in range(5)]
    assert {ticket["department"] for ticket in tickets} == {None}
    assert {ticket["category"] for ticket in tickets} == {"back"}
    assert {ticket["need_admin"] for ticket in tickets} == {True}
    polling.launch("ai-service")
    for ticket in tickets:
        eventually(lambda t=ticket: company.call("GET", f"/api/tickets/{t['id']}")["department"], bool)
    polling.wait_healthy()
