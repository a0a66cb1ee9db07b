"""Which texts are near duplicates of each other: one template with other names and numbers, or one sentence reworded.

Near duplicates are judged together or held out together. A text is easy where its near duplicate was learnt from, so
figures of such texts say nothing about others.
"""

from typing import Any

import numpy as np
from model_kit.encoder import Vectors
from numpy.typing import NDArray

from ai_service.classifier.calibration import Bools

Groups = NDArray[np.intp]

NEAR_DUPLICATE = 0.85
"""From this cosine on two texts are near duplicates. At 0.85 the texts of one template stay together (two templates of
200 texts each make two or three groups), while four fifths of 3,805 real IT tickets remain alone (docs/models.md)."""
AT_ONCE = 512


def groups(vectors: Vectors) -> Groups:
    """Return a group per text: near duplicates, and their near duplicates in turn, have the same one."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    number = len(vectors)
    found: Groups = np.arange(number)
    for begin in range(0, number, AT_ONCE):
        # Each pair is looked at once: a block with itself and with everything behind it.
        near = vectors[begin : begin + AT_ONCE] @ vectors[begin:].T >= NEAR_DUPLICATE
        rows, columns = np.nonzero(near)
        # As edges between the groups found so far there are few, even where all texts come from one template.
        edges = np.unique(found[begin + rows] * number + found[begin + columns])
        graph = coo_matrix((np.ones(len(edges), bool), (edges // number, edges % number)), (number, number))
        _, merged = connected_components(graph, directed=False)
        found = merged[found].astype(np.intp)
    return found


def has_near_duplicate(vectors: Vectors, learnt: Vectors) -> Bools:
    """Tell for each text whether it is a near duplicate of one of those that were learnt from."""
    found = np.zeros(len(vectors), bool)
    if len(learnt):
        for begin in range(0, len(vectors), AT_ONCE):
            part = slice(begin, begin + AT_ONCE)
            found[part] = (vectors[part] @ learnt.T).max(axis=1) >= NEAR_DUPLICATE
    return found


def last_of_each_group(group: Groups) -> NDArray[Any]:
    """Return the places of the last text of each group, in order."""
    _, first_from_behind = np.unique(group[::-1], return_index=True)
    return np.sort(len(group) - 1 - first_from_behind)
