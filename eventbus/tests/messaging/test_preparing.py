"""Slow work happens before the transaction, for several events at once, and only where it is needed."""

import threading
from typing import Any

import pytest
from eventbus.bus.memory import MemoryBus
from eventbus.consumer import Consumer, subscriptions
from eventbus.subscription import Delivery
from service_kit.testing.postgres import ServiceDatabase

from .conftest import Build
from .shop import QUEUE, TYPES, Thing, eventually, message, note, notes, rows, send, subscription

PATIENCE_SECONDS = 180.0


class Slow:
    """A preparation that takes until `enough` is set and knows how many were at it together."""

    def __init__(self, dislikes: set[int] | None = None, *, together: int = 1) -> None:
        self.dislikes = dislikes or set()
        self.enough = threading.Event()
        self._enough_at = together
        self.prepared: list[int] = []
        self.max_together = 0
        self._together = 0
        self._lock = threading.Lock()

    def __call__(self, delivery: Delivery[Thing]) -> str:
        with self._lock:
            self._together += 1
            self.max_together = max(self.max_together, self._together)
            self.prepared.append(delivery.body.number)
            if self.max_together >= self._enough_at:
                self.enough.set()
        self.enough.wait(PATIENCE_SECONDS)
        with self._lock:
            self._together -= 1
        if delivery.body.number in self.dislikes:
            raise RuntimeError("can't prepare")
        return f"prepared {delivery.body.number}"


def test_apply_is_handed_what_prepare_returned_and_preparing_is_done_side_by_side(
    kit: ServiceDatabase, bus: MemoryBus, build: Build
) -> None:
    slow, seen = Slow(together=2), []

    def apply(session: Any, deliveries: Any) -> None:
        seen.extend(delivery.prepared for delivery in deliveries)
        note(session, deliveries)

    send(bus, *(message(subject=str(number), number=number) for number in range(16)))
    build(subscription(apply, prepare=slow)).start()
    eventually(lambda: len(notes(kit)) == 16)
    assert seen == [f"prepared {number}" for number in range(16)]
    assert 2 <= slow.max_together <= 8


def test_a_failing_preparation_holds_up_only_its_own_event(kit: ServiceDatabase, bus: MemoryBus, build: Build) -> None:
    send(bus, *(message(subject=str(number), number=number) for number in range(10)))
    build(subscription(prepare=Slow({4}))).start()
    eventually(lambda: len(notes(kit)) == 9 and not bus.waiting(QUEUE))
    assert rows(kit, "select subject, state, reason from parked") == [("4", "waiting", "RuntimeError: can't prepare")]


def test_what_was_done_before_is_not_prepared_again(kit: ServiceDatabase, bus: MemoryBus, build: Build) -> None:
    slow, twice = Slow(), message(number=1)
    build(subscription(prepare=slow)).start()
    send(bus, twice)
    eventually(lambda: len(notes(kit)) == 1)
    send(bus, twice, message(subject="2", number=2))
    eventually(lambda: len(notes(kit)) == 2)
    assert slow.prepared == [1, 2]


def test_no_connection_is_held_while_preparing(kit: ServiceDatabase, bus: MemoryBus, build: Build) -> None:
    slow = Slow(together=2)
    build(subscription(prepare=slow)).start()
    send(bus, message())
    eventually(lambda: slow.prepared)
    app = kit.roles.app
    busy = f"select count(*) from pg_stat_activity where usename = '{app}' and state like 'idle in transaction%'"
    assert rows(kit, busy) == [(0,)]
    slow.enough.set()
    eventually(lambda: len(notes(kit)) == 1)


@pytest.mark.parametrize("number", [1, 2])
def test_a_worker_that_stops_does_not_wait_for_a_slow_preparation(
    kit: ServiceDatabase, bus: MemoryBus, build: Build, number: int
) -> None:
    slow = Slow(together=3)
    worker = build(subscription(prepare=slow))
    worker.start()
    send(bus, *(message(subject=str(each), number=each) for each in range(number)))
    eventually(lambda: slow.prepared)
    assert worker.stop(30), "the preparation goes on until the end of this test"
    assert len(bus.waiting(QUEUE)) == number
    assert rows(kit, "select count(*) from parked") == [(0,)]
    slow.enough.set()


def test_every_function_of_a_consumer_gets_the_dependencies_last(
    kit: ServiceDatabase, bus: MemoryBus, build: Build
) -> None:
    calls: list[Any] = []
    consumer = Consumer(
        TYPES,
        view=Thing,
        apply=lambda _session, deliveries, deps: calls.append(("apply", [each.prepared for each in deliveries], deps)),
        queue="watch",
        prepare=lambda delivery, deps: (calls.append(("prepare", delivery.body.number, deps)), delivery.body.number)[1],
        filter=lambda delivery, deps: calls.append(("filter", delivery.body.number, deps)) is None,
        skip_dedup_check=lambda deps: calls.append(("skip", deps)) is None,
    )
    build(*subscriptions([consumer], {}, "deps")).start()
    send(bus, message(number=7))
    eventually(lambda: len(calls) == 4)
    assert calls == [("filter", 7, "deps"), ("skip", "deps"), ("prepare", 7, "deps"), ("apply", [7], "deps")]
