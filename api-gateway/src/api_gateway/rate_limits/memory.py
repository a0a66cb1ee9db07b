"""Counts of one process, in memory."""

import threading
import time
from collections.abc import Callable, Sequence

from api_gateway.rate_limits.windows import Hit, Standing, standing, used

MAX_KEYS = 100_000


class MemoryCounts:
    """Counts hits under one lock, so that none is lost between threads."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._counts: dict[str, tuple[int, int, int, float]] = {}
        """By key: the number of its window, the hits of the former and of this window, and when both are over."""
        self._lock = threading.Lock()

    def hit(self, hits: Sequence[Hit]) -> list[Standing]:
        """Count each hit up to the first one that is refused; return their standings."""
        standings: list[Standing] = []
        now = self._clock()
        with self._lock:
            for hit in hits:
                standings.append(self._hit(hit, now))
                if not standings[-1].admitted:
                    break
        return standings

    def _hit(self, hit: Hit, now: float) -> Standing:
        number, share = divmod(now, hit.seconds)
        window, passed = int(number), share / hit.seconds
        kept, former, current, _ = self._counts.get(hit.key, (window, 0, 0, 0.0))
        if kept != window:
            former, current = current if window == kept + 1 else 0, 0
        admitted = used(former, current, passed) < hit.limit
        if admitted:
            current += 1
            if hit.key not in self._counts and len(self._counts) >= MAX_KEYS:
                self._drop_expired(now)
            self._counts[hit.key] = (window, former, current, (window + 2.0) * hit.seconds)
        return standing(hit, admitted, former, current, passed)

    def _drop_expired(self, now: float) -> None:
        self._counts = {key: entry for key, entry in self._counts.items() if entry[3] > now}
        if len(self._counts) >= MAX_KEYS:
            # More than MAX_KEYS addresses in one second: bounded memory matters more than exact counts.
            self._counts.clear()
