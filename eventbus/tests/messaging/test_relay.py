"""From the commit to the bus."""

import time
from functools import partial

import pytest
from eventbus.bus.memory import MemoryBus
from eventbus.bus.port import Outcome
from eventbus.contracts import Contracts
from eventbus.publish import idle_policy, outbox, outbox_queries, outcomes
from eventbus.publish.wakeup import socket_path, wake
from service_kit.database.engine import Database
from service_kit.service_settings import ServiceSettings
from service_kit.testing.postgres import ServiceDatabase

from .conftest import Build
from .shop import QUEUE, announce, event, eventually, notes, publish_once, rows


def test_what_is_committed_is_published_consumed_and_marked(
    kit: ServiceDatabase, database: Database, build: Build
) -> None:
    build().start()
    announce(database, *(event(subject=str(number), number=number) for number in range(1200)))
    eventually(lambda: len(notes(kit)) == 1200)
    eventually(lambda: rows(kit, "select count(*) from outbox where published_at is null") == [(0,)])


def test_a_commit_wakes_the_relay(
    kit: ServiceDatabase, database: Database, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without being woken it would look far too late for this test.
    monkeypatch.setattr(idle_policy, "MIN_IDLE_POLL_SECONDS", 60)
    worker = build()
    worker.start()
    eventually(lambda: worker.relay.active)
    time.sleep(0.1)  # into its long rest: what its first look finds would prove nothing about being woken
    announce(database, event())
    eventually(lambda: notes(kit) == ["thing.made 1 1"])


def test_a_commit_in_another_process_wakes_the_relay_too(
    kit: ServiceDatabase,
    settings: ServiceSettings,
    contracts: Contracts,
    build: Build,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(idle_policy, "MIN_IDLE_POLL_SECONDS", 60)
    worker = build()
    worker.start()
    eventually(lambda: worker.relay.active)
    time.sleep(0.1)  # into its long rest: what its first look finds would prove nothing about being woken
    web = Database(kit.url, schema="kit", relay_url=kit.relay_url)
    outbox.connect(web, contracts, partial(wake, socket_path(settings)))
    announce(web, event())
    eventually(lambda: notes(kit) == ["thing.made 1 1"])
    web.dispose()


def test_who_can_t_wake_the_relay_is_found_by_its_look(
    kit: ServiceDatabase, contracts: Contracts, build: Build
) -> None:
    build().start()
    silent = Database(kit.url, schema="kit", relay_url=kit.relay_url)
    outbox.connect(silent, contracts)
    announce(silent, event())
    eventually(lambda: notes(kit) == ["thing.made 1 1"])
    silent.dispose()


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


def test_an_event_without_a_deployed_consumer_is_done_when_it_is_published(
    kit: ServiceDatabase, database: Database, build: Build
) -> None:
    build().start()
    announce(database, event("lonely.made"))
    eventually(lambda: rows(kit, "select published_at is not null, attempts from outbox") == [(True, 0)])


def test_an_event_that_reached_no_queue_though_it_has_a_consumer_is_sent_again(
    kit: ServiceDatabase, database: Database, bus: MemoryBus, build: Build
) -> None:
    worker = build()
    assert worker.relay._take_over()
    publish_once(worker)
    bus.delete(QUEUE)
    announce(database, event())
    publish_once(worker)
    [(published, attempts, reason, later)] = rows(
        kit, "select published_at, attempts, last_error, available_at > now() from outbox"
    )
    assert (published, attempts, reason, later) == (None, 1, outcomes.NO_QUEUE, True)
    assert bus.waiting(QUEUE) == []  # declared again
    eventually(lambda: publish_once(worker) and len(bus.waiting(QUEUE)) == 1)
    worker.relay._stand_down()


def test_what_the_broker_did_not_confirm_is_sent_again(kit: ServiceDatabase, database: Database, build: Build) -> None:
    worker = build()
    assert worker.relay._take_over()
    publish_once(worker)
    publish = worker.relay._publisher.publish  # type: ignore[union-attr]
    refused = [Outcome.UNCONFIRMED, Outcome.CONFIRMED]
    worker.relay._publisher.publish = lambda connection, messages: refused  # type: ignore[method-assign,union-attr]
    announce(database, event(subject="1"), event(subject="2"))
    publish_once(worker)
    assert rows(kit, "select subject, attempts, last_error from outbox where published_at is null") == [
        ("1", 1, outcomes.NOT_CONFIRMED)
    ]
    worker.relay._publisher.publish = publish  # type: ignore[method-assign,union-attr]
    eventually(lambda: publish_once(worker) == 1)
    assert rows(kit, "select count(*) from outbox where published_at is null") == [(0,)]
    worker.relay._stand_down()


def test_events_leave_in_the_order_in_which_they_were_stored(
    kit: ServiceDatabase, database: Database, bus: MemoryBus, build: Build
) -> None:
    ids = announce(database, *(event(subject=str(number)) for number in range(1100)))
    worker = build()
    assert worker.relay._take_over()
    while publish_once(worker):
        pass
    assert [item.id for item in bus.waiting(QUEUE)] == ids
    worker.relay._stand_down()


def test_long_bodies_leave_in_small_portions(
    kit: ServiceDatabase, database: Database, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_queries, "MAX_BYTES", 1)
    announce(database, *(event(subject=str(number)) for number in range(3)))
    worker = build()
    assert worker.relay._take_over()
    assert [publish_once(worker) for _ in range(4)] == [1, 1, 1, 0]
    worker.relay._stand_down()
