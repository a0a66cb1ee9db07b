"""A delay grows with every failure in a row, up to its limit, and varies by its jitter."""

import pytest
from service_kit.backoff import Backoff, with_jitter


def test_a_delay_grows_to_its_limit_and_a_success_resets_it() -> None:
    backoff = Backoff(1.0, 5.0, jitter=0.0)
    assert [backoff.next_delay() for _ in range(5)] == [1, 2, 4, 5, 5]
    backoff.reset()
    assert backoff.next_delay() == 1


def test_delays_vary_so_that_processes_do_not_retry_together() -> None:
    delays = {Backoff(10.0, 60.0).next_delay() for _ in range(50)}
    assert len(delays) > 1
    assert all(8 <= delay <= 12 for delay in delays)


@pytest.mark.parametrize("seconds", [0.1, 600.0])
def test_jitter_is_a_fraction_of_the_delay(seconds: float) -> None:
    assert all(0.8 * seconds <= with_jitter(seconds) <= 1.2 * seconds for _ in range(50))


def test_an_attempt_is_due_only_after_its_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000.0]
    monkeypatch.setattr("service_kit.backoff.time.monotonic", lambda: now[0])
    monkeypatch.setattr("service_kit.backoff.time.sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    backoff = Backoff(5.0, 60.0, jitter=0.0)
    assert backoff.wait_until_due(0)
    with pytest.raises(OSError), backoff.attempt():
        raise OSError
    assert not backoff.wait_until_due(4)
    assert backoff.wait_until_due(60)
    assert now == [1_005.0]
    with backoff.attempt():
        pass
    assert backoff.wait_until_due(0)
