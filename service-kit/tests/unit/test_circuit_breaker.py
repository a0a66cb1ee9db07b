"""A breaker opens, lets one probe through, and closes again."""

import pytest
from service_kit.circuit_breaker import ILL, UNKNOWN, WELL, CircuitBreaker, CircuitOpen, Outcome


def test_a_half_open_breaker_lets_one_probe_through_and_waits_longer_after_each_failure() -> None:
    clock = [0.0]
    breaker = CircuitBreaker(failures=1, open_seconds=5, max_open_seconds=15, clock=lambda: clock[0])
    breaker.failed()
    for wait in (5, 10, 15, 15):
        clock[0] += wait
        breaker.admit()
        with pytest.raises(CircuitOpen):
            breaker.admit()
        breaker.failed()
        with pytest.raises(CircuitOpen) as caught:
            breaker.admit()
        assert caught.value.retry_after == min(wait * 2, 15)
    breaker.succeeded()
    breaker.admit()


def test_a_success_in_between_keeps_it_closed() -> None:
    breaker = CircuitBreaker(failures=2)
    for _ in range(5):
        breaker.failed()
        breaker.succeeded()
    breaker.admit()
    assert breaker.closed


def answer() -> str:
    return "answer"


def fail() -> str:
    raise LookupError


def fail_through(breaker: CircuitBreaker, outcome: Outcome) -> None:
    with pytest.raises(LookupError):
        breaker.call(fail, outcome_of=lambda _error: outcome)


def test_a_call_runs_through_the_breaker_and_opens_it_by_its_exceptions() -> None:
    clock = [0.0]
    breaker = CircuitBreaker(failures=2, open_seconds=5, clock=lambda: clock[0])
    fail_through(breaker, ILL)
    assert breaker.call(answer) == "answer"
    for _ in range(2):
        with pytest.raises(LookupError):
            breaker.call(fail)
    with pytest.raises(CircuitOpen) as caught:
        breaker.call(answer)
    assert caught.value.retry_after == 5
    clock[0] = 5
    assert breaker.call(answer) == "answer"
    assert breaker.closed


def test_the_outcome_of_an_exception_decides_whether_it_counts() -> None:
    breaker = CircuitBreaker(failures=2)
    for outcome in (ILL, WELL, ILL, UNKNOWN):
        fail_through(breaker, outcome)
        assert breaker.closed
    fail_through(breaker, ILL)
    assert not breaker.closed


def test_a_call_that_asks_for_a_pause_gets_it() -> None:
    clock = [0.0]
    breaker = CircuitBreaker(failures=1, open_seconds=1, clock=lambda: clock[0])
    fail_through(breaker, Outcome("ill", retry_after=30))
    clock[0] = 29
    with pytest.raises(CircuitOpen):
        breaker.call(answer)
