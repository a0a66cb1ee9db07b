"""An encoder that is loaded once its folder holds a model, which another process may still be provisioning."""

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

from cachetools import LRUCache

RETRY_SECONDS = 5.0
MAX_CACHED_TEXTS = 512

log = logging.getLogger(__name__)


class LocalEncoder:
    """Loads the encoder once its folder holds one, and caches the vectors of the latest texts."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = Lock()
        self._encoder: Any = None
        self._next_attempt_at = float("-inf")
        self._logged_reason = ""
        self._vectors: LRUCache[str, Any] = LRUCache(MAX_CACHED_TEXTS)

    def ready(self) -> bool:
        """Return whether the encoder is loaded; try to load it, at most every RETRY_SECONDS."""
        if self._encoder is not None:
            return True
        with self._lock:
            if self._encoder is None and self._clock() >= self._next_attempt_at:
                self._next_attempt_at = self._clock() + RETRY_SECONDS
                self._encoder = self._load()
            return self._encoder is not None

    @property
    def name(self) -> str:
        """Return the encoder's name. Requires `ready()`."""
        return str(self._encoder.name)

    @property
    def dimensions(self) -> int:
        """Return the length of a vector. Requires `ready()`."""
        return int(self._encoder.dimensions)

    def knows(self, word: str) -> bool:
        """Return whether the encoder's vocabulary has a word as a whole. Requires `ready()`."""
        return bool(self._encoder.knows(word))

    def embed(self, texts: Sequence[str]) -> Any:
        """Return a row per text, from the cache where it holds the text. Requires `ready()`."""
        import numpy as np

        with self._lock:
            vectors = {text: self._vectors[text] for text in texts if text in self._vectors}
        if new := [text for text in dict.fromkeys(texts) if text not in vectors]:
            vectors |= dict(zip(new, self._encoder.embed(new), strict=True))
            with self._lock:
                self._vectors.update((text, vectors[text]) for text in new)
        return np.array([vectors[text] for text in texts], np.float32).reshape(len(texts), self.dimensions)

    def embed_all(self, texts: Sequence[str]) -> Any:
        """Return a row per text without the cache, for texts that are embedded once only. Requires `ready()`."""
        return self._encoder.embed(texts)

    def _load(self) -> Any:
        # Imported here, so that a system without a local model doesn't load numpy and onnxruntime.
        from model_kit.encoder import OnnxEncoder
        from model_kit.model_store import NotReady

        try:
            encoder = OnnxEncoder(self._folder)
        except NotReady as reason:
            if str(reason) != self._logged_reason:
                self._logged_reason = str(reason)
                log.info("no local model yet: %s", self._logged_reason)
            return None
        except Exception as error:
            # An error in a library must not stop the service.
            log.exception("the local model can't be loaded: %s", type(error).__name__)
            self._next_attempt_at = float("inf")
            return None
        log.info("local model ready: %s", encoder.name)
        return encoder


_of_folder: WeakValueDictionary[Path, LocalEncoder] = WeakValueDictionary()
_of_folder_lock = Lock()


def local_encoder(folder: Path) -> LocalEncoder:
    """Return this process's encoder of a folder; services in one process share its 80 MB."""
    with _of_folder_lock:
        found = _of_folder.get(folder.absolute())
        if found is None:
            found = _of_folder[folder.absolute()] = LocalEncoder(folder)
        return found
