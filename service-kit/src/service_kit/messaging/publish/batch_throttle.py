"""How far apart batches begin: at once when little happens, apart under load, where a few large ones cost less."""

import time

HEELS_SECONDS = 0.012
BETWEEN_SECONDS = 0.01
UNDER_LOAD_SECONDS = 0.025
BUSY_AFTER = 5
"""So many batches on the heels of each other mean load; chance encounters don't come in such numbers."""
ENOUGH = 50
"""With so many at hand nobody waits for more: an event costs hardly less in a larger batch."""


class BatchThrottle:
    """Tells one thread how long to wait before a batch, in seconds."""

    def __init__(self) -> None:
        self._began = float("-inf")
        self._in_a_row = 0

    def wait(self) -> float:
        """Return how long to wait now that there is something to do; 0 where the last batch is long past."""
        since = time.monotonic() - self._began
        self._in_a_row = self._in_a_row + 1 if since < HEELS_SECONDS else 0
        distance = UNDER_LOAD_SECONDS if self._in_a_row > BUSY_AFTER else BETWEEN_SECONDS
        return max(distance - since, 0.0)

    def begin(self) -> None:
        """Note that a batch begins now."""
        self._began = time.monotonic()
