"""Macros: managers keep them, people apply them to tickets."""

from collections.abc import Callable
from typing import Any

import pytest
from service_kit.identity import ADMIN, AGENT, MANAGER
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api
from .test_consume import Inside
from .test_teams import publish_team

Rows = Callable[..., list[tuple[Any, ...]]]
TAKE = {"name": "Take it", "actions": {"status": "in_progress", "priority": "high"}}


@pytest.fixture
def agent(api: Api) -> Api:
    return Api(api.client, role=AGENT, subject="user:2")


@pytest.fixture
def manager(api: Api) -> Api:
    return Api(api.client, role=MANAGER, subject="user:1")


def added(who: Api, **actions: Any) -> dict[str, Any]:
    response = who.call("POST", "/api/macros", {"name": "Macro", "actions": actions} if actions else TAKE)
    assert response.status_code == 201, response.text
    assert response.headers["Location"] == f"/api/macros/{response.json['id']}"
    return dict(response.json)


def apply(who: Api, ticket: dict[str, Any], macro: dict[str, Any], **headers: str) -> Any:
    return who.call("POST", f"/api/tickets/{ticket['id']}/macros/{macro['id']}", **headers)


def test_a_macro_is_kept_by_managers_and_seen_by_all_staff(agent: Api, manager: Api) -> None:
    macros = [added(manager) for _ in range(3)]
    assert (macros[0]["name"], macros[0]["actions"]) == (TAKE["name"], TAKE["actions"])
    assert agent.every("/api/macros?limit=2") == macros
    path = f"/api/macros/{macros[0]['id']}"
    assert agent.get(path) == macros[0]
    for method, body in (("PUT", TAKE), ("DELETE", None)):
        assert agent.call(method, path, body).status_code == 403
    assert agent.call("POST", "/api/macros", TAKE).status_code == 403
    assert manager.call("PUT", path, TAKE, If_Match='"1"').json["version"] == 1, "equal content changes nothing"
    changed = manager.call("PUT", path, {"name": "Other", "actions": {"team": None}}, If_Match='"1"')
    assert (changed.json["actions"], changed.headers["ETag"]) == ({"team": None}, '"2"')
    assert manager.call("DELETE", path, If_Match='"1"').json["code"] == "stale_version"
    assert manager.call("DELETE", path, If_Match='"2"').status_code == 204
    assert agent.call("GET", path).json["code"] == "macro_not_found"
    elsewhere = Api(agent.client, company=2, role=ADMIN)
    assert elsewhere.every("/api/macros") == []


def test_a_macro_changes_a_ticket_as_a_patch_does(agent: Api, manager: Api, rows: Rows) -> None:
    by_macro, by_patch = agent.create(), agent.create()
    response = apply(agent, by_macro, added(manager))
    patched = agent.call("PATCH", f"/api/tickets/{by_patch['id']}", TAKE["actions"])
    for field in ("status", "priority", "version", "revision", "unread"):
        assert response.json[field] == patched.json[field]
    assert response.headers["ETag"] == patched.headers["ETag"] == '"2"'
    trails = [
        [(entry["event_type"], entry["actor"], entry["payload"]) for entry in agent.trail(ticket["id"])]
        for ticket in (by_macro, by_patch)
    ]
    assert trails[0] == trails[1]
    kinds = [("ticket.created",), ("ticket.updated",), ("ticket.status.updated",)]
    assert rows("select type from outbox where subject = %s order by seq", str(by_macro["id"])) == kinds


@pytest.mark.parametrize("internal", [True, False])
def test_a_macro_adds_its_comment_with_its_changes(agent: Api, manager: Api, rows: Rows, internal: bool) -> None:
    ticket = agent.create()
    macro = added(manager, status="in_progress", comment={"text": "I look\r\ninto it.", "internal": internal})
    response = apply(agent, ticket, macro, Idempotency_Key="k")
    assert response.status_code == 200, response.text
    assert response.json == agent.get(f"/api/tickets/{ticket['id']}")
    assert response.json["status"] == "in_progress"
    (comment,) = agent.get(f"/api/tickets/{ticket['id']}/comments")["items"]
    shown = {name: comment[name] for name in ("text", "internal", "author", "author_kind")}
    assert shown == {
        "text": "I look\ninto it.", "internal": internal, "author": "person:user:2", "author_kind": "agent"
    }  # fmt: skip
    assert apply(agent, ticket, macro, Idempotency_Key="k").json == response.json
    assert rows("select count(*) from outbox where type = 'ticket.commented'") == [(1,)]


