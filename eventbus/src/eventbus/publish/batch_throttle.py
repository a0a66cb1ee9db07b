"""Keeps the beginnings of batches apart under load, where a few large batches cost less than many small ones."""

import time

MAX_DISTANCE_SECONDS = 0.25
DISTANCE_PER_DURATION = 3
"""The least distance, by the duration of the shorter of the last two batches. So batches grow with the load of the
machine, a consumer whose batches are far apart waits for nothing, and one slow batch doesn't delay the next ones."""


class BatchThrottle:
    """Computes the delay before a batch. Used by one thread."""

    def __init__(self) -> None:
        self._began_at = float("-inf")
        self._took = self._took_before = 0.0

    def wait(self) -> float:
        """Return the seconds to wait before the next batch; 0 where the last batch began long enough ago."""
        distance = min(DISTANCE_PER_DURATION * min(self._took, self._took_before), MAX_DISTANCE_SECONDS)
        return max(self._began_at + distance - time.monotonic(), 0.0)

    def begin(self) -> None:
        """Record that a batch begins now."""
        self._began_at = time.monotonic()

    def end(self) -> None:
        """Record that the batch that began last has been processed."""
        self._took_before, self._took = self._took, time.monotonic() - self._began_at
