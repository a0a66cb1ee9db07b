"""Events route tickets, in whatever order and however often they come, on a real database."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from routing_service import service
from routing_service.settings import Settings
from service_kit.database.engine import Database
from service_kit.messaging.event import Message
from service_kit.messaging.wire import rfc3339
from sqlalchemy import event as sqlalchemy_event

from ..conftest import Api, Elsewhere, Events

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


@pytest.mark.parametrize("kind", ["company.created", "company.updated"])
def test_a_company_has_its_departments_before_its_first_ticket(
    events: Events, announced: Announced, api: Api, kind: str
) -> None:
    events.company(kind, 9)
    assert [e["company_id"] for e in announced("department.created")] == [9] * 5
    admin = Api(api.client, company=9)
    assert admin.call("DELETE", "/api/departments/Finance").status_code == 204
    events.company("company.updated", 9, revision=2)
    assert len(announced("department.created")) == 5, "what an admin deleted stays deleted"


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
    events.deliver(events.make("ticket.categorized", 7, department="Finance", category="Leave", priority="high"))
    events.deliver(events.make("ticket.categorized", 7, revision=2, department="General", priority="urgent"))
    assert routed(announced) == [(7, "HR", "person", 1), (7, "HR", "person", 2)]
    read = [(event["category"], event["priority"]) for event in announced("ticket.routed")]
    assert read == [("back", "low"), ("Leave", "high")], "what no machine had read was read once"
    lines = api.get("/api/routing/history/7")["history"]
    assert [(line["department"], line["applied"]) for line in lines] == [
        ("General", False), ("Finance", False), ("HR", True),
    ]  # fmt: skip
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


def wish(events: Events, revision: int, department: str | None, **body: Any) -> Message:
    return events.make("ticket.updated", 7, revision=revision, **{"wanted_department": department, **body})


def answered(announced: Announced) -> list[tuple[str, int]]:
    return [(e["department"], e["wish_revision"]) for e in announced("ticket.routed")]


@pytest.mark.parametrize("minutes", [-60, 0, 60])
def test_the_last_wish_wins_whatever_the_clocks_of_both_services_show(
    events: Events, announced: Announced, api: Api, elsewhere: Elsewhere, minutes: int
) -> None:
    skewed = rfc3339(datetime.now(UTC) + timedelta(minutes=minutes))
    events.deliver(events.make("ticket.created", 7))
    early, late = (wish(events, n, name, updated_at=skewed) for n, name in ((2, "Finance"), (3, "HR")))
    elsewhere.hear(early)
    api.call("PUT", "/api/route/7", {"department": "Facilities"})
    events.deliver(early)
    assert answered(announced) == [("Facilities", 2)], "the routing by hand was ordered after the wish"
    events.deliver(late)
    assert answered(announced)[-1] == ("HR", 3), "the wish was made after the routing by hand"


def test_wishes_and_routings_by_hand_end_alike_however_the_wishes_are_delayed(
    events: Events, announced: Announced, api: Api, elsewhere: Elsewhere
) -> None:
    events.deliver(events.make("ticket.created", 7))
    wishes = [wish(events, n, name) for n, name in ((2, "Finance"), (3, "HR"), (4, "General"))]
    elsewhere.hear(wishes[0])
    api.call("POST", "/api/route", {"ticket_id": 7, "department": "Facilities", "confidence_score": 60})
    elsewhere.hear(wishes[1])
    elsewhere.hear(wishes[2])
    for late in (wishes[2], wishes[0], wishes[1]):
        events.deliver(late)
    assert answered(announced) == [("Facilities", 2), ("General", 4)]


def test_while_ticket_service_is_down_the_time_decides(
    events: Events, announced: Announced, api: Api, elsewhere: Elsewhere
) -> None:
    earlier = rfc3339(datetime.now(UTC) - timedelta(minutes=1))
    later = rfc3339(datetime.now(UTC) + timedelta(minutes=1))
    events.deliver(events.make("ticket.created", 7))
    elsewhere.down = True
    api.call("PUT", "/api/route/7", {"department": "Facilities"})
    events.deliver(wish(events, 2, "Finance", updated_at=earlier))
    assert answered(announced)[-1] == ("Facilities", 2), "who waits for the wish learns that it was outranked"
    events.deliver(wish(events, 3, "HR", updated_at=later))
    assert answered(announced)[-1] == ("HR", 3)


def test_a_wish_for_where_the_ticket_is_already_is_answered_too(events: Events, announced: Announced) -> None:
    events.deliver(events.make("ticket.created", 7))
    events.deliver(wish(events, 2, "HR"), wish(events, 3, "HR", changed=[]))
    assert answered(announced) == [("HR", 2), ("HR", 3)]


def test_a_wish_for_a_team_alone_leaves_the_ticket_where_a_newer_routing_put_it(
    events: Events, announced: Announced, api: Api
) -> None:
    events.team(8, "Front desk")
    events.deliver(events.make("ticket.created", 7))
    api.call("PUT", "/api/route/7", {"department": "Finance"})
    events.deliver(wish(events, 2, None, wanted_team_id=8, names_team=True))
    events.deliver(wish(events, 3, None, wanted_team_id=None, changed=["team"]))
    routings = announced("ticket.routed")
    assert [(e["department"], e["team_id"]) for e in routings] == [("Finance", None), ("Finance", 8), ("Finance", None)]


def test_a_refused_wish_is_answered_with_the_routing_that_stays(events: Events, announced: Announced) -> None:
    events.deliver(events.make("ticket.categorized", 7))
    events.deliver(wish(events, 2, "Gone"))
    assert answered(announced) == [("IT Support", 0), ("IT Support", 2)]
    assert [e["revision"] for e in announced("ticket.routed")] == [1, 2]


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
