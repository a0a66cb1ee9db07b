"""The cells of a table in a Word document."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rag_service.adapters.parsing.tables import Cell
from rag_service.adapters.parsing.word_shapes import W
from rag_service.adapters.parsing.word_styles import OFF, Styles

MAX_SPAN = 1_000
Below = Callable[[Any, str], Iterator[Any]]


def cells_of(table: Any, styles: Styles, below: Below, text: Callable[[Any], str]) -> Iterator[tuple[list[Cell], bool]]:
    """Yield each row's cells, and whether the row is marked as the table's head.

    `below`: yields an element's parts of a kind. `text`: returns what a cell shows.
    """
    rows = [row for row in below(table, f"{W}tr") if not _is_unseen(row)]
    placed = [list(_placed(row, below)) for row in rows]
    merged = [{at for at, _, cell in cells if _merge(cell) == "continue"} for cells in placed]
    heights = _Heights(merged)
    styled = _marks_first_row(table, styles)
    for number, (row, cells) in enumerate(zip(rows, placed, strict=True)):
        made: list[Cell] = []
        width = 0
        for at, across, cell in cells:
            if at > width:
                made.append(Cell(across=at - width))
            width = at + across
            if at in merged[number] and heights.stands(number, at):
                continue
            strong = (styled and number == 0) or _is_bold(cell)
            made.append(Cell(text(cell), across, heights.below(number, at), strong=strong))
        yield made, _on(row.find(f"{W}trPr/{W}tblHeader"))


def is_layout(rows: Sequence[Sequence[Any]]) -> bool:
    """Return whether a table's cells are places on the page: half of them hold tables of their own.

    `rows`: the cells of each row.
    """
    cells = [cell for row in rows for cell in row if any((text.text or "").strip() for text in cell.iter(f"{W}t"))]
    return bool(cells) and 2 * sum(next(cell.iter(f"{W}tbl"), None) is not None for cell in cells) >= len(cells)


class _Heights:
    """How many rows each cell covers: Word marks the cells that go on, one by one."""

    def __init__(self, merged: list[set[int]]) -> None:
        self._merged = merged
        self._covered: set[tuple[int, int]] = set()

    def below(self, number: int, at: int) -> int:
        """Return how many rows the cell covers that begins here."""
        down = 1
        while number + down < len(self._merged) and at in self._merged[number + down]:
            self._covered.add((number + down, at))
            down += 1
        return down

    def stands(self, number: int, at: int) -> bool:
        """Return whether a cell from above covers this place; a mark without such a cell is ignored."""
        return (number, at) in self._covered


def _placed(row: Any, below: Below) -> Iterator[tuple[int, int, Any]]:
    """Yield each cell's first column, how many it covers, and the cell."""
    at = _number(row.find(f"{W}trPr/{W}gridBefore"), 0)
    for cell in below(row, f"{W}tc"):
        across = max(1, _number(cell.find(f"{W}tcPr/{W}gridSpan"), 1))
        yield at, across, cell
        at += across


def _merge(cell: Any) -> str:
    found = cell.find(f"{W}tcPr/{W}vMerge")
    return "" if found is None else found.get(f"{W}val") or "continue"


def _number(element: Any, default: int) -> int:
    given = "" if element is None else element.get(f"{W}val") or ""
    return min(int(given), MAX_SPAN) if given.isascii() and given.isdigit() and len(given) < 6 else default


def _is_unseen(row: Any) -> bool:
    return _on(row.find(f"{W}trPr/{W}hidden")) or row.find(f"{W}trPr/{W}del") is not None


def _on(element: Any) -> bool:
    return element is not None and (element.get(f"{W}val") or "1").lower() not in OFF


def _marks_first_row(table: Any, styles: Styles) -> bool:
    """Return whether the table's style shows the first row in bold or on a colour."""
    look = table.find(f"{W}tblPr/{W}tblLook")
    style = table.find(f"{W}tblPr/{W}tblStyle")
    if look is None or style is None:
        return False
    given = look.get(f"{W}firstRow")
    if given is None:
        mask = look.get(f"{W}val") or "0"
        given = "1" if all(sign in "0123456789abcdefABCDEF" for sign in mask) and int(mask[:8], 16) & 0x20 else "0"
    if given.lower() in OFF:
        return False
    for _, each in styles.chain(style.get(f"{W}val") or ""):
        for part in each.iter(f"{W}tblStylePr"):
            if part.get(f"{W}type") == "firstRow":
                return _on(part.find(f"{W}rPr/{W}b")) or part.find(f"{W}tcPr/{W}shd") is not None
    return False


def _is_bold(cell: Any) -> bool:
    """Return whether all text of a cell is bold."""
    runs = [run for run in cell.iter(f"{W}r") if any((text.text or "").strip() for text in run.iter(f"{W}t"))]
    return bool(runs) and all(_on(run.find(f"{W}rPr/{W}b")) for run in runs)
