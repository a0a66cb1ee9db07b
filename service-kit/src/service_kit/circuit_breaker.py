"""A circuit breaker for calls from many threads.

pybreaker 1.4 holds its lock during the call, so it would allow one call at a time per server.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from service_kit.backoff import Backoff

Health = Literal["well", "ill", "unknown"]
Result = TypeVar("Result")

MAX_RETRY_AFTER_SECONDS = 60.0
"""The longest `Retry-After` that the breaker respects, in seconds."""


@dataclass(frozen=True)
class Outcome:
    """The conclusion about the server from an exception.

    `ill` counts as a failure, `well` as a success (the server refused one request), and `unknown` counts as neither.
    `retry_after` is the server's `Retry-After` in seconds.
    """

    health: Health
    retry_after: float | None = None


ILL = Outcome("ill")
WELL = Outcome("well")
UNKNOWN = Outcome("unknown")


class CircuitOpen(Exception):
    """The breaker is open and no call was made. `retry_after` is the time until the next probe, in seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"failed too often lately; tried again in {retry_after:.0f} s")
        self.retry_after = retry_after


class CircuitBreaker:
    """Opens after `failures` failed calls in a row, then lets one probe at a time through; a success closes it.

    Every failed probe doubles the wait, from `open_seconds` up to `max_open_seconds`. The defaults suit the
    system's own services: a probe costs them little, and callers need them soon after a restart. Use longer waits for
    external servers.
    """

    def __init__(
        self,
        *,
        failures: int = 5,
        open_seconds: float = 1.0,
        max_open_seconds: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = failures
        # Without jitter: one process sends one probe.
        self._backoff = Backoff(open_seconds, max(max_open_seconds, open_seconds), jitter=0.0)
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._wait = open_seconds
        self._opens_at: float | None = None

    @property
    def closed(self) -> bool:
        """Return whether every call is admitted."""
        return self._opens_at is None

    def call(
        self, function: Callable[[], Result], *, outcome_of: Callable[[Exception], Outcome] = lambda _error: ILL
    ) -> Result:
        """Run `function` and record its outcome; raise CircuitOpen instead of running it while the breaker is open.

        `outcome_of` says what an exception of `function` means; without it every exception is a failure.
        """
        self.admit()
        try:
            result = function()
        except Exception as error:
            outcome = outcome_of(error)
            if outcome.health == "ill":
                self.failed(outcome.retry_after)
            elif outcome.health == "well":
                self.succeeded()
            raise
        self.succeeded()
        return result

    def admit(self) -> None:
        """Admit a call or raise CircuitOpen. The caller reports the outcome by `succeeded` or `failed`.

        For calls that have several outcomes, such as those of a stream; `call` does for all others.
        """
        if self._opens_at is None:
            return
        with self._lock:
            if self._opens_at is None:
                return
            now = self._clock()
            if now < self._opens_at:
                raise CircuitOpen(self._opens_at - now)
            # This call is the probe. Other calls wait for another period, so a probe without a report does no harm.
            self._opens_at = now + self._wait

    def succeeded(self) -> None:
        """Record a successful call: close the breaker."""
        if self._failed or self._opens_at is not None:
            with self._lock:
                self._failed, self._opens_at = 0, None
                self._backoff.reset()

    def failed(self, retry_after: float | None = None) -> None:
        """Record a failed call: no connection, a broken one, a timeout, or a status that counts as a failure.

        `retry_after` is the server's `Retry-After` in seconds. An open breaker stays open for at least that long.
        """
        with self._lock:
            self._failed += 1
            if self._opens_at is None and self._failed < self._limit:
                return
            self._wait = self._backoff.next_delay()
            requested = min(retry_after or 0.0, MAX_RETRY_AFTER_SECONDS)
            # Another call may have set a longer pause; a later failure must not shorten it.
            self._opens_at = max(self._opens_at or float("-inf"), self._clock() + max(self._wait, requested))
