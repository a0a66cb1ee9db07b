"""Tasks of steps that ask for skills."""

from collections.abc import Callable
from typing import Any

import pytest
from workflow_service.usecases.offer_tasks import Sweep

from ..conftest import Api, Desk, Rows

STEPS: list[dict[str, Any]] = [
    {"name": "New", "role": "agent", "order": 1, "skills": ["VPN"]},
    {"name": "Translate", "role": "agent", "order": 2, "skills": ["French", "VPN"]},
    {"name": "Done", "role": "agent", "order": 3},
]


@pytest.fixture
def team(desk: Desk) -> Callable[..., None]:
    """Give a function that delivers a team of agents with their skills."""

    def run(revision: int = 1, number: int = 1, **skills: list[str]) -> None:
        members = [{"email": f"{name}@example.com", "name": name, "role": "agent", "skills": found}
                   for name, found in skills.items()]  # fmt: skip
        desk.team(number, revision=revision, kind="created" if revision == 1 else "updated", members=members)

    return run


def assignees(rows: Rows) -> list[str | None]:
    return [user for (user,) in rows("select assigned_user from tasks order by ticket_id")]


def test_only_people_with_all_skills_get_a_task(api: Api, desk: Desk, rows: Rows, team: Callable[..., None]) -> None:
    team(ann=["vpn"], bob=["Networks"], eve=["French", "VPN"])
    assert api.deployed(steps=STEPS)["warnings"] == []
    for number in range(1, 5):
        desk.route(number)
    assert assignees(rows) == [f"{name}@example.com" for name in ("ann", "eve", "ann", "eve")]
    task = api.get("/api/tasks?sort=created")["items"][-1]["task_id"]
    (choice,) = api.get(f"/api/tasks/{task}/explanation")["choices"]
    reasons = {each["email"]: each["reason"] for each in choice["candidates"]}
    assert reasons["bob@example.com"] == "lacks skill VPN"


def test_a_step_that_asks_for_more_gives_the_task_to_somebody_who_has_it(
    api: Api, desk: Desk, rows: Rows, team: Callable[..., None]
) -> None:
    team(ann=["VPN"], eve=["french", "vpn"])
    api.deployed(steps=STEPS)
    desk.route(1)
    assert assignees(rows) == ["ann@example.com"]
    assert api.call("POST", "/api/tickets/1/advance-status").json["assigned_user"] == "eve@example.com"
    assert api.call("POST", "/api/tickets/1/advance-status").json["assigned_user"] == "eve@example.com"


def test_where_nobody_has_a_skill_the_deployment_warns_and_the_task_waits_until_somebody_has(
    api: Api, desk: Desk, rows: Rows, team: Callable[..., None]
) -> None:
    team(ann=["VPN"])
    team(number=2, ann=["Networks"])
    deployed = api.deployed(steps=STEPS)
    (warning,) = deployed["warnings"]
    assert "'Translate'" in warning
    assert "'French' and 'VPN'" in warning
    desk.route(1)
    api.call("POST", "/api/tickets/1/advance-status")
    assert assignees(rows) == [None]
    team(revision=2, ann=["VPN", "French"])
    Sweep(desk.database).run()
    assert assignees(rows) == ["ann@example.com"]


def test_a_skill_of_one_team_counts_in_the_department(
    api: Api, desk: Desk, rows: Rows, team: Callable[..., None]
) -> None:
    team(ann=["VPN"], bob=[])
    team(number=2, bob=["French", "VPN"])
    steps = [STEPS[1] | {"order": 0}, STEPS[2]]
    assert api.deployed(steps=steps)["warnings"] == []
    desk.route(1, team_id=None, team=None)
    assert assignees(rows) == ["bob@example.com"]


def test_an_escalation_goes_to_a_lead_whatever_the_skills(api: Api, desk: Desk, rows: Rows) -> None:
    desk.team(1, "ann", leads=("lea",))
    assert len(api.deployed(steps=STEPS)["warnings"]) == 2
    desk.route(1)
    task = rows("select id from tasks")[0][0]
    assert api.call("POST", f"/api/tasks/{task}/escalate", {"reason": "x"}).json["assigned_user"] == "lea@example.com"


def test_a_reused_key_answers_the_warnings_again(api: Api) -> None:
    path = f"/api/workflows/{api.workflow(steps=STEPS)['id']}/deploy"
    first, again = (api.call("POST", path, Idempotency_Key="k") for _ in range(2))
    assert (len(first.json["warnings"]), again.json) == (2, first.json)


def test_a_dry_run_says_who_would_have_nobody(api: Api, desk: Desk, team: Callable[..., None]) -> None:
    team(ann=[])
    workflow = api.deployed()
    desk.route(1)
    body = {"days": 1, "definition": {name: value for name, value in workflow.items() if name in DEFINITION}}
    body["definition"]["steps"] = STEPS
    found = api.call("POST", f"/api/workflows/{workflow['id']}/dry-run", body)
    assert found.status_code == 200, found.text
    assert found.json["load"] == [
        {"assigned_user": None, "would": 1, "did": 0},
        {"assigned_user": "ann@example.com", "would": 0, "did": 1},
    ]


DEFINITION = {"name", "category", "department", "urgent_sla", "high_sla", "medium_sla", "low_sla", "steps"}


@pytest.mark.parametrize(
    ("steps", "field"),
    [
        ([STEPS[0] | {"role": "manager"}, STEPS[2]], "steps.0.skills"),
        ([STEPS[0] | {"skills": ["VPN", "vpn"]}, STEPS[2]], "steps.0.skills"),
        ([STEPS[0] | {"skills": ["x" * 51]}, STEPS[2]], "steps.0.skills.0"),
        ([STEPS[0] | {"skills": [" "]}, STEPS[2]], "steps.0.skills.0"),
        ([STEPS[0] | {"skills": "VPN"}, STEPS[2]], "steps.0.skills"),
        ([STEPS[0] | {"skills": [str(number) for number in range(51)]}, STEPS[2]], "steps.0.skills"),
    ],
)
def test_bad_skills_are_refused_by_field(api: Api, steps: list[dict[str, Any]], field: str) -> None:
    body = {"name": "x", "category": "x", "urgent_sla": "PT1H", "high_sla": "PT2H", "medium_sla": "PT3H",
            "low_sla": "PT4H", "steps": steps}  # fmt: skip
    answer = api.call("POST", "/api/workflows", body)
    assert answer.status_code == 400
    assert field in [error["field"] for error in answer.json["errors"]]
