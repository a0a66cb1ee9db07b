"""Drafts of replies: one per person and ticket, seen by nobody else."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from service_kit.identity import ADMIN, AGENT, REQUESTER
from service_kit.testing.postgres import ServiceDatabase
from ticket_service import service
from ticket_service.settings import Settings

from ..conftest import Api
from .test_consume import Inside

Rows = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def agent(api: Api) -> Api:
    return Api(api.client, role=AGENT, subject="user:3")


def address(ticket: dict[str, Any]) -> str:
    return f"/api/tickets/{ticket['id']}/draft"


def saved(who: Api, ticket: dict[str, Any], text: str = "Dear Ann", **headers: str) -> Any:
    response = who.call("PUT", address(ticket), {"text": text}, **headers)
    assert response.status_code == 200, response.text
    return response


def code(who: Api, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
    response = who.call(method, path, body, **headers)
    return response.status_code, (response.json or {}).get("code", "")


def test_there_is_no_draft_before_one_is_saved_nor_after_it_is_deleted(agent: Api) -> None:
    ticket = agent.create()
    assert code(agent, "GET", address(ticket)) == (404, "draft_not_found")
    assert code(agent, "DELETE", address(ticket)) == (404, "draft_not_found")
    saved(agent, ticket)
    assert agent.call("DELETE", address(ticket)).status_code == 204
    assert code(agent, "GET", address(ticket)) == (404, "draft_not_found")


def test_the_last_draft_replaces_the_earlier_one(agent: Api, rows: Rows) -> None:
    ticket = agent.create()
    saved(agent, ticket)
    agent.call("PUT", address(ticket), {"text": "Only for us", "internal": True})
    shown = agent.get(address(ticket))
    assert (shown["ticket_id"], shown["text"], shown["internal"]) == (ticket["id"], "Only for us", True)
    assert rows("select count(*) from reply_drafts") == [(1,)]


@pytest.mark.parametrize(
    ("text", "status"), [("x" * 65_536, 200), ("x" * 65_537, 400), ("é" * 32_769, 400), ("\a", 400), ("a\r\nb", 200)]
)
def test_what_a_draft_may_hold_a_comment_may_hold_and_no_more(agent: Api, text: str, status: int) -> None:
    ticket = agent.create()
    draft = agent.call("PUT", address(ticket), {"text": text})
    comment = agent.call("POST", f"/api/tickets/{ticket['id']}/comments", {"text": text})
    assert (draft.status_code, comment.status_code) == (status, status if status == 400 else 201)
    assert draft.json.get("text") == comment.json.get("text")
    assert draft.json.get("errors") == comment.json.get("errors")


def test_nobody_else_sees_a_draft_not_even_an_admin(api: Api, agent: Api) -> None:
    ticket = agent.create()
    saved(agent, ticket, "Mine")
    admin = Api(api.client, role=ADMIN, subject="user:1")
    assert code(admin, "GET", address(ticket)) == (404, "draft_not_found")
    assert code(admin, "DELETE", address(ticket)) == (404, "draft_not_found")
    saved(admin, ticket, "The admin's")
    assert agent.get(address(ticket))["text"] == "Mine"
    for path in (f"/api/tickets/{ticket['id']}", f"/api/tickets/{ticket['id']}/events", "/api/audit?limit=100"):
        assert "Mine" not in admin.call("GET", path).text


def test_a_draft_survives_a_restart_and_changes_of_its_ticket(agent: Api, read: Callable[..., Settings]) -> None:
    ticket = agent.create()
    tag = saved(agent, ticket).headers["ETag"]
    agent.call("PATCH", f"/api/tickets/{ticket['id']}", {"title": "Other", "status": "closed"})
    process = service.SERVICE.instance(read())
    again = replace(agent, client=process.create_app().test_client())
    response = again.call("GET", address(ticket))
    assert (response.json["text"], response.headers["ETag"]) == ("Dear Ann", tag)
    process.close()


def test_a_draft_leaves_version_trail_and_events_of_its_ticket_alone(agent: Api, rows: Rows) -> None:
    ticket = agent.create()
    saved(agent, ticket)
    assert agent.get(f"/api/tickets/{ticket['id']}")["version"] == ticket["version"]
    assert len(agent.trail(ticket["id"])) == 1
    assert rows("select count(*) from outbox") == [(1,)]


def test_of_two_windows_the_one_with_the_older_draft_is_refused(agent: Api) -> None:
    ticket = agent.create()
    first = saved(agent, ticket, "One").headers["ETag"]
    saved(agent, ticket, "Two", If_Match=first)
    assert code(agent, "PUT", address(ticket), {"text": "Three"}, If_Match=first) == (412, "stale_version")
    assert code(agent, "DELETE", address(ticket), If_Match=first) == (412, "stale_version")
    assert agent.get(address(ticket))["text"] == "Two"


def test_a_tag_of_a_deleted_draft_saves_nothing(agent: Api) -> None:
    ticket = agent.create()
    tag = saved(agent, ticket).headers["ETag"]
    agent.call("DELETE", address(ticket))
    assert code(agent, "PUT", address(ticket), {"text": "Again"}, If_Match=tag) == (412, "stale_version")


@pytest.mark.parametrize("text", ["", " ", "\u200b", "x" * 100_001])
def test_a_draft_without_a_visible_text_or_with_too_much_is_refused(agent: Api, text: str) -> None:
    assert code(agent, "PUT", address(agent.create()), {"text": text}) == (400, "invalid")


def test_a_requester_drafts_for_its_own_tickets_and_no_internal_notes(api: Api, agent: Api) -> None:
    ann = Api(api.client, role=REQUESTER, subject="user:7")
    own, other = ann.create(), agent.create()
    saved(ann, own)
    for method, body in (("PUT", {"text": "x"}), ("GET", None), ("DELETE", None)):
        assert code(ann, method, address(other), body) == (404, "ticket_not_found")
    assert code(ann, "PUT", address(own), {"text": "x", "internal": True}) == (403, "forbidden")


def test_drafts_go_with_their_ticket(agent: Api, rows: Rows) -> None:
    gone, kept = agent.create(), agent.create()
    saved(agent, gone)
    saved(agent, kept)
    agent.call("DELETE", f"/api/tickets/{gone['id']}")
    assert rows("select ticket_id from reply_drafts") == [(kept["id"],)]
    assert code(agent, "GET", address(gone)) == (404, "ticket_not_found")


def test_the_drafts_of_a_deleted_person_go_and_those_of_others_stay(
    api: Api, made: ServiceDatabase, rows: Rows
) -> None:
    people = [Api(api.client, role=AGENT, subject=f"user:{number}") for number in (7, 77)]
    elsewhere = Api(api.client, company=2, role=AGENT, subject="user:7")
    ticket, other = people[0].create(), elsewhere.create()
    for who in people:
        saved(who, ticket)
    saved(elsewhere, other)
    for _ in range(2):
        Inside(made).deliver(("user.deleted", 3, {"user_id": 7}))
    assert rows("select company_id, author from reply_drafts order by 1") == [(1, "user:77"), (2, "user:7")]
