"""Cuts the rows of a sheet into blocks: empty rows, and columns that stay empty, separate tables."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from rag_service.adapters.parsing.tables.grid import Row
from rag_service.adapters.parsing.tables.head import SAMPLE_ROWS
from rag_service.adapters.parsing.tables.kinds import Kind, kind_of

MAX_LOOKED_AT_ROWS = 200
MIN_PART_COLUMNS = 2


def blocks(rows: Iterable[Row]) -> Iterator[Iterator[Row]]:
    """Yield blocks of rows; each must be read to its end before the next."""
    rows = iter(rows)
    for first in rows:
        if not any(first.cells):
            continue
        block = _until_empty(first, rows)
        looked_at = list(islice(block, MAX_LOOKED_AT_ROWS))
        cuts = _cuts(looked_at)
        if len(cuts) > 1:
            whole = [*looked_at, *block]
            for start, end in cuts:
                yield (part for row in whole if any((part := _part(row, start, end)).cells))
        else:
            start = cuts[0][0]
            everything = chain(looked_at, block)
            yield (_part(row, start, None) for row in everything) if start else everything


def _until_empty(first: Row, rows: Iterator[Row]) -> Iterator[Row]:
    yield first
    for row in rows:
        if not any(row.cells):
            return
        yield row


def _part(row: Row, start: int, end: int | None) -> Row:
    cells = row.cells[start:end]
    starts = None if row.starts is None else [max(0, at - start) for at in row.starts[start:end]]
    if starts == list(range(len(starts or ()))):
        starts = None
    return Row(cells, starts, row.head, row.strong, row.down)


def _cuts(rows: Sequence[Row]) -> list[tuple[int, int | None]]:
    """Return the columns of each table that stands beside others in these rows."""
    width = max(len(row.cells) for row in rows)
    filled = [False] * width
    for row in rows:
        if len(row.filled()) == 1 and row.starts is not None:
            continue  # A title across all tables.
        for at, cell in enumerate(row.cells):
            filled[at] = filled[at] or bool(cell)
    parts: list[tuple[int, int]] = []
    at = 0
    while at < width:
        if filled[at]:
            start = at
            while at < width and filled[at]:
                at += 1
            parts.append((start, at))
        at += 1
    if not parts:
        return [(0, None)]
    if len(parts) > 1 and all(_stands_alone(rows, start, end) for start, end in parts):
        return [(start, end) for start, end in parts]
    return [(parts[0][0], None)]


def _stands_alone(rows: Sequence[Row], start: int, end: int) -> bool:
    """Return whether these columns are a table: several columns, the first of which holds different keys in words."""
    if end - start < MIN_PART_COLUMNS:
        return False
    keys = [row.cells[start] for row in rows[:SAMPLE_ROWS] if start < len(row.cells) and row.cells[start]]
    words = [key for key in keys if kind_of(key) in (Kind.WORDS, Kind.CODE, Kind.DAY)]
    return len(keys) > 1 and len(words) >= 0.8 * len(keys) and len(set(keys)) >= 0.8 * len(keys)
