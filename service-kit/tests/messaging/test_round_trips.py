"""Speed is few round trips: they are counted here, so that nobody adds one unseen."""

from collections.abc import Iterator

import pytest
from service_kit.database.engine import Database
from service_kit.messaging import outbox
from service_kit.messaging.bus.memory import MemoryBus
from service_kit.messaging.subscription import Delivery
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.orm import Session

from .conftest import Build
from .shop import QUEUE, Thing, event, message, notes, rows, send, subscription


@pytest.fixture
def statements(database: Database) -> Iterator[list[str]]:
    """Every string sent to the database, BEGIN and COMMIT apart."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    sqlalchemy_event.listen(database._engine, "after_cursor_execute", note)
    yield sent
    sqlalchemy_event.remove(database._engine, "after_cursor_execute", note)


def _react(session: Session, deliveries: list[Delivery[Thing]]) -> None:
    outbox.add_all(session, [event("lonely.said", delivery.envelope.subject) for delivery in deliveries])


def test_a_batch_of_two_hundred_with_as_many_reactions_takes_two_statements(
    kit: ServiceDatabase, bus: MemoryBus, build: Build, statements: list[str]
) -> None:
    receiving = build(subscription(_react))._receiving[0]
    consumer = bus.consumer(bus._queues[QUEUE], 200)
    send(bus, message(subject="warm"))
    assert receiving.step(consumer, 0) == 1
    statements.clear()
    send(bus, *(message(subject=str(number)) for number in range(200)))
    assert receiving.step(consumer, 0) == 200
    assert len(statements) == 2, statements
    assert rows(kit, "select count(*) from outbox") == [(201,)]
    assert statements[0].startswith("select set_config('app.companies', '1', true); execute lock_subjects")


def test_a_duplicate_costs_one_statement(
    kit: ServiceDatabase, bus: MemoryBus, build: Build, statements: list[str]
) -> None:
    receiving = build()._receiving[0]
    consumer = bus.consumer(bus._queues[QUEUE], 200)
    twice = message()
    send(bus, twice)
    receiving.step(consumer, 0)
    statements.clear()
    send(bus, twice)
    receiving.step(consumer, 0)
    assert len(statements) == 1
    assert len(notes(kit)) == 1
