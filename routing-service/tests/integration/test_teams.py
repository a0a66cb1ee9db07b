"""Teams are replicated, get tickets and lose them, on a real database."""

from collections.abc import Callable
from typing import Any

import pytest
from routing_service.domain.teams import Team

from ..conftest import Api, Events, FakeAuthService, Rows

Published = Callable[[str], list[dict[str, Any]]]


def teams_of(published: Published) -> list[tuple[Any, ...]]:
    return [(e["department"], e["team_id"], e["team"], e["team_by_person"]) for e in published("ticket.routed")]


def test_the_predicted_team_is_routed_stored_and_published(
    events: Events, published: Published, api: Api, rows: Rows
) -> None:
    events.team(7, "Network", department="IT Support")
    events.deliver(events.make("ticket.categorized", 1, assigned_team_id=7))
    assert teams_of(published) == [("IT Support", 7, "Network", False)]
    [line] = api.get("/api/routing/history/1")["history"]
    assert (line["team_id"], line["team"], line["applied"]) == (7, "Network", True)
    assert rows("select team_id, team, team_by_person from tickets") == [(7, "Network", False)]


def test_an_uncertain_ticket_without_an_eligible_team_needs_an_admin(events: Events, published: Published) -> None:
    events.team(7, "Network", department="IT Support")
    abstained = {"department": "General", "need_admin": True, "confidence_score": 30}
    events.deliver(
        events.make("ticket.categorized", 1, assigned_team_id=7, **abstained),
        events.make("ticket.categorized", 2, assigned_team_id=8, **abstained),
    )
    assert [(e["team_id"], e["need_admin"]) for e in published("ticket.routed")] == [(None, True)] * 2


def test_the_newest_event_about_a_team_wins_in_any_order(events: Events, published: Published) -> None:
    events.team(7, "Networks", kind="updated", revision=3)
    events.team(7, "Network", revision=1)
    events.team(7, "Network", kind="updated", revision=2, is_active=False)
    events.deliver(events.make("ticket.categorized", 1, assigned_team_id=7))
    events.team(7, "Networks", kind="deleted", revision=4)
    events.team(7, "Networks", kind="updated", revision=3)
    events.deliver(events.make("ticket.categorized", 2, assigned_team_id=7))
    assert teams_of(published) == [("IT Support", 7, "Networks", False), ("IT Support", None, None, False)]


def test_another_companys_team_gets_no_ticket(events: Events, published: Published, api: Api) -> None:
    events.team(7, "Network", company=2)
    events.deliver(events.make("ticket.categorized", 1, assigned_team_id=7))
    assert teams_of(published) == [("IT Support", None, None, False)]
    refused = api.call("PUT", "/api/route/1", {"department": "HR", "team_id": 7})
    assert (refused.status_code, refused.json["code"]) == (404, "team_not_found")


def test_a_team_of_a_company_without_departments_seeds_none(events: Events, published: Published) -> None:
    events.team(7, "Network", company=9)
    events.deliver(events.make("ticket.categorized", 1, company=9, assigned_team_id=7))
    assert len(published("department.created")) == 5
    assert teams_of(published) == [("IT Support", 7, "Network", False)]


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_person_sets_and_removes_the_team(events: Events, published: Published, api: Api, method: str) -> None:
    events.team(7, "Network", department="IT Support")
    events.team(8, "Front desk")
    events.deliver(events.make("ticket.categorized", 1, assigned_team_id=7))

    def route(department: str, **team: int | None) -> Any:
        if method == "PUT":
            response = api.call("PUT", "/api/route/1", {"department": department, **team})
        else:
            body = {"ticket_id": 1, "department": department, "confidence_score": 90, **team}
            response = api.call("POST", "/api/route", body)
        assert response.status_code == 200, response.text
        return response.json["team_id"], response.json["team"]

    assert route("IT Support", team_id=8) == (8, "Front desk")
    assert route("HR") == (8, "Front desk")
    events.deliver(events.make("ticket.categorized", 1, revision=2, assigned_team_id=7))
    assert route("HR", team_id=None) == (None, None)
    assert teams_of(published) == [
        ("IT Support", 7, "Network", False),
        ("IT Support", 8, "Front desk", True),
        ("HR", 8, "Front desk", True),
        ("HR", None, None, True),
    ]


