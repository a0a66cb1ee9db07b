"""Keeps the beginnings of batches apart under load, where a few large batches cost less than many small ones."""

import time

MAX_BURST_GAP_SECONDS = 0.012
DISTANCE_SECONDS = 0.01
LOAD_DISTANCE_SECONDS = 0.025
LOAD_AFTER_BATCHES = 5
"""More batches than this in close succession mean load; independent events rarely follow each other so often."""
FULL_BATCH_EVENTS = 50
"""A batch of this size doesn't wait for further events: an event costs hardly less in a larger batch."""


class BatchThrottle:
    """Computes the delay before a batch. Used by one thread."""

    def __init__(self) -> None:
        self._began_at = float("-inf")
        self._in_close_succession = 0

    def wait(self) -> float:
        """Return the seconds to wait before the next batch; 0 where the last batch began long enough ago."""
        elapsed = time.monotonic() - self._began_at
        self._in_close_succession = self._in_close_succession + 1 if elapsed < MAX_BURST_GAP_SECONDS else 0
        under_load = self._in_close_succession > LOAD_AFTER_BATCHES
        return max((LOAD_DISTANCE_SECONDS if under_load else DISTANCE_SECONDS) - elapsed, 0.0)

    def begin(self) -> None:
        """Record that a batch begins now."""
        self._began_at = time.monotonic()
