"""Events route tickets, in any order and repeatedly, on a real database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from eventbus.event import Message
from eventbus.wire import rfc3339
from routing_service import service
from routing_service.settings import Settings
from service_kit.database.engine import Database
from sqlalchemy import event as sqlalchemy_event

from ..conftest import Api, Events, FakeTicketService

Published = Callable[[str], list[dict[str, Any]]]
Rows = Callable[..., list[tuple[Any, ...]]]


def routed(published: Published) -> list[tuple[Any, ...]]:
    return [(e["ticket_id"], e["department"], e["decided_by"], e["revision"]) for e in published("ticket.routed")]


def test_a_categorized_ticket_is_routed_with_all_its_values(events: Events, published: Published, api: Api) -> None:
    events.deliver(
        events.make(
            "ticket.categorized", 7, department="HR", category="Leave", priority="high", confidence_score=70.126
        )
    )
    (event,) = published("ticket.routed")
    assert event["department"] == "HR"
    assert (event["category"], event["priority"], event["confidence_score"]) == ("Leave", "high", 70.13)
    assert (event["decided_by"], event["actor"], event["rerouted"]) == ("keywords", "ai-service", False)
    assert api.get("/api/routing/history/7")["count"] == 1


def test_a_ticket_without_a_prediction_waits_for_a_person(events: Events, published: Published, api: Api) -> None:
    unread = {"department": "General", "category": "back", "confidence_score": 0, "need_admin": True}
    events.deliver(events.make("ticket.categorized", 7, decided_by="nobody", **unread))
    (event,) = published("ticket.routed")
    assert {field: event[field] for field in unread} == unread
    assert event["decided_by"] == "nobody"
    api.call("PUT", "/api/route/7", {"department": "HR"})
    assert published("ticket.routed")[-1]["decided_by"] == "person"


def test_a_company_that_is_new_by_an_event_gets_its_departments(events: Events, published: Published) -> None:
    events.deliver(events.make("ticket.categorized", 7, company=9), events.make("ticket.categorized", 8, company=4))
    created = published("department.created")
    assert [e["company_id"] for e in created] == [4] * 5 + [9] * 5
    assert len(published("ticket.routed")) == 2


@pytest.mark.parametrize("kind", ["company.created", "company.updated"])
def test_a_company_has_its_departments_before_its_first_ticket(
    events: Events, published: Published, api: Api, kind: str
) -> None:
    events.company(kind, 9)
    assert [e["company_id"] for e in published("department.created")] == [9] * 5
    admin = Api(api.client, company=9)
    assert admin.call("DELETE", "/api/departments/Finance").status_code == 204
    events.company("company.updated", 9, revision=2)
    assert len(published("department.created")) == 5, "what an admin deleted stays deleted"


def test_the_same_event_twice_routes_once(events: Events, published: Published, api: Api) -> None:
    message = events.make("ticket.categorized", 7)
    events.deliver(message, message)
    events.deliver(message)
    assert len(published("ticket.routed")) == 1
    assert api.get("/api/routing/statistics")["total_routings"] == 1


def test_a_person_overrides_predictions_which_only_enter_the_history(
    events: Events, published: Published, api: Api
) -> None:
    events.exists(7)
    api.call("PUT", "/api/route/7", {"department": "HR"})
    events.deliver(events.make("ticket.categorized", 7, department="Finance", category="Leave", priority="high"))
    events.deliver(events.make("ticket.categorized", 7, revision=2, department="General", priority="urgent"))
    assert routed(published) == [(7, "HR", "person", 1), (7, "HR", "person", 2)]
    read = [(event["category"], event["priority"]) for event in published("ticket.routed")]
    assert read == [("back", "low"), ("Leave", "high")], "the first prediction gives category and priority"
    lines = api.get("/api/routing/history/7")["history"]
    assert [(line["department"], line["applied"]) for line in lines] == [
        ("General", False), ("Finance", False), ("HR", True),
    ]  # fmt: skip
    assert api.get("/api/routing/statistics")["department_distribution"]["HR"] == 1


def test_a_late_prediction_changes_nothing(events: Events, published: Published, api: Api) -> None:
    events.deliver(events.make("ticket.categorized", 7, revision=2, department="HR"))
    events.deliver(events.make("ticket.categorized", 7, revision=1, department="Finance"))
    assert routed(published) == [(7, "HR", "keywords", 1)]
    assert api.get("/api/routing/history/7")["count"] == 2


def test_an_equal_prediction_is_not_published(events: Events, published: Published, api: Api) -> None:
    events.deliver(events.make("ticket.categorized", 7, revision=1))
    events.deliver(events.make("ticket.categorized", 7, revision=2))
    events.deliver(events.make("ticket.categorized", 7, revision=3, department="HR"))
    assert routed(published) == [(7, "IT Support", "keywords", 1), (7, "HR", "keywords", 2)]
    assert api.get("/api/routing/statistics")["rerouted"] == 1


def test_two_predictions_in_one_batch_have_two_revisions(events: Events, published: Published) -> None:
    events.deliver(
        events.make("ticket.categorized", 7, revision=1),
        events.make("ticket.categorized", 7, revision=2, department="HR"),
    )
    assert routed(published) == [(7, "IT Support", "keywords", 1), (7, "HR", "keywords", 2)]


def test_a_department_that_takes_no_tickets_becomes_general_and_needs_an_admin(
    events: Events, published: Published, api: Api
) -> None:
    api.call("PUT", "/api/departments/HR", {"is_active": False})
    events.deliver(
        events.make("ticket.categorized", 7, department="HR"), events.make("ticket.categorized", 8, department="Gone")
    )
    assert [(e["department"], e["need_admin"]) for e in published("ticket.routed")] == [("General", True)] * 2
    assert published("ticket.routed")[0]["reason"].startswith("HR takes no tickets")


def test_a_routing_request_is_applied_and_keeps_its_request_id(
    events: Events, published: Published, rows: Rows, api: Api
) -> None:
    events.deliver(events.make("ticket.categorized", 7))
    events.deliver(events.make("ticket.updated", 7, revision=2, wanted_department="Finance", priority="urgent"))
    event = published("ticket.routed")[-1]
    assert (event["department"], event["decided_by"], event["actor"]) == ("Finance", "person", "person:1")
    assert (event["confidence_score"], event["rerouted"], event["priority"]) == (100, True, "urgent")
    assert rows("select distinct request_id from outbox where type = 'ticket.routed'") == [("request-1",)]
    events.deliver(events.make("ticket.categorized", 7, revision=2, department="HR"))
    assert routed(published)[-1] == (7, "Finance", "person", 2)


def test_a_later_edit_does_not_withdraw_an_earlier_request(events: Events, published: Published) -> None:
    request = events.make("ticket.updated", 7, revision=2, wanted_department="Finance")
    edit = events.make("ticket.updated", 7, revision=3, wanted_department=None, priority="low")
    events.deliver(edit)
    events.deliver(request)
    (event,) = published("ticket.routed")
    assert (event["department"], event["priority"]) == ("Finance", "low")


def test_the_later_of_two_requests_wins_in_any_order(events: Events, published: Published) -> None:
    first = events.make("ticket.updated", 7, revision=2, wanted_department="Finance")
    second = events.make("ticket.updated", 7, revision=3, wanted_department="HR")
    events.deliver(second)
    events.deliver(first)
    assert routed(published) == [(7, "HR", "person", 1)]


def request(events: Events, revision: int, department: str | None, **body: Any) -> Message:
    return events.make("ticket.updated", 7, revision=revision, **{"wanted_department": department, **body})


def answers(published: Published) -> list[tuple[str, int]]:
    return [(e["department"], e["wish_revision"]) for e in published("ticket.routed")]


@pytest.mark.parametrize("minutes", [-60, 0, 60])
def test_the_last_request_wins_whatever_the_clocks_of_both_services_show(
    events: Events, published: Published, api: Api, ticket_service: FakeTicketService, minutes: int
) -> None:
    skewed = rfc3339(datetime.now(UTC) + timedelta(minutes=minutes))
    events.exists(7)
    early, late = (request(events, n, name, updated_at=skewed) for n, name in ((2, "Finance"), (3, "HR")))
    ticket_service.record(early)
    api.call("PUT", "/api/route/7", {"department": "Facilities"})
    events.deliver(early)
    assert answers(published) == [("Facilities", 2)], "the manual routing comes after the request"
    events.deliver(late)
    assert answers(published)[-1] == ("HR", 3), "the request comes after the manual routing"


def test_requests_and_manual_routings_end_alike_however_the_requests_are_delayed(
    events: Events, published: Published, api: Api, ticket_service: FakeTicketService
) -> None:
    events.exists(7)
    requests = [request(events, n, name) for n, name in ((2, "Finance"), (3, "HR"), (4, "General"))]
    ticket_service.record(requests[0])
    api.call("POST", "/api/route", {"ticket_id": 7, "department": "Facilities", "confidence_score": 60})
    ticket_service.record(requests[1])
    ticket_service.record(requests[2])
    for late in (requests[2], requests[0], requests[1]):
        events.deliver(late)
    assert answers(published) == [("Facilities", 2), ("General", 4)]


def test_while_ticket_service_is_down_the_time_decides(
    events: Events, published: Published, api: Api, ticket_service: FakeTicketService
) -> None:
    earlier = rfc3339(datetime.now(UTC) - timedelta(minutes=1))
    later = rfc3339(datetime.now(UTC) + timedelta(minutes=1))
    events.deliver(events.make("ticket.categorized", 7))
    ticket_service.down = True
    api.call("PUT", "/api/route/7", {"department": "Facilities"})
    events.deliver(request(events, 2, "Finance", updated_at=earlier))
    assert answers(published)[-1] == ("Facilities", 2), "a waiting caller learns that its request was outranked"
    events.deliver(request(events, 3, "HR", updated_at=later))
    assert answers(published)[-1] == ("HR", 3)


def test_a_request_for_the_current_department_is_answered_too(events: Events, published: Published) -> None:
    events.exists(7)
    events.deliver(request(events, 2, "HR"), request(events, 3, "HR", changed=[]))
    assert answers(published) == [("HR", 2), ("HR", 3)]


def test_a_request_for_a_team_alone_leaves_the_ticket_where_a_newer_routing_put_it(
    events: Events, published: Published, api: Api
) -> None:
    events.team(8, "Front desk")
    events.exists(7)
    api.call("PUT", "/api/route/7", {"department": "Finance"})
    events.deliver(request(events, 2, None, wanted_team_id=8, names_team=True))
    events.deliver(request(events, 3, None, wanted_team_id=None, changed=["team"]))
    routings = published("ticket.routed")
    assert [(e["department"], e["team_id"]) for e in routings] == [("Finance", None), ("Finance", 8), ("Finance", None)]


def test_a_refused_request_is_answered_with_the_routing_that_stays(events: Events, published: Published) -> None:
    events.deliver(events.make("ticket.categorized", 7))
    events.deliver(request(events, 2, "Gone"))
    assert answers(published) == [("IT Support", 0), ("IT Support", 2)]
    assert [e["revision"] for e in published("ticket.routed")] == [1, 2]


def test_a_request_for_a_deleted_department_is_recorded_in_the_history(
    events: Events, published: Published, api: Api
) -> None:
    events.deliver(events.make("ticket.updated", 7, revision=2, wanted_department="Gone"))
    assert published("ticket.routed") == []
    (line,) = api.get("/api/routing/history/7")["history"]
    assert (line["applied"], line["reason"]) == (False, "the department takes no tickets")


def test_a_ticket_deleted_before_its_other_events_stays_deleted(
    events: Events, published: Published, rows: Rows, api: Api
) -> None:
    events.deliver(events.make("ticket.deleted", 7, revision=2))
    events.deliver(events.make("ticket.categorized", 7))
    assert published("ticket.routed") == []
    assert rows("select count(*) from ticket_routing") == [(0,)]
    assert rows("select gone, ticket_uuid from tickets") == [(True, None)]
    assert api.get("/api/routing/statistics")["routed_tickets"] == 0


def test_a_ticket_deleted_in_the_same_batch_leaves_nothing(events: Events, published: Published, rows: Rows) -> None:
    events.deliver(
        events.make("ticket.updated", 7, revision=2, wanted_department="HR"),
        events.make("ticket.deleted", 7, revision=3),
        events.make("ticket.updated", 8, revision=2, wanted_department=None),
    )
    assert published("ticket.routed") == []
    assert rows("select ticket_id, gone from tickets order by 1") == [(7, True), (8, False)]


def test_the_first_company_has_its_departments_when_the_worker_starts(
    settings: Settings, database: Database, published: Published
) -> None:
    deps = replace(service.SERVICE.instance(settings).dependencies, database=database)
    for _ in range(2):
        service.seed_operator(settings, deps)
    assert [e["company_id"] for e in published("department.created")] == [1] * 5


def test_two_hundred_tickets_take_a_handful_of_statements(
    events: Events, database: Database, published: Published
) -> None:
    events.deliver(events.make("ticket.categorized", 1))
    statements: list[str] = []
    engine = database._engine

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    sqlalchemy_event.listen(engine, "before_cursor_execute", note)
    try:
        events.deliver(*(events.make("ticket.categorized", n) for n in range(2, 202)))
    finally:
        sqlalchemy_event.remove(engine, "before_cursor_execute", note)
    assert len(published("ticket.routed")) == 201
    # The inbox, the departments, the tickets, everything that changed, the outbox, and the company.
    assert len(statements) <= 6


def test_the_time_of_the_step_is_measured(events: Events) -> None:
    events.deliver(*(events.make("ticket.categorized", n) for n in (1, 2, 3)))
    assert b'workflow_step_duration_seconds_count{step="route"} 3.0' in events.metrics.render()