@pytest.mark.parametrize(
    ("team_id", "status", "code"),
    [
        (9, 404, "team_not_found"),
        (7, 409, "team_of_another_department"),
        (8, 409, "team_inactive"),
        (2**63 - 1, 404, "team_not_found"),
    ],
)
def test_an_ineligible_team_is_refused_and_nothing_is_routed(
    events: Events, published: Published, api: Api, team_id: int, status: int, code: str
) -> None:
    events.team(7, "Network", department="IT Support")
    events.team(8, "Asleep", is_active=False)
    events.exists(1)
    refused = api.call("PUT", "/api/route/1", {"department": "HR", "team_id": team_id})
    assert (refused.status_code, refused.json["code"]) == (status, code)
    assert published("ticket.routed") == []


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_team_deleted_or_deactivated_a_moment_ago_gets_no_ticket(
    events: Events, api: Api, auth_service: FakeAuthService, published: Published, method: str
) -> None:
    events.team(7, "Network")
    events.exists(1)
    order = {"department": "HR", "team_id": 7}
    path, body = ("/api/route/1", order) if method == "PUT" else (
        "/api/route", {"ticket_id": 1, "confidence_score": 90, **order}
    )  # fmt: skip
    gone = api.call(method, path, body)
    assert (gone.status_code, gone.json["code"]) == (404, "team_not_found")
    assert auth_service.found is not None
    auth_service.found[1, 7] = Team(7, "Network", None, is_active=False)
    asleep = api.call(method, path, body)
    assert (asleep.status_code, asleep.json["code"]) == (409, "team_inactive")
    assert published("ticket.routed") == []
    auth_service.found[1, 7] = Team(7, "Networks", None, is_active=True)
    assert api.call(method, path, body).json["team"] == "Networks"


def test_a_team_made_a_moment_ago_gets_tickets(events: Events, api: Api, auth_service: FakeAuthService) -> None:
    events.exists(1)
    assert auth_service.found is not None
    auth_service.found[1, 8] = Team(8, "Night shift", "HR", is_active=True)
    assert api.call("PUT", "/api/route/1", {"department": "HR", "team_id": 8}).json["team_id"] == 8


@pytest.mark.parametrize("team_id", ["7", 0, -1, 7.5, True, 2**63, [7], "\x00"])
def test_an_invalid_team_id_is_refused_by_field(events: Events, api: Api, team_id: Any) -> None:
    events.exists(1)
    refused = api.call("PUT", "/api/route/1", {"department": "HR", "team_id": team_id})
    assert (refused.status_code, [e["field"] for e in refused.json["errors"]]) == (400, ["team_id"])


def test_a_request_for_a_team_is_applied_and_null_removes_it(events: Events, published: Published) -> None:
    events.team(7, "Network")
    events.deliver(events.make("ticket.categorized", 1))
    request = {"wanted_department": "IT Support", "changed": ["team"]}
    events.deliver(events.make("ticket.updated", 1, revision=2, wanted_team_id=7, **request))
    events.deliver(
        events.make("ticket.updated", 1, revision=3, wanted_department="HR", changed=["department"]),
        events.make("ticket.updated", 1, revision=4, wanted_team_id=None, **request | {"wanted_department": "HR"}),
    )
    assert teams_of(published) == [
        ("IT Support", None, None, False),
        ("IT Support", 7, "Network", True),
        ("HR", 7, "Network", True),
        ("HR", None, None, True),
    ]


def test_a_deleted_ticket_leaves_no_team_behind(events: Events, rows: Rows) -> None:
    events.team(7, "Network")
    events.deliver(events.make("ticket.categorized", 1, assigned_team_id=7))
    events.deliver(events.make("ticket.deleted", 1, revision=2))
    assert rows("select team_id, team from tickets") == [(None, None)]
    assert rows("select count(*) from ticket_routing") == [(0,)]
