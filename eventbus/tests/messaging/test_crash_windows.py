"""A process dies between two steps: nothing is lost, nothing happens twice."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from eventbus.bus.memory import MemoryBus
from eventbus.bus.port import Incoming, Outcome, QueueConsumer
from eventbus.consume.inbox import Inbox
from eventbus.consume.transaction import Settlement
from eventbus.publish.relay import Relay
from service_kit.database.engine import Database
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy.orm import Session

from .conftest import Build
from .shop import QUEUE, announce, event, eventually, message, notes, publish_once, rows, send

UNPUBLISHED = "select count(*) from outbox where published_at is null"


class Died(BaseException):
    """The process is gone: nothing that catches Exception may go on."""


class DiesBeforePublish(Relay):
    def _publish(self, rows: Sequence[Any], queue: str | None = None) -> list[Outcome]:
        raise Died


class DiesBeforeMark(Relay):
    def _mark(self, taken: Sequence[Any], outcomes: Sequence[Outcome]) -> None:
        raise Died


class DiesBeforeAcknowledge(Settlement):
    def finish(self, session: Session, consumer: QueueConsumer, incoming: Sequence[Incoming]) -> None:
        consumer.settle(session.connection(), incoming)
        session.commit()
        raise Died


def _relay_once(worker: Any) -> None:
    """Run one turn of a relay that dies in it."""
    assert worker.relay._take_over()
    try:
        with pytest.raises(Died):
            publish_once(worker)
    finally:
        worker.relay._stand_down()


@pytest.mark.parametrize("died", [DiesBeforePublish, DiesBeforeMark])
def test_an_event_survives_the_relay_being_killed_before_publish_or_between_publish_and_mark(
    kit: ServiceDatabase, database: Database, bus: MemoryBus, build: Build, died: type[Relay]
) -> None:
    announce(database, event(subject="1"), event(subject="2"))
    _relay_once(build(components={"relay_type": died}))
    assert rows(kit, UNPUBLISHED) == [(2,)]
    build().start()
    eventually(lambda: rows(kit, UNPUBLISHED) == [(0,)])
    eventually(lambda: not bus.waiting(QUEUE) and len(notes(kit)) == 2)
    assert sorted(notes(kit)) == ["thing.made 1 1", "thing.made 2 1"]


def test_an_effect_happens_once_where_the_consumer_is_killed_between_commit_and_acknowledge(
    kit: ServiceDatabase, bus: MemoryBus, build: Build
) -> None:
    send(bus, message(number=1), message(subject="2", number=2))
    dying = build(components={"settlement": DiesBeforeAcknowledge()})
    consumer = bus.consumer(bus._queues[QUEUE], 200)
    with pytest.raises(Died):
        dying._consumer_loops[0].step(consumer, 0)
    assert len(notes(kit)) == 2
    consumer.close()
    assert len(bus.waiting(QUEUE)) == 2
    build().start()
    eventually(lambda: not bus.waiting(QUEUE))
    assert len(notes(kit)) == 2


def test_nothing_happens_where_the_consumer_is_killed_before_its_commit(
    kit: ServiceDatabase, bus: MemoryBus, build: Build
) -> None:
    class DiesBeforeCommit(Settlement):
        def finish(self, session: Session, consumer: QueueConsumer, incoming: Sequence[Incoming]) -> None:
            raise Died

    send(bus, message())
    consumer = bus.consumer(bus._queues[QUEUE], 200)
    with pytest.raises(Died):
        build(components={"settlement": DiesBeforeCommit()})._consumer_loops[0].step(consumer, 0)
    assert notes(kit) == []
    assert rows(kit, "select count(*) from inbox") == [(0,)]
    consumer.close()
    build().start()
    eventually(lambda: notes(kit) == ["thing.made 1 1"])


# Each of these faults breaks the guarantee, which proves that the replaced component upholds it.


class NoInbox(Inbox):
    def admit(self, session: Session, queue: str, messages: Any, *args: Any, **options: Any) -> dict[str, Any]:
        return {each.envelope.id: SimpleNamespace(ended=False, is_latest=True) for each in messages}

    def seen(self, *_: Any) -> set[str]:
        return set()


class AcknowledgesFirst(Settlement):
    def finish(self, session: Session, consumer: QueueConsumer, incoming: Sequence[Incoming]) -> None:
        consumer.acknowledge(incoming)
        raise Died


class MarksFirst(Relay):
    def _publish(self, rows: Sequence[Any], queue: str | None = None) -> list[Outcome]:
        self._mark(rows, [Outcome.CONFIRMED] * len(rows))
        raise Died


def test_without_the_inbox_effects_happen_twice(kit: ServiceDatabase, bus: MemoryBus, build: Build) -> None:
    twice = message()
    build(components={"inbox": NoInbox()}).start()
    send(bus, twice)
    eventually(lambda: len(notes(kit)) == 1)
    send(bus, twice)
    eventually(lambda: len(notes(kit)) == 2)


def test_acknowledged_before_the_commit_events_are_lost(kit: ServiceDatabase, bus: MemoryBus, build: Build) -> None:
    send(bus, message())
    consumer = bus.consumer(bus._queues[QUEUE], 200)
    with pytest.raises(Died):
        build(components={"settlement": AcknowledgesFirst()})._consumer_loops[0].step(consumer, 0)
    consumer.close()
    assert notes(kit) == []
    assert bus.waiting(QUEUE) == []


def test_marked_before_the_confirm_events_are_lost(
    kit: ServiceDatabase, database: Database, bus: MemoryBus, build: Build
) -> None:
    announce(database, event())
    _relay_once(build(components={"relay_type": MarksFirst}))
    assert rows(kit, UNPUBLISHED) == [(0,)]
    assert bus.waiting(QUEUE) == []
