"""Writes tables as text: each row names its columns, so that a passage from the middle is understandable."""

import re
from collections.abc import Iterable, Iterator, Sequence

from rag_service.adapters.parsing.cleaning import one_line

MAX_NAME_CHARACTERS = 80
_NUMBER = re.compile(r"[-+(]?[\d.,:/ %€$£()-]*\d[\d.,:/ %€$£()-]*")


def row_lines(rows: Iterable[Sequence[str]], *, header: Sequence[str] | None) -> Iterator[str]:
    """Yield a line per row that holds something: `column: value; …` below a header, else `value | value`."""
    names = [one_line(name)[:MAX_NAME_CHARACTERS].rstrip(" :") for name in header or ()]
    for row in rows:
        cells = [one_line(cell) for cell in row]
        if not any(cells):
            continue
        if not names:
            yield " | ".join(cell for cell in cells if cell)
            continue
        named = zip(names + [""] * (len(cells) - len(names)), cells, strict=False)
        yield "; ".join(f"{name}: {cell}" if name else cell for name, cell in named if cell)


def with_header(rows: Sequence[Sequence[str]], *, marked: bool = False) -> list[str]:
    """Return a table's lines; its first row is the header where it is marked so or reads so."""
    rows = [row for row in rows if any(one_line(cell) for cell in row)]
    if len(rows) > 1 and (marked or reads_as_header(rows)):
        return list(row_lines(rows[1:], header=rows[0]))
    return list(row_lines(rows, header=None))


def reads_as_header(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first row names the columns: all cells filled, different, short, and no numbers.

    With two columns, only if the second column holds numbers: `Phone | Fax` above `123 | 456` names columns, `Name |
    Ann` above `Town | Berlin` does not.
    """
    first = [one_line(cell) for cell in rows[0]]
    if len(first) < 2 or not all(first) or len(set(first)) < len(first):
        return False
    if any(len(cell) > MAX_NAME_CHARACTERS or _is_figure(cell) for cell in first):
        return False
    if len(first) > 2:
        return True
    seconds = [one_line(row[1]) for row in rows[1:] if len(row) > 1]
    return sum(map(_is_figure, seconds)) * 2 > len(seconds)


def _is_figure(cell: str) -> bool:
    return len(cell) <= MAX_NAME_CHARACTERS and bool(_NUMBER.fullmatch(cell))
