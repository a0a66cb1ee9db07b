"""Which passages have a vector of their own, and which share that of their table.

A vector costs fifty times what the terms of a passage cost, and the rows of a long table differ by their names and
numbers rather than by their subject. So a document's rows are embedded up to a number, spread evenly; the others are
indexed by their terms only, and where a search compares them with other passages they count with the mean vector of
their table.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag_service.domain.document import Chunk, PassageKind

MAX_ROW_VECTORS = 300
"""Passages of rows per document that get a vector of their own, by default."""

Half = NDArray[np.float16]
Vector = NDArray[np.float32]
Table = tuple[tuple[str, ...], str]


def with_own_vector(chunks: Sequence[Chunk], most_rows: int) -> list[int]:
    """Return the places of the passages to embed, in their order: all but rows, and at most `most_rows` of rows."""
    rows = [place for place, chunk in enumerate(chunks) if chunk.kind is PassageKind.ROWS]
    if len(rows) <= most_rows:
        return list(range(len(chunks)))
    chosen = {rows[number * len(rows) // most_rows] for number in range(most_rows)}
    return [place for place, chunk in enumerate(chunks) if chunk.kind is not PassageKind.ROWS or place in chosen]


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
