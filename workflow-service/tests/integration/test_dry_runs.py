"""Dry runs: what a workflow would have done to the tickets of the last days, without storing anything."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from service_kit.database.engine import Database

from ..calendars import document
from ..clock_events import RESPONSES, TARGETS
from ..conftest import WORKFLOW, Api, Desk, Rows
from ..history import age, declare, status_now

PRIORITIES = ("low", "medium", "high", "urgent")
TABLES = ("tasks", "task_events", "assignments", "clocks", "breaches", "outbox", "turns", "turns_of_people", "audit",
          "workflow_versions", "tickets", "ticket_facts", "escalations")  # fmt: skip


def run(api: Api, workflow: dict[str, Any], days: int = 30, **body: Any) -> dict[str, Any]:
    answer = api.call("POST", f"/api/workflows/{workflow['id']}/dry-run", {"days": days, **body})
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def stored(rows: Rows) -> dict[str, Any]:
    return {table: rows(f"select md5(string_agg(t::text, '|' order by t::text)) from {table} t") for table in TABLES}


def late(report: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {each["clock"]: (each["would"], each["did"]) for each in report["breaches"]}


@pytest.fixture
def workflow(api: Api, desk: Desk, rows: Rows, database: Database) -> dict[str, Any]:
    """A workflow that took six tickets 30 hours ago, of which two are resolved; and a ticket that none took."""
    desk.team(1, "ann", "bob")
    found = api.deployed(**TARGETS, **RESPONSES)
    for number in range(1, 7):
        desk.route(number, category="IT Support", priority=PRIORITIES[number % 4])
    desk.route(50, category="Chairs", department="Facilities")
    for number in (1, 2):
        status_now(desk, number, "resolved")
    age(rows, 30)
    declare(database, rows)
    return found


def test_the_workflow_as_it_is_reports_what_happened_and_stores_nothing(
    workflow: dict[str, Any], api: Api, rows: Rows
) -> None:
    before = stored(rows)
    found = run(api, workflow)
    assert stored(rows) == before
    assert (found["tickets"], found["truncated"], found["days"]) == (7, False, 30)
    assert found["matched"] == {"would": 6, "did": 6, "gained": 0, "lost": 0}
    assert found["unmatched"] == {"would": 1, "did": 1}
    assert found["examples"] == []
    assert all(would == did for would, did in late(found).values())
    assert late(found)["resolution"][0] == rows("select count(*) from breaches where kind = 'resolution'")[0][0] > 0
    load = {each["assigned_user"]: (each["would"], each["did"]) for each in found["load"]}
    assert load == {"ann@example.com": (3, 3), "bob@example.com": (3, 3)}


def test_shorter_targets_would_have_been_breached_more_often(workflow: dict[str, Any], api: Api) -> None:
    shorter = WORKFLOW | {"urgent_sla": "PT1M", "high_sla": "PT2M", "medium_sla": "PT3M", "low_sla": "PT4M"}
    found = run(api, workflow, definition=shorter)
    would, did = late(found)["resolution"]
    assert would == 4, "two were resolved at once"
    assert did < would
    assert late(found)["first_response"][0] == 0, "the changed definition has no targets of responses"
    example = next(each for each in found["examples"] if each["ticket_id"] == 3)
    assert (example["would_match"], example["did_match"], example["would_breach"]) == (
        True,
        True,
        ["resolution", "step"],
    )
    assert [each["ticket_id"] for each in found["examples"]] == sorted(
        (each["ticket_id"] for each in found["examples"]), reverse=True
    )


def test_a_changed_scope_takes_other_tickets(workflow: dict[str, Any], api: Api) -> None:
    chairs = WORKFLOW | {"name": "Chairs", "category": "CHAIRS", "department": None}
    found = run(api, workflow, definition=chairs)
    assert found["matched"] == {"would": 1, "did": 6, "gained": 1, "lost": 6}
    assert found["unmatched"] == {"would": 6, "did": 1}
    draft = api.workflow(name="Draft", category="Chairs", department="Facilities")
    assert run(api, draft)["matched"] == {"would": 1, "did": 0, "gained": 1, "lost": 0}
    assert api.get(f"/api/workflows/{draft['id']}")["state"] == "draft"


def test_a_calendar_counts_by_its_newest_version(workflow: dict[str, Any], api: Api) -> None:
    closed = document(["mon"], ("00:00", "00:01"), zone="UTC")
    calendar_id = api.call("POST", "/api/calendars", closed).json["id"]
    found = run(api, workflow, calendar_id=calendar_id)
    assert late(found)["resolution"][0] == 0
    always = document(["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ("00:00", "24:00"), zone="UTC")
    assert api.call("PUT", f"/api/calendars/{calendar_id}", always).status_code == 200
    again = run(api, workflow, calendar_id=calendar_id)
    assert late(again) == late(run(api, workflow, calendar_id=None)) == late(run(api, workflow))


def test_only_the_days_that_are_asked_for_are_replayed(workflow: dict[str, Any], api: Api, desk: Desk) -> None:
    desk.route(90, category="IT Support")
    assert run(api, workflow, days=1)["tickets"] == 1
    assert run(api, workflow, days=2)["tickets"] == 8


def test_more_tickets_than_the_limit_are_left_out_the_oldest_first(
    workflow: dict[str, Any], api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = api.client.application.extensions["service_kit"]
    monkeypatch.setattr(kit, "dependencies", replace(kit.dependencies, dry_run_tasks=2))
    found = run(api, workflow)
    assert (found["tickets"], found["truncated"], found["matched"]["did"]) == (2, True, 2)


def test_capacity_leaves_tasks_without_anybody(workflow: dict[str, Any], api: Api) -> None:
    found = run(api, workflow, definition=WORKFLOW | {"capacity": 1})
    load = {each["assigned_user"]: each["would"] for each in found["load"]}
    assert load == {"ann@example.com": 1, "bob@example.com": 1, None: 4}, "the first two ended after the last began"


def test_another_companys_tickets_are_not_replayed(workflow: dict[str, Any], api: Api) -> None:
    stranger = Api(api.client, company=2)
    assert run(stranger, stranger.deployed())["tickets"] == 0
    assert stranger.call("POST", f"/api/workflows/{workflow['id']}/dry-run", {"days": 1}).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "days"),
        ({"days": 0}, "days"),
        ({"days": 367}, "days"),
        ({"days": "7"}, "days"),
        ({"days": 7, "calendar_id": 99}, "calendar_id"),
        ({"days": 7, "definition": {"name": "x"}}, "definition.category"),
        ({"days": 7, "definition": WORKFLOW | {"high_sla": "P1D"}}, "definition.high_sla"),
        ({"days": 7, "definition": WORKFLOW | {"calendar_id": 99}}, "definition.calendar_id"),
        ({"days": 7, "week": 1}, "week"),
    ],
)
def test_a_bad_order_names_its_field(api: Api, body: dict[str, Any], field: str) -> None:
    answer = api.call("POST", f"/api/workflows/{api.workflow()['id']}/dry-run", body)
    assert (answer.status_code, answer.json["code"]) == (400, "invalid"), answer.text
    assert field in [error["field"] for error in answer.json["errors"]]


def test_the_default_workflow_is_replayed_and_not_changed(api: Api, desk: Desk) -> None:
    desk.route(1)
    (default,) = api.every("/api/workflows")
    assert run(api, default)["matched"] == {"would": 1, "did": 1, "gained": 0, "lost": 0}
    changed = api.call("POST", f"/api/workflows/{default['id']}/dry-run", {"days": 1, "definition": WORKFLOW})
    assert (changed.status_code, changed.json["code"]) == (409, "workflow_is_default")
    own = api.deployed()
    assert run(api, default)["matched"] == {"would": 0, "did": 1, "gained": 0, "lost": 1}
    assert run(api, own)["matched"] == {"would": 1, "did": 0, "gained": 1, "lost": 0}


moves = st.lists(
    st.tuples(
        st.sampled_from(PRIORITIES), st.sampled_from([None, "on_hold", "resolved", "closed"]), st.floats(0.2, 30)
    ),
    min_size=1,
    max_size=8,
)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(moves)
def test_an_unchanged_definition_replays_to_the_same_breaches_and_matches(
    api: Api, desk: Desk, rows: Rows, database: Database, history: list[tuple[str, str | None, float]]
) -> None:
    first = rows("select coalesce(max(ticket_id), 0) + 1 from tasks")[0][0]
    category = f"Category {first}"
    desk.team(1, "ann", "bob", leads=("lea",))
    found = api.deployed(**TARGETS, **RESPONSES, name=category, category=category)
    for number, (priority, status, hours) in enumerate(history, first):
        desk.route(number, category=category, priority=priority)
        age(rows, hours)
        if status is not None:
            status_now(desk, number, status)
    age(rows, 1)
    declare(database, rows)
    report = run(api, found, days=366)
    assert report["matched"] == {"would": len(history), "did": len(history), "gained": 0, "lost": 0}
    assert all(would == did for would, did in late(report).values()), report["breaches"]
    assert report["examples"] == []
