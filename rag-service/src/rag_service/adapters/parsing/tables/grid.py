"""Places the cells of a table in a grid: a cell that spans columns or rows stands in each place that it covers."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

MAX_COLUMNS = 1_000
MAX_SPAN_ROWS = 65_000


class Cell(NamedTuple):
    """A cell as a reader finds it."""

    text: str = ""
    across: int = 1
    """How many columns it covers."""
    down: int = 1
    """How many rows it covers; 0: all that follow."""
    head: bool = False
    """Whether the file marks it as the name of a column or row (`th`)."""
    strong: bool = False
    """Whether its text is bold throughout."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the grid: one text per column."""

    cells: Sequence[str]
    starts: Sequence[int] | None = None
    """For each column the first column that its cell covers; None where no cell covers several columns."""
    head: bool = False
    """Whether the file marks the row as naming the columns."""
    strong: bool = False
    """Whether all its cells are bold."""
    down: int = 1
    """How many rows the tallest cell that begins in this row covers."""

    def filled(self) -> list[int]:
        """Return the columns in which a cell with a text begins."""
        starts = self.starts
        if starts is None:
            return [at for at, cell in enumerate(self.cells) if cell]
        return [at for at, cell in enumerate(self.cells) if cell and starts[at] == at]

    def covers(self, column: int) -> int:
        """Return how many columns the cell covers that begins in a column."""
        return 1 if self.starts is None else sum(1 for start in self.starts if start == column)


_Above = dict[int, tuple[int, str, int]]
"""By column: the first column of the cell that stands there, its text, and in how many more rows it stands."""


def placed(rows: Iterable[tuple[Iterable[Cell], bool]], *, columns: int = MAX_COLUMNS) -> Iterator[Row]:
    """Yield the rows of a grid. Each row comes as its cells, and whether the file marks the row as a head.

    A cell goes to the first column that no cell from above covers, as in browsers and word processors. Columns behind
    the first `columns` are left out.
    """
    above: _Above = {}
    for cells, head in rows:
        cells = list(cells)
        if not above and len(cells) <= columns and all(cell.across == cell.down == 1 for cell in cells):
            # Most rows of most tables.
            yield _row([cell.text for cell in cells], None, cells, head=head)
            continue
        texts: list[str] = []
        starts: list[int] = []
        below: _Above = {}
        own: list[Cell] = []
        for cell in cells:
            _place_from_above(above, texts, starts, len(texts))
            first = len(texts)
            if first >= columns:
                break
            own.append(cell)
            for at in range(first, min(first + max(1, cell.across), columns)):
                texts.append(cell.text)
                starts.append(first)
                if cell.down != 1:
                    below[at] = (first, cell.text, (cell.down or MAX_SPAN_ROWS) - 1)
        _place_from_above(above, texts, starts, max(above, default=-1))
        yield _row(texts, starts if any(start != at for at, start in enumerate(starts)) else None, own, head=head)
        above = {at: (first, text, left - 1) for at, (first, text, left) in above.items() if left > 1} | below


def _row(texts: list[str], starts: list[int] | None, cells: Sequence[Cell], *, head: bool) -> Row:
    """Return a row of these texts in which these cells begin."""
    filled = [cell for cell in cells if cell.text.strip()]
    return Row(
        texts,
        starts,
        head=head or (bool(filled) and all(cell.head for cell in filled)),
        strong=bool(filled) and all(cell.strong or cell.head for cell in filled),
        down=max((cell.down or MAX_SPAN_ROWS for cell in filled), default=1),
    )


def _place_from_above(above: _Above, texts: list[str], starts: list[int], last: int) -> None:
    """Append the cells that reach down to here, up to column `last` and on while there is one."""
    while above:
        at = len(texts)
        found = above.get(at)
        if found is None:
            if at >= last:
                return
            found = (at, "", 0)
        starts.append(found[0])
        texts.append(found[1])
