"""The delays before batches."""

import pytest
from eventbus.publish import batch_throttle
from eventbus.publish.batch_throttle import (
    DISTANCE_SECONDS,
    LOAD_AFTER_BATCHES,
    LOAD_DISTANCE_SECONDS,
    BatchThrottle,
)


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


def batch(throttle: BatchThrottle, clock: Clock, after: float) -> float:
    """Begin a batch `after` seconds after the last one began; return its delay."""
    clock.now += after
    waited = throttle.wait()
    clock.now += waited
    throttle.begin()
    return waited


def test_rare_batches_never_wait(clock: Clock) -> None:
    throttle = BatchThrottle()
    assert [batch(throttle, clock, 0.05) for _ in range(20)] == [0.0] * 20


def test_two_batches_in_close_succession_wait_a_little(clock: Clock) -> None:
    throttle = BatchThrottle()
    batch(throttle, clock, 1)
    assert batch(throttle, clock, 0.003) == pytest.approx(DISTANCE_SECONDS - 0.003)
    assert batch(throttle, clock, 0.05) == 0


def test_under_load_batches_begin_further_apart_until_it_is_over(clock: Clock) -> None:
    throttle = BatchThrottle()
    batch(throttle, clock, 1)
    waits = [batch(throttle, clock, 0.002) for _ in range(LOAD_AFTER_BATCHES + 3)]
    assert waits[0] == pytest.approx(DISTANCE_SECONDS - 0.002)
    assert waits[-1] == pytest.approx(LOAD_DISTANCE_SECONDS - 0.002)
    assert batch(throttle, clock, 0.05) == 0
    assert batch(throttle, clock, 0.002) == pytest.approx(DISTANCE_SECONDS - 0.002)
