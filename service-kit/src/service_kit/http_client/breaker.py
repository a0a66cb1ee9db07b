"""A circuit breaker. Ours, because pybreaker 1.4 holds its lock during the call: one call at a time per neighbour."""

import threading
import time
from collections.abc import Callable


class BreakerOpen(Exception):
    """It failed too often lately; nothing was tried. `retry_after` says in how many seconds to come back."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"failed too often lately; tried again in {retry_after:.0f} s")
        self.retry_after = retry_after


MAX_RETRY_AFTER_SECONDS = 60.0
"""A server may ask for a longer pause; the breaker tries again after this one."""


class Breaker:
    """Closed until `failures` in a row; then open; then one probe at a time decides.

    Every failed probe doubles the wait, from `open_seconds` up to `longest_open_seconds`. A probe costs a neighbour of
    our own nothing, and callers must not be turned away long after it is back; strangers want longer waits.
    """

    def __init__(
        self,
        *,
        failures: int = 5,
        open_seconds: float = 1.0,
        longest_open_seconds: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = failures
        self._first_wait = open_seconds
        self._longest_wait = max(longest_open_seconds, open_seconds)
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._wait = open_seconds
        self._opens_at: float | None = None

    @property
    def closed(self) -> bool:
        """Tell whether calls pass freely."""
        return self._opens_at is None

    def admit(self) -> None:
        """Return if a call may be tried now; raise BreakerOpen otherwise. Tell afterwards how the call ended."""
        if self._opens_at is None:
            return
        with self._lock:
            if self._opens_at is None:
                return
            now = self._clock()
            if now < self._opens_at:
                raise BreakerOpen(self._opens_at - now)
            # This caller is the probe; the others wait as long again, also in case it never reports back.
            self._opens_at = now + self._wait

    def succeeded(self) -> None:
        """A call ended well: the neighbour is there."""
        if self._failed or self._opens_at is not None:
            with self._lock:
                self._failed, self._opens_at, self._wait = 0, None, self._first_wait

    def failed(self, retry_after: float | None = None) -> None:
        """A call failed: unreachable, broke off, no answer in time, or a status that counts as a failure.

        `retry_after` is the pause in seconds that the server asked for. An open breaker lasts at least as long.
        """
        asked = min(retry_after or 0.0, MAX_RETRY_AFTER_SECONDS)
        with self._lock:
            self._failed += 1
            if self._opens_at is not None:
                self._wait = min(self._wait * 2, self._longest_wait)
                # Another call in flight may have brought the longer pause; a later failure must not shorten it.
                self._opens_at = max(self._opens_at, self._clock() + max(self._wait, asked))
            elif self._failed >= self._limit:
                self._opens_at = self._clock() + max(self._wait, asked)
