"""Exponential backoff with jitter."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

from attrs import define, field

JITTER = 0.2
"""A delay varies by this fraction, so that processes that failed together don't retry together."""
MIN_SECONDS = 0.1
MAX_SECONDS = 5.0
MIN_RECONNECT_SECONDS = 0.2
MAX_RECONNECT_SECONDS = 30.0
RECONNECT_GROWTH = 1.5
"""A delay is then at most half of the outage so far: reconnection is fast after a short outage, rare in a long one."""


def with_jitter(seconds: float, jitter: float = JITTER) -> float:
    """Return a delay of about `seconds`."""
    return seconds * random.uniform(1 - jitter, 1 + jitter)


@define(eq=False)
class Backoff:
    """A delay that grows with every failure in a row. Used by one thread at a time."""

    _min_seconds: float = MIN_SECONDS
    _max_seconds: float = MAX_SECONDS
    _growth: float = 2.0
    _jitter: float = field(default=JITTER, kw_only=True)
    _delay: float = field(init=False)
    _due_at: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.reset()

    def next_delay(self) -> float:
        """Return the seconds to wait now, with jitter; the following delay is longer."""
        delay, self._delay = self._delay, min(self._delay * self._growth, self._max_seconds)
        return with_jitter(delay, self._jitter)

    def reset(self) -> None:
        """Begin with the shortest delay again, after a success."""
        self._delay = self._min_seconds
        self._due_at = 0.0

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Attempt something in the block: an exception moves the next attempt into the future, a success resets."""
        try:
            yield
        except BaseException:
            self._due_at = time.monotonic() + self.next_delay()
            raise
        self.reset()

    def wait_until_due(self, max_seconds: float) -> bool:
        """Sleep until the next attempt is due, at most `max_seconds`; return whether it is due."""
        remaining = self._due_at - time.monotonic()
        if remaining > 0:
            time.sleep(min(remaining, max(max_seconds, 0.0)))
        return time.monotonic() >= self._due_at


def reconnect_backoff() -> Backoff:
    """Return the backoff between attempts to connect to a broker or a database."""
    return Backoff(MIN_RECONNECT_SECONDS, MAX_RECONNECT_SECONDS, RECONNECT_GROWTH)
