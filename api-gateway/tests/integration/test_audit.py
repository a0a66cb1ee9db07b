"""The audit of all services is one list by time: paged without gaps or repeats, and honest about who is missing."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from service_kit.http.pages import decode_cursor, encode_cursor
from smartticket_contracts.services import services_behind_the_gateway
from werkzeug.test import Client

Make = Callable[..., Client]
BEGIN = datetime(2026, 11, 20, 10, tzinfo=UTC)
NAMES = tuple(service.name.removesuffix("-service") for service in services_behind_the_gateway())


class Records:
    """A service's audit, paged as the services page theirs."""

    def __init__(self, replied: Any, moments: list[int]) -> None:
        """`moments` are the microseconds after BEGIN at which the records 1, 2, 3 … were made."""
        self._replied = replied
        self.records = [(BEGIN + timedelta(microseconds=at), number) for number, at in enumerate(moments, 1)]
        self.queries: list[dict[str, list[str]]] = []
        self.status = 200

    def __call__(self, handler: Any, body: bytes) -> None:
        query = parse_qs(urlsplit(handler.path).query)
        self.queries.append(query)
        if self.status != 200:
            problem = {"code": "invalid", "errors": [{"field": "ticket_id", "message": "No."}]}
            return self._replied(handler, problem, self.status)
        before = decode_cursor(query["cursor"][0], (datetime, int)) if "cursor" in query else None
        found = sorted((each for each in self.records if before is None or each < before), reverse=True)
        limit = int(query["limit"][0])
        items = [{"id": number, "at": at.isoformat()} for at, number in found[:limit]]
        following = encode_cursor(found[limit - 1]) if len(found) > limit else None
        return self._replied(handler, {"count": len(items), "items": items, "next": following})


Seen = list[tuple[str, str, int]]


def every(client: Client, path: str, then: Callable[[], None] = lambda: None) -> tuple[Seen, set[str]]:
    """Return all records of all pages, and the services that were missing; `then` runs after the first page."""
    seen: Seen = []
    missing: set[str] = set()
    pages = 0
    while path:
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        seen += [(item["at"], item["service"], item["id"]) for item in answer.json["items"]]
        missing |= set(answer.json["missing"])
        path = answer.headers["Link"].partition(">")[0][1:] if answer.json["next"] else ""
        pages += 1
        assert pages < 500
        if pages == 1:
            then()
    return seen, missing


@pytest.mark.parametrize("limit", [1, 2, 7, 100])
@pytest.mark.parametrize("seed", range(3))
def test_pages_show_every_record_once_by_time(
    gateway: Make, upstream: Any, replied: Any, limit: int, seed: int
) -> None:
    """Few different moments, so that many records of several services have the same."""
    chance = random.Random(seed)
    services = {
        name: Records(replied, sorted(chance.choices(range(6), k=chance.choice([0, 1, 5, 12])))) for name in NAMES
    }
    client = gateway(**{name: upstream(each) for name, each in services.items()})
    seen, missing = every(client, f"/api/audit?limit={limit}")
    expected = [(at, f"{name}-service", number) for name, each in services.items() for at, number in each.records]
    expected.sort(key=lambda record: (-record[0].timestamp(), record[1], -record[2]))
    assert seen == [(at.isoformat(), service, number) for at, service, number in expected]
    assert missing == set()


def test_a_record_that_is_added_meanwhile_moves_nothing(gateway: Make, upstream: Any, replied: Any) -> None:
    ticket, auth = Records(replied, [1, 2, 3]), Records(replied, [1, 2, 3])
    client = gateway(ticket=upstream(ticket), auth=upstream(auth))

    def add() -> None:
        ticket.records.append((BEGIN + timedelta(seconds=9), 4))

    seen, _ = every(client, "/api/audit?limit=2", add)
    assert sorted(seen) == sorted(set(seen))
    assert len(seen) == 6


def test_a_service_that_is_down_or_fails_is_named(gateway: Make, upstream: Any, replied: Any) -> None:
    ill = Records(replied, [1])
    ill.status = 500
    client = gateway(ticket=upstream(Records(replied, [1])), ai=upstream(ill))
    answer = client.get("/api/audit")
    assert answer.status_code == 200
    assert [item["service"] for item in answer.json["items"]] == ["ticket-service"]
    assert answer.json["missing"] == sorted(f"{name}-service" for name in NAMES if name != "ticket")


def test_filters_reach_every_service_and_one_can_be_chosen(gateway: Make, upstream: Any, replied: Any) -> None:
    ticket, auth = Records(replied, [1]), Records(replied, [2])
    client = gateway(ticket=upstream(ticket), auth=upstream(auth))
    wanted = "ticket_id=7&user_id=3&action=ticket.updated&record=ticket%3A7&start_date=2026-01-01&end_date=2026-12-31"
    assert client.get(f"/api/audit?{wanted}&task_id=5").status_code == 200
    for service in (ticket, auth):
        (query,) = service.queries
        assert query["record"] == ["ticket:7"]
        assert query.keys() == {
            "ticket_id", "task_id", "user_id", "action", "record", "start_date", "end_date", "limit",
        }  # fmt: skip
    chosen = client.get("/api/audit?service=auth-service").json
    assert [item["service"] for item in chosen["items"]] == ["auth-service"]
    assert chosen["missing"] == []
    assert len(ticket.queries) == 1


def test_a_value_that_services_refuse_is_400_with_its_field(gateway: Make, upstream: Any, replied: Any) -> None:
    refusing = Records(replied, [])
    refusing.status = 400
    answer = gateway(ticket=upstream(refusing)).get("/api/audit?ticket_id=x")
    assert answer.status_code == 400
    assert answer.json["errors"][0]["field"] == "ticket_id"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"), ("limit=101", "limit"), ("limit=1&limit=2", "limit"), ("color=red", "color"),
        ("service=evil", "service"), ("cursor=x", "cursor"), ("cursor=WyJldmlsIiwiIl0", "cursor"),
    ],
)  # fmt: skip
def test_a_bad_query_names_the_field(gateway: Make, query: str, field: str) -> None:
    answer = gateway().get(f"/api/audit?{query}")
    assert answer.status_code == 400
    assert answer.json["errors"][0]["field"] == field


def test_the_older_spelling_is_accepted(gateway: Make, upstream: Any, replied: Any) -> None:
    client = gateway(ticket=upstream(Records(replied, [1, 2])))
    answer = client.get("/audit/?user_id=3&start_date=2026-11-01&limit=1")
    assert answer.status_code == 200, answer.text
    assert answer.json["count"] == 1
