"""The gateway's breaker opens by the share of failures within ten seconds too."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from api_gateway.breaker import ShareBreaker
from service_kit.circuit_breaker import CircuitBreaker, CircuitOpen


def breaker_at(clock: list[float], failures: int = 5) -> ShareBreaker:
    return ShareBreaker(
        failures=failures, min_calls=20, open_seconds=2, max_open_seconds=8, clock=lambda: clock[0]
    )  # fmt: skip


def alternate(breaker: ShareBreaker, calls: int, good: int = 1, bad: int = 1) -> None:
    for number in range(calls):
        if number % (good + bad) < good:
            breaker.succeeded()
        else:
            breaker.failed()


def test_half_of_twenty_calls_open_it_though_never_two_fail_in_a_row() -> None:
    breaker = breaker_at([0.0])
    alternate(breaker, 19)
    assert breaker.closed
    breaker.failed()
    with pytest.raises(CircuitOpen):
        breaker.admit()


def test_fewer_than_half_leave_it_closed() -> None:
    breaker = breaker_at([0.0])
    alternate(breaker, 300, good=2, bad=1)
    assert breaker.closed


def test_failures_of_more_than_ten_seconds_ago_do_not_count() -> None:
    clock = [0.0]
    breaker = breaker_at(clock, failures=100)
    for _ in range(19):
        breaker.failed()
    clock[0] = 10.0
    breaker.failed()
    assert breaker.closed


def test_five_in_a_row_open_it_as_before() -> None:
    breaker = breaker_at([0.0])
    for _ in range(5):
        assert breaker.closed
        breaker.failed()
    assert not breaker.closed


@pytest.mark.parametrize("late", [CircuitBreaker.succeeded, CircuitBreaker.failed])
def test_the_outcome_of_a_call_that_began_before_the_opening_changes_nothing(late: Any) -> None:
    clock = [0.0]
    breaker = breaker_at(clock)
    with ThreadPoolExecutor(1) as other:
        other.submit(breaker.admit).result()
        for _ in range(5):
            breaker.admit()
            breaker.failed()
        assert not breaker.closed
        other.submit(getattr(breaker, late.__name__)).result()
        assert not breaker.closed
        with pytest.raises(CircuitOpen):
            breaker.admit()
        clock[0] = 2.0
        other.submit(breaker.admit).result()  # the probe, by the same thread
        other.submit(breaker.succeeded).result()
        assert breaker.closed


def test_a_probe_that_fails_doubles_the_wait_once_whatever_ends_beside_it() -> None:
    clock = [0.0]
    breaker = breaker_at(clock)
    with ThreadPoolExecutor(1) as other:
        other.submit(breaker.admit).result()
        for _ in range(5):
            breaker.admit()
            breaker.failed()
        clock[0] = 2.0
        breaker.admit()
        breaker.failed()
        other.submit(breaker.failed).result()
    clock[0] = 5.9
    with pytest.raises(CircuitOpen):
        breaker.admit()
    clock[0] = 6.0
    breaker.admit()


def test_a_probe_that_succeeds_closes_it_and_the_past_is_forgotten() -> None:
    clock = [0.0]
    breaker = breaker_at(clock)
    alternate(breaker, 20)
    assert not breaker.closed
    clock[0] = 2.0
    breaker.admit()
    breaker.succeeded()
    breaker.failed()
    assert breaker.closed
