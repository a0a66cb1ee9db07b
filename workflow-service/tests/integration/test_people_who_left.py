"""Whoever may not work on tasks, or has left the teams, gets none and keeps none."""

from dataclasses import replace
from typing import Any

import pytest
from workflow_service.store import offers
from workflow_service.usecases.offer_tasks import Sweep

from ..conftest import WORKFLOW, Api, Desk, Rows

ANN, BOB = "ann@example.com", "bob@example.com"


def assignees(rows: Rows) -> set[str | None]:
    return {email for (email,) in rows("select distinct assigned_user from tasks")}


@pytest.mark.parametrize("has_account", [True, False])
def test_tasks_of_who_left_the_only_team_are_offered_with_an_account_or_without(
    desk: Desk, rows: Rows, has_account: bool
) -> None:
    desk.team(1, "ann", "bob")
    if has_account:
        desk.user(7, "ann", role="agent")
    for number in range(1, 5):
        desk.route(number)
    assert assignees(rows) == {ANN, BOB}
    desk.team(1, "bob", revision=2)
    Sweep(desk.database).run()
    assert assignees(rows) == {BOB}


def test_an_agent_without_a_team_keeps_a_task_that_was_transferred(api: Api, desk: Desk, rows: Rows) -> None:
    desk.team(1, "bob")
    desk.user(7, "ann", role="agent")
    desk.route(1)
    (task,) = api.get("/api/tasks")["items"]
    body = {"user_email": ANN, "notes": "she knows the customer"}
    assert api.call("POST", f"/api/tasks/{task['task_id']}/transfer", body).status_code == 200
    desk.user(7, "ann", kind="updated", revision=2, role="agent")
    Sweep(desk.database).run()
    assert assignees(rows) == {ANN}


def test_a_new_priority_leaves_a_task_with_somebody_of_another_pool(api: Api, desk: Desk, rows: Rows) -> None:
    desk.team(1, "ann")
    desk.team(2, "zoe", department="HR")
    desk.route(1)
    (task,) = api.call("GET", "/api/tasks").json["items"]
    body = {"user_email": "zoe@example.com", "notes": "Zoe knows this."}
    assert api.call("POST", f"/api/tasks/{task['task_id']}/transfer", body).status_code == 200
    desk.route(1, revision=2, priority="urgent")
    assert rows("select assigned_user, priority from tasks") == [("zoe@example.com", "urgent")]
    desk.route(1, revision=3, priority="urgent", department="Finance")
    assert rows("select assigned_user from tasks") == [(None,)]


def test_a_task_that_was_transferred_to_somebody_absent_waits_for_them_until_they_leave(
    api: Api, desk: Desk, rows: Rows
) -> None:
    desk.team(1, "ann", "bob")
    desk.user(7, "ann", role="agent")
    absent = replace(api, role="agent", subject="user:7", email=ANN)
    assert absent.call("PUT", "/api/presence", {"available": False}).status_code == 200
    for number in (1, 2):
        desk.route(number)
    Sweep(desk.database).run()
    (_, task) = api.get("/api/tasks")["items"]
    body = {"user_email": ANN, "notes": "she knows the customer"}
    assert api.call("POST", f"/api/tasks/{task['task_id']}/transfer", body).status_code == 200
    with desk.database.session(1) as session:
        assert offers.companies(session) == [], "nothing to do for the maintenance job"
    # A presence offers what waits, of all people.
    assert replace(absent, email=BOB).call("PUT", "/api/presence", {"available": True}).status_code == 200
    assert rows("select assigned_user from tasks order by ticket_id") == [(ANN,), (BOB,)]
    desk.user(7, "ann", kind="updated", revision=2, role="agent", is_active=False)
    Sweep(desk.database).run()
    assert assignees(rows) == {BOB}


@pytest.mark.parametrize("account", [{"role": "requester"}, {"role": "agent", "is_active": False}])
def test_who_may_not_touch_tasks_is_neither_dealt_one_nor_given_one(
    api: Api, desk: Desk, rows: Rows, account: dict[str, Any]
) -> None:
    desk.team(1, "ann", "bob")
    desk.user(7, "ann", **account)
    for number in (1, 2):
        desk.route(number)
    assert assignees(rows) == {BOB}
    for to in ({"user_email": ANN}, {"user_id": 7}):
        refused = api.call("POST", "/api/tasks/1/transfer", to | {"notes": "x"})
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, next(iter(to)))
    assert assignees(rows) == {BOB}


def test_who_becomes_a_requester_keeps_no_task(desk: Desk, rows: Rows) -> None:
    desk.team(1, "ann", "bob")
    desk.user(7, "ann", role="agent")
    for number in range(1, 5):
        desk.route(number)
    assert assignees(rows) == {ANN, BOB}
    desk.user(7, "ann", kind="updated", revision=2, role="requester")
    Sweep(desk.database).run()
    assert assignees(rows) == {BOB}


@pytest.mark.parametrize("category", ["Pru\u0308fung", "Prüfung ", " PRÜFUNG", "Prüfung\u200b", "Ｐrüfung"], ids=ascii)
def test_a_category_matches_as_people_read_it(api: Api, desk: Desk, rows: Rows, category: str) -> None:
    api.deployed(**WORKFLOW | {"name": "Exams", "category": "Prüfung"})
    desk.route(1, category=category)
    assert rows("select matched_by from tasks") == [("category, sub_category and department",)]
