"""Windows that slide: what of the former second still counts, and when one more may come."""

import pytest
from api_gateway.rate_limits.memory import MemoryCounts
from api_gateway.rate_limits.windows import Hit, standing, used
from hypothesis import given
from hypothesis import strategies as st

TEN = Hit("address:a", 10, 1)


class Clock:
    """A clock of the test."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def passing(counts: MemoryCounts, hit: Hit, tries: int) -> int:
    return sum(counts.hit([hit])[0].admitted for _ in range(tries))


def test_a_burst_at_the_border_of_two_windows_is_not_twice_as_large() -> None:
    clock = Clock()
    counts = MemoryCounts(clock)
    clock.now += 0.95
    assert passing(counts, TEN, 30) == 10
    clock.now += 0.1  # 0.05 s into the next second: 9.5 of the ten still count
    assert passing(counts, TEN, 30) == 1
    clock.now += 0.45
    assert passing(counts, TEN, 30) == 4
    clock.now += 10
    assert passing(counts, TEN, 30) == 10


@given(
    st.lists(st.floats(0.0, 0.4), min_size=1, max_size=300), st.integers(1, 20), st.sampled_from([1, 7, 60]),
    st.floats(0, 1e6),
)  # fmt: skip
def test_no_window_admits_more_than_the_limit_whatever_comes_when(
    pauses: list[float], limit: int, seconds: int, start: float
) -> None:
    clock = Clock(start)
    counts, hit = MemoryCounts(clock), Hit("k", limit, seconds)
    admitted: dict[int, int] = {}
    for pause in pauses:
        clock.now += pause * seconds
        if counts.hit([hit])[0].admitted:
            window = int(clock.now // seconds)
            admitted[window] = admitted.get(window, 0) + 1
    assert max(admitted.values()) <= limit


@given(st.integers(1, 50), st.integers(0, 50), st.integers(0, 60), st.floats(0, 0.999), st.integers(1, 60))
def test_who_comes_back_when_told_is_admitted_and_not_much_earlier(
    limit: int, former: int, current: int, passed: float, seconds: int
) -> None:
    if used(former, current, passed) < limit:
        return
    refused = standing(Hit("k", limit, seconds), False, former, current, passed)
    assert (refused.admitted, refused.remaining) == (False, 0)
    counts = MemoryCounts(clock := Clock(1_000.0 * seconds))
    counts._counts["k"] = (1_000, former, current, float("inf"))
    clock.now += passed * seconds + refused.seconds + 1e-3 * seconds
    assert counts.hit([Hit("k", limit, seconds)])[0].admitted
    if refused.seconds > 0.02 * seconds:
        counts._counts["k"] = (1_000, former, current, float("inf"))
        clock.now -= 0.02 * seconds
        assert not counts.hit([Hit("k", limit, seconds)])[0].admitted


def test_a_clock_that_is_set_back_begins_anew() -> None:
    clock = Clock()
    counts = MemoryCounts(clock)
    assert passing(counts, TEN, 30) == 10
    clock.now -= 3_600
    assert passing(counts, TEN, 30) == 10


def test_memory_stays_bounded_and_what_still_counts_is_kept_the_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api_gateway.rate_limits.memory.MAX_KEYS", 100)
    clock = Clock(16_666 * 60.0)
    counts = MemoryCounts(clock)
    counts.hit([Hit("login:a", 1, 60)])
    for number in range(400):
        clock.now += 0.1  # some thirty of them count at a time, far from a hundred
        counts.hit([Hit(f"address:{number}", 1, 1)])
        assert len(counts._counts) <= 100
    assert not counts.hit([Hit("login:a", 1, 60)])[0].admitted
