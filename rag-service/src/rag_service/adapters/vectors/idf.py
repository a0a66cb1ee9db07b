"""How rare a company's words are, remembered for a while: asking for a frequent one costs as much as a search."""

import time
from collections.abc import Callable, Mapping, Sequence
from threading import Lock

FRESH_SECONDS = 30.0
WORDS = 5_000
"""Per company; a question has a dozen, and most questions have some of the same few hundred."""


class IdfCache:
    """What was learnt of words lately. Safe in any thread."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._known: dict[int, tuple[float, float]] = {}

    def get(self, words: Sequence[int]) -> dict[int, float]:
        """Return what is known of these words; one that no passage has is never known, for it may come any time."""
        now = self._clock()
        with self._lock:
            found = {word: self._known[word] for word in words if word in self._known}
        return {word: rarity for word, (until, rarity) in found.items() if now < until}

    def put(self, idf_cache: Mapping[int, float]) -> None:
        """Remember how rare words are."""
        until = self._clock() + FRESH_SECONDS
        with self._lock:
            if len(self._known) + len(idf_cache) > WORDS:
                self._known.clear()
            self._known.update((word, (until, rarity)) for word, rarity in idf_cache.items())

    def clear(self) -> None:
        """Forget all: passages came or went."""
        with self._lock:
            self._known.clear()
