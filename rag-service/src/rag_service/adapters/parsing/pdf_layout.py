"""Puts a page's words into lines and tables, in the order of reading."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from rag_service.adapters.parsing.pdf_continued import rows_going_on, same_edges
from rag_service.adapters.parsing.pdf_drawing import Box
from rag_service.adapters.parsing.pdf_pieces import Piece, lines_of, pieces
from rag_service.adapters.parsing.pdf_regions import Kind, Region, is_figure, kind_of, regions, rows_of, side_by_side
from rag_service.adapters.parsing.pdf_rules import Grid, ruled_grids
from rag_service.adapters.parsing.pdf_words import Word
from rag_service.adapters.parsing.tables import Cell

MIN_ROWS = 2
MAX_CELL_CHARACTERS = 1_500
"""Cells with more text are boxes of a page, and no table."""
LINE_END = "\n"
FOOTER_SHARE = 0.1
"""Of a page's height."""


@dataclass(frozen=True)
class Line:
    """A line of text; `base` counts from the page's lower edge, in points."""

    text: str
    size: float
    left: float
    right: float
    base: float
    strong: bool = False
    """It is bold throughout."""


@dataclass(frozen=True)
class Table:
    """A table's rows from the top, as cells; a cell's lines are parted by line ends."""

    rows: list[list[Cell]]
    edges: tuple[float, ...]
    """The left edges of the columns, by which it is known again on the next page."""
    bottom: float
    top: float


Block = Line | Table


def arranged(words: Sequence[Word], rules: Sequence[Box], pages: int, before: Table | None = None) -> list[Block]:
    """Return a page's lines and tables in the order of reading.

    `pages`: of the document. `before`: the table that the page before ended with.
    """
    placed: list[tuple[int, list[Block]]] = []
    left = list(enumerate(words))
    for grid in ruled_grids(rules) if rules else ():
        inside = {number: cell for number, word in left if (cell := _place(grid, word))}
        fewest = 1 if before and same_edges(before.edges, grid.lefts[:-1]) else MIN_ROWS
        if table := _ruled(grid, [(words[number], cell) for number, cell in inside.items()], fewest):
            placed.append((min(inside), [table]))
            left = [each for each in left if each[0] not in inside]
    numbers = [number for number, _ in left]
    found = pieces([word for _, word in left])
    taken: set[int] = set()
    for region in chain.from_iterable(map(side_by_side, regions([piece for piece in found if piece.upright]))):
        kind = kind_of(region, pages)
        if kind is Kind.LINES:
            continue
        parts = [piece for row in region.rows for piece in row]
        taken.update(id(word) for piece in parts for word in piece.words)
        first = numbers[min(piece.first for piece in parts)]
        placed.append((first, list(_blocks(region, kind))))
    rest = [piece for piece in found if id(piece.words[0]) not in taken]
    upright = [piece for piece in rest if piece.upright]
    if before and (further := rows_going_on(upright, before.edges, before.rows)):
        goes_on = _unruled(further)
        if all(goes_on.top > _top(block) for _, blocks in placed for block in blocks):
            parts = [piece for row in further.rows for piece in row]
            placed.append((numbers[min(piece.first for piece in parts)], [goes_on]))
            own = set(map(id, parts))
            rest = [piece for piece in rest if id(piece) not in own]
    placed += [(numbers[line[0].first], [_line(line)]) for line in lines_of(rest)]
    placed.sort(key=lambda block: block[0])
    return [block for _, blocks in placed for block in blocks]


def ending(blocks: Sequence[Block], bottom: float, top: float) -> Table | None:
    """Return the table that a page ends with; a footer may stand below it. `bottom`, `top`: the page's edges."""
    for block in reversed(blocks):
        if isinstance(block, Table):
            return block
        if block.base > bottom + FOOTER_SHARE * (top - bottom):
            return None
    return None


def _top(block: Block) -> float:
    return block.base if isinstance(block, Line) else block.top


def _place(grid: Grid, word: Word) -> tuple[int, int] | None:
    return grid.place((word.left + word.right) / 2, word.base + 0.3 * word.size)


def _line(parts: Sequence[Piece]) -> Line:
    size = max(parts, key=lambda piece: sum(len(word.text) for word in piece.words)).size
    text = " ".join(piece.text for piece in parts)
    # What leans or stands at the side is no heading, however large.
    size = size if parts[0].upright else 0.0
    left, right = min(piece.left for piece in parts), max(piece.right for piece in parts)
    return Line(text, round(size * 2) / 2, left, right, parts[0].base, _is_strong(parts))


def _blocks(region: Region, kind: Kind) -> Iterator[Block]:
    """Yield a region's rows as lines, its columns one after the other, or its table."""
    if kind is Kind.CONTENTS:
        yield from map(_line, region.rows)
        return
    if kind is Kind.TABLE:
        yield _unruled(region)
        return
    cells = region.cells
    for at in range(len(region.columns)):
        for row in cells:
            if row[at]:
                yield _line(row[at])


