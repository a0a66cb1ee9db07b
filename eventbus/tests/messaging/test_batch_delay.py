"""A consumer without a latency target waits for a larger batch; an event of a type in `flush_on` ends the wait."""

from collections.abc import Sequence
from typing import Any

import pytest
from eventbus.bus.port import BusDown, Incoming
from eventbus.consume import consumer_loop
from eventbus.consume.consumer_loop import ConsumerLoop
from eventbus.metrics import MessagingMetrics
from eventbus.subscription import QueueOptions

from .shop import message

LONG_SECONDS = 30.0
DELAYED, FLUSHING = "thing.made", "thing.changed"


class Clock:
    """A clock that only `sleep` moves."""

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
    """A consumer that receives one list of event types per call; None stands for a bus that is down."""

    def __init__(self, *arrivals: Sequence[str] | None) -> None:
        self._arrivals = list(arrivals)
        self.calls = 0

    def receive(self, limit: int, timeout_seconds: float) -> list[Incoming]:
        self.calls += 1
        if not self._arrivals:
            consumer_loop.time.sleep(timeout_seconds)
            return []
        arrived = self._arrivals.pop(0)
        if arrived is None:
            raise BusDown("gone")
        assert len(arrived) <= limit
        return [Incoming(message(kind), object(), 0) for kind in arrived]

    def depth(self) -> None:
        return None


class Handled:
    """Stands for the processor: records the types of every batch."""

    queue, max_batch_events = "shop.watch", 200

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def handle(self, received: Sequence[Incoming], _consumer: Any) -> None:
        self.batches.append([incoming.message.type for incoming in received])


def steps(arriving: Arriving, *, delay: float, flush_on: Sequence[str] = (), number: int = 1) -> list[list[str]]:
    handled: Any = Handled()
    options = QueueOptions(max_batch_delay_seconds=delay, flush_on=flush_on)
    loop = ConsumerLoop(lambda: arriving, handled, MessagingMetrics(None, "shop"), options, 200)  # type: ignore[arg-type, return-value]
    for _ in range(number):
        loop.step(arriving, 0)  # type: ignore[arg-type]
    batches: list[list[str]] = handled.batches
    return batches


def test_without_a_delay_a_batch_holds_the_messages_that_have_arrived() -> None:
    assert steps(Arriving([DELAYED], [DELAYED, DELAYED]), delay=0, number=1) == [[DELAYED]]


def test_a_delayed_batch_includes_the_messages_that_arrive_meanwhile() -> None:
    assert steps(Arriving([DELAYED], [DELAYED, FLUSHING]), delay=0.05) == [[DELAYED, DELAYED, FLUSHING]]


def test_an_event_that_flushes_is_not_delayed(clock: Clock) -> None:
    began = clock.now
    assert steps(Arriving([FLUSHING]), delay=LONG_SECONDS, flush_on=[FLUSHING]) == [[FLUSHING]]
    assert clock.now - began < LONG_SECONDS / 2


def test_an_event_that_flushes_ends_the_delay_of_earlier_events(clock: Clock) -> None:
    began = clock.now
    arriving = Arriving([DELAYED], [DELAYED], [FLUSHING])
    assert steps(arriving, delay=LONG_SECONDS, flush_on=[FLUSHING]) == [[DELAYED, DELAYED, FLUSHING]]
    assert clock.now - began < LONG_SECONDS / 2


def test_a_full_batch_is_not_delayed(clock: Clock) -> None:
    began = clock.now
    assert [len(batch) for batch in steps(Arriving([DELAYED] * 200), delay=LONG_SECONDS)] == [200]
    assert clock.now == began


@pytest.mark.parametrize("flush_on", [[], [FLUSHING]])
def test_a_batch_that_fills_up_while_it_waits_is_delayed_no_longer(clock: Clock, flush_on: list[str]) -> None:
    began = clock.now
    batches = steps(Arriving([DELAYED], [], [DELAYED] * 199), delay=LONG_SECONDS, flush_on=flush_on)
    assert [len(batch) for batch in batches] == [200]
    assert clock.now - began < LONG_SECONDS / 2


def test_a_batch_that_waits_looks_for_more_a_few_times_only() -> None:
    arriving = Arriving([DELAYED])
    assert steps(arriving, delay=0.25) == [[DELAYED]]
    assert arriving.calls <= 7


@pytest.mark.parametrize("flush_on", [[], [FLUSHING]])
def test_received_messages_are_processed_though_the_bus_goes_down(flush_on: list[str]) -> None:
    assert steps(Arriving([DELAYED], None), delay=0.05, flush_on=flush_on) == [[DELAYED]]
