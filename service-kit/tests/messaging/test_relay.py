"""From the commit to the bus."""

import time

from service_kit.database.engine import Database
from service_kit.messaging.bus.memory import MemoryBus
from service_kit.testing.postgres import ServiceDatabase

from .conftest import Build
from .shop import announce, event, eventually, notes, rows


def test_what_is_committed_is_published_consumed_and_marked(
    kit: ServiceDatabase, database: Database, build: Build
) -> None:
    build().start()
    announce(database, *(event(subject=str(number), number=number) for number in range(1200)))
    eventually(lambda: len(notes(kit)) == 1200)
    eventually(lambda: rows(kit, "select count(*) from outbox where published_at is null") == [(0,)])


def test_a_commit_wakes_the_relay_and_the_effect_follows_at_once(
    kit: ServiceDatabase, database: Database, build: Build
) -> None:
    worker = build()
    worker.start()
    eventually(lambda: worker.relay.active)
    took = []
    for number in range(20):
        began = time.perf_counter()
        announce(database, event(subject=str(number), number=number))
        eventually(lambda number=number: len(notes(kit)) == number + 1)
        took.append(time.perf_counter() - began)
    assert sorted(took)[10] < 0.045, "slower than the relay's slow look: nobody woke it"


def test_while_the_bus_is_down_events_wait_and_then_go_out(
    kit: ServiceDatabase, database: Database, bus: MemoryBus, build: Build
) -> None:
    bus.down = True
    worker = build()
    worker.start()
    announce(database, event())
    eventually(lambda: not worker.relay.status()["ok"])
    assert notes(kit) == []
    bus.down = False
    eventually(lambda: notes(kit) == ["thing.made 1 1"])
    eventually(lambda: worker.relay.status() == {"ok": True, "active": True})


def test_a_missing_queue_is_made_and_refilled_and_nothing_happens_twice(
    kit: ServiceDatabase, database: Database, bus: MemoryBus, build: Build
) -> None:
    worker = build()
    worker.start()
    announce(database, event(subject="1"), event(subject="2"))
    eventually(lambda: len(notes(kit)) == 2)
    rows(kit, "with gone as (delete from inbox where subject = '2' returning 1) select count(*) from gone")
    bus.request_refill("shop.watch")
    eventually(lambda: len(notes(kit)) == 3)
    assert sorted(notes(kit)) == ["thing.made 1 1", "thing.made 2 1", "thing.made 2 1 late"]


def test_an_event_for_nobody_is_done_but_one_that_misses_its_queue_is_not(
    kit: ServiceDatabase, database: Database, bus: MemoryBus, build: Build
) -> None:
    build().relay._bus = bus
    worker = build()
    worker.start()
    eventually(lambda: worker.relay.active)
    announce(database, event("lonely.said"))
    eventually(lambda: rows(kit, "select published_at is not null, attempts from outbox") == [(True, 0)])
