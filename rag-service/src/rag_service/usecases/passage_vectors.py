"""The vectors of one document's passages: their own, or their table's (`domain/own_vectors.py`)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag_service.domain.document import Chunk, PassageKind

Half = NDArray[np.float16]
Vector = NDArray[np.float32]
Table = tuple[tuple[str, ...], str]


@dataclass(frozen=True)
class PassageVectors:
    """The vectors of one document's passages."""

    own: Mapping[int, Half]
    """By the passage's place, with half precision as they are stored."""
    tables: Mapping[Table, Vector]
    others: Vector
    """Of tables none of whose rows has a vector of its own: the document's mean."""

    @classmethod
    def of(cls, chunks: Sequence[Chunk], own: Mapping[int, Half]) -> "PassageVectors":
        """Return the vectors of a document of which some passages have their own."""
        if len(own) == len(chunks):
            return cls(own, {}, np.zeros(0, np.float32))
        of_table: defaultdict[Table, list[Half]] = defaultdict(list)
        for place, vector in own.items():
            if chunks[place].kind is PassageKind.ROWS:
                of_table[_table(chunks[place])].append(vector)
        tables = {table: _mean(vectors) for table, vectors in of_table.items()}
        return cls(own, tables, _mean(list(own.values())))

    def searched(self, place: int, chunk: Chunk) -> tuple[Vector, bool]:
        """Return the vector that a search compares a passage with, and whether it is its table's.

        The stored precision is used, so that making the vectors again from what is stored changes no result.
        """
        own = self.own.get(place)
        if own is not None:
            return own.astype(np.float32), False
        return self.tables.get(_table(chunk), self.others), True


def _table(chunk: Chunk) -> Table:
    return chunk.heading, chunk.locator


def _mean(vectors: Sequence[NDArray[np.floating]]) -> Vector:
    mean = np.mean([each.astype(np.float32) for each in vectors], axis=0)
    scaled: Vector = (mean / max(float(np.linalg.norm(mean)), 1e-12)).astype(np.float32)
    return scaled
