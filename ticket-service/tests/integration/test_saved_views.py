"""Saved views: personal or shared with the company, and applied to the ticket list."""

from collections.abc import Callable
from typing import Any

import pytest
from service_kit.identity import ADMIN, AGENT, MANAGER
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api
from .test_consume import Inside

Rows = Callable[..., list[tuple[Any, ...]]]
URGENT = {"name": "Urgent", "filter": {"priority": ["urgent"]}, "sort": "created", "shared": False}


@pytest.fixture
def agent(api: Api) -> Api:
    return Api(api.client, role=AGENT, subject="user:2")


@pytest.fixture
def manager(api: Api) -> Api:
    return Api(api.client, role=MANAGER, subject="user:1")


def saved(who: Api, **changes: Any) -> dict[str, Any]:
    response = who.call("POST", "/api/views", URGENT | changes)
    assert response.status_code == 201, response.text
    assert response.headers["Location"] == f"/api/views/{response.json['id']}"
    return dict(response.json)


def names(who: Api) -> list[str]:
    return [view["name"] for view in who.every("/api/views?limit=2")]


def code(who: Api, method: str, view: dict[str, Any], body: Any = None, **headers: str) -> tuple[int, str]:
    response = who.call(method, f"/api/views/{view['id']}", body, **headers)
    return response.status_code, (response.json or {}).get("code", "")


def test_a_view_is_shown_as_it_was_saved(agent: Api) -> None:
    everything = {
        "status": ["pending", "in_progress"],
        "department": ["HR"],
        "team": ["Network"],
        "team_id": [7],
        "priority": ["urgent"],
        "assignee": ["Lea@example.com"],
        "customer_id": ["c"],
        "customer": ["d"],
        "requester": ["ann@example.com"],
        "need_admin": True,
        "unread": False,
        "q": "printer",
    }
    view = saved(agent, filter=everything, sort="due")
    assert view["filter"] == everything
    assert (view["name"], view["sort"], view["shared"], view["owner"]) == ("Urgent", "due", False, "user:2")
    assert agent.get(f"/api/views/{view['id']}") == view
    assert agent.get(f"/api/views/{view['id']}/tickets") == {"count": 0, "tickets": [], "next": None}


def test_a_view_lists_the_tickets_that_the_list_shows_for_its_filter(agent: Api) -> None:
    for priority in ("urgent", "low", "urgent", "high", "urgent"):
        agent.create(priority=priority)
    view = saved(agent)
    assert agent.every(f"/api/views/{view['id']}/tickets?limit=2", "tickets") == agent.every(
        "/api/tickets?priority=urgent&limit=2", "tickets"
    )
    all_tickets = saved(agent, filter={})
    assert len(agent.every(f"/api/views/{all_tickets['id']}/tickets", "tickets")) == 5


def test_unread_in_a_view_is_meant_for_whoever_looks(agent: Api, manager: Api) -> None:
    ticket = agent.create()
    view = saved(manager, filter={"unread": True}, shared=True)
    path = f"/api/views/{view['id']}/tickets"
    assert agent.get(path)["count"] == 0
    assert [each["id"] for each in manager.get(path)["tickets"]] == [ticket["id"]]


def test_personal_views_are_seen_by_their_owner_alone_and_shared_ones_by_all(agent: Api, manager: Api) -> None:
    mine = saved(agent, name="Mine")
    saved(manager, name="Hers")
    ours = saved(manager, name="Ours", shared=True)
    saved(agent, name="Second")
    assert names(agent) == ["Mine", "Ours", "Second"]
    assert names(manager) == ["Hers", "Ours"]
    for method, body in (("GET", None), ("PUT", URGENT), ("DELETE", None)):
        assert code(manager, method, mine, body) == (404, "view_not_found")
    assert agent.get(f"/api/views/{ours['id']}") == ours
    elsewhere = Api(agent.client, company=2, role=ADMIN, subject="user:2")
    assert names(elsewhere) == []
    assert code(elsewhere, "GET", ours) == (404, "view_not_found")


