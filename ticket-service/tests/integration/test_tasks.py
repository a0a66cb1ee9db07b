"""The task that a ticket shows."""

from dataclasses import replace
from typing import Any

import pytest
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api
from .test_consume import Inside

ASSIGNED = {
    "task_id": 7,
    "step": "open",
    "status": "pending",
    "assignee": "ann@example.com",
    "due": "2026-11-30T12:00:00Z",
    "breached": False,
    "clocks": [{"kind": "resolution", "state": "running"}],
    "action": "created",
    "actor": "workflow-service",
}


@pytest.fixture
def inside(made: ServiceDatabase) -> Inside:
    return Inside(made)


def assign(inside: Inside, number: int, revision: int, company: int = 1, **changes: Any) -> None:
    inside.deliver(("ticket.assigned", revision, ASSIGNED | {"ticket_id": number} | changes), company=company)


def test_a_ticket_without_a_task_shows_none(api: Api) -> None:
    assert api.create()["task"] is None


def test_a_ticket_shows_its_task_and_its_assignee(api: Api, inside: Inside) -> None:
    ticket = api.create()
    assign(inside, ticket["id"], 1)
    shown = api.get(f"/api/tickets/{ticket['id']}")
    assert shown["task"] == {name: ASSIGNED[name] for name in ASSIGNED if name not in ("action", "actor")}
    assert shown["assignee"] == "ann@example.com"
    assert api.get("/api/tickets")["tickets"][0]["task"] == shown["task"]
    entry = api.trail(ticket["id"])[-1]
    assert (entry["event_type"], entry["actor"]) == ("assigned", "workflow-service")
    assert entry["payload"] == {
        "before": {"step": None, "status": None, "assignee": None},
        "after": {"step": "open", "status": "pending", "assignee": "ann@example.com", "action": "created"},
        "shown": True,
    }


def test_a_late_report_changes_nothing_and_enters_the_trail(api: Api, inside: Inside) -> None:
    number = api.create()["id"]
    assign(inside, number, 3, step="Done", assignee=None)
    before = api.get(f"/api/tickets/{number}")
    assign(inside, number, 2)
    assert api.get(f"/api/tickets/{number}") == before
    assert [entry["payload"]["shown"] for entry in api.trail(number)[1:]] == [True, False]


def test_of_several_reports_in_a_batch_the_newest_is_shown(api: Api, inside: Inside) -> None:
    number = api.create()["id"]
    reports = [("ticket.assigned", revision, ASSIGNED | {"ticket_id": number, "step": step})
               for revision, step in ((2, "middle"), (3, "end"), (1, "start"))]  # fmt: skip
    inside.deliver(*reports)
    shown = api.get(f"/api/tickets/{number}")
    assert (shown["task"]["step"], shown["version"]) == ("end", 2)


def test_a_report_makes_no_persons_change_stale(api: Api, inside: Inside) -> None:
    ticket = api.create()
    tag = api.call("GET", f"/api/tickets/{ticket['id']}").headers["ETag"]
    assign(inside, ticket["id"], 1)
    changed = api.call("PATCH", f"/api/tickets/{ticket['id']}", {"title": "Other"}, If_Match=tag)
    assert changed.status_code == 200


def test_a_report_about_a_deleted_ticket_or_another_companys_changes_nothing(api: Api, inside: Inside) -> None:
    number = api.create()["id"]
    assign(inside, number, 1, company=2)
    assert api.get(f"/api/tickets/{number}")["task"] is None
    api.call("DELETE", f"/api/tickets/{number}")
    assign(inside, number, 1)
    assert api.call("GET", f"/api/tickets/{number}").status_code == 404


def test_a_requester_sees_the_step_alone(api: Api, inside: Inside) -> None:
    requester = replace(api, role="requester", subject="user:5")
    ticket = requester.call("POST", "/api/tickets", {"title": "Help", "description": "Me"}).json
    assert ticket["task"] is None
    assign(inside, ticket["id"], 1)
    shown = requester.get(f"/api/tickets/{ticket['id']}")
    assert shown["task"] == {"step": "open"}
    assert "assignee" not in shown
    assert "ann@example.com" not in requester.call("GET", f"/api/tickets/{ticket['id']}/events").text
