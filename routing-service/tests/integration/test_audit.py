"""What the audit says of departments and routings, over HTTP, and of a refill."""

from datetime import UTC, datetime
from typing import Any

import pytest
from operations_kit.http import dead_letters
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api, Events

ADDRESS = "203.0.113.7"


@pytest.fixture
def eva(api: Api) -> Api:
    """An admin with a known address."""
    return Api(api.client, subject="user:5", address=ADDRESS)


def records(api: Api, **wanted: Any) -> list[Any]:
    query = "&".join(f"{name}={value}" for name, value in wanted.items())
    return api.every(f"/api/audit?limit=2&{query}")


def test_a_change_shows_who_made_it_from_where_and_the_values_before_and_after(eva: Api) -> None:
    eva.call("POST", "/api/departments", {"name": "Boats", "description": "Oars"})
    eva.call("PUT", "/api/departments/Boats", {"is_active": False, "description": "Sails!"}, X_Request_ID="request-7")
    eva.call("DELETE", "/api/departments/Boats")
    deleted, updated, created, *_seeded = records(eva, record="department")
    assert [each["action"] for each in (created, updated, deleted)] == [
        "department.created", "department.updated", "department.deleted",
    ]  # fmt: skip
    by_key = {"api_key_id": None, "api_key_name": None}
    assert updated["actor"] == {"kind": "user", "id": "user:5", "name": "Somebody"} | by_key
    assert (updated["ip"], updated["request_id"], updated["service"]) == (ADDRESS, "request-7", "routing-service")
    assert updated["record"] == created["record"] == deleted["record"]
    changes = {each["field"]: (each["old"], each["new"]) for each in updated["changes"]}
    assert changes == {"is_active": (True, False), "description": ({"length": 4}, {"length": 6})}
    assert datetime.fromisoformat(updated["at"]) <= datetime.now(UTC)


def test_what_changes_nothing_leaves_no_record(eva: Api) -> None:
    eva.call("POST", "/api/departments", {"name": "Boats"})
    before = len(records(eva))
    assert eva.call("PUT", "/api/departments/Boats", {"is_active": True}).status_code == 200
    assert eva.call("POST", "/api/departments", {"name": "boats"}).status_code == 409
    assert eva.call("GET", "/api/departments").status_code == 200
    assert len(records(eva)) == before


def test_events_are_nobodys_changes(eva: Api, events: Events, made: ServiceDatabase) -> None:
    events.deliver(events.make("ticket.categorized", 12))
    assert made.rows("select count(*) from tickets where ticket_id = 12") == [(1,)]
    assert made.rows("select count(*) from audit") == [(0,)]


def test_a_routing_by_a_person_is_found_by_its_ticket(eva: Api, events: Events) -> None:
    events.deliver(events.make("ticket.categorized", 12))
    assert eva.call("PUT", "/api/route/12", {"department": "HR"}).status_code == 200
    (routed,) = records(eva, ticket_id=12)
    assert routed["record"] == "routing:12"
    assert {"field": "department", "old": routed["changes"][0]["old"], "new": "HR"} in routed["changes"]
    assert records(eva, ticket_id=13) == []


def test_a_refill_is_recorded_once_the_bus_was_asked(eva: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    class Bus:
        asked: list[str] = []  # noqa: RUF012 - one test

        def request_refill(self, queue: str) -> None:
            self.asked.append(queue)

        def close(self) -> None:
            pass

    monkeypatch.setattr(dead_letters, "build_bus", lambda _settings: Bus())
    assert eva.call("POST", "/api/refill/routing-service.nothing").status_code == 404
    assert records(eva) == []
    assert eva.call("POST", "/api/refill/routing-service.route").status_code == 202
    assert Bus.asked == ["routing-service.route"]
    (record,) = records(eva)
    assert (record["action"], record["record"]) == ("queue.refilled", "queue:routing-service.route")
    assert (record["actor"]["id"], record["ip"]) == ("user:5", ADDRESS)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("ticket_id=x", "ticket_id"), ("ticket_id=0", "ticket_id"), ("user_id=9223372036854775808", "user_id"),
        ("action=", "action"), ("action=" + "x" * 101, "action"), ("start_date=yesterday", "start_date"),
        ("start_date=2026-13-01", "start_date"), ("end_date=", "end_date"),
        ("cursor=x", "cursor"), ("limit=0", "limit"), ("limit=101", "limit"), ("who=1", "who"),
        ("record=%00", "record"), ("start_date=2026-01-01T25:00:00Z", "start_date"),
    ],
)  # fmt: skip
def test_a_bad_query_is_400_and_names_the_field(eva: Api, query: str, field: str) -> None:
    answer = eva.call("GET", f"/api/audit?{query}")
    assert answer.status_code == 400, answer.text
    assert [error["field"] for error in answer.json["errors"]] == [field]


def test_filters_and_pages_show_each_record_once(eva: Api) -> None:
    tom = Api(eva.client, subject="user:6", address="2001:db8::1")
    for number in range(7):
        (eva if number % 2 else tom).call("POST", "/api/departments", {"name": f"Boats {number}"})
    everything = records(eva)
    ids = [each["id"] for each in everything]
    assert len(set(ids)) == len(ids)
    assert [each["at"] for each in everything] == sorted((each["at"] for each in everything), reverse=True)
    of_tom = records(eva, user_id=6, action="department.created")
    assert {each["ip"] for each in of_tom} == {"2001:db8::1"}
    assert len([each for each in of_tom if each["changes"][0]["new"].startswith("Boats")]) == 4
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert len(records(eva, start_date=today, end_date=today)) == len(everything)
    assert len(records(eva, end_date="9999-12-31")) == len(everything)
    assert records(eva, end_date="2020-01-01") == records(eva, start_date="2100-01-01T00:00:00%2B01:00") == []
    assert records(eva, record=everything[0]["record"]) == [everything[0]]


def test_another_companys_records_are_invisible(eva: Api) -> None:
    eva.call("POST", "/api/departments", {"name": "Boats"})
    assert records(Api(eva.client, company=2)) == []
