"""Presence at a ticket: leases of seconds, without trail, events or versions."""

from collections.abc import Callable
from typing import Any

import pytest
from service_kit.identity import AGENT, SERVICE
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api
from .test_consume import Inside

Rows = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def ann(api: Api) -> Api:
    return Api(api.client, role=AGENT, subject="user:1")


@pytest.fixture
def ben(api: Api) -> Api:
    return Api(api.client, role=AGENT, subject="user:2")


@pytest.fixture
def later(made: ServiceDatabase) -> Callable[[int], None]:
    """Give a function that lets seconds pass for all leases."""

    def pass_seconds(seconds: int) -> None:
        with made.admin() as connection, connection.cursor() as cursor:
            cursor.execute(
                "update ticket_presence set lease_until = lease_until - %(s)s * interval '1 s',"
                " typing_until = typing_until - %(s)s * interval '1 s'",
                {"s": seconds},
            )

    return pass_seconds


def come(who: Api, ticket: int, typing: bool = False) -> None:
    response = who.call("PUT", f"/api/tickets/{ticket}/presence", {"typing": typing})
    assert (response.status_code, response.data) == (204, b"")


def present(who: Api, ticket: int) -> list[tuple[str, bool]]:
    return [(each["person"], each["typing"]) for each in who.get(f"/api/tickets/{ticket}/presence")["items"]]


def test_people_at_a_ticket_are_shown_with_those_who_write(ann: Api, ben: Api) -> None:
    ticket, other = ann.create()["id"], ann.create()["id"]
    assert present(ann, ticket) == []
    come(ann, ticket)
    come(ben, ticket, typing=True)
    assert present(ann, ticket) == present(ben, ticket) == [("user:1", False), ("user:2", True)]
    assert ann.get(f"/api/tickets/{ticket}/presence")["items"][0]["name"] == "Somebody"
    assert present(ann, other) == []
    come(ben, ticket)
    assert present(ann, ticket) == [("user:1", False), ("user:2", False)]


def test_a_person_who_writes_by_websocket_is_shown_by_a_service(ann: Api, ben: Api) -> None:
    ticket = ann.create()["id"]
    live = Api(ann.client, role=SERVICE, subject="notification-service")
    body = {"person": "user:2", "name": "Ben", "typing": True}
    assert live.call("PUT", f"/internal/tickets/{ticket}/presence", body).status_code == 204
    assert present(ann, ticket) == [("user:2", True)]
    come(ben, ticket)
    assert present(ann, ticket) == [("user:2", False)], "one lease, whichever way it was renewed"
    assert live.call("PUT", "/internal/tickets/999999/presence", body).json["code"] == "ticket_not_found"
    assert ben.call("PUT", f"/internal/tickets/{ticket}/presence", body).status_code == 403


def test_a_lease_expires_after_30_seconds_and_writing_after_10(
    ann: Api, ben: Api, later: Callable[[int], None]
) -> None:
    ticket = ann.create()["id"]
    come(ben, ticket, typing=True)
    later(9)
    assert present(ann, ticket) == [("user:2", True)]
    later(2)
    assert present(ann, ticket) == [("user:2", False)]
    later(18)
    assert present(ann, ticket) == [("user:2", False)]
    later(2)
    assert present(ann, ticket) == []
    come(ben, ticket)
    assert present(ann, ticket) == [("user:2", False)]


def test_expired_leases_of_a_person_are_removed_by_the_next_one(
    ann: Api, ben: Api, later: Callable[[int], None], rows: Rows
) -> None:
    tickets = [ann.create()["id"] for _ in range(4)]
    for ticket in tickets[:3]:
        come(ann, ticket)
    come(ben, tickets[0])
    later(31)
    come(ann, tickets[3])
    assert rows("select person, ticket_id from ticket_presence order by 1") == [
        ("user:1", tickets[3]),
        ("user:2", tickets[0]),
    ]


def test_presence_leaves_version_trail_and_events_alone(ann: Api, ben: Api, rows: Rows) -> None:
    ticket = ann.create()
    for _ in range(3):
        come(ben, ticket["id"], typing=True)
    assert ann.get(f"/api/tickets/{ticket['id']}") == ticket
    assert len(ann.trail(ticket["id"])) == 1
    assert rows("select count(*) from outbox") == [(1,)]
    assert rows("select count(*) from audit where record <> 'ticket'") == [(0,)]


def test_presence_goes_with_ticket_and_person(ann: Api, ben: Api, made: ServiceDatabase, rows: Rows) -> None:
    gone, kept = ann.create()["id"], ann.create()["id"]
    for ticket in (gone, kept):
        for who in (ann, ben):
            come(who, ticket)
    ann.call("DELETE", f"/api/tickets/{gone}")
    Inside(made).deliver(("user.deleted", 3, {"user_id": 1}))
    assert rows("select ticket_id, person from ticket_presence") == [(kept, "user:2")]
    assert ann.call("GET", f"/api/tickets/{gone}/presence").json["code"] == "ticket_not_found"
