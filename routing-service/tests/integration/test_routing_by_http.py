"""People route tickets over HTTP, on a real database."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from routing_service.ports import FoundTicket
from service_kit.identity import AGENT, MANAGER, REQUESTER, SERVICE

from ..conftest import Api, Events, FakeTicketService

UUID = "7d444840-9dc0-51d1-b245-5ffdce74fad2"
Published = Callable[[str], list[dict[str, Any]]]


def test_a_manual_routing_is_published(api: Api, events: Events, published: Published) -> None:
    events.exists(5, priority="high")
    response = api.call(
        "POST",
        "/api/route",
        {"ticket_id": 5, "department": "HR", "confidence_score": 80},
        X_Request_ID="request-9",
    )
    assert response.status_code == 200
    body = response.json
    assert {key: body[key] for key in ("ticket_id", "department", "confidence_score", "rerouted")} == {
        "ticket_id": 5,
        "department": "HR",
        "confidence_score": 80.0,
        "rerouted": False,
    }
    assert body["routing_id"] >= 1
    (event,) = published("ticket.routed")
    assert (event["department"], event["decided_by"], event["actor"]) == ("HR", "person", "person:7")
    assert (event["need_admin"], event["priority"], event["category"], event["revision"]) == (
        False,
        "high",
        "back",
        1,
    )
    assert event["ticket_uuid"] == UUID


def test_rerouting_has_confidence_100_and_is_marked(api: Api, events: Events, published: Published) -> None:
    events.deliver(events.make("ticket.categorized", 5))
    response = api.call("PUT", "/api/route/5", {"department": "HR"})
    assert response.status_code == 200
    assert (response.json["confidence_score"], response.json["rerouted"]) == (100.0, True)
    assert [(event["department"], event["rerouted"], event["revision"]) for event in published("ticket.routed")] == [
        ("IT Support", False, 1),
        ("HR", True, 2),
    ]


def test_the_request_id_travels_with_the_event(api: Api, events: Events, rows: Callable[..., Any]) -> None:
    events.exists(5)
    api.call("PUT", "/api/route/5", {"department": "HR"}, X_Request_ID="request-9")
    assert rows("select request_id, actor_kind from outbox where type = 'ticket.routed'") == [("request-9", "person")]


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_unknown_tickets_and_departments_are_not_found(api: Api, events: Events, method: str) -> None:
    events.exists(5)

    def route(ticket_id: int, department: str) -> Any:
        if method == "PUT":
            return api.call("PUT", f"/api/route/{ticket_id}", {"department": department})
        body = {"ticket_id": ticket_id, "department": department, "confidence_score": 90}
        return api.call("POST", "/api/route", body)

    unknown = route(999999, "HR")
    assert (unknown.status_code, unknown.json["code"]) == (404, "ticket_not_found")
    nowhere = route(5, "Nowhere")
    assert (nowhere.status_code, nowhere.json["code"]) == (404, "department_not_found")
    assert route(2**63 - 1, "HR").status_code == 404


def test_a_ticket_that_only_its_owner_has_is_routed(
    api: Api, ticket_service: FakeTicketService, published: Published
) -> None:
    ticket_service.found[1, 8] = FoundTicket(uuid=UUID, category="back", priority="urgent", revision=1)
    assert api.call("PUT", "/api/route/8", {"department": "HR"}).status_code == 200
    (event,) = published("ticket.routed")
    assert (event["ticket_uuid"], event["priority"]) == (UUID, "urgent")
    assert api.get("/api/routing/history/8")["count"] == 1


def test_an_unknown_ticket_is_503_and_not_404_while_its_owner_is_down(
    api: Api, ticket_service: FakeTicketService
) -> None:
    ticket_service.down = True
    for response in (
        api.call("PUT", "/api/route/8", {"department": "HR"}),
        api.call("GET", "/api/routing/history/8"),
    ):
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) > 0
        assert response.content_type == "application/problem+json"


def test_a_deleted_ticket_can_neither_be_routed_nor_read(
    api: Api, ticket_service: FakeTicketService, events: Events
) -> None:
    events.deliver(events.make("ticket.categorized", 5))
    events.deliver(events.make("ticket.deleted", 5, revision=2))
    ticket_service.found[1, 5] = FoundTicket(uuid=UUID, category="back", priority="low", revision=1)
    assert api.call("PUT", "/api/route/5", {"department": "HR"}).status_code == 404
    assert api.call("GET", "/api/routing/history/5").status_code == 404
    assert api.get("/api/routing/statistics")["routed_tickets"] == 0


def test_a_ticket_deleted_a_moment_ago_is_not_found_although_its_deletion_is_still_on_its_way(
    api: Api, ticket_service: FakeTicketService, events: Events, published: Published
) -> None:
    events.deliver(events.make("ticket.categorized", 5))
    ticket_service.found.clear()
    order = {"ticket_id": 5, "department": "HR", "confidence_score": 90}
    for response in (
        api.call("PUT", "/api/route/5", {"department": "HR"}),
        api.call("POST", "/api/route", order),
        api.call("GET", "/api/routing/history/5"),
    ):
        assert (response.status_code, response.json["code"]) == (404, "ticket_not_found")
    assert [event["department"] for event in published("ticket.routed")] == ["IT Support"]


def test_a_known_ticket_is_routed_while_its_owner_is_down(
    api: Api, ticket_service: FakeTicketService, events: Events
) -> None:
    events.deliver(events.make("ticket.categorized", 5))
    ticket_service.down = True
    assert api.call("PUT", "/api/route/5", {"department": "HR"}).status_code == 200
    assert api.get("/api/routing/history/5")["count"] == 2


def test_a_manual_routing_to_an_inactive_department_is_refused(api: Api, events: Events) -> None:
    events.exists(5)
    api.call("PUT", "/api/departments/HR", {"is_active": False})
    response = api.call("PUT", "/api/route/5", {"department": "HR"})
    assert (response.status_code, response.json["code"]) == (409, "department_inactive")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"department": "HR", "confidence_score": 1}, "ticket_id"),
        ({"ticket_id": 5, "confidence_score": 1}, "department"),
        ({"ticket_id": 5, "department": "HR"}, "confidence_score"),
        ({"ticket_id": "5", "department": "HR", "confidence_score": 1}, "ticket_id"),
        ({"ticket_id": True, "department": "HR", "confidence_score": 1}, "ticket_id"),
        ({"ticket_id": -5, "department": "HR", "confidence_score": 1}, "ticket_id"),
        ({"ticket_id": 2**63, "department": "HR", "confidence_score": 1}, "ticket_id"),
        ({"ticket_id": 5, "department": 5, "confidence_score": 1}, "department"),
        ({"ticket_id": 5, "department": "", "confidence_score": 1}, "department"),
        ({"ticket_id": 5, "department": "HR\x00", "confidence_score": 1}, "department"),
        ({"ticket_id": 5, "department": "HR", "confidence_score": 101}, "confidence_score"),
        ({"ticket_id": 5, "department": "HR", "confidence_score": -0.1}, "confidence_score"),
        ({"ticket_id": 5, "department": "HR", "confidence_score": "90"}, "confidence_score"),
        ({"ticket_id": 5, "department": "HR", "confidence_score": True}, "confidence_score"),
        ({"ticket_id": 5, "department": "HR", "confidence_score": None}, "confidence_score"),
        ({"ticket_id": 5, "department": "HR", "confidence_score": 1, "why": "x"}, "why"),
    ],
)
def test_a_bad_order_is_refused_by_field(api: Api, body: Any, field: str) -> None:
    response = api.call("POST", "/api/route", body)
    assert response.status_code == 400
    assert [error["field"] for error in response.json["errors"]] == [field]


def test_agents_and_their_managers_route_and_requesters_do_not(app: Flask, api: Api, events: Events) -> None:
    events.exists(5)
    allowed = {AGENT: 200, MANAGER: 200, REQUESTER: 403, SERVICE: 403}
    for role, status in allowed.items():
        other = Api(app.test_client(), role=role)
        assert other.call("PUT", "/api/route/5", {"department": "HR"}).status_code == status
        assert other.call("GET", "/api/routing/statistics").status_code == status


def test_history_is_listed_newest_first_page_by_page(api: Api, events: Events) -> None:
    events.deliver(events.make("ticket.categorized", 5))
    for department in ("HR", "Finance"):
        api.call("PUT", "/api/route/5", {"department": department})
    events.deliver(events.make("ticket.categorized", 5, revision=2, department="Facilities"))
    first = api.get("/api/routing/history/5?limit=3")
    assert (first["ticket_id"], first["count"]) == (5, 3)
    second = api.get(f"/api/routing/history/5?limit=3&cursor={first['next']}")
    assert second["next"] is None
    lines = first["history"] + second["history"]
    assert [(line["department"], line["decided_by"], line["applied"], line["rerouted"]) for line in lines] == [
        ("Facilities", "keywords", False, False),
        ("Finance", "person", True, True),
        ("HR", "person", True, True),
        ("IT Support", "keywords", True, False),
    ]
    assert [line["actor"] for line in lines] == ["ai-service", "person:7", "person:7", "ai-service"]
    assert all(line["reason"] and line["created_at"].endswith("Z") for line in lines)
    assert api.call("GET", "/api/routing/history/5?cursor=nonsense").status_code == 400
    assert api.call("GET", "/api/routing/history/5?limit=101").status_code == 400


def test_statistics_count_every_ticket_once_where_it_is(api: Api, events: Events) -> None:
    empty = api.get("/api/routing/statistics")
    assert empty["department_distribution"] == dict.fromkeys(
        ["IT Support", "HR", "Facilities", "Finance", "General"], 0
    )
    assert set(empty["department_percentages"].values()) == {0.0}
    assert empty["overall_average_confidence"] == 0
    events.deliver(*(events.make("ticket.categorized", n, confidence_score=60 + n) for n in (1, 2, 3)))
    api.call("PUT", "/api/route/3", {"department": "HR"})
    found = api.get("/api/routing/statistics")
    assert (found["total_routings"], found["routed_tickets"], found["rerouted"]) == (4, 3, 1)
    assert found["department_distribution"] == {
        "IT Support": 2,
        "HR": 1,
        "Facilities": 0,
        "Finance": 0,
        "General": 0,
    }
    assert found["department_percentages"]["IT Support"] == 66.67
    assert sum(Decimal(str(share)) for share in found["department_percentages"].values()) == 100
    assert found["average_confidence_by_department"]["IT Support"] == 61.5
    assert found["average_confidence_by_department"]["HR"] == 100
    assert found["overall_average_confidence"] == 74.33


def test_tickets_of_another_company_are_neither_routed_nor_counted(app: Flask, api: Api, events: Events) -> None:
    events.deliver(events.make("ticket.categorized", 5))
    other = Api(app.test_client(), company=2)
    assert other.call("PUT", "/api/route/5", {"department": "HR"}).status_code == 404
    assert other.call("GET", "/api/routing/history/5").status_code == 404
    assert other.get("/api/routing/statistics")["routed_tickets"] == 0
    assert api.get("/api/routing/history/5")["count"] == 1


def test_the_same_post_with_the_same_key_routes_once(api: Api, events: Events, published: Published) -> None:
    events.exists(5)
    body = {"ticket_id": 5, "department": "HR", "confidence_score": 80}
    first = api.call("POST", "/api/route", body, Idempotency_Key="k-1")
    second = api.call("POST", "/api/route", body, Idempotency_Key="k-1")
    assert (second.status_code, second.json) == (200, first.json)
    assert len(published("ticket.routed")) == 1
    other = api.call("POST", "/api/route", body | {"department": "Finance"}, Idempotency_Key="k-1")
    assert other.status_code == 422


def test_a_key_is_free_again_after_a_request_that_had_no_effect(
    api: Api, ticket_service: FakeTicketService, published: Published
) -> None:
    body = {"ticket_id": 5, "department": "HR", "confidence_score": 80}
    assert api.call("POST", "/api/route", body, Idempotency_Key="k-1").status_code == 404
    ticket_service.found[1, 5] = FoundTicket(uuid=UUID, category="back", priority="low", revision=1)
    assert api.call("POST", "/api/route", body, Idempotency_Key="k-1").status_code == 200
    assert len(published("ticket.routed")) == 1
