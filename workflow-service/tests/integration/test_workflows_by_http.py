"""Workflows by HTTP."""

from typing import Any

import pytest

from ..conftest import LINE, WORKFLOW, Api, Rows


def refused(api: Api, **changes: Any) -> dict[str, str]:
    response = api.call("POST", "/api/workflows", WORKFLOW | changes)
    assert (response.status_code, response.json["code"]) == (400, "invalid"), response.text
    return {error["field"]: error["message"] for error in response.json["errors"]}


def test_a_workflow_is_a_draft_with_its_line_of_transitions(api: Api) -> None:
    added = api.workflow()
    assert (added["state"], added["version"], added["is_default"]) == ("draft", 1, False)
    assert [(each["from"], each["to"]) for each in added["transitions"]] == [("New", "Work"), ("Work", "Done")]
    assert added["steps"][0] == LINE[0] | {
        "weight": 1.0,
        "requires_approval": False,
        "escalate_to": None,
        "external": None,
        "skills": [],
    }
    assert (added["high_sla"], added["assignment"], added["capacity"]) == ("PT8H", "round_robin", None)
    assert added["steps"][2]["weight"] == 0.0
    path = f"/api/workflows/{added['id']}"
    assert api.get(path) == added
    again = api.call("PUT", path, WORKFLOW | {"steps": added["steps"]})
    assert (again.status_code, again.json["version"]) == (200, 1)


def test_a_change_makes_a_version_and_no_version_ever_changes(api: Api, rows: Rows) -> None:
    added = api.workflow()
    before = rows("select * from workflow_versions")
    changed = api.call("PUT", f"/api/workflows/{added['id']}", WORKFLOW | {"high_sla": "PT4H"})
    assert (changed.json["version"], changed.json["high_sla"]) == (2, "PT4H")
    assert rows("select * from workflow_versions where version = 1") == before
    equal = api.call("PUT", f"/api/workflows/{added['id']}", WORKFLOW | {"high_sla": "PT4H"})
    assert equal.json["version"] == 2


def test_versions_cannot_be_updated_by_the_service(api: Api, database: Any) -> None:
    api.workflow()
    with database.session(1) as session, pytest.raises(Exception, match="permission denied"), session.begin():
        session.connection().exec_driver_sql("update workflow_versions set capacity = 5")


def test_draft_deployed_paused_and_deployed_again(api: Api) -> None:
    path = f"/api/workflows/{api.workflow()['id']}"
    pause = api.call("POST", f"{path}/pause")
    assert (pause.status_code, pause.json["code"]) == (409, "workflow_not_deployed")
    for action, state in (("deploy", "deployed"), ("deploy", "deployed"), ("pause", "paused"), ("deploy", "deployed")):
        assert api.call("POST", f"{path}/{action}").json["state"] == state


def test_of_one_scope_one_workflow_is_deployed(api: Api) -> None:
    api.deployed()
    twin = api.workflow(name="Twin", category="it support", department="IT SUPPORT")
    deploy = api.call("POST", f"/api/workflows/{twin['id']}/deploy")
    assert (deploy.status_code, deploy.json["code"]) == (409, "workflow_overlaps")
    api.deployed(name="Others", department=None)
    any_department = api.workflow(name="Others too", department=None)
    assert api.call("POST", f"/api/workflows/{any_department['id']}/deploy").status_code == 409
    moved = api.call("PUT", f"/api/workflows/{any_department['id']}", WORKFLOW | {"name": "o", "department": "HR"})
    assert moved.status_code == 200
    assert api.call("POST", f"/api/workflows/{any_department['id']}/deploy").status_code == 200


def test_names_are_unique_ignoring_case(api: Api) -> None:
    api.workflow()
    second = api.call("POST", "/api/workflows", WORKFLOW | {"name": "HARDWARE"})
    assert (second.status_code, second.json["code"]) == (409, "workflow_exists")
    other = api.workflow(name="Other")
    assert api.call("PUT", f"/api/workflows/{other['id']}", WORKFLOW).status_code == 409


def test_the_default_workflow_is_listed_and_does_not_change(api: Api) -> None:
    (default,) = api.get("/api/workflows")["items"]
    assert [step["name"] for step in default["steps"]] == [
        "open", "Assign to Team", "Assign to Member", "In Progress", "Done",
    ]  # fmt: skip
    path = f"/api/workflows/{default['id']}"
    for method, address in (("PUT", path), ("POST", f"{path}/deploy"), ("POST", f"{path}/pause")):
        answer = api.call(method, address, WORKFLOW if method == "PUT" else None)
        assert (answer.status_code, answer.json["code"]) == (409, "workflow_is_default")
    assert api.workflow(name=default["name"])["name"] == default["name"]


def test_a_list_is_filtered_by_state_and_has_pages(api: Api) -> None:
    api.deployed()
    for number in range(3):
        api.workflow(name=f"Draft {number}")
    assert [row["name"] for row in api.every("/api/workflows?state=draft&limit=2")] == ["Draft 0", "Draft 1", "Draft 2"]
    assert len(api.every("/api/workflows?limit=2")) == 5
    assert api.call("GET", "/api/workflows?state=running").status_code == 400


def test_the_graph_is_drawn(api: Api) -> None:
    drawn = api.get(f"/api/workflows/{api.workflow()['id']}/graph")
    assert drawn["format"] == "mermaid"
    assert '    s0 -->|"Work"| s1' in drawn["graph"].splitlines()


