"""Effects of other services' events."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from eventbus.consumer import Consumer
from eventbus.event import Envelope
from eventbus.subscription import Delivery
from eventbus.wire import body_reader
from service_kit.telemetry.cause import Cause
from service_kit.telemetry.metrics import Metrics
from service_kit.testing.postgres import ServiceDatabase
from ticket_service import service
from ticket_service.domain.departments import SEEDED

from ..conftest import Api

Rows = Callable[..., list[tuple[Any, ...]]]
ROUTED = {
    "department": "IT Support",
    "category": "IT Support",
    "priority": "high",
    "confidence_score": 70,
    "need_admin": False,
    "team_id": None,
    "team": None,
    "decided_by": "keywords",
    "reason": "2 words of IT Support: password, email",
    "rerouted": False,
    "actor": "ai-service",
}
PERSON = {"decided_by": "person", "actor": "person:9", "confidence_score": 100, "rerouted": True}


class Inside:
    """Hands deliveries to the service's consumers, as the worker does, in one transaction."""

    def __init__(self, made: ServiceDatabase) -> None:
        self.made = made
        self.metrics = Metrics(service.SERVICE.name)
        self.consumers: dict[str, Consumer[Any, Any]] = {}
        self.deps: Any = None
        settings = service.SERVICE.read_settings({"SMARTTICKET_ENV": "development"})
        for subscription in service.SERVICE.instance(settings, self.metrics).subscriptions():
            self.consumers |= subscription.consumers
            self.deps = subscription.deps

    def deliver(self, *events: tuple[str, int, dict[str, Any]], is_latest: bool = True, company: int = 1) -> None:
        """Apply (type, revision, body) in one transaction."""
        deliveries = []
        for kind, revision, body in events:
            cause = Cause("r-9", "", "system", str(uuid4()))
            envelope = Envelope(cause.event_id, kind, 1, "routing-service", "s", company, revision, "", cause)
            deliveries.append(Delivery(envelope, body_reader(self.consumers[kind].view_of(kind))(body), is_latest))
        with self.made.database.session(company) as session, session.begin():
            self.consumers[events[0][0]].apply(session, deliveries, self.deps)

    def route(self, ticket_id: int, revision: int, is_latest: bool = True, **changes: Any) -> None:
        """Apply one `ticket.routed`."""
        self.deliver(("ticket.routed", revision, ROUTED | {"ticket_id": ticket_id} | changes), is_latest=is_latest)

    def metric(self, line: str) -> float:
        """Return the value of a metric."""
        for text in self.metrics.render().decode().splitlines():
            if text.startswith(f"{line} "):
                return float(text.rpartition(" ")[2])
        return 0.0


@pytest.fixture
def inside(made: ServiceDatabase) -> Inside:
    return Inside(made)


def test_a_routing_is_shown_recorded_and_counted(api: Api, inside: Inside) -> None:
    ticket = api.create()
    inside.route(ticket["id"], 1)
    shown = api.get(f"/api/tickets/{ticket['id']}")
    assert (shown["department"], shown["confidence_score"], shown["category"]) == ("IT Support", 70, "IT Support")
    assert (shown["need_admin"], shown["run"], shown["priority"]) == (False, "completed", "high")
    assert (shown["decided_by"], shown["reason"]) == ("keywords", ROUTED["reason"])
    assert shown["version"] == 2, "the ticket shows something else"
    entry = api.trail(ticket["id"])[-1]
    assert (entry["event_type"], entry["actor"], entry["request_id"]) == ("routed", "ai-service", "r-9")
    assert entry["cause"].startswith("ticket.routed ")
    assert entry["payload"]["shown"] is True
    assert entry["payload"]["before"]["department"] is None
    assert entry["payload"]["after"]["department"] == "IT Support"
    assert inside.metric('tickets_processed_total{status="routed"}') == 1
    assert inside.metric("ticket_processing_duration_seconds_count") == 1
    run = api.get(f"/tickets/{ticket['uuid']}")
    assert run == {
        "ticket_id": ticket["uuid"],
        "status": "completed",
        "result": {"department": "IT Support", "confidence_score": 70},
    }


