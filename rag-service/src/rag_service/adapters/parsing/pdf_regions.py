"""Finds where pieces of lines stand side by side: in columns of text, or in a table without rules."""

import math
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from itertools import pairwise

from rag_service.adapters.parsing.pdf_pieces import SAME_LINE, Piece

MAX_FIRST_STEP, MAX_STEP, MAX_STEP_GROWTH = 4.0, 2.3, 1.7
"""The distance of a region's rows: of the first two and of others, by the letters' size, and by the step before."""
MIN_GUTTER = 0.45
"""Of the letters' size: the gap of two cells in a row that is tight."""
MAX_COLUMNS = 40
MAX_TEXT_COLUMNS = 4
MIN_TABLE_ROWS = 3
MIN_INDEPENDENT = 2
"""Rows in which one list has a name with its figure, and the list beside it has not."""
_MARKER = re.compile(
    r"[-•–*▪◦●○■□➢✓]|\(?(?:\d{1,2}(?:\.\d{1,2}){0,4}|[a-zA-Z]|[ivx]{1,5})[.)]?|\[\w{1,3}\]|§ ?\d+[a-z]?"
)
_FIGURE = re.compile(r"[^\w]*(?:[A-Z]{3} )?[\d.,:/ ()+–-]*\d[\d.,:/ ()+–%€$£-]*(?: ?[A-Za-z€]{1,4}\.?)?")
_LEADER = re.compile(r"\.{4}|(?:\. ){4}|…")
_OPEN_END = re.compile(r"[^\s.!?:;|]$")


class Kind(Enum):
    """The content of a region."""

    COLUMNS = "columns"
    TABLE = "table"
    CONTENTS = "contents"
    """A list of headings with the numbers of their pages."""
    LINES = "lines"


@dataclass
class Region:
    """Rows of pieces that stand in the same columns."""

    columns: list[tuple[float, float]]
    rows: list[list[Piece]] = field(default_factory=list)

    def column(self, left: float, right: float) -> int:
        """Return the column that a piece shares most with, or is nearest to."""
        within = bisect_right(self.columns, (left, math.inf)) - 1
        if within >= 0 and right <= self.columns[within][1]:
            return within
        return max(
            range(len(self.columns)),
            key=lambda at: min(right, self.columns[at][1]) - max(left, self.columns[at][0]),
        )

    @property
    def step(self) -> float:
        """Return the least distance of two rows."""
        return min((above[0].base - below[0].base for above, below in pairwise(self.rows)), default=0.0)

    @cached_property
    def cells(self) -> list[list[list[Piece]]]:
        """Return each row's pieces by column; asked for when all rows are there."""
        found = []
        for row in self.rows:
            cells: list[list[Piece]] = [[] for _ in self.columns]
            for piece in row:
                cells[self.column(piece.left, piece.right)].append(piece)
            found.append(cells)
        return found


def rows_of(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Return the pieces by the lines they stand on, from the top; each row from left to right."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: -piece.base):
        if rows and rows[-1][0].base - piece.base <= SAME_LINE * min(piece.size, rows[-1][0].size):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    for row in rows:
        row.sort(key=lambda piece: piece.left)
    return rows


def regions(pieces: Sequence[Piece]) -> list[Region]:
    """Return where at least two rows of a page have pieces in common columns."""
    rows = rows_of(pieces)
    found = []
    at = 0
    while at < len(rows):
        if 2 <= len(rows[at]) <= MAX_COLUMNS:
            region = _grown(rows, at)
            if sum(len(row) > 1 for row in region.rows) >= 2:
                found.append(region)
                at += len(region.rows)
                continue
        at += 1
    return found


def _grown(rows: Sequence[list[Piece]], start: int) -> Region:
    region = Region(_spans(rows[start]), [rows[start]])
    step = 0.0
    for row in rows[start + 1 :]:
        before = region.rows[-1]
        size = max(row[0].size, before[0].size, 1.0)
        now = before[0].base - row[0].base
        if now > (MAX_FIRST_STEP * size if not step else max(MAX_STEP * size, MAX_STEP_GROWTH * step)):
            break
        columns = _merged(region.columns, _spans(row))
        if len(columns) < len(region.columns) and not (len(region.rows) == 1 and 1 < len(columns) == len(row)):
            # A tight row may look like one piece, though it parts where the others do.
            parted = _parted(row, region.columns)
            if parted is None:
                break
            row, columns = parted, _merged(region.columns, _spans(parted))
            if len(columns) < len(region.columns):
                break
        if len(columns) > MAX_COLUMNS:
            break
        region.columns = columns
        region.rows.append(row)
        step = max(step, now)
    while len(region.rows[-1]) == 1 and region.column(region.rows[-1][0].left, region.rows[-1][0].right) == 0:
        # Text below a table begins at its left.
        if len(region.rows) < 3 or _continues(region):
            break
        region.rows.pop()
    return region


def _continues(region: Region) -> bool:
    """Return whether the last row goes on with a column of text, rather than with what stands below the columns."""
    last, before = region.rows[-1][0], region.rows[-2][0]
    far = before.base - last.base > 1.5 * max(last.size, before.size)
    return not far and (
        (last.text[:1].islower() or bool(_OPEN_END.search(before.text))) and last.right < region.columns[0][1] + 1
    )


def _spans(row: Sequence[Piece]) -> list[tuple[float, float]]:
    return [(piece.left, piece.right) for piece in row]


def _merged(one: Sequence[tuple[float, float]], other: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for left, right in sorted((*one, *other)):
        if found and left < found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], right)
        else:
            found.append((left, right))
    return found


