"""The audit of workflows shows each field of a definition that changed, and its size has a bound."""

from typing import Any

import orjson

from ..conftest import LINE, WORKFLOW, Api


def newest(api: Api) -> dict[str, tuple[Any, Any]]:
    """Return the changes of the newest record, by field."""
    record = api.get("/api/audit?record=workflow&limit=1")["items"][0]
    return {each["field"]: (each["old"], each["new"]) for each in record["changes"]}


def changed(api: Api, **changes: Any) -> dict[str, tuple[Any, Any]]:
    """Change the only workflow of the company's own and return what the audit says of it."""
    number = api.get("/api/workflows?state=draft")["items"][0]["id"]
    answer = api.call("PUT", f"/api/workflows/{number}", WORKFLOW | changes)
    assert answer.status_code == 200, answer.text
    return newest(api)


def test_a_new_workflow_is_one_record_with_its_definition(api: Api) -> None:
    api.workflow()
    (record,) = api.get("/api/audit?record=workflow")["items"]
    assert record["action"] == "workflow.created"
    changes = newest(api)
    assert changes["urgent_sla"] == (None, "PT1H")
    assert changes["steps.New"][1]["role"] == "agent"
    assert changes["transitions.New→Work"] == (None, "Work")
    assert "capacity" not in changes


def test_a_changed_definition_shows_each_field_with_its_old_and_new_value(api: Api) -> None:
    api.workflow()
    steps = [LINE[0] | {"weight": 2, "skills": ["French"]}, LINE[1] | {"name": "Repair"}, LINE[2]]
    assert changed(api, steps=steps, high_sla="PT4H30M5S", capacity=3, category="Hardware", description="Laptops") == {
        "category": ("IT Support", "Hardware"),
        "description": ({"length": 0}, {"length": 7}),
        "version": (1, 2),
        "high_sla": ("PT8H", "PT4H30M5S"),
        "capacity": (None, 3),
        "steps.New.skills": ([], ["French"]),
        "steps.New.weight": (1.0, 2.0),
        "steps.Repair": (None, _step(order=1)),
        "steps.Work": (_step(order=1), None),
        "transitions.New→Repair": (None, "Repair"),
        "transitions.New→Work": ("Work", None),
        "transitions.Repair→Done": (None, "Done"),
        "transitions.Work→Done": ("Done", None),
    }


def test_targets_of_responses_and_names_of_transitions_are_fields_too(api: Api) -> None:
    api.workflow()
    responses = {f"{priority}_response_sla": "PT30M" for priority in ("urgent", "high", "medium", "low")}
    responses |= {"high_response_sla": "PT45M", "medium_response_sla": "PT1H", "low_response_sla": "PT2H"}
    ways = [{"from": "New", "to": "Work", "name": "begin"}, {"from": "Work", "to": "Done"}]
    changes = changed(api, transitions=ways, **responses)
    assert changes["high_response_sla"] == (None, "PT45M")
    assert changes["transitions.New→Work"] == ("Work", "begin")
    assert changed(api, transitions=ways)["high_response_sla"] == ("PT45M", None)


def test_deploying_shows_the_state_alone(api: Api) -> None:
    api.deployed()
    assert newest(api) == {"state": ("draft", "deployed")}


def test_a_record_of_the_largest_workflow_is_small(api: Api) -> None:
    skills = [f"{number:02} {'x' * 46}" for number in range(50)]
    steps = [{"name": f"{number:03} {'n' * 90}", "role": "agent", "order": number, "skills": skills}
             for number in range(100)]  # fmt: skip
    names = [step["name"] for step in steps]
    api.workflow()
    number = api.get("/api/workflows?state=draft")["items"][0]["id"]
    answer = api.call("PUT", f"/api/workflows/{number}", WORKFLOW | {"steps": steps})
    assert answer.status_code == 200, answer.text
    changes = newest(api)
    assert changes["more_changes"] == (None, 4)
    assert set(changes[f"steps.{names[0]}"][1]) == {"length"}
    assert len(orjson.dumps(changes)) < 100_000


def _step(**changes: Any) -> dict[str, Any]:
    step = {"role": "agent", "weight": 1.0, "requires_approval": False, "escalate_to": None, "external": None}
    return step | {"skills": []} | changes
