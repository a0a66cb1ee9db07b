"""A cache of the IDF of a company's terms, because looking up a frequent term costs as much as a search."""

import time
from collections.abc import Callable, Mapping, Sequence
from threading import Lock

CACHE_SECONDS = 30.0
MAX_TERMS = 5_000
"""Per company; a question has a dozen, and most questions have some of the same few hundred."""


class IdfCache:
    """Recently looked up IDF values. Safe in any thread."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._known: dict[int, tuple[float, float]] = {}

    def get(self, words: Sequence[int]) -> dict[int, float]:
        """Return the cached values of these terms; a term that no passage has is never cached, because it may come any
        time."""
        now = self._clock()
        with self._lock:
            found = {word: self._known[word] for word in words if word in self._known}
        return {word: rarity for word, (until, rarity) in found.items() if now < until}

    def put(self, idf_cache: Mapping[int, float]) -> None:
        """Cache values."""
        until = self._clock() + CACHE_SECONDS
        with self._lock:
            if len(self._known) + len(idf_cache) > MAX_TERMS:
                self._known.clear()
            self._known.update((word, (until, rarity)) for word, rarity in idf_cache.items())

    def clear(self) -> None:
        """Evict everything, because passages were added or removed."""
        with self._lock:
            self._known.clear()
