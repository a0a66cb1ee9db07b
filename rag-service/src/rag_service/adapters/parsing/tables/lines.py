"""Writes a row as a line that is understandable alone: `Column: value; Column: value`."""

from collections.abc import Sequence

from rag_service.adapters.parsing.cleaning import one_line
from rag_service.adapters.parsing.tables.grid import Row
from rag_service.adapters.parsing.tables.head import MAX_NAME_CHARACTERS

MAX_PERIOD = 12


def clean_names(names: Sequence[str]) -> list[str]:
    """Return the names of columns as they stand in lines."""
    return [one_line(name)[:MAX_NAME_CHARACTERS].rstrip(" :").replace("; ", ", ") for name in names]


def period_of(names: Sequence[str]) -> int:
    """Return after how many columns the names repeat, as in a list printed in two halves; 0 if they don't."""
    width = len(names)
    while width and not names[width - 1]:
        width -= 1
    for period in range(2, min(width // 2, MAX_PERIOD) + 1):
        if width % period == 0 and all(names[at] and names[at] == names[at % period] for at in range(width)):
            return period
    return 0


def row_lines(row: Row, names: Sequence[str], group: str, period: int) -> list[str]:
    """Return the lines of a row, mostly one; several where the names repeat every `period` columns."""
    cells = row.cells
    if row.starts is None:
        if not names:
            return _unnamed([cell for cell in cells if cell], group)
        if not period:
            return _joined([*[group] * bool(group), *_parts(names, cells, 0)])
        return [
            line
            for first in range(0, len(cells), period)
            for line in _joined([*[group] * bool(group), *_parts(names, cells[first : first + period], first)])
        ]
    if not names:
        return _unnamed([cells[at] for at in row.filled()], group)
    parts = [group] if group else []
    for at, cell in enumerate(cells):
        start = row.starts[at]
        # A label over the first columns is written once: `Total`. Any other cell is the value of each column it covers.
        if cell and (start == at or (start > 0 and at < len(names) and names[at] and names[at] != names[at - 1])):
            parts += _parts(names, [cell], at)
    return _joined(parts)


def _parts(names: Sequence[str], cells: Sequence[str], first: int) -> list[str]:
    known = len(names)
    parts = []
    for at, cell in enumerate(cells, first):
        if cell and (text := one_line(cell)):
            name = names[at] if at < known else ""
            parts.append(f"{name}: {text}" if name else text)
    return parts


def _joined(parts: Sequence[str]) -> list[str]:
    return ["; ".join(parts)] if parts else []


def _unnamed(cells: Sequence[str], group: str) -> list[str]:
    texts = [text for cell in ([group, *cells] if group else cells) if (text := one_line(cell))]
    # `Owner:` beside `Ann` needs no sign between them.
    return [" | ".join(texts).replace(": | ", ": ")] if texts else []
