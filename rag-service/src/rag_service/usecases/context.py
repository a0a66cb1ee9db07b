"""A passage's vector with something of its document's."""

import numpy as np
from numpy.typing import NDArray

CONTEXT = 0.4
"""How far a passage's vector is drawn to the mean of its document's."""


def in_context(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the vectors of one document's passages, each drawn to their mean, all of length 1.

    A passage often doesn't say what it is about ("click Save"); what stands around it does. Call it with all passages
    of a document before they are stored; a question's vector stays as it is. docs/retrieval.md has what it brings.
    """
    if len(vectors) < 2:
        return vectors
    drawn: NDArray[np.float32] = vectors + CONTEXT * _unit(vectors.mean(0, keepdims=True))
    return _unit(drawn)


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    scaled: NDArray[np.float32] = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return scaled.astype(np.float32)
