"""A person who gets another address keeps tasks, presence, turns and memberships, whatever order events come in."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from service_kit.database.engine import Database
from workflow_service.usecases.change_address import changed_addresses
from workflow_service.usecases.offer_tasks import Sweep

from ..conftest import Api, Desk, Rows

ANN, BOB, NEW = "ann@example.com", "bob@example.com", "anna@example.com"
BEGUN = {"status": "in_progress", "notes": "I work on it."}
ORDERS = [("user", "team"), ("team", "user")]


def member(name: str, user_id: int | None = None) -> dict[str, Any]:
    """Return a member of a team as the events have it."""
    found = {"email": f"{name}@example.com", "name": name, "role": "agent"}
    return found if user_id is None else found | {"user_id": user_id}


def rename(desk: Desk, part: str) -> None:
    """Deliver one of the two events of Ann's new address."""
    if part == "user":
        desk.user(7, "anna", kind="updated", revision=2)
    else:
        desk.team(1, kind="updated", revision=2, members=[member("anna", 7), member("bob", 8)])


def assignees(rows: Rows) -> set[str]:
    """Return who has tasks."""
    return {email for (email,) in rows("select distinct assigned_user from tasks")}


@pytest.fixture
def ann(api: Api, desk: Desk) -> Api:
    """Ann, who shares four tasks with Bob and has begun hers."""
    desk.team(1, "ann", "bob")
    desk.user(7, "ann")
    desk.user(8, "bob")
    for number in range(1, 5):
        desk.route(number)
    ann = replace(api, role="agent", subject="user:7", email=ANN)
    mine = ann.get("/api/tasks/mine")["items"]
    assert len(mine) == 2
    for task in mine:
        assert ann.call("PATCH", f"/api/tasks/{task['task_id']}", BEGUN).status_code == 200
    return ann


@pytest.mark.parametrize("order", ORDERS)
def test_the_person_may_go_on_at_every_moment_and_nobody_else_gets_the_tasks(
    ann: Api, desk: Desk, rows: Rows, order: tuple[str, str]
) -> None:
    tasks = {task["task_id"] for task in ann.get("/api/tasks/mine")["items"]}
    renamed = replace(ann, email=NEW)
    for part in (None, *order):
        if part:
            rename(desk, part)
        Sweep(desk.database).run()
        assert {task["task_id"] for task in renamed.get("/api/tasks/mine")["items"]} == tasks
        for task in tasks:
            answer = renamed.call("PATCH", f"/api/tasks/{task}", BEGUN)
            assert answer.json["code"] == "illegal_move", "the person may, and has begun the task already"
    assert assignees(rows) == {NEW, BOB}


@pytest.mark.parametrize("order", ORDERS)
def test_who_is_absent_stays_absent(ann: Api, desk: Desk, rows: Rows, order: tuple[str, str]) -> None:
    until = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    assert ann.call("PUT", "/api/presence", {"available": False, "until": until}).status_code == 200
    before = ann.get("/api/presence")
    for number, part in enumerate(order, start=10):
        rename(desk, part)
        assert replace(ann, email=NEW).get("/api/presence") == before
        desk.route(number)
    assert rows("select assigned_user from tasks where ticket_id >= 10") == [(BOB,), (BOB,)]
    assert rows("select email from presence") == [(NEW,)]


@pytest.mark.parametrize("order", ORDERS)
def test_a_transferred_task_waits_for_an_absent_person_under_the_new_address(
    api: Api, ann: Api, desk: Desk, rows: Rows, order: tuple[str, str]
) -> None:
    assert ann.call("PUT", "/api/presence", {"available": False}).status_code == 200
    desk.route(9)
    (task,) = [each for each in api.get("/api/tasks")["items"] if each["ticket_id"] == 9]
    body = {"user_email": ANN, "notes": "she knows the customer"}
    assert api.call("POST", f"/api/tasks/{task['task_id']}/transfer", body).status_code == 200
    for part in order:
        rename(desk, part)
        Sweep(desk.database).run()
    assert rows("select assigned_user from tasks where ticket_id = 9") == [(NEW,)]


def test_turns_follow_and_so_does_why_a_task_has_its_assignee(ann: Api, desk: Desk, rows: Rows) -> None:
    turns = rows("select pool, last_turn from turns_of_people where email = %s", ANN)
    rename(desk, "user")
    assert rows("select pool, last_turn from turns_of_people where email = %s", NEW) == turns
    assert rows("select count(*) from turns_of_people where email = %s", ANN) == [(0,)]
    (first, _) = ann.get("/api/tasks/mine")["items"]
    (newest, *_) = ann.get(f"/api/tasks/{first['task_id']}/explanation")["choices"]
    assert newest["assigned_user"] == NEW
    assert ANN not in str(newest["candidates"])


def test_who_leaves_the_team_after_the_change_keeps_no_task_of_its_pool(ann: Api, desk: Desk, rows: Rows) -> None:
    rename(desk, "user")
    rename(desk, "team")
    desk.team(1, kind="updated", revision=3, members=[member("bob", 8)])
    Sweep(desk.database).run()
    assert assignees(rows) == {BOB}


def test_other_services_hear_of_the_same_assignee_under_the_new_address(
    ann: Api, desk: Desk, published: Callable[[str], list[dict[str, Any]]], rows: Rows
) -> None:
    before = len(published("ticket.assigned"))
    versions = rows("select version, revision, assigned_at from tasks where assigned_user = %s order by id", ANN)
    rename(desk, "user")
    rename(desk, "user")
    events = published("ticket.assigned")[before:]
    assert [(event["assignee"], event["action"]) for event in events] == [(NEW, "address changed")] * 2
    after = rows("select version, revision, assigned_at from tasks where assigned_user = %s order by id", NEW)
    assert after == [(version + 1, revision + 1, at) for version, revision, at in versions]


def test_an_event_of_a_team_that_comes_late_takes_no_address_back(ann: Api, desk: Desk, rows: Rows) -> None:
    rename(desk, "user")
    desk.team(1, kind="updated", revision=2, members=[member("ann", 7), member("bob", 8)])
    Sweep(desk.database).run()
    assert assignees(rows) == {NEW, BOB}
    assert [each["email"] for each in rows("select members from teams")[0][0]] == [NEW, BOB]


def test_another_persons_address_that_becomes_free_is_given_up_first(database: Database) -> None:
    before = {(1, 7): "a", (1, 8): "b", (1, 9): "c"}
    after = {(1, 7): "b", (1, 8): "c", (1, 9): "d"}
    assert [each.user_id for each in changed_addresses(before, after)] == [9, 8, 7]
