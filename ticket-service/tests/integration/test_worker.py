"""The service with its worker on a real broker: events go out and come in, and nothing happens twice."""

import time
from collections.abc import Callable, Iterator
from random import randrange
from typing import Any
from uuid import uuid4

import orjson
import pytest
import smartticket_contracts
from eventbus.bus.port import Bus, Incoming, Outcome, Outgoing, Queue
from eventbus.contracts import Contracts
from eventbus.event import Message
from eventbus.worker import build_bus
from service_kit.testing.postgres import ServiceDatabase
from ticket_service import service
from ticket_service.settings import Settings

from ..conftest import Api
from .test_consume import ROUTED

pytestmark = pytest.mark.rabbitmq

PATIENCE_SECONDS = 180
CATEGORIZE = Queue("ai-service.categorize", ("ticket.created",))


def eventually(look: Callable[[], Any]) -> Any:
    """Return the first true result of `look`."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.02)
    return found


@pytest.fixture
def bus(
    api: Api, read: Callable[..., Settings], made: ServiceDatabase, rabbitmq_vhost: str, tmp_path: Any
) -> Iterator[Bus]:
    """A client of the broker, while the worker of an empty service runs."""
    with made.admin() as connection, connection.cursor() as cursor:
        # The broker outlives a test: events left there must not match tickets of the next test.
        cursor.execute(f"alter table tickets alter column id restart with {randrange(10**6, 10**12)}")
    settings = read(RABBITMQ_URL=rabbitmq_vhost, RUNTIME_DIR=str(tmp_path), SMARTTICKET_SERVICES="ticket-service")
    worker = service.SERVICE.instance(settings).create_worker()
    worker.start()
    outside = build_bus(settings)
    outside.declare([CATEGORIZE, *Contracts.load(smartticket_contracts.folder()).queues("ticket-service")])
    yield outside
    assert worker.stop()
    outside.close()


def routed(ticket: dict[str, Any], revision: int, **changes: Any) -> Outgoing:
    """Make a `ticket.routed` as routing-service sends it."""
    event_id = str(uuid4())
    attributes = {
        "specversion": "1.0",
        "id": event_id,
        "source": "routing-service",
        "type": "ticket.routed",
        "subject": str(ticket["id"]),
        "time": "2026-11-20T10:30:00.323456Z",
        "dataschema": "https://smart-ticket.example/events/ticket.routed/v1",
        "datacontenttype": "application/json",
        "companyid": "1",
        "revision": str(revision),
        "actorkind": "system",
        "requestid": "r-77",
    }
    body = {
        "event": "ticket.routed",
        "event_id": event_id,
        "ticket_id": ticket["id"],
        "ticket_uuid": ticket["uuid"],
        "company_id": 1,
        "routed_at": "2026-11-20T10:30:00.323456Z",
        **ROUTED,
        **changes,
    }
    return Outgoing(Message(event_id, "ticket.routed", attributes, orjson.dumps(body)))


def send(bus: Bus, *messages: Outgoing) -> None:
    """Publish, and wait for the confirm."""
    publisher = bus.publisher()
    assert set(publisher.publish(None, messages)) == {Outcome.CONFIRMED}  # type: ignore[arg-type]
    publisher.close()


def taken(rows: Callable[..., list[tuple[Any, ...]]], *tickets: dict[str, Any]) -> int:
    """Count the consumed events about these tickets; events of earlier tests arrive too."""
    subjects = [str(ticket["id"]) for ticket in tickets]
    [(number,)] = rows("select count(*) from inbox where subject = any(%s)", subjects)
    return int(number)


def test_a_ticket_is_published_and_its_routing_shown_once(bus: Bus, api: Api) -> None:
    ticket = api.create()
    consumer = bus.consumer(CATEGORIZE, 1000)
    received: list[Incoming] = []

    def published() -> list[Incoming]:
        received.extend(consumer.receive(1000, 1))
        return [incoming for incoming in received if incoming.message.attributes["subject"] == str(ticket["id"])]

    (incoming,) = eventually(published)
    assert orjson.loads(incoming.message.body)["ticket_uuid"] == ticket["uuid"]
    consumer.acknowledge(received)
    consumer.close()

    routing = routed(ticket, 1)
    send(bus, routing, routing, routed(ticket, 2, department="HR"), routing)
    eventually(lambda: api.get(f"/api/tickets/{ticket['id']}")["department"] == "HR")
    recorded = eventually(lambda: [e for e in api.trail(ticket["id"]) if e["event_type"] == "routed"][1:])
    assert len(recorded) == 1
    assert recorded[0]["request_id"] == "r-77"


def test_a_routing_that_comes_after_the_deletion_has_no_effect(
    bus: Bus, api: Api, rows: Callable[..., list[tuple[Any, ...]]]
) -> None:
    gone, kept = api.create(), api.create()
    api.call("DELETE", f"/api/tickets/{gone['id']}")
    send(bus, routed(gone, 1), routed(kept, 1))
    eventually(lambda: api.get(f"/api/tickets/{kept['id']}")["department"])
    eventually(lambda: taken(rows, gone, kept) == 2)
    assert rows("select distinct ticket_id from ticket_events") == [(kept["id"],)]
    assert rows("select count(*) from parked") == [(0,)]


def test_tickets_deleted_while_their_routings_arrive_leave_nothing_behind(
    bus: Bus, api: Api, rows: Callable[..., list[tuple[Any, ...]]]
) -> None:
    tickets = [api.create() for _ in range(40)]
    send(bus, *(routed(ticket, 1) for ticket in tickets[:20]))
    for ticket in tickets:
        assert api.call("DELETE", f"/api/tickets/{ticket['id']}").status_code == 204
    send(bus, *(routed(ticket, 1) for ticket in tickets[20:]))
    eventually(lambda: taken(rows, *tickets) == 40)
    assert rows("select count(*) from ticket_events") == [(0,)]
    assert rows("select count(*) from tombstones") == [(40,)]
    assert rows("select count(*) from parked") == [(0,)]


def test_a_routing_that_breaks_its_contract_is_a_dead_letter_and_stops_nothing(
    bus: Bus, api: Api, rows: Callable[..., list[tuple[Any, ...]]]
) -> None:
    ticket, other = api.create(), api.create()
    send(bus, routed(ticket, 1, priority="maximal"), routed(other, 1))
    eventually(lambda: api.get(f"/api/tickets/{other['id']}")["department"])
    ((state, subject),) = eventually(lambda: rows("select state, subject from parked"))
    assert (state, subject) == ("dead", str(ticket["id"]))
    assert api.get(f"/api/tickets/{ticket['id']}")["department"] is None
    api.call("DELETE", f"/api/tickets/{ticket['id']}")
    assert rows("select count(*) from parked") == [(0,)], "it quotes the ticket"
