"""Whom nobody waits for gathers a batch; whoever is flush_on ends that."""

from collections.abc import Sequence
from typing import Any

import pytest
from service_kit.messaging.bus.port import BusDown, Incoming
from service_kit.messaging.consume import consumer_loop
from service_kit.messaging.consume.consumer_loop import ConsumerLoop
from service_kit.messaging.metrics import MessagingMetrics

from .shop import message

LONG_SECONDS = 30.0
PATIENT, HURRIED = "thing.made", "thing.changed"


class Clock:
    """Stands still unless somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(consumer_loop, "time", made)
    return made


class Arriving:
    """A consumer to whom one list of types comes after the other; None stands for a bus that is down."""

    def __init__(self, *arrivals: Sequence[str] | None) -> None:
        self._arrivals = list(arrivals)

    def receive(self, limit: int, timeout_seconds: float) -> list[Incoming]:
        if not self._arrivals:
            consumer_loop.time.sleep(timeout_seconds)
            return []
        come = self._arrivals.pop(0)
        if come is None:
            raise BusDown("gone")
        assert len(come) <= limit
        return [Incoming(message(kind), object(), 0) for kind in come]

    def depth(self) -> None:
        return None


class Handled:
    """Stands for the consuming part: what came, batch by batch."""

    queue, most = "shop.watch", 200

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def handle(self, received: Sequence[Incoming], _consumer: Any) -> None:
        self.batches.append([incoming.message.type for incoming in received])


def steps(arriving: Arriving, *, linger: float, flush_on: Sequence[str] = (), number: int = 1) -> list[list[str]]:
    handled: Any = Handled()
    part = ConsumerLoop("shop", lambda: arriving, handled, MessagingMetrics(None, "shop"), 200, linger, flush_on)  # type: ignore[arg-type, return-value]
    for _ in range(number):
        part.step(arriving, 0)  # type: ignore[arg-type]
    batches: list[list[str]] = handled.batches
    return batches


def test_without_lingering_a_batch_is_what_has_come() -> None:
    assert steps(Arriving([PATIENT], [PATIENT, PATIENT]), linger=0, number=1) == [[PATIENT]]


def test_who_lingers_takes_what_has_come_meanwhile() -> None:
    assert steps(Arriving([PATIENT], [PATIENT, HURRIED]), linger=0.05) == [[PATIENT, PATIENT, HURRIED]]


def test_a_hurried_one_does_not_linger(clock: Clock) -> None:
    began = clock.now
    assert steps(Arriving([HURRIED]), linger=LONG_SECONDS, flush_on=[HURRIED]) == [[HURRIED]]
    assert clock.now - began < LONG_SECONDS / 2


def test_a_hurried_one_ends_the_lingering_of_those_before_it(clock: Clock) -> None:
    began = clock.now
    arriving = Arriving([PATIENT], [PATIENT], [HURRIED])
    assert steps(arriving, linger=LONG_SECONDS, flush_on=[HURRIED]) == [[PATIENT, PATIENT, HURRIED]]
    assert clock.now - began < LONG_SECONDS / 2


def test_with_enough_at_hand_nobody_lingers(clock: Clock) -> None:
    began = clock.now
    assert [len(batch) for batch in steps(Arriving([PATIENT] * 50), linger=LONG_SECONDS)] == [50]
    assert [len(batch) for batch in steps(Arriving([PATIENT], [PATIENT] * 60), linger=0.05)] == [61]
    assert clock.now - began < LONG_SECONDS / 2


@pytest.mark.parametrize("flush_on", [[], [HURRIED]])
def test_behind_a_full_batch_nobody_lingers_for_what_is_on_its_way(clock: Clock, flush_on: list[str]) -> None:
    began = clock.now
    batches = steps(Arriving([PATIENT] * 50, [PATIENT]), linger=LONG_SECONDS, flush_on=flush_on, number=2)
    assert [len(batch) for batch in batches] == [50, 1]
    assert clock.now - began < LONG_SECONDS / 2


def test_when_the_rush_is_over_they_linger_again() -> None:
    arriving = Arriving([PATIENT] * 50, [PATIENT], [], [PATIENT], [PATIENT])
    assert [len(batch) for batch in steps(arriving, linger=0.05, number=3)] == [50, 1, 2]


@pytest.mark.parametrize("flush_on", [[], [HURRIED]])
def test_what_is_in_hand_is_handled_though_the_bus_goes_down(flush_on: list[str]) -> None:
    assert steps(Arriving([PATIENT], None), linger=0.05, flush_on=flush_on) == [[PATIENT]]
