"""When batches begin."""

import pytest
from service_kit.messaging.publish import batch_throttle
from service_kit.messaging.publish.batch_throttle import (
    DISTANCE_SECONDS,
    LOAD_AFTER_BATCHES,
    LOAD_DISTANCE_SECONDS,
    BatchThrottle,
)


class Clock:
    """A clock that stands still unless told."""

    now = 1_000.0

    def monotonic(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(batch_throttle, "time", made)
    return made


def batch(pace: BatchThrottle, clock: Clock, after: float) -> float:
    """Have something to do so long after the last batch began; return how long it had to wait."""
    clock.now += after
    waited = pace.wait()
    clock.now += waited
    pace.begin()
    return waited


def test_what_comes_now_and_then_never_waits(clock: Clock) -> None:
    pace = BatchThrottle()
    assert [batch(pace, clock, 0.05) for _ in range(20)] == [0.0] * 20


def test_two_that_meet_by_chance_wait_a_little(clock: Clock) -> None:
    pace = BatchThrottle()
    batch(pace, clock, 1)
    assert batch(pace, clock, 0.003) == pytest.approx(DISTANCE_SECONDS - 0.003)
    assert batch(pace, clock, 0.05) == 0


def test_under_load_batches_begin_further_apart_until_it_is_over(clock: Clock) -> None:
    pace = BatchThrottle()
    batch(pace, clock, 1)
    waits = [batch(pace, clock, 0.002) for _ in range(LOAD_AFTER_BATCHES + 3)]
    assert waits[0] == pytest.approx(DISTANCE_SECONDS - 0.002)
    assert waits[-1] == pytest.approx(LOAD_DISTANCE_SECONDS - 0.002)
    assert batch(pace, clock, 0.05) == 0
    assert batch(pace, clock, 0.002) == pytest.approx(DISTANCE_SECONDS - 0.002)
