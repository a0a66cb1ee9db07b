"""An encoder that embeds each text once, for jobs that train many heads on the same texts."""

from collections.abc import Callable, Sequence

import numpy as np
from model_kit.encoder import Encoder, Vectors

BATCH_TEXTS = 512


class CachingEncoder:
    """Implements `model_kit.encoder.Encoder`. It never evicts a vector, so use one instance per job."""

    def __init__(self, encoder: Encoder) -> None:
        self.name, self.dimensions = encoder.name, encoder.dimensions
        self._encoder = encoder
        self._vectors: dict[str, Vectors] = {}

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 per text, in their order."""
        self.prefetch(texts)
        return np.array([self._vectors[text] for text in texts], np.float32).reshape(len(texts), self.dimensions)

    def prefetch(self, texts: Sequence[str], progress: Callable[[int, int], None] = lambda _done, _all: None) -> None:
        """Embed the texts that are not cached yet; call `progress` with (done, all) before each batch."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        for begin in range(0, len(missing), BATCH_TEXTS):
            progress(begin, len(missing))
            part = missing[begin : begin + BATCH_TEXTS]
            self._vectors.update(zip(part, self._encoder.embed(part), strict=True))
