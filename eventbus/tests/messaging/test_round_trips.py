"""Counts the round trips to the database, so that no change adds one unnoticed."""

from collections.abc import Iterator

import pytest
from eventbus.bus.memory import MemoryBus
from eventbus.contracts import Contracts
from eventbus.publish import outbox
from eventbus.subscription import Delivery
from service_kit.database.engine import Database
from service_kit.testing.postgres import ServiceDatabase
from service_kit.testing.wire import Wire, recorded
from sqlalchemy.orm import Session

from .conftest import Build
from .shop import QUEUE, Thing, event, message, notes, rows, send, subscription


@pytest.fixture
def recorder(kit: ServiceDatabase) -> Iterator[tuple[str, Wire]]:
    """A way to the schema, and what goes over it."""
    with recorded(kit.url) as way:
        yield way


@pytest.fixture
def wire(recorder: tuple[str, Wire]) -> Wire:
    """The statements that the worker sends to its database."""
    return recorder[1]


@pytest.fixture
def database(kit: ServiceDatabase, contracts: Contracts, recorder: tuple[str, Wire]) -> Iterator[Database]:
    """The worker's database, behind the recorder."""
    made = Database(recorder[0], schema="kit", relay_url=kit.relay_url, pool_size=1)
    outbox.connect(made, contracts)
    yield made
    made.dispose()


def _react(session: Session, deliveries: list[Delivery[Thing]]) -> None:
    outbox.add_all(session, [event("lonely.made", delivery.envelope.subject) for delivery in deliveries])


def _sent(wire: Wire) -> list[str]:
    return [query for _, query in wire.take() if query != "discard plans"]


def test_a_batch_of_two_hundred_with_as_many_reactions_takes_two_statements(
    kit: ServiceDatabase, bus: MemoryBus, build: Build, wire: Wire
) -> None:
    receiving = build(subscription(_react))._consumer_loops[0]
    consumer = bus.consumer(bus._queues[QUEUE], 200)
    send(bus, message(subject="warm"))
    assert receiving.step(consumer, 0) == 1
    wire.take()
    send(bus, *(message(subject=str(number)) for number in range(200)))
    assert receiving.step(consumer, 0) == 200
    begin, companies, first, last, commit = _sent(wire)
    assert rows(kit, "select count(*) from outbox") == [(201,)]
    assert (begin, companies, commit) == ("BEGIN", "select set_config('app.companies', '1', true)", "COMMIT")
    assert first.startswith("execute lock_subjects")
    assert last.startswith("execute add_events")


def test_a_duplicate_costs_one_statement(kit: ServiceDatabase, bus: MemoryBus, build: Build, wire: Wire) -> None:
    receiving = build()._consumer_loops[0]
    consumer = bus.consumer(bus._queues[QUEUE], 200)
    twice = message()
    send(bus, twice)
    receiving.step(consumer, 0)
    wire.take()
    send(bus, twice)
    receiving.step(consumer, 0)
    assert [query.split()[0] for query in _sent(wire)] == ["BEGIN", "select", "execute", "COMMIT"]
    assert len(notes(kit)) == 1
