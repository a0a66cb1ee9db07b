"""Breaches are declared once, escalated, shown, recorded and published, and retracted where they have no ground."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from eventbus.wire import rfc3339
from service_kit.database.engine import Database
from workflow_service.usecases.scan_due import scan_due

from ..clock_events import RESPONSES, ROUTED, TARGETS, breaches, comment, now_of, priority, status
from ..conftest import Api, Desk, Rows

Published = Callable[[str], list[dict[str, Any]]]
HOUR = timedelta(hours=1)


@pytest.fixture
def started(api: Api, desk: Desk, rows: Rows) -> datetime:
    """The task of ticket 7 with three steps and targets of its responses; return its start."""
    desk.team(1, "ann", leads=("lea",))
    api.deployed(**TARGETS, **RESPONSES)
    desk.route(7, **ROUTED)
    return now_of(rows)


def test_a_breach_is_declared_once_escalated_shown_recorded_and_published(
    started: datetime, api: Api, rows: Rows, published: Published, database: Database
) -> None:
    late = started + HOUR + timedelta(seconds=3)
    assert scan_due(database, late) is False
    assert breaches(rows) == [("first_response", started + HOUR, started + HOUR, "due", False)]
    (event,) = published("sla.breached")
    assert (event["clock"], event["due_at"], event["reason"]) == ("first_response", rfc3339(started + HOUR), "due")
    assert (event["breached_at"], event["declared_at"]) == (rfc3339(started + HOUR), rfc3339(late))
    assert rows("select role, reason from escalations") == [("lead", "sla breached")]
    assert rows("select is_sla_breached, assigned_user, clocks->0->>'breached' from tasks") == [
        (True, "lea@example.com", "true")
    ]
    assert published("ticket.assigned")[-1]["action"] == "escalated to lead"
    records = [each for each in api.get("/api/audit")["items"] if each["action"] == "sla.breached"]
    assert [change["new"] for change in records[0]["changes"]][:1] == ["first_response"]
    for _ in range(2):
        scan_due(database, late + timedelta(seconds=5))
    assert len(published("sla.breached")) == 1


def test_the_breached_task_of_the_only_lead_goes_to_a_manager(
    api: Api, desk: Desk, rows: Rows, database: Database, published: Published
) -> None:
    desk.team(1, leads=("lea",))
    desk.user(1, "max", role="manager")
    api.deployed(**TARGETS, **RESPONSES)
    desk.route(7, **ROUTED)
    assert rows("select assigned_user from tasks") == [("lea@example.com",)]
    scan_due(database, now_of(rows) + 2 * HOUR)
    assert rows("select assigned_user from tasks") == [("max@example.com",)]
    assert sorted(rows("select role, reason from escalations")) == [
        ("lead", "sla breached"),
        ("manager", "sla breached"),
    ]
    assert published("ticket.assigned")[-1]["action"] == "escalated to manager"


def test_each_further_breach_escalates_to_the_next_role_once(
    started: datetime, rows: Rows, database: Database, published: Published
) -> None:
    for hours in (2, 5, 9, 10):
        scan_due(database, started + hours * HOUR)
    assert [kind for kind, *_ in breaches(rows)] == ["first_response", "resolution", "step"]
    assert [role for (role,) in rows("select role from escalations order by at")] == ["lead", "manager", "admin"]
    assert len(published("sla.breached")) == 3


def test_a_warning_comes_at_three_quarters_once(
    started: datetime, rows: Rows, published: Published, database: Database
) -> None:
    scan_due(database, started + timedelta(minutes=45, seconds=1))
    assert published("sla.warning") == []
    scan_due(database, started + timedelta(minutes=45, seconds=3))
    scan_due(database, started + timedelta(minutes=50))
    (event,) = published("sla.warning")
    assert (event["clock"], event["due_at"]) == ("first_response", rfc3339(started + HOUR))
    assert rows("select count(*) from escalations") == [(0,)]


def test_a_warning_does_not_come_again_after_a_hold(
    started: datetime, desk: Desk, published: Published, database: Database
) -> None:
    scan_due(database, started + 7 * HOUR)
    warned = len(published("sla.warning"))
    status(desk, started + 7 * HOUR, "on_hold")
    status(desk, started + 9 * HOUR, "in_progress", revision=3)
    scan_due(database, started + 9.5 * HOUR)
    assert len(published("sla.warning")) == warned


def test_a_reply_that_arrives_after_the_declaration_retracts_the_breach(
    started: datetime, desk: Desk, rows: Rows, published: Published, database: Database
) -> None:
    scan_due(database, started + HOUR + timedelta(seconds=3))
    comment(desk, started + HOUR - timedelta(seconds=1), "agent")
    assert breaches(rows) == [("first_response", started + HOUR, started + HOUR, "due", True)]
    (event,) = published("sla.retracted")
    assert (event["clock"], event["due_at"]) == ("first_response", rfc3339(started + HOUR))
    assert rows("select is_sla_breached from tasks") == [(False,)]
    assert published("ticket.assigned")[-1]["breached"] is False


def test_a_paused_clock_is_never_breached_whatever_the_delay_of_the_scan(
    started: datetime, desk: Desk, rows: Rows, database: Database
) -> None:
    """glpi#24481."""
    status(desk, started + 7 * HOUR, "on_hold")
    scan_due(database, started + 100 * HOUR)
    assert "resolution" not in [kind for kind, *_ in breaches(rows)]


def test_a_resolved_ticket_in_time_is_not_breached_by_a_late_scan(
    started: datetime, desk: Desk, rows: Rows, database: Database
) -> None:
    status(desk, started + timedelta(minutes=30), "resolved")
    scan_due(database, started + 100 * HOUR)
    assert breaches(rows) == []
    assert rows("select count(*) from clocks where next_at is not null") == [(0,)]


def test_a_ticket_resolved_too_late_is_breached_although_it_is_resolved(
    started: datetime, desk: Desk, rows: Rows, database: Database
) -> None:
    status(desk, started + 9 * HOUR, "resolved")
    scan_due(database, started + 10 * HOUR)
    assert [kind for kind, *_ in breaches(rows)] == ["first_response", "resolution", "step"]


def test_a_priority_whose_time_is_over_breaches_at_its_own_time(
    started: datetime, desk: Desk, rows: Rows, database: Database
) -> None:
    priority(desk, started + 2 * HOUR, "urgent")
    scan_due(database, started + 2.5 * HOUR)
    assert ("resolution", started + HOUR, started + 2 * HOUR, "priority", False) in breaches(rows)


def test_a_deleted_ticket_leaves_no_clock_and_no_fact(
    started: datetime, desk: Desk, rows: Rows, database: Database
) -> None:
    status(desk, started + HOUR, "on_hold")
    scan_due(database, started + 2 * HOUR)
    desk.delete(7)
    status(desk, started + 3 * HOUR, "in_progress", revision=3)
    for table in ("clocks", "breaches", "ticket_facts", "tasks"):
        assert rows(f"select count(*) from {table}") == [(0,)]


def test_a_scan_serves_all_companies_in_one_look(
    started: datetime, api: Api, desk: Desk, rows: Rows, database: Database
) -> None:
    for company in (2, 3):
        Api(api.client, company=company).deployed(**TARGETS)
        desk.route(8, company=company, **ROUTED)
    scan_due(database, started + 20 * HOUR)
    assert rows("select company_id, count(*) from breaches group by 1 order by 1") == [(1, 3), (2, 2), (3, 2)]
