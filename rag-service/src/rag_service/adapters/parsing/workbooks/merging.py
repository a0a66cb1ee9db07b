"""Puts the text of merged cells into every place that they cover, and leaves hidden columns out."""

from collections.abc import Iterable
from dataclasses import dataclass

from rag_service.adapters.parsing.tables import Row

MAX_ACTIVE = 2_000
MAX_COLUMNS = 1_000
"""A title may be merged over all columns of a sheet, of which a few are used."""


@dataclass(slots=True)
class _Merged:
    top: int
    left: int
    bottom: int
    right: int
    text: str = ""


class Merging:
    """Makes rows of a grid; rows must come in their order."""

    def __init__(self, merges: Iterable[tuple[int, int, int, int]]) -> None:
        """`merges`: first row, first column, last row and last column of each merged cell."""
        self._waiting = [
            _Merged(top, left, bottom, min(right, MAX_COLUMNS - 1))
            for top, left, bottom, right in sorted(merges, reverse=True)
            if left < MAX_COLUMNS and top <= bottom and left <= right
        ]
        self._active: list[_Merged] = []

    def begin(self, top: int, left: int, across: int, down: int) -> None:
        """Add a merged cell that begins in the row that comes next."""
        right = min(left + across - 1, MAX_COLUMNS - 1)
        if left <= right and len(self._waiting) < MAX_ACTIVE:
            self._waiting.append(_Merged(top, left, top + down - 1, right))

    def pass_row(self, number: int, cells: dict[int, str]) -> None:
        """Go by a row that is not shown; a merged cell that begins in it may be shown below."""
        self._begin(number, cells)

    def row(self, number: int, cells: dict[int, str], hidden: set[int], *, strong: bool) -> Row:
        """Return a row of the grid."""
        if self._waiting or self._active:
            self._begin(number, cells)
        if not cells:
            # Below a merged cell there is nothing else.
            return Row([])
        width = max(cells) + 1
        across, down = False, 1
        for merged in self._active:
            width = max(width, merged.right + 1)
        texts = [""] * width
        for at, text in cells.items():
            texts[at] = text
        starts = list(range(width)) if self._active else []
        for merged in self._active:
            for at in range(merged.left, merged.right + 1):
                texts[at] = merged.text
                starts[at] = merged.left
            across = across or merged.right > merged.left
            if merged.top == number and merged.text:
                down = max(down, merged.bottom - merged.top + 1)
        if hidden:
            texts, starts = _without(hidden, texts, starts)
        return Row(texts, starts if across else None, strong=strong, down=down)

    def _begin(self, number: int, cells: dict[int, str]) -> None:
        self._active = [merged for merged in self._active if merged.bottom >= number]
        while self._waiting and self._waiting[-1].top <= number:
            merged = self._waiting.pop()
            if merged.bottom < number or len(self._active) >= MAX_ACTIVE:
                continue
            merged.text = cells.get(merged.left, "") if merged.top == number else ""
            if merged.text:
                self._active.append(merged)


def _without(hidden: set[int], texts: list[str], starts: list[int]) -> tuple[list[str], list[int]]:
    """Return a row without hidden columns; a merged cell begins in its first column that is shown."""
    shown = [at for at in range(len(texts)) if at not in hidden]
    if not starts:
        return [texts[at] for at in shown], starts
    first: dict[int, int] = {}
    moved = []
    for place, at in enumerate(shown):
        moved.append(first.setdefault(starts[at], place))
    return [texts[at] for at in shown], moved