def _unruled(region: Region) -> Table:
    """Return a table whose columns are parted by gaps; a row without a first cell may go on with the one above."""
    rows: list[list[list[Piece]]] = []
    for cells in region.cells:
        if rows and _goes_on(rows[-1], cells, region):
            rows[-1] = [[*above, *below] for above, below in zip(rows[-1], cells, strict=True)]
        else:
            rows.append(cells)
    bases = [piece.base for row in region.rows for piece in row]
    made = [[Cell(_cell_text(cell), strong=_is_strong(cell)) for cell in row] for row in rows]
    return Table(made, tuple(left for left, _ in region.columns), min(bases), max(bases))


def _goes_on(above: list[list[Piece]], cells: list[list[Piece]], region: Region) -> bool:
    filled = [at for at, cell in enumerate(cells) if cell]
    if cells[0] or not all(above[at] for at in filled):
        return False
    now = cells[filled[0]][0]
    step = min(piece.base for at in filled for piece in above[at]) - now.base
    near = step <= max(1.5 * now.size, 1.1 * region.step)
    texts = [" ".join(piece.text for piece in cells[at]) for at in filled]
    return near and not any(map(is_figure, texts)) and (len(filled) == 1 or all(text[:1].islower() for text in texts))


def _is_strong(cell: Sequence[Piece]) -> bool:
    return bool(cell) and all(word.strong for piece in cell for word in piece.words)


def _cell_text(cell: Sequence[Piece]) -> str:
    return LINE_END.join(" ".join(piece.text for piece in line) for line in lines_of(cell))


def _ruled(grid: Grid, words: Sequence[tuple[Word, tuple[int, int]]], fewest: int) -> Table | None:
    """Return the table of a grid and the words in its cells; None if it is none, or has fewer rows than `fewest`."""
    by_cell: dict[tuple[int, int], list[Word]] = {}
    for word, cell in words:
        by_cell.setdefault(cell, []).append(word)
    columns = {column for _, column in by_cell}
    if len(columns) < 2 or any(sum(len(word.text) for word in each) > MAX_CELL_CHARACTERS for each in by_cell.values()):
        return None
    rows: list[list[Cell]] = []
    for row, owners in enumerate(grid.owners):
        lines = {
            column: [list(line) for line in lines_of(pieces(by_cell[row, column]))]
            for column in range(len(owners))
            if (row, column) in by_cell
        }
        if split := _split_band(grid, row, lines):
            rows += split
        else:
            rows.append(_cells(grid, row, lines))
    filled = sum(sum(bool(cell.text) for cell in row) > 1 for row in rows)
    if len(rows) < fewest or filled < fewest:
        return None
    _, bottom, _, top = grid.frame
    return Table(rows, tuple(grid.lefts[:-1]), bottom, top)


def _cells(grid: Grid, row: int, lines: dict[int, list[list[Piece]]]) -> list[Cell]:
    """Return the cells that begin in a row."""
    owners = grid.owners
    found = []
    column = 0
    while column < len(owners[row]):
        owner = owners[row][column]
        across = 1
        while column + across < len(owners[row]) and owners[row][column + across] == owner:
            across += 1
        if owner == (row, column):
            down = 1
            while row + down < len(owners) and owners[row + down][column] == owner:
                down += 1
            parts = [piece for line in lines.get(column, ()) for piece in line]
            found.append(Cell(_cell_text(parts), across, down, strong=_is_strong(parts)))
        elif owner[0] == row:
            # Rules part it from itself: a cell that has a corner cut out.
            found.append(Cell("", across))
        column += across
    return found


def _split_band(grid: Grid, row: int, lines: dict[int, list[list[Piece]]]) -> list[list[Cell]] | None:
    """Return the rows of a band without rules between them: in two columns or more, lines stand side by side.

    A table that rules its rows has cells of several lines instead.
    """
    owners = grid.owners[row]
    if len(set(owners)) < len(owners) or any(owner[0] != row for owner in owners):
        return None
    many = [column for column, found in lines.items() if len(found) > 1]
    if len(many) < 2 or (len(grid.owners) > 3 and row > 0 and not _is_tallest(grid, row)):
        return None
    if row + 1 < len(grid.owners) and any(owner == (row, at) for at, owner in enumerate(grid.owners[row + 1])):
        return None
    bands = rows_of([line[0] for found in lines.values() for line in found])
    where = {id(line[0]): (column, line) for column, found in lines.items() for line in found}
    texts: list[list[str]] = []
    for band in bands:
        made = [""] * len(owners)
        for piece in band:
            column, line = where[id(piece)]
            made[column] = " ".join(each.text for each in line)
        texts.append(made)
    first = min(lines)
    together = sum(bool(made[first]) and sum(map(bool, made)) > 1 for made in texts)
    wrapped = sum(text[:1].islower() and not is_figure(text) for made in texts[1:] for text in made if len(text) > 8)
    if together < len(texts) * 0.6 or wrapped > 0.25 * sum(len(found) for found in lines.values()):
        return None
    return [[Cell(text) for text in made] for made in texts]


def _is_tallest(grid: Grid, row: int) -> bool:
    heights = [top - bottom for top, bottom in zip(grid.tops, grid.tops[1:], strict=False)]
    return heights[row] == max(heights) and heights[row] > 3 * sorted(heights)[len(heights) // 2]
