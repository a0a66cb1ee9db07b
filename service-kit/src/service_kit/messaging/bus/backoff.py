"""When the next attempt to connect may be made."""

import random
import time

FIRST_SECONDS = 0.2
LONGEST_SECONDS = 30.0
# A wait is then at most half of how long the outage has lasted already: soon back after a short one, gentle in a long.
GROWTH = 1.5


class Backoff:
    """Growing, jittered waits between attempts; starts again after a success."""

    def __init__(self) -> None:
        self._delay = 0.0
        self._not_before = 0.0

    def pause(self, longest: float) -> bool:
        """Sleep until the next attempt may be made, but no longer than `longest`; tell whether it may be made now."""
        wait = self._not_before - time.monotonic()
        if wait > 0:
            time.sleep(min(wait, max(longest, 0.0)))
        return time.monotonic() >= self._not_before

    def failed(self) -> None:
        """Note a failed attempt."""
        self._delay = min(max(self._delay * GROWTH, FIRST_SECONDS), LONGEST_SECONDS)
        self._not_before = time.monotonic() + self._delay * random.uniform(0.8, 1.2)

    def succeeded(self) -> None:
        """Note a success."""
        self._delay = self._not_before = 0.0
