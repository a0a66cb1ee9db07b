"""A cache of the IDF of a company's terms, because looking up a frequent term costs as much as a search."""

import time
from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from cachetools import TTLCache

CACHE_SECONDS = 30.0
MAX_TERMS = 5_000
"""Per company; a question has a dozen, and most questions have some of the same few hundred."""


class IdfCache:
    """Recently looked up IDF values. Safe in any thread."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = Lock()
        self._known: TTLCache[int, float, float] = TTLCache(MAX_TERMS, CACHE_SECONDS, timer=clock)

    def get(self, words: Sequence[int]) -> dict[int, float]:
        """Return the cached values of these terms; a term that no passage has is never cached, because it may come any
        time."""
        with self._lock:
            return {word: rarity for word in words if (rarity := self._known.get(word)) is not None}

    def put(self, idf_cache: Mapping[int, float]) -> None:
        """Cache values."""
        with self._lock:
            self._known.update(idf_cache)

    def clear(self) -> None:
        """Evict everything, because passages were added or removed."""
        with self._lock:
            self._known.clear()