def test_before_it_is_routed_a_run_is_pending_without_a_result(api: Api) -> None:
    uuid = api.create()["uuid"]
    assert api.get(f"/tickets/{uuid}") == {"ticket_id": uuid, "status": "pending", "result": None}


def test_a_ticket_is_counted_once_however_often_it_is_routed(api: Api, inside: Inside) -> None:
    number = api.create()["id"]
    inside.route(number, 1, need_admin=True)
    inside.route(number, 2)
    assert inside.metric('tickets_processed_total{status="need_admin"}') == 1
    assert inside.metric('tickets_processed_total{status="routed"}') == 0


def test_nothing_is_counted_where_the_transaction_fails(api: Api, inside: Inside) -> None:
    body = ROUTED | {"ticket_id": api.create()["id"]}
    delivery = Delivery(
        Envelope(str(uuid4()), "ticket.routed", 1, "s", "s", 1, 1, "", Cause("r")),
        body_reader(inside.consumers["ticket.routed"].view_of("ticket.routed"))(body),
    )
    with inside.made.database.session(1) as session:
        inside.consumers["ticket.routed"].apply(session, [delivery], inside.deps)
        session.rollback()
        session.connection().exec_driver_sql("select 1")
        session.commit()
    assert inside.metric('tickets_processed_total{status="routed"}') == 0


def test_a_late_routing_is_recorded_but_not_shown(api: Api, inside: Inside) -> None:
    number = api.create()["id"]
    inside.route(number, 2, department="HR")
    inside.route(number, 1, is_latest=False, department="Finance")
    assert api.get(f"/api/tickets/{number}")["department"] == "HR"
    assert [entry["payload"]["shown"] for entry in api.trail(number)[1:]] == [True, False]


def test_a_persons_routing_overrides_predictions_and_yields_to_persons(api: Api, inside: Inside) -> None:
    number = api.create()["id"]
    inside.route(number, 1, department="HR", **PERSON)
    inside.route(number, 2, department="Finance")
    assert api.get(f"/api/tickets/{number}")["department"] == "HR"
    inside.route(number, 3, department="Facilities", **PERSON)
    assert api.get(f"/api/tickets/{number}")["department"] == "Facilities"
    assert [entry["payload"]["shown"] for entry in api.trail(number)[1:]] == [True, False, True]


def test_several_routings_of_one_ticket_in_one_batch_end_as_one_by_one(api: Api, inside: Inside) -> None:
    number = api.create()["id"]
    inside.deliver(
        ("ticket.routed", 1, ROUTED | {"ticket_id": number}),
        ("ticket.routed", 2, ROUTED | PERSON | {"ticket_id": number, "department": "HR"}),
        ("ticket.routed", 3, ROUTED | {"ticket_id": number, "department": "Finance"}),
    )
    shown = api.get(f"/api/tickets/{number}")
    assert (shown["department"], shown["confidence_score"]) == ("HR", 100)
    assert len(api.trail(number)) == 4


def test_a_priority_that_the_caller_gave_overrides_predictions(api: Api, inside: Inside) -> None:
    given, open_ = api.create(priority="low")["id"], api.create()["id"]
    edited = api.create()["id"]
    api.call("PATCH", f"/api/tickets/{edited}", {"priority": "medium"})
    for number in (given, open_, edited):
        inside.route(number, 1, priority="urgent")
    assert [api.get(f"/api/tickets/{number}")["priority"] for number in (given, open_, edited)] == [
        "low",
        "urgent",
        "medium",
    ]


def test_the_routing_of_a_ticket_that_is_gone_changes_nothing(api: Api, inside: Inside, rows: Rows) -> None:
    gone, kept = api.create()["id"], api.create()["id"]
    api.call("DELETE", f"/api/tickets/{gone}")
    inside.deliver(*(("ticket.routed", 1, ROUTED | {"ticket_id": number}) for number in (gone, kept)))
    assert rows("select distinct ticket_id from ticket_events") == [(kept,)]
    assert api.get(f"/api/tickets/{kept}")["department"] == "IT Support"


