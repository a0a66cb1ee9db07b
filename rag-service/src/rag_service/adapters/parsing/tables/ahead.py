"""Rows that can be looked at before they are read."""

from collections import deque
from collections.abc import Iterable, Iterator

from rag_service.adapters.parsing.tables.grid import Row


class Ahead(Iterator[Row]):
    """Rows in their order. A file may hold any number of tables, so iterators are not put into one another."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = iter(rows)
        self._waiting: deque[Row] = deque()

    def __next__(self) -> Row:
        return self._waiting.popleft() if self._waiting else next(self._rows)

    def first(self, most: int) -> list[Row]:
        """Return the next rows without reading them."""
        while len(self._waiting) < most and (row := next(self._rows, None)) is not None:
            self._waiting.append(row)
        return [row for _, row in zip(range(most), self._waiting, strict=False)]

    def give_back(self, rows: Iterable[Row]) -> None:
        """Put rows in front of the next ones."""
        self._waiting.extendleft(reversed(list(rows)))

    def skip(self, count: int) -> None:
        """Leave out the next rows."""
        for _ in range(count):
            next(self, None)
