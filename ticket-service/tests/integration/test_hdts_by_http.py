"""`POST /api/hdts/tickets`: tickets of another help desk, once each however often they are sent."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
from flask import Flask
from service_kit.identity import REQUESTER, SERVICE

from ..conftest import Api
from .test_consume import Inside, inside

__all__ = ["inside"]

Rows = Callable[..., list[tuple[Any, ...]]]
PATH = "/api/hdts/tickets"
TICKET: dict[str, Any] = {
    "ticket_id": "HD-1",
    "title": "Laptop startet nicht",
    "category": "Hardware",
    "sub_category": "Laptop",
    "priority": "low",
    "description": "Es piept dreimal 🙁",
    "requester_email": "ann@company.example",
    "requester_name": "Ann",
}


def send(api: Api, status: int = 201, **changes: Any) -> dict[str, Any]:
    answer = api.call("POST", PATH, {name: value for name, value in (TICKET | changes).items() if value is not ...})
    assert answer.status_code == status, answer.text
    assert answer.headers["Location"] == f"/api/tickets/{answer.json['id']}"
    return dict(answer.json)


def kinds(rows: Rows) -> list[str]:
    return [kind for (kind,) in rows("select type from outbox order by seq")]


def test_a_sent_ticket_is_stored_with_trail_and_event(api: Api, rows: Rows) -> None:
    ticket = send(api, asset="L-7")
    assert (ticket["external_ticket_id"], ticket["title"], ticket["user_name"]) == ("HD-1", TICKET["title"], "Ann")
    assert (ticket["category"], ticket["sub_category"], ticket["priority"]) == ("Hardware", "Laptop", "medium")
    assert (ticket["user_email"], ticket["status"]) == ("ann@company.example", "pending")
    assert ticket["metadata"] == {"hdts": {"extra": {"asset": "L-7"}}}
    assert api.get(f"/api/tickets/{ticket['id']}") == ticket
    ((body,),) = rows("select body from outbox where type = 'ticket.created'")
    event = orjson.loads(body)
    assert (event["external_ticket_id"], event["given_category"], event["given_priority"]) == (
        "HD-1",
        "Hardware",
        "medium",
    )
    assert [entry["event_type"] for entry in api.trail(ticket["id"])] == ["created"]


def test_sent_again_it_is_the_same_ticket_and_nothing_happens(api: Api, rows: Rows) -> None:
    first = send(api)
    before = rows("select * from tickets"), rows("select * from ticket_events"), kinds(rows)
    assert send(api, 200) == first
    assert send(api, 200, priority="low", department=None) == first
    assert (rows("select * from tickets"), rows("select * from ticket_events"), kinds(rows)) == before


def test_a_changed_ticket_changes_what_its_sender_changed_and_no_more(api: Api, rows: Rows) -> None:
    number = send(api)["id"]
    assert api.call("PATCH", f"/api/tickets/{number}", {"priority": "urgent", "title": "Laptop 7"}).status_code == 200
    changed = send(api, 200, description="Jetzt raucht er.", sub_category="Dock")
    assert (changed["description"], changed["sub_category"]) == ("Jetzt raucht er.", "Dock")
    assert (changed["priority"], changed["title"]) == ("urgent", "Laptop 7"), "a person's work stays"
    assert send(api, 200, description="Jetzt raucht er.", sub_category="Dock", priority="medium")["priority"] == "high"
    assert kinds(rows) == ["ticket.created", "ticket.updated", "ticket.updated", "ticket.updated"]
    updates = [each for each in api.trail(number) if each["event_type"] == "updated"]
    assert set(updates[1]["payload"]["after"]) == {"description", "sub_category"}


def test_a_changed_requester_or_attachment_is_stored_without_an_event(api: Api, rows: Rows) -> None:
    first = send(api, attachments=[{"filename": "a.jpg", "url": "https://x.example/a.jpg"}], asset=1)
    changed = send(api, 200, requester_name="Bob", attachments=[], asset=1)
    assert (changed["user_name"], changed["metadata"]) == ("Bob", {"hdts": {"extra": {"asset": 1}}})
    assert changed["version"] == first["version"] + 1
    assert kinds(rows) == ["ticket.created"]
    assert api.trail(first["id"])[-1]["payload"] == {"changed": ["requester_name", "metadata"]}


def test_a_known_department_is_requested_and_an_unknown_one_is_in_the_trail(api: Api, rows: Rows) -> None:
    known, unknown = send(api, department="it support"), send(api, ticket_id="HD-2", department="Catering")
    ((body,),) = rows("select body from outbox where type = 'ticket.updated'")
    event = orjson.loads(body)
    assert (event["ticket_id"], event["wanted_department"]) == (known["id"], "IT Support")
    assert (event["sub_category"], event["category_given"]) == ("Laptop", True)
    entry = api.trail(unknown["id"])[-1]
    assert (entry["event_type"], entry["payload"]["wanted_department"]) == ("department_ignored", "Catering")
    assert send(api, 200, department="it support")["id"] == known["id"]
    assert len(rows("select 1 from outbox where type = 'ticket.updated'")) == 1, "asked for once"


def test_a_persons_routing_outlasts_a_ticket_that_is_sent_again(api: Api, inside: Inside, rows: Rows) -> None:
    number = send(api, department="HR")["id"]
    inside.route(number, 1, department="Finance", decided_by="person", actor="person:9", wish_revision=2)
    send(api, 200, department="HR", title="New title")
    events = [
        orjson.loads(body) for (body,) in rows("select body from outbox where type = 'ticket.updated' order by seq")
    ]
    assert [each["wanted_department"] for each in events] == ["HR", None]


def test_twenty_at_once_make_one_ticket(app: Flask, api: Api, rows: Rows) -> None:
    def one(_: int) -> tuple[int, int]:
        answer = Api(app.test_client()).call("POST", PATH, TICKET)
        return answer.status_code, answer.json["id"]

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(one, range(20)))
    assert sorted(status for status, _ in answers) == [200] * 19 + [201]
    assert len({number for _, number in answers}) == 1
    assert rows("select count(*) from tickets") == [(1,)]
    assert kinds(rows) == ["ticket.created"]


def test_each_company_has_its_own_external_ids(api: Api) -> None:
    first, other = send(api), send(Api(api.client, company=2))
    assert first["id"] != other["id"]
    assert Api(api.client, company=2).get("/api/tickets?q=HD-1")["tickets"][0]["id"] == other["id"]


@pytest.mark.parametrize("external_id", ["HD-1", "42", "Ä/ 7", "x" * 100, "TX20261120000042"])
def test_a_ticket_is_found_by_its_external_id(api: Api, external_id: str) -> None:
    ticket = send(api, ticket_id=external_id, title="a", description="b")
    api.create()
    if " " in external_id:
        return
    found = api.call("GET", "/api/tickets?q=" + external_id.replace("#", "%23")).json["tickets"]
    assert [each["id"] for each in found] == [ticket["id"]]
    assert found[0]["external_ticket_id"] == external_id


def test_a_deleted_ticket_that_is_sent_again_is_a_new_one(api: Api, rows: Rows) -> None:
    first = send(api)["id"]
    assert api.call("DELETE", f"/api/tickets/{first}").status_code == 204
    assert rows("select 1 from external_tickets") == []
    assert send(api)["id"] != first


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ticket_id": ...}, "ticket_id"),
        ({"sub_category": ...}, "sub_category"),
        ({"title": "x" * 201}, "title"),
        ({"priority": "extreme"}, "priority"),
        ({"requester_email": "ann"}, "requester_email"),
        ({"created_at": "yesterday"}, "created_at"),
        ({"attachments": [{"filename": "a", "url": "javascript:x"}]}, "attachments.0.url"),
        ({"attachments": [{"filename": "a"}]}, "attachments.0.url"),
        ({"extra": "x" * 17_000}, "extra"),
        ({"extra": {"deep": [[[[[[[[1]]]]]]]]}}, "extra"),
        ({"extra": "a\0"}, "extra"),
    ],
)
def test_a_bad_ticket_is_400_and_names_the_field(api: Api, rows: Rows, changes: dict[str, Any], field: str) -> None:
    body = {name: value for name, value in (TICKET | changes).items() if value is not ...}
    refused = api.call("POST", PATH, json.dumps(body), Content_Type="application/json")
    assert (refused.status_code, refused.mimetype) == (400, "application/problem+json")
    assert {error["field"] for error in refused.json["errors"]} == {field}
    assert rows("select 1 from tickets") == []


@pytest.mark.parametrize(
    ("field", "sent", "shown_as", "shown"),
    [
        ("ticket_id", 77, "external_ticket_id", "77"),
        ("ticket_id", " HD-1\n", "external_ticket_id", "HD-1"),
        ("title", " Laptop ", "title", "Laptop"),
        ("title", f"{'x' * 200}  ", "title", "x" * 200),
        ("priority", " High ", "priority", "urgent"),
        ("description", "  ", "description", ""),
        ("description", " x ", "description", " x "),
        ("requester_email", "", "user_email", None),
        ("requester_email", " ann@company.example ", "user_email", "ann@company.example"),
        ("requester_name", " \t", "user_name", None),
        ("department", "\u200b", "department", None),
        ("created_at", "", "metadata", None),
    ],
)
def test_fields_are_understood_as_those_of_the_queue(
    api: Api, field: str, sent: Any, shown_as: str, shown: str | None
) -> None:
    ticket = send(api, **{field: sent})
    assert ticket[shown_as] == shown
    assert ticket[shown_as] == send(api, 200, **{field: sent})[shown_as]


@pytest.mark.parametrize("body", [[], 7, [TICKET]])
def test_what_is_no_object_is_refused(api: Api, body: Any) -> None:
    assert api.call("POST", PATH, body).status_code == 400


def test_an_idempotency_key_gives_the_first_answer_again(api: Api) -> None:
    first = api.call("POST", PATH, TICKET, Idempotency_Key="k")
    assert first.status_code == 201
    again = api.call("POST", PATH, TICKET, Idempotency_Key="k")
    assert (again.status_code, again.json) == (201, first.json)


def test_services_send_and_requesters_do_not(api: Api) -> None:
    assert Api(api.client, role=SERVICE, subject="desk").call("POST", PATH, TICKET).status_code == 201
    assert Api(api.client, role=REQUESTER).call("POST", PATH, TICKET).status_code == 403


def test_a_deleted_company_gets_no_tickets(api: Api, made: Any) -> None:
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute("insert into deleted_companies (id) values (1)")
    assert api.call("POST", PATH, TICKET).status_code == 404


def test_messages_are_counted(api: Api) -> None:
    send(api)
    send(api, 200)
    send(api, 200, title="Else")
    text = api.client.get("/metrics").text
    counts = {
        line.split('"')[1]: float(line.split()[-1])
        for line in text.splitlines()
        if line.startswith("hdts_messages_total{")
    }
    assert counts.keys() == {"created", "updated", "unchanged", "late", "refused"}
    assert min(counts["created"], counts["updated"], counts["unchanged"]) >= 1
