"""A breaker opens, lets one probe through, and closes again."""

import pytest
from service_kit.http_client import Breaker, BreakerOpen


def test_a_half_open_breaker_lets_one_probe_through_and_waits_longer_after_each_failure() -> None:
    clock = [0.0]
    breaker = Breaker(failures=1, open_seconds=5, longest_open_seconds=15, clock=lambda: clock[0])
    breaker.failed()
    for wait in (5, 10, 15, 15):
        clock[0] += wait
        breaker.admit()
        with pytest.raises(BreakerOpen):
            breaker.admit()
        breaker.failed()
        with pytest.raises(BreakerOpen) as caught:
            breaker.admit()
        assert caught.value.retry_after == min(wait * 2, 15)
    breaker.succeeded()
    breaker.admit()


def test_a_success_in_between_keeps_it_closed() -> None:
    breaker = Breaker(failures=2)
    for _ in range(5):
        breaker.failed()
        breaker.succeeded()
    breaker.admit()
    assert breaker.closed