def test_agents_share_no_views_and_change_no_shared_ones(agent: Api, manager: Api) -> None:
    assert agent.call("POST", "/api/views", URGENT | {"shared": True}).status_code == 403
    mine, ours = saved(agent), saved(manager, shared=True)
    assert code(agent, "PUT", mine, URGENT | {"shared": True}) == (403, "forbidden")
    assert code(agent, "PUT", ours, URGENT) == (403, "forbidden")
    assert code(agent, "DELETE", ours) == (403, "forbidden")
    other = Api(agent.client, role=ADMIN, subject="user:9")
    assert code(other, "PUT", ours, URGENT | {"name": "Better", "shared": True})[0] == 200
    assert names(agent) == ["Urgent", "Better"]


def test_a_view_that_is_shared_no_longer_is_its_owners_again(agent: Api, manager: Api) -> None:
    ours = saved(manager, shared=True)
    other = Api(agent.client, role=ADMIN, subject="user:9")
    assert other.call("PUT", f"/api/views/{ours['id']}", URGENT).json["owner"] == "user:1"
    assert (names(agent), names(other), names(manager)) == ([], [], ["Urgent"])


def test_a_view_whose_department_or_team_is_gone_still_lists(agent: Api) -> None:
    ticket = agent.create()
    gone = saved(agent, filter={"department": ["Ministry"], "team": ["Nobody"]})
    assert agent.get(f"/api/views/{gone['id']}/tickets")["count"] == 0
    assert names(agent) == ["Urgent"]
    assert agent.call("PUT", f"/api/views/{gone['id']}", URGENT | {"filter": {}}).status_code == 200
    assert [each["id"] for each in agent.get(f"/api/views/{gone['id']}/tickets")["tickets"]] == [ticket["id"]]


def test_an_equal_view_keeps_its_version_and_a_stale_change_is_refused(agent: Api) -> None:
    view = saved(agent)
    path = f"/api/views/{view['id']}"
    assert agent.call("PUT", path, URGENT).json["version"] == 1
    assert agent.call("PUT", path, {"name": "Plain"}, If_Match='"1"').headers["ETag"] == '"2"'
    assert agent.get(path)["filter"] == {}
    assert code(agent, "PUT", view, URGENT, If_Match='"1"') == (412, "stale_version")
    assert code(agent, "DELETE", view, If_Match='"1"') == (412, "stale_version")
    assert agent.call("DELETE", path, If_Match='"2"').status_code == 204
    assert code(agent, "GET", view) == (404, "view_not_found")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"filter": {"status": ["lost"]}}, "filter.status"),
        ({"filter": {"colour": ["red"]}}, "filter.colour"),
        ({"filter": {"limit": 5}}, "filter.limit"),
        ({"filter": None}, "filter"),
        ({"sort": "priority"}, "sort"),
        ({"shared": "yes"}, "shared"),
        ({"owner": "user:1"}, "owner"),
    ],
)
def test_a_view_that_makes_no_sense_is_refused_by_the_name_of_its_field(
    agent: Api, change: dict[str, Any], field: str
) -> None:
    response = agent.call("POST", "/api/views", URGENT | change)
    assert (response.status_code, response.json["errors"][0]["field"]) == (400, field)


def test_a_deleted_person_leaves_shared_views_alone(
    agent: Api, manager: Api, made: ServiceDatabase, rows: Rows
) -> None:
    saved(manager, name="Hers")
    ours = saved(manager, name="Ours", shared=True)
    saved(agent, name="Mine")
    Inside(made).deliver(("user.deleted", 3, {"user_id": 1}))
    assert rows("select name, owner from saved_views order by id") == [("Ours", None), ("Mine", "user:2")]
    admin = Api(agent.client, role=ADMIN, subject="user:9")
    assert admin.call("PUT", f"/api/views/{ours['id']}", URGENT).json["owner"] == "user:9"


def test_the_audit_names_who_shared_a_view_and_shows_no_filter(manager: Api, api: Api) -> None:
    saved(manager, filter={"requester": ["ann@example.com"]}, shared=True)
    (record,) = api.get("/api/audit")["items"]
    assert record["action"] == "saved_view.created"
    assert "ann@example.com" not in str(record)
