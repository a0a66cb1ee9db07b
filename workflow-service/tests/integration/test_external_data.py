"""The data of requests to partners: bad ones name their field, and the page on partners is right."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ..conftest import WORKFLOW, Api, Desk, Rows
from ..external_requests import ASSET, BUDGET, Tasks


@pytest.fixture
def tasks(api: Api, desk: Desk) -> Tasks:
    """Tasks with a step that asks AMS."""
    return Tasks(api, desk)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json.get("code", "")


def test_data_given_before_the_step_are_sent_when_the_task_comes_there(tasks: Tasks, rows: Rows) -> None:
    task = tasks.new(1)
    first = tasks.ann.call("POST", f"{task}/external", ASSET | {"asset_id": "A0"})
    assert (first.status_code, first.json["external"]["state"]) == (202, "prepared")
    again = tasks.ann.call("POST", f"{task}/external", ASSET)
    assert again.json["external"]["request_id"] == first.json["external"]["request_id"]
    assert tasks.external(task) is None
    assert tasks.go(task, "Reserve").json["pending_external_approval"] is True
    assert tasks.external(task)["request"]["asset_id"] == "A1"
    assert rows("select count(*) from external_requests") == [(1,)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "car"}, "kind"),
        ({"asset_id": ""}, "asset_id"),
        ({"asset_id": " "}, "asset_id"),
        ({"asset_id": 7}, "asset_id"),
        ({"asset_id": "x" * 101}, "asset_id"),
        ({"duration_days": 0}, "duration_days"),
        ({"duration_days": -1}, "duration_days"),
        ({"duration_days": 3651}, "duration_days"),
        ({"duration_days": 1.5}, "duration_days"),
        ({"duration_days": "90"}, "duration_days"),
        ({"notes": ""}, "notes"),
        ({"amount": "1.00"}, "amount"),
        ({"more": 1}, "more"),
    ],
)
def test_bad_data_of_an_asset_name_their_field(tasks: Tasks, change: dict[str, Any], field: str) -> None:
    answer = tasks.ann.call("POST", f"{tasks.new(1)}/external", ASSET | change)
    assert answer.status_code == 400
    assert field in {error["field"] for error in answer.json["errors"]}


@pytest.mark.parametrize(
    "amount",
    ["-1", "0", "0.00", "1e3", "NaN", "Infinity", "1.001", "01", "1,5", "1000000000000", "", "1\n", 12, 1.5, None],
)
def test_an_amount_is_a_decimal_text_above_zero(api: Api, desk: Desk, amount: Any) -> None:
    tasks = Tasks(api, desk, {"end_logic": "budget"})
    answer = tasks.ann.call("POST", f"{tasks.new(1)}/external", BUDGET | {"amount": amount})
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json["errors"]] == ["amount"]


@pytest.mark.parametrize(
    "change", [{"currency": "eur"}, {"currency": "EURO"}, {"category": ""}, {"justification": " "}]
)
def test_bad_data_of_a_budget_name_their_field(api: Api, desk: Desk, change: dict[str, Any]) -> None:
    tasks = Tasks(api, desk, {"end_logic": "budget"})
    answer = tasks.ann.call("POST", f"{tasks.new(1)}/external", BUDGET | change)
    assert answer.status_code == 400
    assert {error["field"] for error in answer.json["errors"]} == set(change)


def test_missing_fields_are_named_all_at_once(tasks: Tasks) -> None:
    answer = tasks.ann.call("POST", f"{tasks.new(1)}/external", {"kind": "asset"})
    assert {error["field"] for error in answer.json["errors"]} == {"asset_id", "duration_days", "notes"}


def test_data_that_no_step_uses_are_refused(tasks: Tasks) -> None:
    answer = tasks.ann.call("POST", f"{tasks.new(1)}/external", BUDGET)
    assert (answer.status_code, [error["field"] for error in answer.json["errors"]]) == (400, ["kind"])


def test_an_unknown_kind_or_end_logic_of_a_workflow_is_refused(api: Api) -> None:
    bad_end = api.call("POST", "/api/workflows", WORKFLOW | {"end_logic": "car"})
    steps = [dict(step) for step in WORKFLOW["steps"]]  # type: ignore[union-attr]
    bad_step = api.call(
        "POST", "/api/workflows", WORKFLOW | {"steps": [steps[0] | {"external": "notification"}, *steps[1:]]}
    )
    assert (bad_end.status_code, bad_end.json["errors"][0]["field"]) == (400, "end_logic")
    assert (bad_step.status_code, bad_step.json["errors"][0]["field"]) == (400, "steps.0.external")


def test_what_the_page_on_partners_prints_works(api: Api, desk: Desk) -> None:
    text = (Path(__file__).parents[3] / "docs" / "partners.md").read_text(encoding="utf-8")
    printed = re.findall(r"curl -X POST http://localhost:5000(\S+).*?-d '(.*?)'", text, re.DOTALL)
    assert len(printed) == 5
    created = api.call("POST", printed[0][0], json.loads(printed[0][1]))
    assert created.status_code == 201, created.text
    api.call("POST", f"/api/workflows/{created.json['id']}/deploy")
    desk.route(1, category="Laptops")
    (found,) = api.every("/api/tasks")
    api.call("POST", f"/api/tasks/{found['task_id']}/transition", {"to": "Reserve", "notes": "x"})
    for path, body in printed[1:]:
        answer = api.call("POST", path.replace("/tasks/1/", f"/tasks/{found['task_id']}/"), json.loads(body))
        assert answer.status_code in (200, 202), answer.text
    desk.route(2, category="Laptops")
    (other,) = [f"/api/tasks/{task['task_id']}" for task in api.every("/api/tasks") if task["ticket_id"] == 2]
    api.call("POST", f"{other}/transition", {"to": "Reserve", "notes": "x"})
    api.call("POST", f"{other}/external", ASSET)
    assert api.call("POST", f"{other}/external/decide", {"approved": False, "reason": "x"}).status_code == 200
    back = api.call("POST", f"{other}/transition", {"to": "Triage", "notes": "refused"})
    assert (back.status_code, back.json["current_step"]) == (200, "Triage")


def test_data_prepared_for_a_later_step_do_not_hide_the_request_of_the_present_one(api: Api, desk: Desk) -> None:
    tasks = Tasks(api, desk, {"end_logic": "budget"})
    task = tasks.new(1)
    assert tasks.ann.call("POST", f"{task}/external", BUDGET).json["external"]["state"] == "prepared"
    tasks.go(task, "Reserve")
    assert tasks.external(task)["kind"] == "asset"
    tasks.ann.call("POST", f"{task}/external", BUDGET | {"amount": "0.01"})
    assert tasks.external(task)["state"] == "needs_data"
    tasks.ann.call("POST", f"{task}/external", ASSET)
    tasks.max.call("POST", f"{task}/external/decide", {"approved": True, "reason": "x"})
    for step in ("Deliver", "Done"):
        assert tasks.go(task, step).status_code == 200
    shown = tasks.external(task)
    assert (shown["kind"], shown["state"], shown["request"]["amount"]) == ("budget", "waiting", "0.01")
