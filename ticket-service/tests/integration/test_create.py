"""Storing tickets."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
import smartticket_contracts
from eventbus.contracts import Contracts
from flask import Flask
from service_kit.identity import AGENT, REQUESTER

from ..conftest import DRAFT, Api

Rows = Callable[..., list[tuple[Any, ...]]]
MAIL = {"subject": "No access", "body": "I can't log in.", "customer_id": "cust_12345"}


def test_a_ticket_is_stored_with_its_trail_and_its_event(api: Api, rows: Rows) -> None:
    response = api.call(
        "POST", "/api/tickets", DRAFT | {"priority": "high", "metadata": {"a": [1]}}, X_Request_ID="abc"
    )
    assert response.status_code == 201
    assert response.headers["ETag"] == '"1"'
    ticket = response.json
    assert response.headers["Location"] == f"/api/tickets/{ticket['id']}"
    assert ticket | DRAFT == ticket
    assert ticket["department"] is None
    assert ticket["confidence_score"] is None
    assert (ticket["status"], ticket["run"], ticket["category"]) == ("pending", "pending", "back")
    assert (ticket["priority"], ticket["need_admin"], ticket["version"]) == ("high", True, 1)
    assert ticket["metadata"] == {"a": [1]}
    assert ticket["created_at"].endswith("Z")
    assert api.get(f"/api/tickets/{ticket['id']}") == ticket
    (entry,) = api.trail(ticket["id"])
    assert (entry["event_type"], entry["actor"], entry["cause"]) == ("created", "person:7", "request")
    assert entry["request_id"] == "abc"
    assert entry["payload"] == {"before": None, "after": {"status": "pending", "priority": "high"}}
    ((body, *columns),) = rows("select body, id::text, subject, request_id, revision from outbox")
    event = orjson.loads(body)
    Contracts.load(smartticket_contracts.folder()).validate("ticket.created", event)
    assert (event["ticket_id"], event["ticket_uuid"]) == (ticket["id"], ticket["uuid"])
    assert event["created_at"] == ticket["created_at"]
    assert (event["category"], event["priority"], event["need_admin"]) == ("back", "high", True)
    assert columns == [event["event_id"], str(ticket["id"]), "abc", 1]


def test_without_a_priority_a_ticket_begins_low_and_models_may_choose(api: Api, rows: Rows) -> None:
    assert api.create()["priority"] == "low"
    assert rows("select priority_given from tickets") == [(False,)]


def test_requesters_create_and_they_and_agents_read(api: Api) -> None:
    ticket = Api(api.client, role=REQUESTER).create()
    assert Api(api.client, role=REQUESTER).get(f"/api/tickets/{ticket['id']}")["id"] == ticket["id"]
    assert Api(api.client, role=AGENT).get(f"/api/tickets/{ticket['id']}")["id"] == ticket["id"]
    assert api.client.post("/api/tickets", json=DRAFT).status_code == 401


def test_the_same_text_twice_is_two_tickets_under_api(api: Api) -> None:
    assert api.create()["id"] != api.create()["id"]


def test_a_customers_ticket_is_one_while_it_is_open(api: Api, rows: Rows) -> None:
    first = api.call("POST", "/tickets", MAIL)
    assert first.status_code == 201
    assert first.json == {"ticket_id": first.json["ticket_id"], "status": "pending"}
    again = api.call("POST", "/tickets", MAIL)
    assert (again.status_code, again.json) == (201, first.json)
    assert rows("select count(*) from tickets") == [(1,)]
    assert rows("select count(*) from outbox") == [(1,)]
    ticket = api.get("/api/tickets")["tickets"][0]
    assert (ticket["uuid"], ticket["customer_id"]) == (first.json["ticket_id"], "cust_12345")
    assert (ticket["title"], ticket["description"]) == (MAIL["subject"], MAIL["body"])
    assert ticket["user_name"] is None


def test_each_part_of_a_customers_text_makes_another_ticket(api: Api) -> None:
    texts = [MAIL, *(MAIL | {name: "other"} for name in MAIL)]
    assert len({api.call("POST", "/tickets", text).json["ticket_id"] for text in texts}) == 4


def test_after_closing_the_same_text_is_a_new_ticket(api: Api) -> None:
    ids = []
    for _ in range(3):
        ids.append(api.call("POST", "/tickets", MAIL).json["ticket_id"])
        number = api.get("/api/tickets?limit=1")["tickets"][0]["id"]
        assert api.call("PUT", f"/api/tickets/{number}/status", {"status": "closed"}).status_code == 200
    assert len(set(ids)) == 3


def test_reopening_beside_an_open_duplicate_is_refused(api: Api) -> None:
    api.call("POST", "/tickets", MAIL)
    first = api.get("/api/tickets")["tickets"][0]["id"]
    api.call("PUT", f"/api/tickets/{first}/status", {"status": "closed"})
    second = api.call("POST", "/tickets", MAIL).json["ticket_id"]
    refused = api.call("PUT", f"/api/tickets/{first}/status", {"status": "in_progress"})
    assert (refused.status_code, refused.json["code"]) == (409, "duplicate_open")
    assert api.get(f"/api/tickets/{first}")["status"] == "closed"
    number = api.get("/api/tickets?limit=1")["tickets"][0]["id"]
    api.call("PUT", f"/api/tickets/{number}/status", {"status": "closed"})
    assert api.call("PUT", f"/api/tickets/{first}/status", {"status": "in_progress"}).status_code == 200
    # The first ticket is open now, so an equal text finds it and not the second.
    assert api.call("POST", "/tickets", MAIL).json["ticket_id"] not in {second}


def test_a_deleted_duplicate_leaves_no_id_taken(api: Api) -> None:
    for _ in range(2):
        api.call("POST", "/tickets", MAIL)
        number = api.get("/api/tickets?limit=1")["tickets"][0]["id"]
        api.call("PUT", f"/api/tickets/{number}/status", {"status": "closed"})
    oldest = api.get("/api/tickets")["tickets"][-1]["id"]
    assert api.call("DELETE", f"/api/tickets/{oldest}").status_code == 204
    assert api.call("POST", "/tickets", MAIL).status_code == 201
    assert api.get("/api/tickets")["tickets"][0]["status"] == "pending"


def test_twenty_equal_posts_at_once_make_one_ticket(app: Flask, api: Api, rows: Rows) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: Api(app.test_client()).call("POST", "/tickets", MAIL), range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["ticket_id"] for answer in answers}) == 1
    assert rows("select count(*) from tickets") == [(1,)]
    assert rows("select count(*) from outbox where type = 'ticket.created'") == [(1,)]
    assert rows("select count(*) from ticket_events where event_type = 'created'") == [(1,)]


@pytest.mark.parametrize("field", DRAFT)
@pytest.mark.parametrize("value", [None, "", "  \n ", 7, ["x"], {"x": 1}])
def test_every_field_of_a_ticket_is_required_and_not_blank(api: Api, rows: Rows, field: str, value: Any) -> None:
    body = {name: text for name, text in DRAFT.items() if name != field}
    for wrong in (body, body | {field: value}):
        response = api.call("POST", "/api/tickets", wrong)
        assert response.status_code == 400
        assert response.content_type == "application/problem+json"
        assert {error["field"] for error in response.json["errors"]} == {field}
    assert rows("select count(*) from tickets") == [(0,)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": "x" * 501}, "title"),
        ({"description": "x" * 100_001}, "description"),
        ({"user_email": "nobody"}, "user_email"),
        ({"user_email": "a b@c.de"}, "user_email"),
        ({"user_email": "a\x07b@c.de"}, "user_email"),
        ({"user_email": "a@c.de\r\nBcc: x@y.zz"}, "user_email"),
        ({"user_email": "a@b"}, "user_email"),
        ({"user_email": "a..b@x.org"}, "user_email"),
        ({"user_email": "root@localhost"}, "user_email"),
        ({"title": "\u200b"}, "title"),
        ({"user_name": "\u3164\u00ad"}, "user_name"),
        ({"user_email": "x" * 250 + "@c.de"}, "user_email"),
        ({"priority": "critical"}, "priority"),
        ({"priority": 1}, "priority"),
        ({"metadata": []}, "metadata"),
        ({"metadata": {"x": "y" * 16_400}}, "metadata"),
        ({"metadata": {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {}}}}}}}}}}, "metadata"),
        ({"title": "a\0b"}, "title"),
        ({"metadata": {"x": {"y\0": 1}}}, "metadata.x.y\\u0000"),
        ({"color": "red"}, "color"),
        ({"id": 5}, "id"),
        ({"company_id": 2}, "company_id"),
    ],
)
def test_invalid_fields_are_refused_by_name(api: Api, rows: Rows, change: dict[str, Any], field: str) -> None:
    response = api.call("POST", "/api/tickets", DRAFT | change)
    assert response.status_code == 400, response.text
    assert {error["field"] for error in response.json["errors"]} == {field}
    assert rows("select count(*) from tickets") == [(0,)]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{bad", 400),
        (b"", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b'{"title": "\\ud800"}', 400),
        (b'{"title": "\xff"}', 400),
        (
            b'{"metadata": {"n": 1e999}, "title": "t", "description": "d", "user_name": "n", "user_email": "a@b.cd"}',
            400,
        ),
        (b'{"a":' * 40 + b"1" + b"}" * 40, 400),
        (b'{"title": "' + b"x" * 1_100_000 + b'"}', 413),
    ],
)
def test_bodies_that_are_no_tickets_are_refused(api: Api, rows: Rows, body: bytes, status: int) -> None:
    response = api.call("POST", "/api/tickets", body, Content_Type="application/json")
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    assert rows("select count(*) from tickets") == [(0,)]


def test_any_number_in_metadata_can_be_read_back(api: Api) -> None:
    numbers = b"[1e300, -2.5e-300, 18446744073709551615, 18446744073709551616, -9223372036854775809, 1e19, 0.1]"
    body = json.dumps(DRAFT)[:-1].encode() + b', "metadata": {"n": ' + numbers + b"}}"
    created = api.call("POST", "/api/tickets", body, Content_Type="application/json")
    assert created.status_code == 201, created.text
    assert api.get("/api/tickets")["tickets"] == [created.json]
    assert created.json["metadata"]["n"][0] == 1e300


def test_another_content_type_is_refused(api: Api) -> None:
    assert api.call("POST", "/api/tickets", b"title=x", Content_Type="text/plain").status_code == 415


def test_texts_of_any_language_and_of_full_length_are_stored_unchanged(api: Api) -> None:
    texts = {"title": "\U0001f5a8 100% 'quoted' \"\\" + "ß" * 400, "description": "%(x)s :name \\ $1\t" + "語" * 99_000}
    ticket = api.create(**texts)
    shown = api.get(f"/api/tickets/{ticket['id']}")
    assert (shown["title"], shown["description"]) == (texts["title"], texts["description"])


@pytest.mark.parametrize(
    "change", [{"subject": " "}, {"body": "x" * 100_001}, {"customer_id": "x" * 101}, {"title": "x"}]
)
def test_a_customers_ticket_is_checked_as_well(api: Api, change: dict[str, Any]) -> None:
    response = api.call("POST", "/tickets", MAIL | change)
    assert response.status_code == 400
    assert [error["field"] for error in response.json["errors"]] == list(change)
