"""CSV files with any separator."""

import csv
import io
from collections.abc import Iterator
from itertools import islice

from rag_service.adapters.parsing.decoding import decoded
from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.outline import Outline
from rag_service.adapters.parsing.rows import reads_as_header, row_lines
from rag_service.domain.document import Unreadable

SEPARATORS = ",;\t|"
LOOKED_AT_LINES = 40
LOOKED_AT_CHARACTERS = 1 << 16
MAX_CELL_CHARACTERS = 1_000_000
BLOCK_ROWS = 500


def read(data: bytes, limits: Limits) -> Outline:
    """Return the outline. Raises Unreadable."""
    # The limit is process-wide, so it is restored.
    before = csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        return _read(data, limits)
    finally:
        csv.field_size_limit(before)


def _read(data: bytes, limits: Limits) -> Outline:
    text = decoded(data).replace("\0", "")
    rows = _rows(text, _separator(text[:LOOKED_AT_CHARACTERS]), limits)
    try:
        first = list(islice(rows, LOOKED_AT_LINES))
        header = first.pop(0) if len(first) > 1 and (reads_as_header(first) or _named(first)) else None
        outline = Outline(limits)
        lines = row_lines(_chained(first, rows), header=header)
        while block := list(islice(lines, BLOCK_ROWS)):
            outline.add("\n".join(block))
    except csv.Error:
        raise Unreadable("broken", "The file is no table: a cell never ends, or is far too long.") from None
    return outline


def _chained(first: list[list[str]], rest: Iterator[list[str]]) -> Iterator[list[str]]:
    yield from first
    yield from rest


def _named(rows: list[list[str]]) -> bool:
    """Return whether the first row names the columns: in a CSV file it does if it holds words alone."""
    first = rows[0]
    return all(cell.strip() and not cell.strip()[0].isdigit() and len(cell) < 60 for cell in first) and len(first) > 1


def _rows(text: str, separator: str, limits: Limits) -> Iterator[list[str]]:
    cells = 0
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
        if not any(row):
            continue
        cells += len(row)
        if len(row) > limits.columns:
            raise Unreadable("too_large", f"The table has more than {limits.columns:,} columns.")
        if cells > limits.cells:
            raise Unreadable("too_large", f"The table has more than {limits.cells:,} cells; split it.")
        yield row


def _separator(text: str) -> str:
    """Return the column separator: the one that cuts most lines into equally many cells.

    csv.Sniffer is not used: its expressions take minutes on a file made for that.
    """

    def fits(separator: str) -> tuple[int, int]:
        try:
            rows = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=separator), LOOKED_AT_LINES))
        except csv.Error:
            return 0, 0
        widths = [len(row) for row in rows if row]
        usual = max(set(widths), key=widths.count, default=1)
        return (widths.count(usual) if usual > 1 else 0), usual

    return max(SEPARATORS, key=fits)
