"""Events route tickets, in whatever order and however often they come, on a real database."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from routing_service import service
from routing_service.settings import Settings
from service_kit.database.engine import Database
from service_kit.messaging.wire import rfc3339
from sqlalchemy import event as sqlalchemy_event

from ..conftest import Api, Events

Announced = Callable[[str], list[dict[str, Any]]]
Rows = Callable[..., list[tuple[Any, ...]]]


def routed(announced: Announced) -> list[tuple[Any, ...]]:
    return [(e["ticket_id"], e["department"], e["decided_by"], e["revision"]) for e in announced("ticket.routed")]


def test_a_categorized_ticket_is_routed_with_all_that_is_known(events: Events, announced: Announced, api: Api) -> None:
    events.deliver(
        events.make(
            "ticket.categorized", 7, department="HR", category="Leave", priority="high", confidence_score=70.126
        )
    )
    (told,) = announced("ticket.routed")
    assert told["department"] == "HR"
    assert (told["category"], told["priority"], told["confidence_score"]) == ("Leave", "high", 70.13)
    assert (told["decided_by"], told["actor"], told["rerouted"]) == ("keywords", "ai-service", False)
    assert api.get("/api/routing/history/7")["count"] == 1


def test_a_ticket_that_nobody_read_waits_for_a_person(events: Events, announced: Announced, api: Api) -> None:
    unread = {"department": "General", "category": "back", "confidence_score": 0, "need_admin": True}
    events.deliver(events.make("ticket.categorized", 7, decided_by="nobody", **unread))
    (told,) = announced("ticket.routed")
    assert {field: told[field] for field in unread} == unread
    assert told["decided_by"] == "nobody"
    api.call("PUT", "/api/route/7", {"department": "HR"})
    assert announced("ticket.routed")[-1]["decided_by"] == "person"


def test_a_company_first_met_by_an_event_gets_its_departments(events: Events, announced: Announced) -> None:
    events.deliver(events.make("ticket.categorized", 7, company=9), events.make("ticket.categorized", 8, company=4))
    created = announced("department.created")
    assert [e["company_id"] for e in created] == [4] * 5 + [9] * 5
    assert len(announced("ticket.routed")) == 2


def test_the_same_event_twice_routes_once(events: Events, announced: Announced, api: Api) -> None:
    message = events.make("ticket.categorized", 7)
    events.deliver(message, message)
    events.deliver(message)
    assert len(announced("ticket.routed")) == 1
    assert api.get("/api/routing/statistics")["total_routings"] == 1


def test_a_person_outlasts_machines_whose_answers_only_enter_the_history(
    events: Events, announced: Announced, api: Api
) -> None:
    events.deliver(events.make("ticket.created", 7))
    api.call("PUT", "/api/route/7", {"department": "HR"})
    events.deliver(events.make("ticket.categorized", 7, department="Finance"))
    assert routed(announced) == [(7, "HR", "person", 1)]
    lines = api.get("/api/routing/history/7")["history"]
    assert [(line["department"], line["applied"]) for line in lines] == [("Finance", False), ("HR", True)]
    assert api.get("/api/routing/statistics")["department_distribution"]["HR"] == 1


def test_a_late_answer_changes_nothing(events: Events, announced: Announced, api: Api) -> None:
    events.deliver(events.make("ticket.categorized", 7, revision=2, department="HR"))
    events.deliver(events.make("ticket.categorized", 7, revision=1, department="Finance"))
    assert routed(announced) == [(7, "HR", "keywords", 1)]
    assert api.get("/api/routing/history/7")["count"] == 2


def test_an_answer_that_says_the_same_again_is_no_news(events: Events, announced: Announced, api: Api) -> None:
    events.deliver(events.make("ticket.categorized", 7, revision=1))
    events.deliver(events.make("ticket.categorized", 7, revision=2))
    events.deliver(events.make("ticket.categorized", 7, revision=3, department="HR"))
    assert routed(announced) == [(7, "IT Support", "keywords", 1), (7, "HR", "keywords", 2)]
    assert api.get("/api/routing/statistics")["rerouted"] == 1


def test_two_answers_in_one_batch_have_two_revisions(events: Events, announced: Announced) -> None:
    events.deliver(
        events.make("ticket.categorized", 7, revision=1),
        events.make("ticket.categorized", 7, revision=2, department="HR"),
    )
    assert routed(announced) == [(7, "IT Support", "keywords", 1), (7, "HR", "keywords", 2)]


def test_a_department_that_takes_no_tickets_becomes_general_and_asks_for_a_look(
    events: Events, announced: Announced, api: Api
) -> None:
    api.call("PUT", "/api/departments/HR", {"is_active": False})
    events.deliver(
        events.make("ticket.categorized", 7, department="HR"), events.make("ticket.categorized", 8, department="Gone")
    )
    assert [(e["department"], e["need_admin"]) for e in announced("ticket.routed")] == [("General", True)] * 2
    assert announced("ticket.routed")[0]["reason"].startswith("HR takes no tickets")


def test_a_wish_is_carried_out_and_keeps_its_request(
    events: Events, announced: Announced, rows: Rows, api: Api
) -> None:
    events.deliver(events.make("ticket.categorized", 7))
    events.deliver(events.make("ticket.updated", 7, revision=2, wanted_department="Finance", priority="urgent"))
    told = announced("ticket.routed")[-1]
    assert (told["department"], told["decided_by"], told["actor"]) == ("Finance", "person", "person:1")
    assert (told["confidence_score"], told["rerouted"], told["priority"]) == (100, True, "urgent")
    assert rows("select distinct request_id from outbox where type = 'ticket.routed'") == [("request-1",)]
    events.deliver(events.make("ticket.categorized", 7, revision=2, department="HR"))
    assert routed(announced)[-1] == (7, "Finance", "person", 2)


def test_a_later_edit_does_not_swallow_an_earlier_wish(events: Events, announced: Announced) -> None:
    wish = events.make("ticket.updated", 7, revision=2, wanted_department="Finance")
    edit = events.make("ticket.updated", 7, revision=3, wanted_department=None, priority="low")
    events.deliver(edit)
    events.deliver(wish)
    (told,) = announced("ticket.routed")
    assert (told["department"], told["priority"]) == ("Finance", "low")


def test_of_two_wishes_the_later_stands_in_whatever_order_they_come(events: Events, announced: Announced) -> None:
    first = events.make("ticket.updated", 7, revision=2, wanted_department="Finance")
    second = events.make("ticket.updated", 7, revision=3, wanted_department="HR")
    events.deliver(second)
    events.deliver(first)
    assert routed(announced) == [(7, "HR", "person", 1)]


def test_a_routing_by_hand_made_after_a_wish_stands(events: Events, announced: Announced, api: Api) -> None:
    earlier = rfc3339(datetime.now(UTC) - timedelta(minutes=1))
    later = rfc3339(datetime.now(UTC) + timedelta(minutes=1))
    events.deliver(events.make("ticket.created", 7))
    api.call("PUT", "/api/route/7", {"department": "Facilities"})
    events.deliver(events.make("ticket.updated", 7, revision=2, wanted_department="Finance", updated_at=earlier))
    assert routed(announced)[-1][1] == "Facilities"
    events.deliver(events.make("ticket.updated", 7, revision=3, wanted_department="HR", updated_at=later))
    assert routed(announced)[-1][1] == "HR"


def test_a_wish_for_a_department_that_is_gone_is_kept_in_the_history(
    events: Events, announced: Announced, api: Api
) -> None:
    events.deliver(events.make("ticket.updated", 7, revision=2, wanted_department="Gone"))
    assert announced("ticket.routed") == []
    (line,) = api.get("/api/routing/history/7")["history"]
    assert (line["applied"], line["reason"]) == (False, "the department takes no tickets")


def test_a_ticket_deleted_before_anything_else_is_heard_stays_gone(
    events: Events, announced: Announced, rows: Rows, api: Api
) -> None:
    events.deliver(events.make("ticket.deleted", 7, revision=2))
    events.deliver(events.make("ticket.created", 7), events.make("ticket.categorized", 7))
    assert announced("ticket.routed") == []
    assert rows("select count(*) from ticket_routing") == [(0,)]
    assert rows("select gone, ticket_uuid from tickets") == [(True, None)]
    assert api.get("/api/routing/statistics")["routed_tickets"] == 0


def test_a_ticket_deleted_in_the_same_batch_leaves_nothing(events: Events, announced: Announced, rows: Rows) -> None:
    events.deliver(
        events.make("ticket.updated", 7, revision=2, wanted_department="HR"),
        events.make("ticket.deleted", 7, revision=3),
        events.make("ticket.created", 8),
    )
    assert announced("ticket.routed") == []
    assert rows("select ticket_id, gone from tickets order by 1") == [(7, True), (8, False)]


def test_the_first_company_has_its_departments_when_the_worker_starts(
    settings: Settings, database: Database, announced: Announced
) -> None:
    service.on_worker_start(settings, database)
    service.on_worker_start(settings, database)
    assert [e["company_id"] for e in announced("department.created")] == [1] * 5


def test_two_hundred_tickets_take_a_handful_of_statements(
    events: Events, database: Database, announced: Announced
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
    assert len(announced("ticket.routed")) == 201
    # The inbox, the departments, the tickets, everything that changed, the outbox, and the company.
    assert len(statements) <= 6


def test_the_time_of_the_step_is_measured(events: Events) -> None:
    events.deliver(*(events.make("ticket.categorized", n) for n in (1, 2, 3)))
    assert b'workflow_step_duration_seconds_count{step="route"} 3.0' in events.metrics.render()
