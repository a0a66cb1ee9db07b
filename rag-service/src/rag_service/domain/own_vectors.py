"""Which passages have a vector of their own, and which share that of their table.

A vector costs fifty times what the terms of a passage cost, and the rows of a long table differ by their names and
numbers rather than by their subject. So a document's rows are embedded up to a number, spread evenly; the others are
indexed by their terms only, and where a search compares them with other passages they count with the mean vector of
their table.
"""

from collections.abc import Sequence

from rag_service.domain.document import Chunk, PassageKind

MAX_ROW_VECTORS = 300
"""Passages of rows per document that get a vector of their own, by default."""


def with_own_vector(chunks: Sequence[Chunk], most_rows: int) -> list[int]:
    """Return the places of the passages to embed, in their order: all but rows, and at most `most_rows` of rows."""
    rows = [place for place, chunk in enumerate(chunks) if chunk.kind is PassageKind.ROWS]
    if len(rows) <= most_rows:
        return list(range(len(chunks)))
    chosen = {rows[number * len(rows) // most_rows] for number in range(most_rows)}
    return [place for place, chunk in enumerate(chunks) if chunk.kind is not PassageKind.ROWS or place in chosen]
