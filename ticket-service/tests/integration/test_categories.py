"""Categories and sub-categories that somebody gives, numbers that people quote, and the search for both."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
import smartticket_contracts
from eventbus.contracts import Contracts
from service_kit.identity import REQUESTER

from ..conftest import DRAFT, Api
from .steps import Steps, results, start, titled
from .test_consume import Inside, inside

__all__ = ["inside"]

Rows = Callable[..., list[tuple[Any, ...]]]
HARDWARE = {"category": "Hardware", "sub_category": "Laptop"}


def published(rows: Rows, kind: str) -> list[dict[str, Any]]:
    contracts = Contracts.load(smartticket_contracts.folder())
    found = [orjson.loads(body) for (body,) in rows("select body from outbox where type = %s order by seq", kind)]
    for body in found:
        contracts.validate(kind, body)
    return found


def test_a_category_of_the_caller_is_published_and_outlasts_predictions(api: Api, inside: Inside, rows: Rows) -> None:
    ticket = api.create(**HARDWARE, priority="urgent")
    assert (ticket["category"], ticket["sub_category"]) == ("Hardware", "Laptop")
    (event,) = published(rows, "ticket.created")
    assert (event["category"], event["given_category"], event["sub_category"]) == ("Hardware", "Hardware", "Laptop")
    assert (event["given_priority"], event["external_ticket_id"]) == ("urgent", None)
    inside.route(ticket["id"], 1, category="Software")
    shown = api.get(f"/api/tickets/{ticket['id']}")
    assert (shown["category"], shown["sub_category"], shown["department"]) == ("Hardware", "Laptop", "IT Support")


def test_without_a_category_predictions_choose_it_until_a_person_does(api: Api, inside: Inside, rows: Rows) -> None:
    ticket = api.create()
    (event,) = published(rows, "ticket.created")
    assert (event["category"], event["given_category"], event["given_priority"]) == ("back", None, None)
    inside.route(ticket["id"], 1, category="Software")
    assert api.get(f"/api/tickets/{ticket['id']}")["category"] == "Software"
    changed = api.call("PATCH", f"/api/tickets/{ticket['id']}", HARDWARE)
    assert (changed.json["category"], changed.json["sub_category"]) == ("Hardware", "Laptop")
    inside.route(ticket["id"], 2, category="Network")
    assert api.get(f"/api/tickets/{ticket['id']}")["category"] == "Hardware"
    (event,) = published(rows, "ticket.updated")
    assert (event["category"], event["category_given"], event["sub_category"]) == ("Hardware", True, "Laptop")
    assert set(event["changed"]) == {"category", "sub_category"}
    (entry,) = [each for each in api.trail(ticket["id"]) if each["event_type"] == "updated"]
    assert entry["payload"]["before"] == {"category": "Software", "sub_category": None}
    assert entry["payload"]["after"] == HARDWARE
    again = api.call("PATCH", f"/api/tickets/{ticket['id']}", HARDWARE)
    assert again.json["version"] == api.get(f"/api/tickets/{ticket['id']}")["version"]
    assert len(published(rows, "ticket.updated")) == 1


@pytest.mark.parametrize("value", ["", " ", "x" * 101, 7, None, ["a"]])
@pytest.mark.parametrize("field", list(HARDWARE))
def test_a_bad_category_is_named(api: Api, field: str, value: Any) -> None:
    number = api.create()["id"]
    answers = [api.call("PATCH", f"/api/tickets/{number}", {field: value})]
    if value is not None:
        answers.append(api.call("POST", "/api/tickets", DRAFT | {field: value}))
    for refused in answers:
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, field)


def test_a_job_creates_and_changes_tickets_with_categories(api: Api, steps: Steps, rows: Rows) -> None:
    job = start(api, "POST", {"tickets": [each | HARDWARE for each in titled("a", "b")["tickets"]]})
    steps.finish()
    numbers = [each["ticket_id"] for each in results(api, job)]
    start(api, "PATCH", {"ids": numbers, "change": {"sub_category": "Screen"}})
    steps.finish()
    for number in numbers:
        shown = api.get(f"/api/tickets/{number}")
        assert (shown["category"], shown["sub_category"]) == ("Hardware", "Screen")


def test_a_change_of_the_category_is_audited(api: Api) -> None:
    number = api.create()["id"]
    api.call("PATCH", f"/api/tickets/{number}", HARDWARE)
    newest = api.get(f"/api/audit?ticket_id={number}")["items"][0]
    assert {each["field"]: each["new"] for each in newest["changes"]} == HARDWARE


def test_a_requester_sees_the_number_and_no_category(api: Api) -> None:
    ticket = Api(api.client, role=REQUESTER).create(**HARDWARE)
    assert ticket["number"].startswith("TX")
    assert {"category", "sub_category"} & ticket.keys() == set()


def test_a_ticket_is_found_by_its_number(api: Api, rows: Rows) -> None:
    first, second = api.create(), api.create(title="Printer")
    day = rows("select to_char(created_at at time zone 'utc', 'YYYYMMDD') from tickets order by id")[0][0]
    assert first["number"] == f"TX{day}{first['id']:06}"
    for spelled in (first["number"], first["number"].lower(), f" {first['number']} "):
        assert [each["id"] for each in api.get(f"/api/tickets?q={spelled}")["tickets"]] == [first["id"]]
    yesterday = f"TX20200101{second['id']:06}"
    assert api.get(f"/api/tickets?q={yesterday}")["tickets"] == []
    assert Api(api.client, company=2).get(f"/api/tickets?q={first['number']}")["tickets"] == []
    assert Api(api.client, role=REQUESTER).get(f"/api/tickets?q={first['number']}")["tickets"] == []


def test_numbers_of_ids_beyond_a_million_are_found(api: Api, rows: Rows, made: Any) -> None:
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute("select pg_get_serial_sequence('tickets', 'id')")
        sequence = cursor.fetchone()[0]
        cursor.execute("select last_value, is_called from " + sequence)
        before = cursor.fetchone()
        cursor.execute("select setval(%s, %s)", (sequence, 3_000_041))
    try:
        ticket = api.create()
        assert ticket["id"] == 3_000_042
        assert ticket["number"].endswith("000042")
        assert [each["id"] for each in api.get(f"/api/tickets?q={ticket['number']}")["tickets"]] == [3_000_042]
    finally:
        with made.admin() as connection, connection.cursor() as cursor:
            cursor.execute("select setval(%s, %s, %s)", (sequence, *before))


def test_a_job_finds_tickets_by_their_number(api: Api, steps: Steps) -> None:
    first, _ = api.create(), api.create()
    job = start(api, "PATCH", {"filter": {"q": first["number"]}, "change": {"priority": "high"}})
    steps.finish()
    assert [each["ticket_id"] for each in results(api, job)] == [first["id"]]
