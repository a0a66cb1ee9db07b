"""An effect and the end of its subject at the same moment: the end wins, whoever commits first."""

import threading
from typing import Any

from service_kit.database.engine import Database
from service_kit.messaging import inbox
from service_kit.messaging.bus.memory import MemoryBus
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy import text
from sqlalchemy.orm import Session

from .conftest import Build
from .shop import QUEUE, eventually, message, note, notes, rows, send, subscription

REMOVE = text("delete from notes where note like 'thing.made 1 %'")


def _made_or_removed(between: threading.Event, go_on: threading.Event) -> Any:
    def apply(session: Session, deliveries: Any) -> None:
        kinds = {delivery.envelope.type for delivery in deliveries}
        if "thing.ended" in kinds:
            session.execute(REMOVE)
            return
        between.set()
        assert go_on.wait(10)
        note(session, deliveries)

    return apply


def test_an_end_waits_for_effects_in_flight_and_then_removes_them(
    kit: ServiceDatabase, bus: MemoryBus, build: Build
) -> None:
    between, go_on = threading.Event(), threading.Event()
    apply = _made_or_removed(between, go_on)
    first, second = (build(subscription(apply))._receiving[0] for _ in range(2))
    consumers = [bus.consumer(bus._queues[QUEUE], 200) for _ in range(2)]
    send(bus, message("thing.made", revision=1))
    slow = threading.Thread(target=lambda: first.step(consumers[0], 0))
    slow.start()
    assert between.wait(10)
    send(bus, message("thing.ended", revision=2))
    end = threading.Thread(target=lambda: second.step(consumers[1], 0))
    end.start()
    eventually(lambda: rows(kit, "select count(*) > 0 from pg_locks where locktype = 'advisory' and not granted")[0][0])
    go_on.set()
    slow.join(10)
    end.join(10)
    assert notes(kit) == []
    assert rows(kit, "select count(*) from tombstones") == [(1,)]


def test_a_use_case_that_ends_a_subject_stops_what_comes_later(
    kit: ServiceDatabase, database: Database, bus: MemoryBus, build: Build
) -> None:
    with database.session(1) as session, session.begin():
        inbox.end_subject(session, 1, "1")
    send(bus, message(subject="1"), message(subject="2"))
    build().start()
    eventually(lambda: notes(kit) == ["thing.made 2 1"])


def test_the_same_subject_of_another_company_lives_on(
    kit: ServiceDatabase, database: Database, bus: MemoryBus, build: Build
) -> None:
    with database.session(1) as session, session.begin():
        inbox.end_subject(session, 1, "1")
    send(bus, message(subject="1", company=2))
    build().start()
    eventually(lambda: notes(kit) == ["thing.made 1 1"])