def test_a_macro_may_do_nothing_but_comment_and_a_refused_one_adds_none(agent: Api, manager: Api) -> None:
    ticket = agent.create()
    assert apply(agent, ticket, added(manager, comment={"text": "Please wait."})).status_code == 200
    refused = added(manager, department="Ministry", comment={"text": "Off it goes."})
    assert apply(agent, ticket, refused).json["code"] == "unknown_department"
    comments = agent.get(f"/api/tickets/{ticket['id']}/comments")["items"]
    assert [comment["text"] for comment in comments] == ["Please wait."]


def test_a_macro_requests_department_and_team(agent: Api, manager: Api, made: ServiceDatabase, rows: Rows) -> None:
    publish_team(Inside(made), "created", 7, "Network")
    ticket = agent.create()
    response = apply(agent, ticket, added(manager, department="HR", team="Network"))
    assert response.status_code == 200, response.text
    wanted = "select body::json ->> 'wanted_department', body::json ->> 'wanted_team_id' from outbox where type = %s"
    assert rows(wanted, "ticket.updated") == [("HR", "7")]


def test_a_macro_makes_all_of_its_changes_or_none(agent: Api, manager: Api, rows: Rows) -> None:
    ticket = agent.create()
    macro = added(manager, status="in_progress", priority="urgent", department="Ministry")
    refused = apply(agent, ticket, macro)
    assert (refused.status_code, refused.json["code"]) == (400, "unknown_department")
    closed = added(manager, status="on_hold", priority="urgent")
    agent.call("PUT", f"/api/tickets/{ticket['id']}/status", {"status": "closed"})
    assert apply(agent, ticket, closed).json["code"] == "illegal_move"
    now = agent.get(f"/api/tickets/{ticket['id']}")
    assert (now["status"], now["priority"]) == ("closed", ticket["priority"])
    assert len(rows("select 1 from outbox where type = 'ticket.updated'")) == 0


def test_a_macro_for_a_version_that_somebody_has_changed_is_refused(agent: Api, manager: Api) -> None:
    ticket, macro = agent.create(), added(manager)
    agent.call("PATCH", f"/api/tickets/{ticket['id']}", {"title": "Other"})
    assert apply(agent, ticket, macro, If_Match='"1"').status_code == 412
    assert apply(agent, ticket, macro, If_Match='"2"').status_code == 200


def test_a_repeated_request_has_one_effect_even_where_the_macro_is_gone(agent: Api, manager: Api) -> None:
    ticket, macro = agent.create(), added(manager)
    first = apply(agent, ticket, macro, Idempotency_Key="k")
    agent.call("PATCH", f"/api/tickets/{ticket['id']}", {"status": "closed"})
    again = apply(agent, ticket, macro, Idempotency_Key="k")
    assert (again.json, again.headers["Idempotency-Replayed"]) == (first.json, "true")
    manager.call("DELETE", f"/api/macros/{macro['id']}")
    assert apply(agent, ticket, macro, Idempotency_Key="k").json == first.json
    for _ in range(2):
        assert apply(agent, ticket, macro, Idempotency_Key="other").json["code"] == "macro_not_found"


def test_macros_and_tickets_of_other_companies_are_not_there(agent: Api, manager: Api) -> None:
    other = Api(agent.client, company=2, role=ADMIN)
    ticket, macro = agent.create(), added(manager)
    assert apply(other, ticket, macro).json["code"] == "macro_not_found"
    assert apply(other, ticket, added(other)).json["code"] == "ticket_not_found"
    assert apply(agent, other.create(), macro).json["code"] == "ticket_not_found"
    assert apply(agent, ticket, added(other)).json["code"] == "macro_not_found"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "\u200b"}, "name"),
        ({"actions": {}}, "actions"),
        ({"actions": {"status": "lost"}}, "actions.status"),
        ({"actions": {"title": "x"}}, "actions.title"),
        ({"actions": {"version": 1}}, "actions.version"),
        ({"actions": {"comment": "x"}}, "actions.comment"),
        ({"actions": {"comment": {"text": " "}}}, "actions.comment.text"),
        ({"actions": {"comment": {"text": "x", "parent_id": 1}}}, "actions.comment.parent_id"),
        ({"actions": None}, "actions"),
        ({"shared": True}, "shared"),
    ],
)
def test_a_macro_that_makes_no_sense_is_refused_by_the_name_of_its_field(
    manager: Api, change: dict[str, Any], field: str
) -> None:
    response = manager.call("POST", "/api/macros", TAKE | change)
    assert (response.status_code, response.json["errors"][0]["field"]) == (400, field)