def test_the_graph_is_drawn_as_svg_that_runs_nothing(api: Api) -> None:
    steps = [LINE[0] | {"name": "<script>alert(1)</script>"}, *LINE[1:]]
    number = api.workflow(name='"><script>', steps=steps)["id"]
    drawn = api.call("GET", f"/api/workflows/{number}/graph?format=svg")
    assert (drawn.status_code, drawn.mimetype) == (200, "image/svg+xml")
    assert drawn.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert drawn.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script" not in drawn.text
    assert "&lt;script&gt;" in drawn.text
    refused = api.call("GET", f"/api/workflows/{number}/graph?format=png")
    assert (refused.status_code, [error["field"] for error in refused.json["errors"]]) == (400, ["format"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"urgent_sla": "PT8H"}, "urgent_sla"),
        ({"medium_sla": "PT50H"}, "medium_sla"),
        ({"high_sla": "P2D"}, "high_sla"),
        ({"high_sla": "PT0S"}, "high_sla"),
        ({"high_sla": "-PT8H"}, "high_sla"),
        ({"low_sla": "PT876000H"}, "low_sla"),
        ({"low_sla": "P1M"}, "low_sla"),
        ({"low_sla": ""}, "low_sla"),
        ({"low_sla": 8}, "low_sla"),
        ({"category": None}, "category"),
        ({"category": " \u200b"}, "category"),
        ({"steps": []}, "steps"),
        ({"steps": [LINE[0]]}, "steps"),
        ({"steps": [LINE[0] | {"name": str(n), "order": n} for n in range(10_000)]}, "steps"),
        ({"steps": [LINE[0], LINE[1] | {"role": "requester"}]}, "steps.1.role"),
        ({"steps": [LINE[0] | {"weight": 0}, LINE[1]]}, "steps.0.weight"),
        ({"steps": [LINE[0], LINE[1] | {"weight": -1}]}, "steps.1.weight"),
        ({"steps": [LINE[0] | {"weight": "1"}, LINE[1]]}, "steps.0.weight"),
        ({"steps": [LINE[0], LINE[1] | {"order": 0}]}, "steps.1.order"),
        ({"steps": [LINE[0], LINE[1] | {"order": 1.5}]}, "steps.1.order"),
        ({"steps": [LINE[0], LINE[1] | {"escalate_to": "boss"}]}, "steps.1.escalate_to"),
        ({"steps": [LINE[0], LINE[1] | {"nickname": "x"}]}, "steps.1.nickname"),
        ({"transitions": [{"from": "New", "to": "New"}]}, "transitions.0.to"),
        ({"transitions": [{"from": "New", "to": "Nowhere"}]}, "transitions.0.to"),
        ({"transitions": [{"from": "New", "to": "Work"}, {"from": "Work", "to": "New"}]}, "steps.0.name"),
        ({"transitions": [{"from": "New", "to": "Work"}] * 401}, "transitions"),
        ({"assignment": "by mood"}, "assignment"),
        ({"assignment_hours": "open"}, "calendar_id"),
        ({"assignment_hours": "open", "calendar_id": None}, "calendar_id"),
        ({"capacity": 0}, "capacity"),
        ({"state": "deployed"}, "state"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_stored(api: Api, rows: Rows, changes: dict[str, Any], field: str) -> None:
    assert field in refused(api, **changes)
    assert rows("select 1 from workflows") == []


def test_days_are_refused_with_the_reason(api: Api) -> None:
    assert "working day" in refused(api, high_sla="P2D")["high_sla"]


def test_faults_of_targets_and_of_the_graph_come_together(api: Api) -> None:
    found = refused(api, high_sla="P2D", low_sla="PT2H", steps=[LINE[0], LINE[1] | {"role": "boss", "order": 0}])
    assert list(found) == ["high_sla", "medium_sla", "steps.1.order", "steps.1.role"]


def test_faults_of_fields_come_with_those_of_the_rest(api: Api) -> None:
    steps = [LINE[0] | {"weight": "1"}, LINE[1] | {"role": "boss"}, LINE[2] | {"order": 1}]
    ways = [{"from": "New", "to": "New"}, {"from": "New", "to": "Nowhere"}, {"from": "New"}]
    found = refused(
        api, name="", capacity=0, medium_sla=7, high_sla="PT30M", high_response_sla=True, low_response_sla="PT41H",
        steps=steps, transitions=ways, colour="red",
    )  # fmt: skip
    assert set(found) == {
        "name", "capacity", "medium_sla", "urgent_sla", "high_response_sla", "low_response_sla", "steps.0.weight",
        "steps.1.role", "steps.2.order", "transitions.0.to", "transitions.1.to", "transitions.2.to", "colour",
        "urgent_response_sla", "medium_response_sla",
    }  # fmt: skip


def test_a_wrong_role_hides_no_fault_of_the_graph(api: Api) -> None:
    ways = [{"from": "New", "to": "Work"}]
    found = refused(api, steps=[LINE[0] | {"role": "boss"}, *LINE[1:]], transitions=ways)
    assert set(found) == {"steps.0.role", "transitions", "steps.2.name"}


@pytest.mark.parametrize("broken", [None, 7, "x", [], {"name": 7}, {}])
def test_what_is_no_step_is_one_fault_in_its_place(api: Api, broken: Any) -> None:
    found = refused(api, steps=[broken, LINE[1], LINE[2]], transitions=[{"from": "New", "to": "Work"}])
    assert found
    assert all(field.startswith("steps.0") for field in found)


def test_another_companys_workflow_is_not_found(api: Api) -> None:
    number = api.workflow()["id"]
    other = Api(api.client, company=2)
    assert other.call("GET", f"/api/workflows/{number}").json["code"] == "workflow_not_found"
    assert other.call("PUT", f"/api/workflows/{number}", WORKFLOW).status_code == 404
    assert other.get("/api/workflows")["items"][0]["is_default"]
