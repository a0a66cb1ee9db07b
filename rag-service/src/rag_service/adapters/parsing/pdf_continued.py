"""Finds the rows that a page begins with where the table of the page before goes on.

A page's columns are found from three rows and more. A last page with one or two rows has too few of its own, so it is
read by the columns of the page before.
"""

import math
from collections.abc import Sequence

from rag_service.adapters.parsing.pdf_pieces import Piece
from rag_service.adapters.parsing.pdf_regions import MAX_FIRST_STEP, Region, is_figure, rows_of
from rag_service.adapters.parsing.tables import Cell

SAME_EDGE_POINTS = 8.0
MAX_LINES_ABOVE = 3
"""Headers that may stand above the rows."""
MAX_GROWTH = 1.5
"""The length of a cell by that of its column's longest one."""


def same_edges(one: Sequence[float], other: Sequence[float]) -> bool:
    """Return whether columns begin at the same places."""
    return len(one) == len(other) and all(
        abs(left - right) <= SAME_EDGE_POINTS for left, right in zip(one, other, strict=True)
    )


def rows_going_on(found: Sequence[Piece], edges: Sequence[float], rows: Sequence[Sequence[Cell]]) -> Region | None:
    """Return the rows at the top of a page that go on with a table; None where there are none.

    `edges`: the left edges of the table's columns. `rows`: the table's rows on the page before.
    """
    known = [[cell.text for cell in row] for row in rows if len(row) == len(edges)]
    if len(edges) < 2 or not known:
        return None
    columns = _Columns(edges, known)
    region = Region(list(zip(edges, (*edges[1:], math.inf), strict=True)))
    for number, row in enumerate(rows_of(found)):
        if not region.rows and len(row) == 1 and number < MAX_LINES_ABOVE:
            continue
        far = region.rows and region.rows[-1][0].base - row[0].base > MAX_FIRST_STEP * row[0].size
        if far or not columns.take(row):
            break
        region.rows.append(row)
    return region if region.rows else None


class _Columns:
    def __init__(self, edges: Sequence[float], rows: Sequence[list[str]]) -> None:
        self._edges = edges
        self._head = rows[0]
        body = rows[1:] or rows
        values = [[row[at] for row in body if row[at]] for at in range(len(edges))]
        self._always = {at for at, texts in enumerate(values) if len(texts) == len(body)}
        self._figures = {at for at, texts in enumerate(values) if texts and all(map(is_figure, texts))}
        self._longest = [max(map(len, texts), default=0) for texts in values]

    def take(self, row: Sequence[Piece]) -> bool:
        """Return whether pieces are a row: the columns that every row fills, and the same kinds of values."""
        cells = [""] * len(self._edges)
        for piece in row:
            at = self._column(piece)
            if at is None or cells[at]:
                return False
            cells[at] = piece.text
        filled = {at for at, text in enumerate(cells) if text}
        if len(filled) < 2 or not self._always <= filled:
            return False
        return cells == self._head or all(self._is_value(at, cells[at]) for at in filled)

    def _column(self, piece: Piece) -> int | None:
        """Return the column that a piece stands in; figures may stand at its right."""
        edges = self._edges
        for at, edge in enumerate(edges):
            right = edges[at + 1] if at + 1 < len(edges) else math.inf
            if piece.left >= edge - SAME_EDGE_POINTS and piece.right <= right:
                return at if at in self._figures or piece.left <= edge + SAME_EDGE_POINTS else None
        return None

    def _is_value(self, at: int, text: str) -> bool:
        return is_figure(text) if at in self._figures else len(text) <= MAX_GROWTH * self._longest[at]
