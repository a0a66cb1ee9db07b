"""Tickets that waited for a workflow, when one that matches them is deployed."""

from dataclasses import replace
from typing import Any

import pytest

from ..conftest import Api, Desk, Rows


def deploy(api: Api, workflow: dict[str, Any], **body: Any) -> dict[str, int]:
    answer = api.call("POST", f"/api/workflows/{workflow['id']}/deploy", body or None)
    assert answer.status_code == 200, answer.text
    return dict(answer.json["unmatched"])


@pytest.fixture
def waiting(api: Api, desk: Desk) -> list[int]:
    """Return the numbers of three tickets of Hardware and one of Chairs, which no workflow takes."""
    api.deployed(name="Other", category="Other")
    for number in (11, 12, 13):
        desk.route(number, category="Hardware", department="IT Support")
    desk.route(14, category="Chairs", department="Facilities")
    assert [item["ticket_id"] for item in unmatched(api)] == [11, 12, 13, 14]
    return [11, 12, 13, 14]


def unmatched(api: Api) -> list[dict[str, Any]]:
    return list(api.call("GET", "/api/workflows/unmatched").json["items"])


@pytest.mark.usefixtures("waiting")
def test_a_deployment_counts_what_waits_and_takes_nothing_unless_asked(api: Api, rows: Rows) -> None:
    hardware = api.workflow(name="Hardware", category="HARDWARE", department=None)
    assert deploy(api, hardware) == {"matching": 3, "taken": 0}
    assert len(unmatched(api)) == 4
    assert rows("select count(*) from tasks") == [(0,)]


@pytest.mark.usefixtures("waiting")
def test_a_deployment_that_takes_them_begins_their_tasks(api: Api, desk: Desk, rows: Rows, published: Any) -> None:
    desk.team(1, "ann", "bob")
    hardware = api.workflow(name="Hardware", category="Hardware", department=None)
    assert deploy(api, hardware, take_unmatched=True) == {"matching": 3, "taken": 3}
    assert [item["ticket_id"] for item in unmatched(api)] == [14]
    begun = rows("select ticket_id, workflow_id, matched_by, assigned_user from tasks order by ticket_id")
    assert [row[:3] for row in begun] == [
        (number, hardware["id"], "category and sub_category") for number in (11, 12, 13)
    ]
    assert {user for *_, user in begun} == {"ann@example.com", "bob@example.com"}
    assert rows("select distinct actor from task_events") == [("person:7",)]
    assert sorted(body["ticket_id"] for body in published("ticket.assigned")) == [11, 12, 13]


@pytest.mark.usefixtures("waiting")
def test_deploying_again_takes_the_next_ones(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    kit = api.client.application.extensions["service_kit"]
    monkeypatch.setattr(kit, "dependencies", replace(kit.dependencies, taken_per_deployment=2))
    hardware = api.workflow(name="Hardware", category="Hardware")
    assert deploy(api, hardware, take_unmatched=True) == {"matching": 3, "taken": 2}
    assert [item["ticket_id"] for item in unmatched(api)] == [13, 14]
    assert deploy(api, hardware, take_unmatched=True) == {"matching": 1, "taken": 1}
    assert deploy(api, hardware, take_unmatched=True) == {"matching": 0, "taken": 0}


@pytest.mark.usefixtures("waiting")
def test_tickets_that_a_nearer_workflow_matches_are_left_to_it(api: Api) -> None:
    nearer = api.workflow(name="Nearer", category="Hardware", department="IT Support")
    assert deploy(api, nearer) == {"matching": 3, "taken": 0}
    assert deploy(api, api.workflow(name="Any", category="Hardware", department=None)) == {"matching": 0, "taken": 0}


@pytest.mark.usefixtures("waiting")
def test_begun_tickets_get_a_begun_task_and_ended_ones_none(api: Api, desk: Desk, rows: Rows) -> None:
    desk.status(11, "in_progress", revision=2)
    desk.status(12, "resolved", revision=2)
    hardware = api.workflow(name="Hardware", category="Hardware")
    assert deploy(api, hardware, take_unmatched=True) == {"matching": 2, "taken": 2}
    assert rows("select ticket_id, status from tasks order by 1") == [(11, "in_progress"), (13, "pending")]


@pytest.mark.usefixtures("waiting")
def test_the_tickets_of_other_companies_are_neither_counted_nor_taken(api: Api, rows: Rows) -> None:
    other = Api(api.client, company=2)
    hardware = other.workflow(name="Hardware", category="Hardware")
    assert deploy(other, hardware, take_unmatched=True) == {"matching": 0, "taken": 0}
    assert rows("select count(*) from tasks") == [(0,)]


@pytest.mark.usefixtures("waiting")
def test_a_repeated_call_is_answered_as_the_first(api: Api) -> None:
    hardware = api.workflow(name="Hardware", category="Hardware")
    once = replace(api, headers={"Idempotency-Key": "deploy-1"})
    first = deploy(once, hardware, take_unmatched=True)
    assert deploy(once, hardware, take_unmatched=True) == first == {"matching": 3, "taken": 3}
