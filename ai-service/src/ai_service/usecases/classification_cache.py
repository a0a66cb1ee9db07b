"""An in-process cache of classifications, limited per company so that no company crowds out another."""

import time
from collections.abc import Callable, Hashable
from threading import Lock

from cachetools import LRUCache, TTLCache

from ai_service.domain.classification import Classification

MAX_COMPANIES = 50


class ClassificationCache:
    """Keeps the most recently used classifications of the most recently used companies, each for a limited time."""

    def __init__(self, *, per_company: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Keep `per_company` classifications for `seconds`; 0 of either switches the cache off."""
        self._per_company = per_company
        self.seconds = seconds
        self._clock = clock
        self._lock = Lock()
        self._companies: LRUCache[int, TTLCache[Hashable, Classification, float]] = LRUCache(MAX_COMPANIES)

    @property
    def is_enabled(self) -> bool:
        """Return whether anything is cached at all."""
        return self._per_company > 0 and self.seconds > 0

    def get(self, company_id: int, key: Hashable) -> Classification | None:
        """Return the classification for a key; None where there is none or it has expired."""
        with self._lock:
            entries = self._companies.get(company_id)
            return None if entries is None else entries.get(key)

    def put(self, company_id: int, key: Hashable, classification: Classification) -> None:
        """Cache a classification; the least recently used ones are evicted."""
        if not self.is_enabled:
            return
        with self._lock:
            entries = self._companies.get(company_id)
            if entries is None:
                entries = self._companies[company_id] = TTLCache(self._per_company, self.seconds, timer=self._clock)
            entries[key] = classification
