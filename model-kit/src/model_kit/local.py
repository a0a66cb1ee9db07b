"""The encoder as it becomes ready: a folder that another process fills, looked at now and then."""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

AGAIN_SECONDS = 5.0
TEXTS = 512

log = logging.getLogger(__name__)


class LocalEncoder:
    """Loads the encoder once it is there, and remembers the vectors of the latest texts."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = Lock()
        self._encoder: Any = None
        self._look_at = float("-inf")
        self._told = ""
        self._vectors: OrderedDict[str, Any] = OrderedDict()

    def ready(self) -> bool:
        """Tell whether texts can be turned into vectors; looks for the model where it is not loaded yet."""
        if self._encoder is not None:
            return True
        with self._lock:
            if self._encoder is None and self._clock() >= self._look_at:
                self._look_at = self._clock() + AGAIN_SECONDS
                self._encoder = self._load()
            return self._encoder is not None

    @property
    def name(self) -> str:
        """Return the encoder's name; only once it is ready."""
        return str(self._encoder.name)

    @property
    def dimensions(self) -> int:
        """Return the length of a vector; only once it is ready."""
        return int(self._encoder.dimensions)

    def embed(self, texts: Sequence[str]) -> Any:
        """Return a row per text; only once it is ready. A text that was asked for lately costs nothing."""
        import numpy as np

        with self._lock:
            known = {text: self._vectors[text] for text in texts if text in self._vectors}
        if new := [text for text in dict.fromkeys(texts) if text not in known]:
            known |= dict(zip(new, self._encoder.embed(new), strict=True))
            with self._lock:
                self._vectors.update((text, known[text]) for text in new)
                while len(self._vectors) > TEXTS:
                    self._vectors.popitem(last=False)
        return np.array([known[text] for text in texts], np.float32).reshape(len(texts), self.dimensions)

    def embed_all(self, texts: Sequence[str]) -> Any:
        """Return a row per text and remember none: for texts that nobody asks for twice; only once it is ready."""
        return self._encoder.embed(texts)

    def _load(self) -> Any:
        # Imported here: a system without a local model must not pay for numpy and onnxruntime.
        from model_kit.encoder import OnnxEncoder
        from model_kit.shelf import NotReady

        try:
            encoder = OnnxEncoder(self._folder)
        except NotReady as reason:
            if str(reason) != self._told:
                self._told = str(reason)
                log.info("no local model yet: %s", self._told)
            return None
        except Exception as error:
            # A library that can't load it must not stop the service.
            log.exception("the local model can't be loaded: %s", type(error).__name__)
            self._look_at = float("inf")
            return None
        log.info("local model ready: %s", encoder.name)
        return encoder


_of_folder: WeakValueDictionary[Path, LocalEncoder] = WeakValueDictionary()
_of_folder_lock = Lock()


def local_encoder(folder: Path) -> LocalEncoder:
    """Return this process's encoder of a folder: services that share a process share its 80 MB too."""
    with _of_folder_lock:
        found = _of_folder.get(folder.absolute())
        if found is None:
            found = _of_folder[folder.absolute()] = LocalEncoder(folder)
        return found
