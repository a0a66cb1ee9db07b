"""Requests to partners as people see and change them."""

from collections.abc import Callable
from typing import Any

import pytest

from ..conftest import Api, Desk, Rows
from ..external_requests import ASSET, BUDGET, STEPS, Tasks, Worker
from ..partners import IN_USE, OVER, fake_partner


@pytest.fixture
def tasks(api: Api, desk: Desk) -> Tasks:
    """Tasks with a step that asks AMS."""
    return Tasks(api, desk)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json.get("code", "")


def test_a_step_that_asks_a_partner_waits_for_data_and_then_for_the_answer(tasks: Tasks) -> None:
    task = tasks.new(1)
    before = tasks.api.get(task)
    assert (before["external"], before["pending_external_approval"]) == (None, False)
    assert tasks.go(task, "Reserve").json["pending_external_approval"] is False
    assert tasks.external(task)["state"] == "needs_data"
    assert code(tasks.go(task, "Deliver")) == (409, "external_undecided")
    given = tasks.ann.call("POST", f"{task}/external", ASSET)
    assert given.status_code == 202
    assert given.json["pending_external_approval"] is True
    shown = tasks.api.get(task)
    assert shown["pending_external_approval"] is True
    assert shown["external"] == given.json["external"]
    assert (shown["external"]["state"], shown["external"]["tries"], shown["external"]["kind"]) == (
        "waiting",
        0,
        "asset",
    )
    assert shown["external"]["request"] == {name: value for name, value in ASSET.items() if name != "kind"}
    assert [row["pending_external_approval"] for row in tasks.api.every("/api/tasks")] == [True]
    assert code(tasks.go(task, "Deliver")) == (409, "external_undecided")
    assert code(tasks.go(task, "Ask")) == (409, "external_undecided")
    assert code(tasks.api.call("POST", "/api/tickets/1/advance-status")) == (409, "external_undecided")
    complete = {"status": "completed", "notes": "x"}
    assert code(tasks.ann.call("PATCH", task, complete)) == (409, "external_undecided")
    assert code(tasks.ann.call("POST", f"{task}/external", ASSET)) == (409, "external_decided")


def test_the_assignee_gives_data_and_managers_alone_decide(tasks: Tasks) -> None:
    task = tasks.new(1)
    tasks.go(task, "Reserve")
    bob = Api(tasks.api.client, role="agent", subject="user:5", email="bob@example.com")
    assert code(bob.call("POST", f"{task}/external", ASSET)) == (403, "not_assignee")
    decision = {"approved": True, "reason": "by phone"}
    assert tasks.ann.call("POST", f"{task}/external/decide", decision).status_code == 403
    assert tasks.ann.call("POST", f"{task}/external/retry", {"notes": "x"}).status_code == 403
    assert tasks.max.call("POST", f"{task}/external/decide", decision).status_code == 200


def test_a_manager_answers_in_the_partners_place(
    tasks: Tasks, published: Callable[[str], list[dict[str, Any]]], rows: Rows
) -> None:
    task = tasks.asked(1)
    decided = tasks.max.call("POST", f"{task}/external/decide", {"approved": True, "reason": "by phone"})
    external = decided.json["external"]
    assert (external["state"], external["reason"], external["decided_by"]) == ("approved", "by phone", "person:user:9")
    again = tasks.max.call("POST", f"{task}/external/decide", {"approved": False, "reason": "no"})
    assert code(again) == (409, "external_decided")
    assert tasks.go(task, "Deliver").status_code == 200
    (event,) = published("task.external.decided")
    assert (event["state"], event["decided_by"], event["task_id"], event["kind"]) == (
        "approved", "person:user:9", int(task.rpartition("/")[2]), "asset",
    )  # fmt: skip
    audited = rows("select changes::text from audit where record = 'external_request' order by id")
    assert any("person:user:9" in changes for (changes,) in audited)
    assert all("laptop" not in changes.lower() and "kollegin" not in changes for (changes,) in audited)


def test_refused_by_a_person_a_task_goes_back_or_asks_for_something_else(tasks: Tasks) -> None:
    task = tasks.asked(1)
    tasks.max.call("POST", f"{task}/external/decide", {"approved": False, "reason": "none left"})
    assert code(tasks.go(task, "Deliver")) == (409, "external_undecided")
    other = tasks.ann.call("POST", f"{task}/external", ASSET | {"asset_id": "A2"})
    assert (other.status_code, other.json["external"]["state"]) == (202, "waiting")
    tasks.max.call("POST", f"{task}/external/decide", {"approved": False, "reason": "none left"})
    assert tasks.go(task, "Ask").status_code == 200
    assert tasks.external(task) is None
    assert tasks.go(task, "Reserve").status_code == 200
    assert tasks.external(task)["state"] == "needs_data"


def test_a_manager_moves_a_task_on_without_an_approval_and_that_is_recorded(tasks: Tasks, rows: Rows) -> None:
    task = tasks.asked(1)
    assert code(tasks.go(task, "Deliver", override=True)) == (409, "external_undecided")
    body = {"to": "Deliver", "notes": "The director agrees.", "override": True}
    moved = tasks.max.call("POST", f"{task}/transition", body)
    assert (moved.status_code, moved.json["current_step"]) == (200, "Deliver")
    assert moved.json["pending_external_approval"] is False
    line = tasks.api.get(task)["history"][0]
    assert (line["action"], line["actor"], line["notes"]) == (
        "transition without a partner's approval", "person:user:9", "The director agrees.",
    )  # fmt: skip
    assert rows("select state, overridden_by, next_try_at from external_requests") == [
        ("withdrawn", "person:user:9", None)
    ]
    audited = rows(
        "select changes::text from audit where record = 'external_request' and changes::text like '%%overridden_by%%'"
    )
    assert audited


