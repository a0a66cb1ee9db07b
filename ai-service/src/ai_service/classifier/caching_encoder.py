"""An encoder that reads each text once, for work that trains many heads on the same texts."""

from collections.abc import Callable, Sequence

import numpy as np
from model_kit.encoder import Encoder, Vectors

AT_ONCE = 512


class CachingEncoder:
    """Implements `model_kit.encoder.Encoder`; keeps every vector, so it is for one piece of work only."""

    def __init__(self, encoder: Encoder) -> None:
        self.name, self.dimensions = encoder.name, encoder.dimensions
        self._encoder = encoder
        self._known: dict[str, Vectors] = {}

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 per text, in their order."""
        self.read(texts)
        return np.array([self._known[text] for text in texts], np.float32).reshape(len(texts), self.dimensions)

    def read(self, texts: Sequence[str], progress: Callable[[int, int], None] = lambda _done, _all: None) -> None:
        """Read what isn't known yet, telling now and then how many texts of how many are."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        for begin in range(0, len(missing), AT_ONCE):
            progress(begin, len(missing))
            part = missing[begin : begin + AT_ONCE]
            self._known.update(zip(part, self._encoder.embed(part), strict=True))
