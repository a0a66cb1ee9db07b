"""The delays before batches."""

import pytest
from eventbus.publish import batch_throttle
from eventbus.publish.batch_throttle import DISTANCE_PER_DURATION, MAX_DISTANCE_SECONDS, BatchThrottle


class Clock:
    """A clock that only the test moves."""

    now = 1_000.0

    def monotonic(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(batch_throttle, "time", made)
    return made


def batch(throttle: BatchThrottle, clock: Clock, after: float, took: float = 0.0) -> float:
    """Process a batch of which the first event arrives `after` seconds after the last one ended; return its delay."""
    clock.now += after
    waited = throttle.wait()
    clock.now += waited
    throttle.begin()
    clock.now += took
    throttle.end()
    return waited


def test_the_first_batch_never_waits(clock: Clock) -> None:
    assert batch(BatchThrottle(), clock, 0, took=5) == 0


def test_rare_batches_never_wait(clock: Clock) -> None:
    throttle = BatchThrottle()
    assert [batch(throttle, clock, 0.04, took=0.01) for _ in range(20)] == [0.0] * 20


def test_a_part_of_the_distance_is_waited_for_where_the_next_event_comes_soon(clock: Clock) -> None:
    throttle = BatchThrottle()
    for _ in range(2):
        batch(throttle, clock, 1, took=0.01)
    assert batch(throttle, clock, 0.003) == pytest.approx((DISTANCE_PER_DURATION - 1) * 0.01 - 0.003)


def test_the_longer_batches_take_the_later_the_next_one_begins(clock: Clock) -> None:
    throttle = BatchThrottle()
    waits = [batch(throttle, clock, 0, took=took) for took in (0.01, 0.01, 0.02, 0.02, 0.005)]
    assert waits == pytest.approx([0, 0, *((DISTANCE_PER_DURATION - 1) * each for each in (0.01, 0.005, 0.02))])


def test_one_slow_batch_delays_no_other(clock: Clock) -> None:
    throttle = BatchThrottle()
    waits = [batch(throttle, clock, 0.02, took=took) for took in (0.005, 0.005, 0.2, 0.005, 0.005)]
    assert waits == [0.0] * 5


def test_slow_batches_keep_the_next_one_no_longer_than_the_greatest_distance(clock: Clock) -> None:
    throttle = BatchThrottle()
    for _ in range(2):
        batch(throttle, clock, 1, took=MAX_DISTANCE_SECONDS / 2)
    assert batch(throttle, clock, 0, took=5) == pytest.approx(MAX_DISTANCE_SECONDS / 2)
    batch(throttle, clock, 0, took=5)
    assert batch(throttle, clock, 0) == 0