def test_a_manager_completes_a_task_over_a_step_that_asks(tasks: Tasks) -> None:
    task = tasks.new(1)
    tasks.ann.call("PATCH", task, {"status": "in_progress", "notes": "x"})
    body = {"status": "completed", "notes": "not needed"}
    assert code(tasks.ann.call("PATCH", task, body)) == (409, "external_undecided")
    assert code(tasks.max.call("PATCH", task, body)) == (409, "external_undecided")
    assert tasks.max.call("PATCH", task, body | {"override": True}).status_code == 200


def test_a_ticket_that_ends_takes_its_task_along_and_the_request_is_withdrawn(tasks: Tasks, rows: Rows) -> None:
    task = tasks.asked(1)
    tasks.desk.status(1, "resolved", revision=2)
    assert tasks.api.get(task)["status"] == "completed"
    assert rows("select state, reason from external_requests") == [("withdrawn", "the task has left the step")]


def test_the_end_asks_by_the_workflows_end_logic(api: Api, desk: Desk) -> None:
    tasks = Tasks(api, desk, {"steps": [step | {"external": None} for step in STEPS], "end_logic": "budget"})
    task = tasks.new(1)
    for step in ("Reserve", "Deliver", "Done"):
        assert tasks.go(task, step).status_code == 200
    shown = tasks.api.get(task)
    assert (shown["status"], shown["external"]["kind"], shown["external"]["state"]) == (
        "completed", "budget", "needs_data",
    )  # fmt: skip
    assert tasks.ann.call("POST", f"{task}/external", BUDGET).status_code == 202
    close = {"status": "closed", "notes": "x"}
    assert code(tasks.ann.call("PATCH", task, close)) == (409, "external_undecided")
    tasks.max.call("POST", f"{task}/external/decide", {"approved": True, "reason": "x"})
    assert tasks.ann.call("PATCH", task, close).status_code == 200


def test_the_end_logic_notification_publishes_that_the_task_is_completed(
    api: Api, desk: Desk, published: Callable[[str], list[dict[str, Any]]]
) -> None:
    tasks = Tasks(api, desk, {"steps": [step | {"external": None} for step in STEPS], "end_logic": "notification"})
    task = tasks.new(1)
    assert published("task.completed") == []
    for step in ("Reserve", "Deliver", "Done"):
        tasks.go(task, step)
    (event,) = published("task.completed")
    assert (event["task_id"], event["step"]) == (int(task.rpartition("/")[2]), "Done")
    tasks.ann.call("PATCH", task, {"status": "in_progress", "notes": "again"})
    tasks.ann.call("PATCH", task, {"status": "completed", "notes": "again"})
    assert len(published("task.completed")) == 2


def test_a_repeated_request_with_its_key_is_answered_once(tasks: Tasks, rows: Rows) -> None:
    task = tasks.new(1)
    tasks.go(task, "Reserve")
    answers = [tasks.ann.call("POST", f"{task}/external", ASSET, Idempotency_Key="k1") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert rows("select count(*) from external_requests") == [(1,)]
    stale = tasks.max.call("POST", f"{task}/external/retry", {"notes": "x"}, If_Match='"1"')
    assert stale.status_code == 412


def test_other_companies_see_nothing(tasks: Tasks) -> None:
    task = tasks.asked(1)
    stranger = Api(tasks.api.client, company=2)
    for path, body in (("", ASSET), ("/retry", {"notes": "x"}), ("/decide", {"approved": True, "reason": "x"})):
        assert code(stranger.call("POST", f"{task}/external{path}", body)) == (404, "task_not_found")


def test_a_task_that_asks_nobody_has_nothing_to_decide(tasks: Tasks) -> None:
    task = tasks.new(1)
    for path, body in (("/retry", {"notes": "x"}), ("/decide", {"approved": True, "reason": "x"})):
        assert code(tasks.max.call("POST", f"{task}/external{path}", body)) == (404, "external_not_found")


def test_a_refusal_of_a_partner_is_shown_with_its_alternatives(
    tasks: Tasks, published: Callable[[str], list[dict[str, Any]]], rows: Rows
) -> None:
    task = tasks.asked(1)
    with fake_partner() as ams:
        ams.mode = "refuse"
        assert Worker(tasks.desk.database, ams.url).ask_once() == 1
    external = tasks.external(task)
    assert (external["state"], external["reason"]) == ("refused", IN_USE["error"])
    assert external["answer"] == IN_USE
    assert code(tasks.go(task, "Deliver")) == (409, "external_undecided")
    assert tasks.go(task, "Ask").status_code == 200
    (event,) = published("task.external.decided")
    assert (event["state"], event["decided_by"], event["tries"]) == ("refused", "partner", 1)
    assert rows("select count(*) from audit where action = 'external_request.decided'") == [(1,)]


def test_a_budget_that_is_refused_says_why(api: Api, desk: Desk) -> None:
    tasks = Tasks(api, desk, {"steps": [step | {"external": None} for step in STEPS], "end_logic": "budget"})
    task = tasks.new(1)
    tasks.ann.call("POST", f"{task}/external", BUDGET)
    for step in ("Reserve", "Deliver", "Done"):
        tasks.go(task, step)
    with fake_partner() as bms:
        bms.mode = "refuse"
        assert Worker(desk.database, bms.url).ask_once() == 0
        assert Worker(desk.database, bms.url, kind="budget").ask_once() == 1
        assert bms.calls[0].body["department"] == "IT Support"
    assert (tasks.external(task)["state"], tasks.external(task)["reason"]) == ("refused", OVER["reason"])
