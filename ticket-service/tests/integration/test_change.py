"""Changing and deleting tickets, and their trail."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import orjson
import psycopg2
import pytest
from flask import Flask
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import DRAFT, Api
from .test_consume import PERSON, Inside

Rows = Callable[..., list[tuple[Any, ...]]]


def outbox_of(rows: Rows, kind: str) -> list[tuple[int, dict[str, Any]]]:
    """Return (revision, body) of the published events of one type."""
    found = rows("select revision, body from outbox where type = %s order by seq", kind)
    return [(revision, orjson.loads(body)) for revision, body in found]


def test_a_status_change_is_published(api: Api, rows: Rows) -> None:
    path = f"/api/tickets/{api.create()['id']}"
    response = api.call("PUT", f"{path}/status", {"status": "in_progress"}, X_Request_ID="r-2")
    assert response.status_code == 200
    assert (response.json["status"], response.json["version"]) == ("in_progress", 2)
    assert response.headers["ETag"] == '"2"'
    assert response.json["updated_at"] > response.json["created_at"]
    ((revision, event),) = outbox_of(rows, "ticket.status.updated")
    assert (revision, event["previous_status"], event["status"]) == (2, "pending", "in_progress")
    assert event["actor"] == "person:7"
    entry = api.trail(response.json["id"])[-1]
    assert (entry["event_type"], entry["request_id"]) == ("status_change", "r-2")
    assert entry["payload"] == {"before": "pending", "after": "in_progress"}


def test_the_same_status_again_changes_nothing(api: Api, rows: Rows) -> None:
    path = f"/api/tickets/{api.create()['id']}/status"
    first = api.call("PUT", path, {"status": "on_hold"})
    again = api.call("PUT", path, {"status": "on_hold"})
    assert again.json == first.json
    assert len(outbox_of(rows, "ticket.status.updated")) == 1


def test_an_illegal_move_is_409_and_an_unknown_status_400(api: Api) -> None:
    path = f"/api/tickets/{api.create()['id']}/status"
    api.call("PUT", path, {"status": "closed"})
    refused = api.call("PUT", path, {"status": "pending"})
    assert (refused.status_code, refused.json["code"]) == (409, "illegal_move")
    for body in ({"status": "done"}, {"status": None}, {}, {"status": 1}):
        unknown = api.call("PUT", path, body)
        assert unknown.status_code == 400
        assert unknown.json["errors"][0]["field"] == "status"


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_an_edit_changes_text_priority_and_status_in_one_go(api: Api, rows: Rows, method: str) -> None:
    ticket = api.create()
    edit = {"title": "New title", "description": "New text", "priority": "urgent", "status": "in_progress"}
    response = api.call(method, f"/api/tickets/{ticket['id']}", edit)
    assert response.status_code == 200, response.text
    assert response.json | edit == response.json
    assert response.json["version"] == 2
    ((revision, event),) = outbox_of(rows, "ticket.updated")
    assert revision == 2
    assert event["changed"] == ["title", "description", "priority"]
    assert (event["title"], event["priority"], event["priority_given"]) == ("New title", "urgent", True)
    assert (event["status"], event["wanted_department"]) == ("in_progress", None)
    ((revision, _),) = outbox_of(rows, "ticket.status.updated")
    assert revision == 3
    assert [entry["event_type"] for entry in api.trail(ticket["id"])] == ["created", "updated", "status_change"]
    updated = api.trail(ticket["id"])[1]["payload"]
    assert updated["before"]["title"] == DRAFT["title"]
    assert updated["after"]["title"] == "New title"


def test_a_department_is_a_request_until_it_is_routed(api: Api, rows: Rows) -> None:
    ticket = api.create()
    response = api.call("PATCH", f"/api/tickets/{ticket['id']}", {"department": "HR"})
    assert (response.status_code, response.json["department"]) == (200, None)
    ((_, event),) = outbox_of(rows, "ticket.updated")
    assert (event["wanted_department"], event["changed"]) == ("HR", ["department"])
    assert api.trail(ticket["id"])[-1]["payload"] == {
        "before": {"department": None},
        "after": {},
        "wanted_department": "HR",
    }


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_request_for_the_department_shown_is_published_and_changes_nothing(
    api: Api, made: ServiceDatabase, rows: Rows, method: str
) -> None:
    number = api.create()["id"]
    Inside(made).route(number, 1, department="HR", **PERSON)
    trail = api.trail(number)
    response = api.call(method, f"/api/tickets/{number}", {"department": "HR"})
    assert (response.json["version"], response.json["revision"]) == (3, 2)
    ((revision, event),) = outbox_of(rows, "ticket.updated")
    assert (revision, event["wanted_department"], event["changed"]) == (2, "HR", [])
    assert api.trail(number) == trail
    moved = api.call(method, f"/api/tickets/{number}", {"department": "HR", "status": "on_hold", "title": "Again"})
    assert (moved.json["version"], moved.json["revision"]) == (4, 4)
    assert outbox_of(rows, "ticket.updated")[-1][0] == 3
    assert rows("select wish_revision from tickets where id = %s", number) == [(3,)]


def test_an_unknown_department_can_not_be_requested(api: Api, rows: Rows) -> None:
    response = api.call("PATCH", f"/api/tickets/{api.create()['id']}", {"title": "x", "department": "Ministry"})
    assert (response.status_code, response.json["errors"][0]["field"]) == (400, "department")
    assert outbox_of(rows, "ticket.updated") == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"version": 1},
        {"team": ""},
        {"team": 7},
        {"team": "a\x00b"},
        {"team": "x" * 101},
        {"team": "Ministry"},
        {"color": 1},
        {"title": ""},
        {"title": None},
        {"priority": "x"},
        {"version": "1", "title": "x"},
    ],
)
def test_an_edit_is_checked(api: Api, rows: Rows, body: dict[str, Any]) -> None:
    path = f"/api/tickets/{api.create()['id']}"
    for method in ("PATCH", "PUT"):
        assert api.call(method, path, body).status_code == 400
    assert rows("select version from tickets") == [(1,)]


def test_a_stale_if_match_is_412_and_a_stale_version_409(api: Api) -> None:
    path = f"/api/tickets/{api.create()['id']}"
    assert api.call("PATCH", path, {"title": "b"}, If_Match='"1"').status_code == 200
    for method, body in (("PATCH", {"title": "c"}), ("PUT", {"title": "c"}), ("DELETE", None)):
        stale = api.call(method, path, body, If_Match='"1"')
        assert (stale.status_code, stale.json["code"]) == (412, "stale_version")
    assert api.call("PUT", f"{path}/status", {"status": "closed"}, If_Match='"1"').status_code == 412
    assert api.call("PATCH", path, {"title": "b"}, If_Match='"1"').status_code == 412, "even where nothing changes"
    for method in ("PATCH", "PUT"):
        conflict = api.call(method, path, {"title": "c", "version": 1})
        assert (conflict.status_code, conflict.json["code"]) == (409, "stale_version")
    assert api.get(path)["title"] == "b"


@pytest.mark.parametrize("tag", ["*", '"1"', '"7", "1"', "1"])
def test_tags_that_match(api: Api, tag: str) -> None:
    assert api.call("PATCH", f"/api/tickets/{api.create()['id']}", {"title": "b"}, If_Match=tag).status_code == 200


@pytest.mark.parametrize(
    ("tag", "status"),
    [('W/"1"', 412), ('"x"', 412), ('"99999999999999"', 412), ("nonsense", 400), ('"1', 400), ("", 400)],
)
def test_tags_that_do_not_match(api: Api, tag: str, status: int) -> None:
    assert api.call("PATCH", f"/api/tickets/{api.create()['id']}", {"title": "b"}, If_Match=tag).status_code == status


def test_of_two_changes_of_one_version_at_once_one_wins(app: Flask, api: Api) -> None:
    path = f"/api/tickets/{api.create()['id']}"
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(
            lambda number: (
                Api(app.test_client()).call("PATCH", path, {"title": f"t{number}"}, If_Match='"1"').status_code
            ),
            range(8),
        )
        assert sorted(answers) == [200] + [412] * 7
    assert api.get(path)["version"] == 2


def test_moves_at_once_leave_a_trail_that_adds_up(app: Flask, api: Api) -> None:
    number = api.create()["id"]
    moves = ["in_progress", "on_hold", "resolved", "closed"] * 4
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda status: Api(app.test_client()).call("PUT", f"/api/tickets/{number}/status", {"status": status}),
                moves,
            )
        )
    entries = [entry["payload"] for entry in api.trail(number) if entry["event_type"] == "status_change"]
    assert entries[0]["before"] == "pending"
    for earlier, later in pairwise(entries):
        assert later["before"] == earlier["after"]
    assert entries[-1]["after"] == api.get(f"/api/tickets/{number}")["status"]


def test_a_deleted_ticket_is_gone_with_its_trail_and_its_text(api: Api, rows: Rows) -> None:
    ticket = api.create(title="A secret")
    api.call("PATCH", f"/api/tickets/{ticket['id']}", {"description": "Another secret"})
    assert api.call("DELETE", f"/api/tickets/{ticket['id']}").status_code == 204
    for path in (f"/api/tickets/{ticket['id']}", f"/api/tickets/{ticket['id']}/events", f"/tickets/{ticket['uuid']}"):
        assert api.call("GET", path).status_code == 404
    assert api.call("DELETE", f"/api/tickets/{ticket['id']}").status_code == 404
    assert rows("select count(*) from ticket_events") == [(0,)]
    ((revision, event),) = outbox_of(rows, "ticket.deleted")
    assert (revision, event["ticket_id"], event["ticket_uuid"]) == (3, ticket["id"], ticket["uuid"])
    assert rows("select count(*) from outbox where body like '%%secret%%'") == [(0,)]
    assert rows("select company_id, subject from tombstones") == [(1, str(ticket["id"]))]


def test_the_trail_can_not_be_rewritten(api: Api, made: ServiceDatabase) -> None:
    api.create()
    for statement in ("update ticket_events set actor = 'x'", "delete from ticket_events", "truncate ticket_events"):
        with made.database.session(1) as session, pytest.raises(Exception, match="permission denied"):
            session.connection().exec_driver_sql(statement)


def test_the_trail_comes_in_pages_oldest_first_by_either_id(api: Api) -> None:
    ticket = api.create()
    for status in ("in_progress", "on_hold", "in_progress", "resolved"):
        api.call("PUT", f"/api/tickets/{ticket['id']}/status", {"status": status})
    whole = api.trail(ticket["id"])
    assert [entry["event_type"] for entry in whole] == ["created"] + ["status_change"] * 4
    assert set(whole[0]) == {"id", "event_type", "actor", "cause", "payload", "request_id", "created_at"}
    assert [entry["created_at"] for entry in whole] == sorted(entry["created_at"] for entry in whole)
    collected, path = [], f"/tickets/{ticket['uuid']}/events?limit=2"
    while path:
        page = api.get(path)
        assert page["count"] == len(page["items"]) <= 2
        collected += page["items"]
        path = f"/tickets/{ticket['uuid']}/events?limit=2&cursor={page['next']}" if page["next"] else ""
    assert collected == whole


def test_another_company_sees_and_changes_nothing(api: Api, rows: Rows) -> None:
    ticket = api.create()
    api.call("POST", "/tickets", {"subject": "s", "body": "b", "customer_id": "c"})
    other_company = Api(api.client, company=2)
    number, uuid = ticket["id"], ticket["uuid"]
    for method, path, body in (
        ("GET", f"/api/tickets/{number}", None),
        ("GET", f"/tickets/{uuid}", None),
        ("GET", f"/api/tickets/{number}/events", None),
        ("GET", f"/tickets/{uuid}/events", None),
        ("PATCH", f"/api/tickets/{number}", {"title": "mine"}),
        ("PUT", f"/api/tickets/{number}", {"title": "mine"}),
        ("PUT", f"/api/tickets/{number}/status", {"status": "closed"}),
        ("DELETE", f"/api/tickets/{number}", None),
    ):
        assert other_company.call(method, path, body).status_code == 404, (method, path)
    assert other_company.get("/api/tickets")["tickets"] == []
    assert other_company.get("/api/tickets?q=email")["tickets"] == []
    assert other_company.get("/api/departments/HR/tickets")["tickets"] == []
    assert rows("select title, status, version from tickets where id = %s", number) == [(ticket["title"], "pending", 1)]
    assert rows("select count(*) from tombstones") == [(0,)]
    mine = other_company.call("POST", "/tickets", {"subject": "s", "body": "b", "customer_id": "c"}).json["ticket_id"]
    assert len(other_company.get("/api/tickets")["tickets"]) == 1
    assert api.call("GET", f"/tickets/{mine}").status_code == 404


def test_row_level_security_holds_where_a_query_forgets_the_company(api: Api, made: ServiceDatabase) -> None:
    api.create()
    with made.database.session(2) as session:
        assert session.connection().exec_driver_sql("select count(*) from tickets").scalar() == 0
    with made.database.session(2) as session, pytest.raises(Exception, match="row-level security") as raised:
        session.connection().exec_driver_sql(
            "insert into tickets (company_id, uuid, title, description) values (1, gen_random_uuid(), 't', 'd')"
        )
    assert isinstance(raised.value.__cause__, psycopg2.Error)


@pytest.mark.parametrize(
    "path",
    [
        "/api/tickets/0",
        "/api/tickets/-1",
        "/api/tickets/99999999999999999999999",
        "/api/tickets/9223372036854775807",
        "/api/tickets/abc",
        "/api/tickets/1.5",
        "/tickets/not-a-uuid",
        "/tickets/00000000-0000-0000-0000-000000000000",
        "/tickets/1/events",
    ],
)
def test_ids_that_nothing_has_are_404(api: Api, path: str) -> None:
    response = api.call("GET", path)
    assert (response.status_code, response.content_type) == (404, "application/problem+json")
