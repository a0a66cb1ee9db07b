"""Changes of tasks by people."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest

from ..conftest import Api, Desk, Rows

APPROVED = [
    {"name": "Ask", "role": "agent", "order": 1},
    {"name": "Approve", "role": "lead", "order": 2, "requires_approval": True, "escalate_to": "manager"},
    {"name": "Do", "role": "agent", "order": 3},
    {"name": "Done", "role": "agent", "order": 4},
]


def person(api: Api, name: str, role: str = "agent") -> Api:
    """Return a caller with the address of a team's member."""
    return replace(api, role=role, subject=f"user:{name}", email=f"{name}@example.com")


@pytest.fixture
def task(api: Api, desk: Desk) -> str:
    """The address of a task that ann has; bob is in her team."""
    desk.team(1, "ann", "bob")
    desk.route(42)
    return f"/api/tasks/{api.get('/api/tasks')['items'][0]['task_id']}"


def patch(caller: Api, path: str, status: str, **headers: str) -> tuple[int, str]:
    response = caller.call("PATCH", path, {"status": status, "notes": "because"}, **headers)
    return response.status_code, str(response.json.get("code", response.json.get("status")))


def test_pending_in_progress_completed_closed_and_reopened(api: Api, task: str) -> None:
    ann = person(api, "ann")
    assert patch(ann, task, "completed") == (409, "illegal_move")
    for status in ("in_progress", "completed", "in_progress", "completed", "closed", "in_progress"):
        assert patch(ann, task, status) == (200, status)
    assert patch(ann, task, "in_progress") == (409, "illegal_move")
    assert patch(ann, task, "pending") == (409, "illegal_move")
    assert patch(ann, task, "sleeping") == (400, "invalid")


def test_a_completed_task_is_at_the_end_and_reopened_it_goes_back(api: Api, task: str) -> None:
    ann = person(api, "ann")
    api.call("POST", "/api/tickets/42/advance-status")
    patch(ann, task, "completed")
    done = api.get(task)
    assert (done["current_step"], done["completed_at"] is not None) == ("Done", True)
    patch(ann, task, "in_progress")
    reopened = api.get(task)
    assert (reopened["current_step"], reopened["completed_at"]) == ("Assign to Team", None)


def test_only_the_assignee_or_a_manager_moves_a_task_and_notes_are_kept(api: Api, task: str) -> None:
    assert patch(person(api, "bob"), task, "in_progress") == (403, "not_assignee")
    assert patch(person(api, "eve", "manager"), task, "in_progress")[0] == 200
    line = api.get(task)["history"][0]
    assert (line["actor"], line["notes"]) == ("person:user:eve", "because")
    assert (line["from_status"], line["to_status"]) == ("pending", "in_progress")
    missing = api.call("PATCH", task, {"status": "completed"})
    assert missing.json["errors"][0]["field"] == "notes"


def test_of_two_at_once_one_moves_the_task(api: Api, task: str) -> None:
    barrier = Barrier(2)

    def move(_number: int) -> int:
        mine = replace(person(api, "ann"), client=api.client.application.test_client())
        barrier.wait()
        return patch(mine, task, "in_progress")[0]

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(move, range(2))) == [200, 409]


def test_of_two_transitions_at_once_one_moves_the_task(api: Api, task: str) -> None:
    barrier = Barrier(2)

    def move(_number: int) -> int:
        mine = replace(person(api, "ann"), client=api.client.application.test_client())
        barrier.wait()
        return mine.call("POST", f"{task}/transition", {"to": "Assign to Team", "notes": "x"}).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(move, range(2))) == [200, 409]


def test_advancing_four_times_ends_the_default_workflow_and_the_fifth_is_400(api: Api, task: str) -> None:
    steps = [api.call("POST", "/api/tickets/42/advance-status").json["current_step"] for _ in range(4)]
    assert steps == ["Assign to Team", "Assign to Member", "In Progress", "Done"]
    assert api.get(task)["status"] == "completed"
    fifth = api.call("POST", "/api/tickets/42/advance-status")
    assert (fifth.status_code, fifth.json["code"]) == (400, "last_step")
    unknown = api.call("POST", "/api/tickets/43/advance-status")
    assert (unknown.status_code, unknown.json["code"]) == (404, "ticket_not_found")


def test_a_ticket_that_no_workflow_takes_has_no_task_to_advance(api: Api, desk: Desk) -> None:
    api.deployed(category="Plants")
    desk.route(43)
    advance = "/api/tickets/43/advance-status"
    answer = api.call("POST", advance)
    assert (answer.status_code, answer.json["code"]) == (409, "no_task")
    desk.delete(43)
    assert api.call("POST", advance).status_code == 404


def test_advancing_keeps_notes_and_the_body_may_be_left_out(api: Api, task: str) -> None:
    path = "/api/tickets/42/advance-status"
    for body, kept in (({"notes": "It is theirs."}, "It is theirs."), ({}, ""), (None, "")):
        assert api.call("POST", path, body).status_code == 200
        assert api.get(task)["history"][0]["notes"] == kept
    for body in ({"notes": " "}, {"notes": 7}, {"notes": "x" * 2001}, {"note": "x"}):
        refused = api.call("POST", path, body)
        assert (refused.status_code, [error["field"] for error in refused.json["errors"]]) == (400, list(body))


