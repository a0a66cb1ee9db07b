"""A task that comes to a step that requires an approval says so, with those who may give it."""

from typing import Any

from ..conftest import Api, Desk
from .test_moves_by_http import APPROVED, person


def test_a_step_that_requires_approval_says_so_once_with_the_leads(api: Api, desk: Desk, published: Any) -> None:
    flow = api.deployed(steps=APPROVED)
    desk.team(1, "ann", leads=("zoe", "yan"))
    desk.team(2, leads=("eve",))
    desk.team(3, leads=("sam",), department="HR")
    desk.route(42)
    (task,) = api.get("/api/tasks")["items"]
    path = f"/api/tasks/{task['task_id']}"
    assert published("task.approval.requested") == []
    ann = person(api, "ann")
    moved = ann.call("POST", f"{path}/transition", {"to": "Approve", "notes": "please"})
    (event,) = published("task.approval.requested")
    assert event["leads"] == ["eve@example.com", "yan@example.com", "zoe@example.com"]
    shown = (event["ticket_id"], event["task_id"], event["workflow_id"], event["step"], event["actor"])
    assert shown == (42, task["task_id"], flow["id"], "Approve", "person:user:ann")
    assert event["assignee"] == moved.json["assigned_user"]
    assert event["revision"] == published("ticket.assigned")[-1]["revision"]
    lead = person(api, moved.json["assigned_user"].partition("@")[0])
    lead.call("POST", f"{path}/transfer", {"user_email": "ann@example.com", "notes": "x"})
    assert len(published("task.approval.requested")) == 1
    api.call("PATCH", path, {"status": "completed", "notes": "done"})
    api.call("PATCH", path, {"status": "in_progress", "notes": "not yet"})
    assert [each["step"] for each in published("task.approval.requested")] == ["Approve", "Approve"]


def test_a_workflow_that_begins_with_an_approval_asks_for_it_at_once(api: Api, desk: Desk, published: Any) -> None:
    api.deployed(steps=APPROVED[1:])
    desk.team(1, "ann", department=None)
    desk.route(42)
    (event,) = published("task.approval.requested")
    assert (event["step"], event["leads"], event["assignee"]) == ("Approve", [], None)
