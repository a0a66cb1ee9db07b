"""CSV files with any separator."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from rag_service.adapters.parsing.decoding import decoded
from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.outline import Outline
from rag_service.adapters.parsing.tables import Row, add_tables
from rag_service.adapters.parsing.tables.names import is_name
from rag_service.domain.document import Unreadable

SEPARATORS = "\t;|,"
"""The likelier first where two cut equally well: a comma is often a part of a cell, a tab never."""
LOOKED_AT_LINES = 60
LOOKED_AT_CHARACTERS = 1 << 16
MAX_CELL_CHARACTERS = 1_000_000
MAX_EMPTY_SHARE = 0.3
"""More empty lines are a way of writing; fewer separate tables."""
_SIGNS = " ,;|\t\r\n"
_DECLARED = re.compile(r"\ufeff?\"?sep=(.)\"?\r?\n", re.IGNORECASE)


def read(data: bytes, limits: Limits) -> Outline:
    """Return the outline. Raises Unreadable."""
    # The limit is process-wide, so it is restored.
    before = csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        return _read(data, limits)
    except csv.Error:
        raise Unreadable(
            "broken",
            "The file is no table: a cell never ends or is far too long; export it again.",
        ) from None
    finally:
        csv.field_size_limit(before)


def _read(data: bytes, limits: Limits) -> Outline:
    text = decoded(data).replace("\0", "")
    declared = _DECLARED.match(text)
    if declared:
        text = text[declared.end() :]
    separator = declared[1] if declared else _separator(text[:LOOKED_AT_CHARACTERS])
    outline = Outline(limits)
    add_tables(outline, _as_grid(_rows(text, separator, limits), separator), usual=True)
    return outline


def _as_grid(rows: Iterator[list[str]], separator: str) -> Iterator[Row]:
    """Yield the rows of the grid; lines above the table are one text each, whatever signs they hold."""
    first = list(islice(rows, LOOKED_AT_LINES))
    usual = _usual_width(first)
    empty = sum(not any(row) for row in first)
    spread = empty > MAX_EMPTY_SHARE * len(first)
    above: list[list[str]] = []
    begun = False
    for row in chain(first, rows):
        if not begun and len(row) < usual and any(row):
            above.append(row)
            continue
        if not begun and any(row):
            begun = True
            yield from _lines_above(above, row, separator)
        if any(row):
            yield Row(row)
        elif begun and not spread:
            yield Row([])
    if not begun:
        yield from (Row(row) for row in above)


def _lines_above(above: list[list[str]], first: list[str], separator: str) -> Iterator[Row]:
    """Yield the lines above the first whole row as texts; the last may be a head that lacks a name."""
    short_head: list[Row] = []
    if above and len(above[-1]) == len(first) - 1 > 1 and _are_names(above[-1]) and not _are_names(first):
        short_head = [Row(above.pop())]
    for row in above:
        yield Row([f"{separator} ".join(filter(None, row)).replace("\t ", " ")])
    yield from short_head


def _are_names(cells: list[str]) -> bool:
    return sum(map(is_name, cells)) * 2 > len(cells)


def _rows(text: str, separator: str, limits: Limits) -> Iterator[list[str]]:
    cells = 0
    for row in _cut(text, separator):
        cells += len(row)
        if len(row) > limits.columns:
            raise Unreadable("too_large", f"The table has more than {limits.columns:,} columns.")
        if cells > limits.cells:
            raise Unreadable("too_large", f"The table has more than {limits.cells:,} cells; split it.")
        yield [cell.strip() if cell.strip(_SIGNS) else "" for cell in row]


def _cut(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=separator != "\t")


def _usual_width(rows: Sequence[Sequence[str]]) -> int:
    """Return how many cells most rows have; ties go to the wider ones."""
    widths = [len(row) for row in rows if any(row)]
    return max(set(widths), key=lambda width: (widths.count(width), width), default=1)


def _separator(text: str) -> str:
    """Return the column separator: the one that cuts most lines into equally many cells.

    csv.Sniffer is not used: its expressions take minutes on a file made for that.
    """

    def fits(separator: str) -> int:
        try:
            rows = list(islice(_cut(text, separator), LOOKED_AT_LINES))
        except csv.Error:
            return 0
        usual = _usual_width([row for row in rows if len(row) > 1])
        return sum(len(row) == usual for row in rows) if usual > 1 else 0

    return max(SEPARATORS, key=fits)
