"""Adds a document's context to the vectors of its passages."""

import numpy as np
from numpy.typing import NDArray

CONTEXT = 0.4
"""The weight of the mean of the document's vectors."""


def in_context(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the vectors of one document's passages, each moved towards their mean, normalized to length 1.

    A passage often does not name its subject ("click Save"), but the passages around it do. Call it with all passages
    of a document before they are stored; queries are not changed. docs/retrieval.md has the effect.
    """
    if len(vectors) < 2:
        return vectors
    drawn: NDArray[np.float32] = vectors + CONTEXT * _unit(vectors.mean(0, keepdims=True))
    return _unit(drawn)


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    scaled: NDArray[np.float32] = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return scaled.astype(np.float32)
