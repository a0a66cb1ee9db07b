"""The replica of teams, requests for teams, and teams on tickets."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api
from .test_consume import PERSON, Inside

Rows = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def inside(made: ServiceDatabase) -> Inside:
    return Inside(made)


def publish_team(
    inside: Inside, kind: str, number: int, name: str, revision: int = 1, company: int = 1, **more: Any
) -> None:
    """Apply one event about a team."""
    body = {"company_id": company, "team_id": number, "name": name, "department": None, "is_active": True} | more
    inside.deliver((f"team.{kind}", revision, body), company=company)


def requests(rows: Rows) -> list[tuple[Any, ...]]:
    found = [
        orjson.loads(body) for (body,) in rows("select body from outbox where type = 'ticket.updated' order by seq")
    ]
    return [(e["wanted_department"], e["wanted_team_id"], e["names_team"]) for e in found]


def test_the_team_of_a_routing_is_shown_and_recorded(api: Api, inside: Inside) -> None:
    number = api.create()["id"]
    inside.route(number, 1, team_id=7, team="Network")
    shown = api.get(f"/api/tickets/{number}")
    assert (shown["team"], shown["team_id"]) == ("Network", 7)
    inside.route(number, 2, team_id=None, team=None, **PERSON)
    shown = api.get(f"/api/tickets/{number}")
    assert (shown["team"], shown["team_id"]) == (None, None)
    first, second = (entry["payload"] for entry in api.trail(number)[1:])
    assert (first["before"]["team"], first["after"]["team"], first["after"]["team_id"]) == (None, "Network", 7)
    assert (second["before"]["team"], second["after"]["team"]) == ("Network", None)


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_team_is_a_request_until_it_is_routed(api: Api, inside: Inside, rows: Rows, method: str) -> None:
    publish_team(inside, "created", 7, "Network", department="IT Support")
    ticket = api.create()
    response = api.call(method, f"/api/tickets/{ticket['id']}", {"team": "Network"})
    assert (response.status_code, response.json["team"]) == (200, None)
    assert requests(rows) == [("IT Support", 7, True)]
    assert api.trail(ticket["id"])[-1]["payload"] == {
        "before": {"department": None, "team": None},
        "after": {},
        "wanted_department": "IT Support",
        "wanted_team": "Network",
    }


def test_null_requests_no_team(api: Api, inside: Inside, rows: Rows) -> None:
    number = api.create()["id"]
    assert api.call("PATCH", f"/api/tickets/{number}", {"team": None}).status_code == 200
    assert requests(rows) == [(None, None, True)]
    inside.route(number, 1, team_id=7, team="Network")
    assert api.call("PATCH", f"/api/tickets/{number}", {"team": None}).status_code == 200
    assert requests(rows) == [(None, None, True)] * 2, "the ticket stays in the department where it is by then"


def test_an_unknown_inactive_deleted_or_foreign_team_can_not_be_requested(api: Api, inside: Inside, rows: Rows) -> None:
    publish_team(inside, "created", 7, "Asleep", is_active=False)
    publish_team(inside, "deleted", 8, "Gone", revision=2)
    publish_team(inside, "created", 8, "Gone", revision=1)
    publish_team(inside, "created", 9, "Theirs", company=2)
    number = api.create()["id"]
    inside.route(number, 1)
    for name in ("Asleep", "Gone", "Theirs", "Nobody"):
        refused = api.call("PATCH", f"/api/tickets/{number}", {"team": name})
        assert (refused.status_code, refused.json["code"]) == (400, "unknown_team")
        assert [error["field"] for error in refused.json["errors"]] == ["team"]
    assert requests(rows) == []


def test_a_team_of_another_department_is_refused_and_the_field_named(api: Api, inside: Inside, rows: Rows) -> None:
    publish_team(inside, "created", 7, "Network", department="IT Support")
    refused = api.call("PATCH", f"/api/tickets/{api.create()['id']}", {"team": "Network", "department": "HR"})
    assert (refused.status_code, refused.json["code"]) == (400, "unfit_team")
    assert [error["field"] for error in refused.json["errors"]] == ["team"]
    assert requests(rows) == []


def test_a_renamed_team_is_requested_by_its_new_name(api: Api, inside: Inside, rows: Rows) -> None:
    publish_team(inside, "updated", 7, "Networks", revision=2)
    publish_team(inside, "created", 7, "Network", revision=1)
    number = api.create()["id"]
    inside.route(number, 1)
    assert api.call("PATCH", f"/api/tickets/{number}", {"team": "Network"}).status_code == 400
    assert api.call("PATCH", f"/api/tickets/{number}", {"team": "Networks"}).status_code == 200
    assert requests(rows) == [(None, 7, True)]