def test_a_transition_needs_a_way(api: Api, task: str) -> None:
    ann = person(api, "ann")

    def go(to: str) -> Any:
        return ann.call("POST", f"{task}/transition", {"to": to, "notes": "on"})

    assert (go("Nowhere").status_code, go("Nowhere").json["errors"][0]["field"]) == (400, "to")
    assert (go("Done").status_code, go("Done").json["code"]) == (409, "illegal_move")
    assert (go("Assign to Team").json["current_step"], api.get(task)["status"]) == ("Assign to Team", "in_progress")
    assert api.get(task)["transitions"] == [{"to": "Assign to Member", "name": "Assign to Member"}]


def test_a_step_of_another_role_goes_to_who_has_it_and_needs_their_approval(api: Api, desk: Desk) -> None:
    api.deployed(steps=APPROVED)
    desk.team(1, "ann", leads=("zoe",))
    desk.route(42)
    (task,) = api.get("/api/tasks")["items"]
    path, ann, zoe = f"/api/tasks/{task['task_id']}", person(api, "ann"), person(api, "zoe")
    assert patch(ann, path, "in_progress")[0] == 200
    assert patch(ann, path, "completed") == (403, "approval_needed")
    asked = ann.call("POST", f"{path}/transition", {"to": "Approve", "notes": "please"})
    assert asked.json["assigned_user"] == "zoe@example.com"
    assert ann.call("POST", f"{path}/transition", {"to": "Do", "notes": "self"}).json["code"] == "not_assignee"
    approved = zoe.call("POST", f"{path}/transition", {"to": "Do", "notes": "fine"})
    assert (approved.json["current_step"], approved.json["assigned_user"]) == ("Do", "zoe@example.com")


def test_an_agent_who_is_given_a_step_that_requires_approval_does_not_approve_it(api: Api, desk: Desk) -> None:
    api.deployed(steps=APPROVED)
    desk.team(1, "ann", leads=("zoe",))
    desk.route(42)
    (task,) = api.get("/api/tasks")["items"]
    path, ann = f"/api/tasks/{task['task_id']}", person(api, "ann")
    ann.call("POST", f"{path}/transition", {"to": "Approve", "notes": "please"})
    api.call("POST", f"{path}/transfer", {"user_email": "ann@example.com", "notes": "back"})
    assert ann.call("POST", f"{path}/transition", {"to": "Do", "notes": "self"}).json["code"] == "approval_needed"
    assert api.call("POST", f"{path}/transition", {"to": "Do", "notes": "ok"}).status_code == 200


def test_a_transfer_needs_notes_and_somebody_who_works_here(api: Api, desk: Desk, task: str) -> None:
    ann = person(api, "ann")

    def give(**body: Any) -> tuple[int, str]:
        response = ann.call("POST", f"{task}/transfer", {"notes": "yours"} | body)
        faults = response.json.get("errors", [{"field": ""}])
        return response.status_code, response.json.get("assigned_user") or faults[0]["field"] or response.json["code"]

    desk.user(8, "bob")
    desk.user(9, "rita", role="requester")
    assert give(user_email="nobody@example.com") == (400, "user_email")
    assert give(user_id=999) == (400, "user_id")
    assert give(user_id=9) == (400, "user_id")
    assert give() == (400, "user_id")
    assert give(user_id=8, user_email="bob@example.com") == (400, "user_id")
    assert give(user_id=8, notes=" ") == (400, "notes")
    assert give(user_email="ann@example.com") == (409, "illegal_move")
    assert give(user_email="BOB@example.com") == (200, "bob@example.com")
    assert give(user_id=8) == (403, "not_assignee")


def test_an_escalation_goes_to_each_role_once(api: Api, desk: Desk, rows: Rows) -> None:
    desk.team(1, "ann", leads=("zoe",))
    desk.user(1, "max", role="manager")
    desk.route(42)
    (task,) = api.get("/api/tasks")["items"]
    path = f"/api/tasks/{task['task_id']}/escalate"
    reached = [api.call("POST", path, {"reason": "late"}) for _ in range(4)]
    assert [answer.json.get("assigned_user") for answer in reached] == [
        "zoe@example.com", "max@example.com", "max@example.com", None,
    ]  # fmt: skip
    assert (reached[3].status_code, reached[3].json["code"]) == (409, "already_escalated")
    assert rows("select role from escalations order by at") == [("lead",), ("manager",), ("admin",)]
    (audited,) = rows("select task_id from audit where record = 'escalation' and changes::text like '%%lead%%'")
    assert audited == (task["task_id"],)


