"""Finds near duplicates: one template with other names and numbers, or one sentence reworded.

Near duplicates are trained on together or held out together. A text is easy if its near duplicate was trained on, so
figures for such texts say nothing about other texts.
"""

from typing import Any

import numpy as np
from model_kit.encoder import Vectors
from numpy.typing import NDArray

from ai_service.adapters.local.classifier.calibration import Bools

Groups = NDArray[np.intp]

NEAR_DUPLICATE = 0.85
"""Two texts with at least this cosine are near duplicates. At 0.85 the texts of one template stay together (two
templates of 200 texts each make two or three groups), while four fifths of 3,805 real IT tickets remain alone
(docs/models.md)."""
BLOCK_TEXTS = 512


def groups(vectors: Vectors) -> Groups:
    """Return a group number per text: near duplicates, and transitively their near duplicates, share one."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    number = len(vectors)
    found: Groups = np.arange(number)
    for begin in range(0, number, BLOCK_TEXTS):
        # Each pair is compared once: a block with itself and with all later texts.
        near = vectors[begin : begin + BLOCK_TEXTS] @ vectors[begin:].T >= NEAR_DUPLICATE
        rows, columns = np.nonzero(near)
        # Edges connect groups found so far, so there are few, even if all texts come from one template.
        edges = np.unique(found[begin + rows] * number + found[begin + columns])
        graph = coo_matrix((np.ones(len(edges), bool), (edges // number, edges % number)), (number, number))
        _, merged = connected_components(graph, directed=False)
        found = merged[found].astype(np.intp)
    return found


def has_near_duplicate(vectors: Vectors, trained_on: Vectors) -> Bools:
    """Return for each text whether it is a near duplicate of one of the texts that were trained on."""
    found = np.zeros(len(vectors), bool)
    if len(trained_on):
        for begin in range(0, len(vectors), BLOCK_TEXTS):
            part = slice(begin, begin + BLOCK_TEXTS)
            found[part] = (vectors[part] @ trained_on.T).max(axis=1) >= NEAR_DUPLICATE
    return found


def last_of_each_group(group: Groups) -> NDArray[Any]:
    """Return the indices of the last text of each group, in order."""
    _, first_from_behind = np.unique(group[::-1], return_index=True)
    return np.sort(len(group) - 1 - first_from_behind)
