"""Joins what a page's end cuts in a table: a row that goes on, and the name of a group above the next page's rows.

A row is joined only where that is certain, because two rows in one give values to the wrong key.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from rag_service.adapters.parsing.pdf_continued import SAME_EDGE_POINTS, same_edges
from rag_service.adapters.parsing.pdf_hyphens import HYPHENS, OPEN_WORDS
from rag_service.adapters.parsing.pdf_layout import LINE_END, Block, Line, Table
from rag_service.adapters.parsing.pdf_regions import is_figure
from rag_service.adapters.parsing.tables import Cell

MAX_LINES = 6
"""Of a cell that goes on above the other rows of a page."""
MAX_GROUP_CHARACTERS = 60
MAX_STEP = 3.0
"""The distance of a line to the table below it, by the letters' size."""
MAX_LOWER_SHARE = 0.2
"""Of a column's cells that begin in lower case; with more, a small letter is no sign of a sentence that goes on."""
MIN_SENTENCE_WORDS = 4
_ENDS = tuple(".!?:;…")


def joined_over_pages(pages: Sequence[Sequence[Block]], headings: Collection[int]) -> list[list[Block]]:
    """Return the pages' blocks; a row that a page's end cuts stands whole on the page that it begins on.

    `headings`: the `id`s of lines that are headings.
    """
    found = [list(blocks) for blocks in pages]
    last: int | None = None
    """The page that ends with the table that may go on."""
    for at, blocks in enumerate(found):
        if last is not None and blocks:
            table = found[last][-1]
            assert isinstance(table, Table)
            found[last][-1], found[at] = _joined(table, blocks, headings)
            if not found[at]:
                continue
        last = at if found[at] and isinstance(found[at][-1], Table) else None
    return found


def _joined(table: Table, blocks: list[Block], headings: Collection[int]) -> tuple[Table, list[Block]]:
    """Return a page's last table and the next page's blocks."""
    lines: list[Line] = []
    for block in blocks[: MAX_LINES + 1]:
        if not isinstance(block, Line) or id(block) in headings:
            break
        lines.append(block)
    following = blocks[len(lines)] if len(lines) < len(blocks) else None
    if not isinstance(following, Table) or not same_edges(table.edges, following.edges):
        return table, blocks
    rest = blocks[len(lines) + 1 :]
    if lines:
        if row := _cell_of(lines, table):
            if _goes_on(table, row):
                return _with(table, row), [following, *rest]
        elif len(lines) == 1 and _is_group(lines[0], table, following):
            group = [Cell(lines[0].text, strong=lines[0].strong), *[Cell()] * (len(table.edges) - 1)]
            return table, [replace(following, rows=[group, *following.rows]), *rest]
        return table, blocks
    heads = _repeated(table, following)
    row = following.rows[heads] if heads < len(following.rows) else []
    if not _goes_on(table, row):
        return table, blocks
    rows = [*following.rows[:heads], *following.rows[heads + 1 :]]
    return _with(table, row), [replace(following, rows=rows), *rest] if len(rows) > heads else rest


def _repeated(table: Table, following: Table) -> int:
    """Return how many rows a table on the next page begins with that its part on this page begins with, too."""
    count = 0
    for one, other in zip(table.rows, following.rows, strict=False):
        if [cell.text for cell in one] != [cell.text for cell in other]:
            break
        count += 1
    return count


def _cell_of(lines: Sequence[Line], table: Table) -> list[Cell]:
    """Return the row that lines above a table are a part of: one cell of it, behind the first; none if they are not."""
    edges = table.edges
    at = next((at for at, edge in enumerate(edges) if at and abs(edge - lines[0].left) <= SAME_EDGE_POINTS), 0)
    right = edges[at + 1] if at + 1 < len(edges) else float("inf")
    if not at or any(abs(line.left - edges[at]) > SAME_EDGE_POINTS or line.right > right for line in lines):
        return []
    row = [Cell()] * len(edges)
    row[at] = Cell(LINE_END.join(line.text for line in lines))
    return row


def _is_group(line: Line, table: Table, following: Table) -> bool:
    """Return whether a line is the name of the rows below it, as the table on the page before has such names."""
    named = any(row[0].text and not any(cell.text for cell in row[1:]) for row in table.rows)
    near = 0 < line.base - following.top <= MAX_STEP * line.size
    begins = abs(line.left - table.edges[0]) <= SAME_EDGE_POINTS
    repeated = _repeated(table, following) > 0
    return named and near and begins and not repeated and len(line.text) <= MAX_GROUP_CHARACTERS


def _goes_on(table: Table, row: Sequence[Cell]) -> bool:
    """Return whether a row is certainly the rest of a table's last one."""
    above = table.rows[-1]
    if len(row) != len(above) or not all(map(_is_plain, (*row, *above))):
        return False
    filled = [at for at, cell in enumerate(row) if cell.text]
    if not filled or any(not above[at].text or is_figure(row[at].text) for at in filled):
        return False
    if all(_runs_on(above[at].text, row[at].text, table, at) for at in filled):
        return True
    # A sentence may end with the page, too. Text without a key is a row of its own only where others have none.
    at = filled[0]
    return (
        at > 0
        and len(filled) == 1
        and all(each[0].text for each in table.rows)
        and min(len(above[at].text.split()), len(row[at].text.split())) >= MIN_SENTENCE_WORDS
    )


def _is_plain(cell: Cell) -> bool:
    return cell.across == cell.down == 1


def _runs_on(above: str, below: str, table: Table, at: int) -> bool:
    """Return whether a sentence or word of one cell goes on in the cell below it."""
    if above.endswith(HYPHENS) and below[:1].isalnum():
        return True
    if above.endswith(_ENDS):
        return False
    if above.split()[-1] in OPEN_WORDS:
        return True
    texts = [text for text in _column(table, at) if text]
    lower = sum(text[0].islower() for text in texts)
    return below[0].islower() and lower <= MAX_LOWER_SHARE * len(texts)


def _column(table: Table, at: int) -> Iterator[str]:
    for row in table.rows:
        if at < len(row):
            yield row[at].text


def _with(table: Table, row: Sequence[Cell]) -> Table:
    """Return a table whose last row is joined with its rest."""
    last = [
        above._replace(text=f"{above.text}{LINE_END}{below.text}") if below.text else above
        for above, below in zip(table.rows[-1], row, strict=True)
    ]
    return replace(table, rows=[*table.rows[:-1], last])
