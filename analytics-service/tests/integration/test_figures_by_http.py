"""Events in, figures out over HTTP, on a real database."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from service_kit.identity import AGENT, MANAGER, REQUESTER, SERVICE

from ..conftest import FIVE, Api, Events

STATUSES = ("pending", "in_progress", "on_hold", "resolved", "closed")


def a_ticket(events: Events, number: int, **routing: Any) -> None:
    """Create a ticket and route it."""
    events.deliver(events.make("ticket.created", number))
    events.deliver(events.make("ticket.categorized", number))
    events.deliver(events.make("ticket.routed", number, **routing))


def test_an_empty_company_sees_all_departments_and_statuses_at_zero(api: Api, events: Events) -> None:
    events.five_departments()
    assert api.get("/api/dashboard/summary") == {
        "total_tickets": 0,
        "by_department": dict.fromkeys(FIVE, 0),
        "by_status": dict.fromkeys(STATUSES, 0),
        "average_confidence": 0.0,
        "recent_tickets_24h": 0,
        "unrouted": 0,
    }


def test_the_summary_adds_up_while_tickets_move(api: Api, events: Events) -> None:
    events.five_departments()
    a_ticket(events, 1, department="HR", confidence_score=80)
    a_ticket(events, 2, department="HR", confidence_score=61.25)
    events.deliver(events.make("ticket.created", 3))
    events.deliver(events.make("ticket.status.updated", 1, revision=2, status="resolved"))
    events.deliver(events.make("ticket.updated", 2, revision=2, status="on_hold"))
    events.deliver(events.make("ticket.routed", 2, revision=2, department="Finance", confidence_score=100))
    found = api.get("/api/dashboard/summary")
    assert found == {
        "total_tickets": 3,
        "by_department": {"IT Support": 0, "HR": 1, "Facilities": 0, "Finance": 1, "General": 0},
        "by_status": {"pending": 1, "in_progress": 0, "on_hold": 1, "resolved": 1, "closed": 0},
        "average_confidence": 90.0,
        "recent_tickets_24h": 3,
        "unrouted": 1,
    }


def test_a_deleted_ticket_leaves_no_trace_in_any_figure(api: Api, events: Events) -> None:
    events.five_departments()
    before = {path: api.get(path) for path in ("/api/dashboard/summary", "/api/dashboard/routing")}
    before |= {path: api.get(path) for path in ("/api/analytics/performance", "/api/analytics/trends?days=2")}
    a_ticket(events, 1, department="HR")
    events.deliver(events.make("ticket.status.updated", 1, revision=2, status="closed"))
    events.deliver(events.make("ticket.deleted", 1, revision=3))
    events.deliver(events.make("ticket.routed", 1, revision=2, department="Finance"))
    assert {path: api.get(path) for path in before} == before


def test_a_new_department_shows_at_once_and_a_deleted_one_while_it_has_tickets(api: Api, events: Events) -> None:
    events.five_departments()
    events.deliver(events.department("department.created", 99, "Legal"))
    assert api.get("/api/dashboard/summary")["by_department"]["Legal"] == 0
    a_ticket(events, 1, department="Legal")
    events.deliver(events.department("department.deleted", 99, "Legal", revision=3, is_active=False))
    events.deliver(events.department("department.updated", 99, "Legal", revision=2))
    assert api.get("/api/dashboard/summary")["by_department"]["Legal"] == 1
    events.deliver(events.make("ticket.deleted", 1, revision=2))
    assert "Legal" not in api.get("/api/dashboard/summary")["by_department"]


def test_routing_shares_add_up_to_exactly_one_hundred(api: Api, events: Events) -> None:
    events.five_departments()
    for number, department in enumerate(("HR", "Finance", "General"), start=1):
        a_ticket(events, number, department=department, confidence_score=60 + number, need_admin=number == 1)
    events.deliver(events.make("ticket.routed", 3, revision=2, department="HR", rerouted=True, confidence_score=100))
    found = api.get("/api/dashboard/routing")
    assert found["department_distribution"] == {
        "IT Support": 0,
        "HR": 2,
        "Facilities": 0,
        "Finance": 1,
        "General": 0,
    }
    assert found["department_percentages"]["HR"] == 66.67
    assert sum(Decimal(str(share)) for share in found["department_percentages"].values()) == 100
    assert found["average_confidence_by_department"]["HR"] == 80.5
    assert (found["rerouted"], found["need_admin"], found["unrouted"]) == (1, 1, 0)
    assert found["overall_average_confidence"] == 74.33


def test_performance_returns_rates_and_correct_times(api: Api, events: Events) -> None:
    start = datetime.now(UTC) - timedelta(hours=1)
    empty = api.get("/api/analytics/performance")
    assert (empty["resolution_rate"], empty["average_seconds_to_route"]) == (0.0, None)
    for number in (1, 2):
        events.deliver(events.make("ticket.created", number, at=start))
        events.deliver(events.make("ticket.categorized", number, confidence_score=50 + 20 * number))
        events.deliver(events.make("ticket.routed", number, at=start + timedelta(seconds=number)))
    # Rerouting later doesn't change when it was routed first.
    later = start + timedelta(seconds=90)
    events.deliver(events.make("ticket.routed", 1, revision=2, at=later, rerouted=True, department="HR"))
    events.deliver(events.make("ticket.status.updated", 1, revision=2, status="resolved", at=later))
    events.deliver(events.make("ticket.status.updated", 1, revision=3, status="closed"))
    assert api.get("/api/analytics/performance") == {
        "total_tickets": 2,
        "resolved_tickets": 1,
        "resolution_rate": 50.0,
        "average_categorization_confidence": 80.0,
        "average_seconds_to_route": 1.5,
        "average_seconds_to_resolve": 90.0,
        "rerouted_tickets": 1,
    }
    events.deliver(events.make("ticket.status.updated", 1, revision=4, status="in_progress", previous_status="closed"))
    reopened = api.get("/api/analytics/performance")
    assert (reopened["resolved_tickets"], reopened["average_seconds_to_resolve"]) == (0, None)


def test_trends_show_every_day_also_those_without_tickets(api: Api, events: Events) -> None:
    today = datetime.now(UTC)
    events.deliver(events.make("ticket.created", 1, at=today), events.make("ticket.created", 2, at=today))
    events.deliver(events.make("ticket.created", 3, at=today - timedelta(days=2)))
    events.deliver(events.make("ticket.created", 4, at=today - timedelta(days=3)))
    found = api.get("/api/analytics/trends?days=3")
    assert found["days"] == 3
    days = [(today - timedelta(days=n)).date().isoformat() for n in (2, 1, 0)]
    assert found["daily_ticket_creation"] == [
        {"date": days[0], "count": 1},
        {"date": days[1], "count": 0},
        {"date": days[2], "count": 2},
    ]
    assert len(api.get("/api/analytics/trends")["daily_ticket_creation"]) == 30
    assert len(api.get("/api/analytics/trends?days=366")["daily_ticket_creation"]) == 366


@pytest.mark.parametrize("days", ["abc", "0", "-1", "367", "1.5", "", "9" * 40])
def test_days_that_are_no_number_of_days_are_refused(api: Api, days: str) -> None:
    response = api.call("GET", f"/api/analytics/trends?days={days}")
    assert response.status_code == 400
    assert [error["field"] for error in response.json["errors"]] == ["days"]  # type: ignore[index]


def test_only_the_last_24_hours_are_recent(api: Api, events: Events) -> None:
    now = datetime.now(UTC)
    ages = [timedelta(), timedelta(hours=23, minutes=59), timedelta(hours=24, minutes=2), timedelta(days=9)]
    events.deliver(*(events.make("ticket.created", n, at=now - age) for n, age in enumerate(ages, start=1)))
    found = api.get("/api/dashboard/summary")
    assert (found["total_tickets"], found["recent_tickets_24h"]) == (4, 2)


def test_tickets_of_a_period_are_counted_where_they_are_now(api: Api, events: Events) -> None:
    events.five_departments()
    now = datetime.now(UTC)
    for number, days in enumerate((0, 3, 20, 100), start=1):
        events.deliver(events.make("ticket.created", number, at=now - timedelta(days=days)))
        if number != 2:
            events.deliver(events.make("ticket.routed", number, department="HR"))
    totals = {period: api.get(f"/api/analytics/tickets?period={period}") for period in ("day", "week", "month", "all")}
    assert [found["total_tickets"] for found in totals.values()] == [1, 2, 3, 4]
    assert [found["by_department"]["HR"] for found in totals.values()] == [1, 1, 2, 3]
    assert [found["unrouted"] for found in totals.values()] == [0, 1, 1, 1]
    assert totals["all"]["since"] is None
    only = api.get("/api/analytics/tickets?department=HR")
    assert (only["total_tickets"], only["by_department"], only["unrouted"]) == (3, {"HR": 3}, 0)


@pytest.mark.parametrize(
    ("query", "field"),
    [("period=year", "period"), ("department=x'", "department"), ("department=", "department")],
)
def test_a_filter_that_cannot_match_is_refused_by_field(api: Api, events: Events, query: str, field: str) -> None:
    events.five_departments()
    response = api.call("GET", f"/api/analytics/tickets?{query}")
    assert response.status_code == 400
    assert [error["field"] for error in response.json["errors"]] == [field]  # type: ignore[index]


def test_one_department_is_returned_on_its_own(api: Api, events: Events) -> None:
    events.five_departments()
    a_ticket(events, 1, department="HR", confidence_score=80)
    events.deliver(events.make("ticket.status.updated", 1, revision=2, status="on_hold"))
    found = api.get("/api/analytics/department/HR")
    assert (found["department"], found["total_tickets"], found["average_confidence"]) == ("HR", 1, 80.0)
    assert found["by_status"] == dict.fromkeys(STATUSES, 0) | {"on_hold": 1}
    assert api.get("/api/analytics/department/IT%20Support")["total_tickets"] == 0
    assert api.call("GET", "/api/analytics/department/Nowhere").status_code == 404
    assert api.call("GET", "/api/analytics/department/x'").status_code == 404


def test_requesters_and_services_see_no_figures(app: Flask, api: Api) -> None:
    for role, status in {AGENT: 200, MANAGER: 200, REQUESTER: 403, SERVICE: 403}.items():
        for path in ("/api/dashboard/summary", "/api/dashboard/routing", "/api/analytics/performance"):
            assert Api(app.test_client(), role=role).call("GET", path).status_code == status


def test_companies_count_apart(app: Flask, api: Api, events: Events) -> None:
    events.deliver(events.make("ticket.created", 1), events.make("ticket.created", 2, company=2))
    events.deliver(events.make("ticket.routed", 1), events.make("ticket.routed", 2, company=2, department="Theirs"))
    mine, theirs = api.get("/api/dashboard/summary"), Api(app.test_client(), company=2).get("/api/dashboard/summary")
    assert (mine["total_tickets"], mine["by_department"]) == (1, {"IT Support": 1})
    assert (theirs["total_tickets"], theirs["by_department"]) == (1, {"Theirs": 1})