def _parted(row: Sequence[Piece], columns: Sequence[tuple[float, float]]) -> list[Piece] | None:
    """Return a row's pieces cut where they cross from one column to the next; None if a word stands there."""
    edges = [(left[1] + right[0]) / 2 for left, right in pairwise(columns)]
    found: list[Piece] = []
    for piece in row:
        made = Piece(piece.words[0], piece.first)
        for number, word in enumerate(piece.words[1:], piece.first + 1):
            last = piece.words[number - piece.first - 1]
            between = any(last.right <= edge + 1 and word.left >= edge - 1 for edge in edges)
            if between and word.left - last.right >= MIN_GUTTER * piece.size:
                found.append(made)
                made = Piece(word, number)
            else:
                made.add(word)
        found.append(made)
    return found if len(found) > len(row) else None


def kind_of(region: Region, pages: int) -> Kind:
    """Return what a region is. `pages`: of the document; a list of contents counts no further."""
    cells = [[" ".join(piece.text for piece in cell) for cell in row] for row in region.cells]
    full = [row for row in cells if sum(map(bool, row)) > 1]
    columns = [[row[at] for row in cells if row[at]] for at in range(len(region.columns))]
    if len(columns) == 2 and all(_MARKER.fullmatch(cell) for cell in columns[0]):
        return Kind.LINES
    if sum(bool(_LEADER.search(" ".join(row))) for row in cells) * 2 > len(cells) or _is_contents(columns, pages):
        return Kind.CONTENTS
    prose = [at for at, texts in enumerate(columns) if _is_prose(texts)] if len(columns) <= MAX_TEXT_COLUMNS else []
    if len(prose) >= 2 and _runs_on(cells, prose):
        return Kind.COLUMNS
    if len(full) < MIN_TABLE_ROWS:
        return Kind.LINES
    if len(columns) == 2 and len(prose) == 2:
        return Kind.LINES
    return Kind.TABLE


def side_by_side(region: Region) -> list[Region]:
    """Return the lists that stand side by side, as on a menu, each of names with figures; else the region alone.

    Their rows do not belong together: beside a name with its figure stands a heading, or nothing.
    """
    cells = [[" ".join(piece.text for piece in cell) for cell in row] for row in region.cells]
    width = len(region.columns)
    lefts = range(0, width, 2)
    figures = [row[at + 1] for row in cells for at in lefts if at + 1 < width and row[at + 1]]
    names = [row[at] for row in cells for at in lefts if row[at]]
    if width < 4 or width % 2 or not all(map(is_figure, figures)) or any(map(is_figure, names)):
        return [region]
    whole = [[bool(row[at] and row[at + 1]) for at in lefts] for row in cells]
    independent = sum(any(each) and not all(each) for each in whole)
    if independent < MIN_INDEPENDENT or not all(sum(each[at // 2] for each in whole) > 1 for at in lefts):
        return [region]
    found = []
    for at in lefts:
        rows = [[*row[at], *row[at + 1]] for row in region.cells]
        found.append(Region(region.columns[at : at + 2], [row for row in rows if row]))
    return found


def is_figure(text: str) -> bool:
    """Return whether a cell holds a number, a price, a time, and the like."""
    return len(text) <= 40 and bool(_FIGURE.fullmatch(text))


def _is_prose(texts: Sequence[str]) -> bool:
    words = sum(len(text.split()) for text in texts)
    figures = sum(map(is_figure, texts))
    return bool(texts) and words >= 2.4 * len(texts) and figures * 4 < len(texts)


def _runs_on(cells: Sequence[Sequence[str]], prose: Sequence[int]) -> bool:
    """Return whether sentences run on from row to row within the columns."""
    pairs = runs = ends = 0
    for at in prose:
        texts = [row[at] for row in cells if row[at]]
        both = [at for at, row in enumerate(cells) if row[prose[0]] and row[prose[1]]]
        if not both:
            return False
        for above, below in pairwise(texts):
            pairs += 1
            runs += below[:1].islower() and bool(_OPEN_END.search(above))
            ends += bool(_OPEN_END.search(above))
    return runs >= 1 and runs >= 0.2 * pairs and ends >= 0.4 * pairs


def _is_contents(columns: Sequence[Sequence[str]], pages: int) -> bool:
    """Return whether the last column counts pages upwards, as in a list of contents."""
    last = columns[-1]
    if len(columns) > 3 or len(last) < MIN_TABLE_ROWS or not all(text.isdigit() and len(text) < 5 for text in last):
        return False
    numbers = [int(text) for text in last]
    return numbers == sorted(numbers) and numbers[-1] <= max(pages, 1)