def test_another_companys_event_reaches_no_ticket(api: Api, inside: Inside) -> None:
    number = api.create()["id"]
    inside.deliver(("ticket.routed", 1, ROUTED | {"ticket_id": number}), company=2)
    assert api.get(f"/api/tickets/{number}")["department"] is None
    assert len(api.trail(number)) == 1


def test_in_a_batch_of_several_companies_each_event_reaches_its_own_only(api: Api, inside: Inside) -> None:
    mine, theirs = api.create()["id"], Api(api.client, company=2).create()["id"]
    consumer = inside.consumers["ticket.routed"]
    deliveries = []
    for company, number, name in ((1, mine, "HR"), (2, theirs, "HR"), (1, theirs, "Finance"), (2, mine, "Finance")):
        envelope = Envelope(str(uuid4()), "ticket.routed", 1, "s", str(number), company, 1, "", Cause("r"))
        body = body_reader(consumer.view_of("ticket.routed"))(ROUTED | {"ticket_id": number, "department": name})
        deliveries.append(Delivery(envelope, body))
    with inside.made.database.session(1, 2) as session, session.begin():
        consumer.apply(session, deliveries, inside.deps)
    for caller, number in ((api, mine), (Api(api.client, company=2), theirs)):
        assert caller.get(f"/api/tickets/{number}")["department"] == "HR"
        assert len(caller.trail(number)) == 2


def test_a_batch_of_two_hundred_is_a_few_statements(api: Api, inside: Inside) -> None:
    numbers = [api.create()["id"] for _ in range(200)]
    inside.deliver(*(("ticket.routed", 1, ROUTED | {"ticket_id": number}) for number in numbers))
    assert api.get("/api/departments/IT%20Support/tickets?limit=100")["count"] == 100
    assert inside.metric('tickets_processed_total{status="routed"}') == 200


def department(name: str, number: int = 50, is_active: bool = True) -> dict[str, Any]:
    """Return the fields of a `department.*` body that the consumer uses."""
    return {"company_id": 1, "department_id": number, "name": name, "is_active": is_active}


def test_departments_follow_their_events(api: Api, inside: Inside) -> None:
    path = f"/api/tickets/{api.create()['id']}"
    assert api.call("PATCH", path, {"department": "Legal"}).status_code == 400
    inside.deliver(("department.created", 1, department("Legal")))
    assert api.call("PATCH", path, {"department": "Legal"}).status_code == 200
    assert api.get("/api/departments/Legal/tickets")["count"] == 0
    assert Api(api.client, company=2).call("GET", "/api/departments/Legal/tickets").status_code == 404
    inside.deliver(("department.updated", 2, department("Legal", is_active=False)))
    assert api.call("PATCH", path, {"department": "Legal"}).status_code == 400
    assert api.get("/api/departments/Legal/tickets")["count"] == 0, "tickets may still be in it"
    inside.deliver(("department.updated", 3, department("Legal")))
    inside.deliver(("department.deleted", 4, department("Legal")))
    assert api.call("PATCH", path, {"department": "Legal"}).status_code == 400


@pytest.mark.parametrize("kind", ["company.created", "company.updated"])
def test_a_published_company_is_maintained(api: Api, inside: Inside, rows: Rows, kind: str) -> None:
    inside.deliver((kind, 1, {"company_id": 7}), (kind, 2, {"company_id": 7}), company=7)
    assert rows("select id from companies where id = 7") == [(7,)]


def test_a_late_event_about_a_department_changes_nothing(api: Api, inside: Inside) -> None:
    path = f"/api/tickets/{api.create()['id']}"
    inside.deliver(("department.deleted", 3, department("Legal")))
    inside.deliver(("department.created", 1, department("Legal")), ("department.updated", 2, department("Legal")))
    assert api.call("PATCH", path, {"department": "Legal"}).status_code == 400


def test_a_seeded_department_can_be_deleted(api: Api, inside: Inside) -> None:
    path = f"/api/tickets/{api.create()['id']}"
    for name in SEEDED:
        assert api.call("PATCH", path, {"department": name}).status_code == 200
    inside.deliver(("department.deleted", 2, department("HR", 2)))
    assert api.call("PATCH", path, {"department": "HR"}).status_code == 400
