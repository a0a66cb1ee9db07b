"""A circuit breaker that opens by the share of failed calls too.

A service of which every second call fails seldom fails often in a row, and still costs its callers their time.
"""

import threading
import time
from collections import deque
from collections.abc import Callable

from service_kit.circuit_breaker import CircuitBreaker

FAILED_SHARE = 0.5
WINDOW_SECONDS = 10


class RecentCalls:
    """Counts the calls of the last WINDOW_SECONDS, second by second."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seconds: deque[tuple[int, list[int]]] = deque()
        """For each second: its number, and how many calls succeeded and failed in it."""

    def count(self, *, failed: bool) -> tuple[int, int]:
        """Count a call; return how many there were, and how many of them failed."""
        second = int(self._clock())
        with self._lock:
            if not self._seconds or self._seconds[-1][0] != second:
                self._seconds.append((second, [0, 0]))
                while self._seconds[0][0] <= second - WINDOW_SECONDS:
                    self._seconds.popleft()
            self._seconds[-1][1][failed] += 1
            good, bad = (sum(counts) for counts in zip(*(counts for _, counts in self._seconds), strict=True))
        return good + bad, bad

    def clear(self) -> None:
        """Forget all calls."""
        with self._lock:
            self._seconds.clear()


class ShareBreaker(CircuitBreaker):
    """Opens after `failures` failed calls in a row, or where half of at least `min_calls` recent calls failed.

    While it is open only probes count. The outcome of a call that began before the opening tells of the past: its
    success doesn't close the breaker, its failure doesn't lengthen the wait. A call begins and ends in one thread.
    """

    def __init__(
        self,
        *,
        failures: int,
        min_calls: int,
        open_seconds: float,
        max_open_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(failures=failures, open_seconds=open_seconds, max_open_seconds=max_open_seconds, clock=clock)
        self._min_calls = min_calls
        self._recent = RecentCalls(clock)
        self._openings = 0
        self._call = threading.local()

    def admit(self) -> None:
        """Admit a call; see `CircuitBreaker.admit`."""
        super().admit()
        self._call.openings = self._openings

    def succeeded(self) -> None:
        """Record a successful call: close the breaker."""
        self._recent.count(failed=False)
        if not self._began_before_the_opening():
            super().succeeded()

    def failed(self, retry_after: float | None = None) -> None:
        """Record a failed call; see `CircuitBreaker.failed`."""
        if self._began_before_the_opening():
            return
        was_closed = self.closed
        calls, failures = self._recent.count(failed=True)
        if calls >= self._min_calls and failures >= calls * FAILED_SHARE:
            # Forgotten, so that a service that has recovered isn't judged by its past.
            self._recent.clear()
            with self._lock:
                self._failed = self._limit  # the failure recorded next opens the breaker
        super().failed(retry_after)
        if was_closed and not self.closed:
            self._openings += 1

    def _began_before_the_opening(self) -> bool:
        return not self.closed and getattr(self._call, "openings", self._openings) != self._openings
