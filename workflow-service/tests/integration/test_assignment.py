"""Who gets which task: turns, load, capacity and presence, also where many are assigned at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from service_kit.database.engine import Database
from service_kit.telemetry.cause import Cause
from service_kit.testing.postgres import ServiceDatabase
from workflow_service.store import tickets
from workflow_service.usecases.offer_tasks import Sweep
from workflow_service.usecases.take_tickets import take_tickets

from ..calendars import DAILY, document
from ..conftest import WORKFLOW, Api, Desk, Rows

THREADS = 20


def take(database: Database, number: int) -> None:
    """Take one ticket as a consumer does, in a transaction of its own."""
    key = (1, number)
    with database.session(1) as session, session.begin():
        before = tickets.lock(session, [key])
        routed = {key: before[key]._replace(department="IT Support", category="IT Support", routed_revision=1)}
        tickets.save(session, before, take_tickets(session, routed, {key: Cause("r")}))


def take_at_once(database: Database, numbers: range) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda number: take(database, number), numbers))


def dealt(rows: Rows) -> dict[str, int]:
    return dict(rows("select coalesce(assigned_user, '-'), count(*) from tasks group by 1 order by 1"))


def caller(api: Api, name: str) -> Api:
    return replace(api, role="agent", subject=f"user:{name}", email=f"{name}@example.com")


def presence(api: Api, name: str, available: bool, until: datetime | None = None) -> Any:
    body = {"available": available} | ({"until": until.isoformat()} if until else {})
    answer = caller(api, name).call("PUT", "/api/presence", body)
    assert answer.status_code == 200, answer.text
    return answer.json


@pytest.mark.slow
def test_three_hundred_tickets_at_once_on_three_people_are_a_hundred_each(desk: Desk, rows: Rows) -> None:
    desk.team(1, "ann", "bob", "eve")
    take_at_once(desk.database, range(1, 301))
    assert dealt(rows) == {"ann@example.com": 100, "bob@example.com": 100, "eve@example.com": 100}
    turns = [user for (user,) in rows("select assigned_user from assignments order by id")]
    assert len(turns) == 300


@pytest.mark.slow
def test_at_once_nobody_gets_more_than_the_capacity_and_the_rest_wait(api: Api, desk: Desk, rows: Rows) -> None:
    api.deployed(capacity=20)
    desk.team(1, "ann", "bob", "eve")
    take_at_once(desk.database, range(1, 101))
    assert dealt(rows) == {"-": 40, "ann@example.com": 20, "bob@example.com": 20, "eve@example.com": 20}


@pytest.mark.slow
def test_with_people_who_leave_and_come_back_those_who_stay_differ_by_one(desk: Desk, rows: Rows, api: Api) -> None:
    desk.team(1, "ann", "bob", "eve", "dan")
    with ThreadPoolExecutor(THREADS) as pool:
        results = [pool.submit(take, desk.database, number) for number in range(1, 201)]
        for turn in range(10):
            presence(api, "dan", available=bool(turn % 2))
        for result in results:
            result.result()
    # Of the tasks that dan lost while he was away, the others got their share; nobody else lost any.
    counts = Counter(dealt(rows))
    assert counts.total() == 200
    staying = [counts[f"{name}@example.com"] for name in ("ann", "bob", "eve")]
    assert max(staying) - min(staying) <= 1


def test_the_least_loaded_gets_the_next_task(api: Api, desk: Desk, rows: Rows) -> None:
    api.deployed(assignment="least_loaded")
    desk.team(1, "ann", "bob")
    for number in range(1, 5):
        desk.route(number)
    for number in (1, 3):
        for _ in range(2):
            api.call("POST", f"/api/tickets/{number}/advance-status")
    desk.route(5)
    desk.route(6)
    assert rows("select ticket_id, assigned_user from tasks where ticket_id > 4 order by 1") == [
        (5, "ann@example.com"),
        (6, "ann@example.com"),
    ]


def test_freed_capacity_is_used(api: Api, desk: Desk, rows: Rows) -> None:
    api.deployed(capacity=1)
    desk.team(1, "ann")
    desk.route(1)
    desk.route(2)
    assert dealt(rows) == {"-": 1, "ann@example.com": 1}
    for _ in range(2):
        api.call("POST", "/api/tickets/1/advance-status")
    Sweep(desk.database).run()
    assert dealt(rows) == {"ann@example.com": 2}


def test_pending_work_of_who_goes_offline_is_offered_at_once_and_begun_work_stays(
    api: Api, desk: Desk, rows: Rows
) -> None:
    desk.team(1, "ann", "bob")
    for number in (1, 2, 3, 4):
        desk.route(number)
    caller(api, "ann").call("POST", "/api/tickets/1/advance-status")
    presence(api, "ann", available=False)
    assert rows("select ticket_id, assigned_user from tasks order by 1") == [
        (1, "ann@example.com"),
        (2, "bob@example.com"),
        (3, "bob@example.com"),
        (4, "bob@example.com"),
    ]
    desk.route(5)
    assert dealt(rows) == {"ann@example.com": 1, "bob@example.com": 4}


def test_work_that_came_while_all_were_away_is_dealt_when_one_returns(api: Api, desk: Desk, rows: Rows) -> None:
    desk.team(1, "ann")
    presence(api, "ann", available=False)
    desk.route(1)
    assert dealt(rows) == {"-": 1}
    presence(api, "ann", available=True)
    assert dealt(rows) == {"ann@example.com": 1}


def test_who_returns_does_not_get_all_that_came_meanwhile(api: Api, desk: Desk, rows: Rows) -> None:
    desk.team(1, "ann", "bob")
    desk.route(1)
    desk.route(2)
    presence(api, "ann", available=False)
    for number in range(3, 13):
        desk.route(number)
    presence(api, "ann", available=True)
    for number in range(13, 21):
        desk.route(number)
    later = dict(rows("select assigned_user, count(*) from tasks where ticket_id > 12 group by 1"))
    assert later == {"ann@example.com": 4, "bob@example.com": 4}


def test_a_lease_ends_by_itself(api: Api, desk: Desk, rows: Rows) -> None:
    desk.team(1, "ann", "bob")
    desk.route(1)
    soon = datetime.now(UTC) + timedelta(hours=1)
    assert presence(api, "ann", available=True, until=soon)["available"] is True
    with desk.database.session(1) as session, session.begin():
        session.connection().exec_driver_sql("update presence set until = now() - interval '1 second'")
    assert caller(api, "ann").get("/api/presence") == {"available": False, "until": None}
    Sweep(desk.database).run()
    assert dealt(rows) == {"bob@example.com": 1}


@pytest.mark.parametrize("hours", [-1, 24 * 400])
def test_an_end_in_the_past_or_beyond_a_year_is_refused(api: Api, hours: int) -> None:
    until = (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
    refused = caller(api, "ann").call("PUT", "/api/presence", {"available": True, "until": until})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "until")
    naive = caller(api, "ann").call("PUT", "/api/presence", {"available": True, "until": "2027-01-01T00:00:00"})
    assert naive.json["errors"][0]["field"] == "until"


def test_a_caller_without_an_address_has_no_presence(api: Api) -> None:
    nobody = replace(api)
    nobody.email = ""
    refused = nobody.call("PUT", "/api/presence", {"available": True})
    assert (refused.status_code, refused.json["code"]) == (409, "no_address")
    assert nobody.get("/api/presence")["available"] is True


def test_a_reopened_task_goes_to_somebody_who_is_there(api: Api, desk: Desk, rows: Rows) -> None:
    desk.team(1, "ann", "bob")
    desk.route(1)
    (task,) = api.get("/api/tasks")["items"]
    path = f"/api/tasks/{task['task_id']}"
    for status in ("in_progress", "completed"):
        api.call("PATCH", path, {"status": status, "notes": "x"})
    presence(api, "ann", available=False)
    reopened = api.call("PATCH", path, {"status": "in_progress", "notes": "again"})
    assert reopened.json["assigned_user"] == "bob@example.com"


def test_a_team_of_a_ticket_is_its_pool_and_without_one_the_departments_teams_are(desk: Desk, rows: Rows) -> None:
    desk.team(1, "ann", department="IT Support")
    desk.team(2, "eve", department="HR")
    desk.team(3, "bob", department=None)
    desk.team(4, "dan", department="IT Support", is_active=False)
    desk.route(1, team_id=2, team="Team 2")
    for number in (2, 3, 4):
        desk.route(number)
    assert rows("select ticket_id, assigned_user from tasks order by 1") == [
        (1, "eve@example.com"), (2, "ann@example.com"), (3, "bob@example.com"), (4, "ann@example.com"),
    ]  # fmt: skip


def test_the_sweep_offers_in_every_company_where_some_wait(desk: Desk, made: ServiceDatabase, rows: Rows) -> None:
    for company in (1, 2, 3):
        desk.route(7, company=company)
    desk.team(1, "ann", company=1)
    desk.team(1, "bob", company=3)
    Sweep(desk.database).run()
    assert rows("select company_id, assigned_user from tasks order by 1") == [
        (1, "ann@example.com"), (2, None), (3, "bob@example.com"),
    ]  # fmt: skip
    assert rows("select count(*) from turns where people_changed") == [(0,)]


def test_a_closed_calendar_keeps_nobody_from_getting_a_task(api: Api, desk: Desk, rows: Rows) -> None:
    """Clocks count business time; people are there unless they say otherwise."""
    closed = document(DAILY, ("00:00", "24:00"), zone="UTC")
    closed["exceptions"] = [{"date": (datetime.now(UTC) + timedelta(days=day)).date().isoformat(), "closed": True}
                            for day in range(-1, 2)]  # fmt: skip
    api.deployed(calendar_id=api.call("POST", "/api/calendars", closed).json["id"])
    desk.team(1, "ann")
    desk.route(1)
    assert dealt(rows) == {"ann@example.com": 1}


def test_with_assignment_hours_tasks_wait_until_the_calendar_is_open(api: Api, desk: Desk, rows: Rows) -> None:
    always = document(DAILY, ("00:00", "24:00"), zone="UTC")
    path = f"/api/calendars/{api.call('POST', '/api/calendars', always).json['id']}"
    workflow = api.deployed(calendar_id=int(path.rpartition("/")[2]), assignment_hours="open")
    assert workflow["assignment_hours"] == "open"
    desk.team(1, "ann", "bob", leads=("lea",))
    desk.route(1)
    assert dealt(rows) == {"ann@example.com": 1}
    around = [(datetime.now(UTC) + timedelta(days=day)).date().isoformat() for day in range(-1, 2)]
    closed = always | {"exceptions": [{"date": day, "closed": True} for day in around]}
    assert api.call("PUT", path, closed).status_code == 200
    desk.route(2)
    presence(api, "ann", available=False)
    Sweep(desk.database).run()
    assert dealt(rows) == {"-": 1, "ann@example.com": 1}, "the task of who is absent waits with its assignee"
    task = api.get("/api/tasks")["items"][0]["task_id"]
    (choice,) = api.get(f"/api/tasks/{task}/explanation")["choices"]
    reasons = {each["email"]: each["reason"] for each in choice["candidates"]}
    assert reasons == dict.fromkeys((f"{name}@example.com" for name in ("ann", "bob", "lea")), "outside working hours")
    escalated = api.call("POST", f"/api/tasks/{task}/escalate", {"reason": "x"})
    assert escalated.json["assigned_user"] == "lea@example.com"
    assert api.call("PUT", path, always).status_code == 200
    Sweep(desk.database).run()
    assert dealt(rows).get("ann@example.com") is None
    assert "-" not in dealt(rows)
    refused = api.call("POST", "/api/workflows", WORKFLOW | {"name": "x", "assignment_hours": "night"})
    assert [error["field"] for error in refused.json["errors"]] == ["assignment_hours"]