def test_a_lead_above_whom_no_other_lead_is_escalates_to_a_manager(api: Api, desk: Desk, rows: Rows) -> None:
    desk.team(1, leads=("zoe",))
    desk.user(1, "max", role="manager")
    desk.route(42)
    (task,) = api.get("/api/tasks")["items"]
    assert task["assigned_user"] == "zoe@example.com"
    path = f"/api/tasks/{task['task_id']}"
    reached = [api.call("POST", f"{path}/escalate", {"reason": "late"}) for _ in range(3)]
    assert [answer.json.get("assigned_user") for answer in reached] == ["max@example.com", "max@example.com", None]
    assert [each["action"] for each in api.get(path)["history"]][:2] == ["escalated to admin", "escalated to manager"]
    assert sorted(rows("select role from escalations")) == [("admin",), ("lead",), ("manager",)]


def test_a_step_names_the_role_to_which_it_is_escalated(api: Api, desk: Desk) -> None:
    api.deployed(steps=APPROVED)
    desk.team(1, "ann", leads=("zoe",))
    desk.user(1, "max", role="manager")
    desk.route(42)
    (task,) = api.get("/api/tasks")["items"]
    path = f"/api/tasks/{task['task_id']}"
    api.call("POST", f"{path}/transition", {"to": "Approve", "notes": "please"})
    assert api.call("POST", f"{path}/escalate", {"reason": "late"}).json["assigned_user"] == "max@example.com"
    assert api.get(path)["history"][0]["action"] == "escalated to manager"


def test_closed_tasks_are_neither_transferred_nor_escalated(api: Api, task: str) -> None:
    ann = person(api, "ann")
    patch(ann, task, "in_progress")
    patch(ann, task, "completed")
    transfer = api.call("POST", f"{task}/transfer", {"user_email": "bob@example.com", "notes": "x"})
    escalate = api.call("POST", f"{task}/escalate", {"reason": "x"})
    transition = api.call("POST", f"{task}/transition", {"to": "open", "notes": "x"})
    assert [answer.status_code for answer in (transfer, escalate, transition)] == [409, 409, 409]


def test_each_change_publishes_the_whole_task_with_the_next_revision(api: Api, task: str, published: Any) -> None:
    ann = person(api, "ann")
    patch(ann, task, "in_progress")
    ann.call("POST", f"{task}/transfer", {"user_email": "bob@example.com", "notes": "x"})
    events = published("ticket.assigned")
    assert [event["revision"] for event in events] == [1, 2, 3]
    assert [(event["status"], event["assignee"], event["action"]) for event in events] == [
        ("pending", "ann@example.com", "created"),
        ("in_progress", "ann@example.com", "in_progress"),
        ("in_progress", "bob@example.com", "transfer"),
    ]


def test_lists_are_filtered_sorted_and_have_pages(api: Api, desk: Desk, database: Any) -> None:
    desk.team(1, "ann", "bob")
    other = api.deployed(name="Other", category="Other", department=None)
    for number, priority in enumerate(("low", "urgent", "low", "high", "low"), 1):
        desk.route(number, priority=priority, category="Other")
    with database.session(1) as session, session.begin():
        session.connection().exec_driver_sql(
            "update tasks set sla_deadline = case when ticket_id < 4 then"
            " '2026-12-01T00:00:00Z'::timestamptz - ticket_id * interval '1 hour' end"
        )

    def numbers(query: str) -> list[int]:
        return [row["ticket_id"] for row in api.every(f"/api/tasks?limit=2&{query}")]

    assert numbers("") == [5, 4, 3, 2, 1]
    assert numbers("sort=due") == [3, 2, 1, 4, 5]
    assert numbers("sort=due&due_before=2026-11-30T22:30:00Z") == [3, 2]
    assert numbers("priority=urgent&priority=high") == [4, 2]
    assert numbers("assigned_user=ANN@example.com") == [5, 3, 1]
    assert numbers(f"workflow_id={other['id']}&status=pending") == [5, 4, 3, 2, 1]
    assert numbers("workflow_id=999") == []
    assert numbers("status=completed") == []
    mine = person(api, "bob")
    assert [row["ticket_id"] for row in mine.every("/api/tasks/mine?sort=due")] == [2, 4]
    mine.email = ""
    assert mine.get("/api/tasks/mine")["items"] == []
    for query in ("status=x", "sort=x", "due_before=2026-11-30", "due_before=2026-11-30T22:30:00", "cursor=x", "x=1"):
        assert api.call("GET", f"/api/tasks?{query}").status_code == 400, query


def test_an_assignment_is_explained_with_every_candidate(api: Api, desk: Desk, task: str) -> None:
    explained = api.get(f"{task}/explanation")
    (choice,) = explained["choices"]
    assert (explained["assigned_user"], choice["method"], choice["pool"]) == (
        "ann@example.com", "round_robin", "department:IT Support",
    )  # fmt: skip
    assert [(each["email"], each["reason"]) for each in choice["candidates"]] == [
        ("ann@example.com", "eligible"),
        ("bob@example.com", "eligible"),
    ]


def test_requesters_see_no_tasks(api: Api, task: str) -> None:
    requester = person(api, "ann", "requester")
    for path in (task, "/api/tasks", "/api/tasks/mine", f"{task}/explanation", "/api/workflows"):
        assert requester.call("GET", path).status_code == 403
