"""Writes a table that stands in a cell of another table as text of that cell."""

from collections.abc import Iterable

from rag_service.adapters.parsing.tables.grid import Row
from rag_service.adapters.parsing.tables.pieces import Answered, Lines
from rag_service.adapters.parsing.tables.table_reader import TableReader

BETWEEN_ROWS = " / "


def in_cell(rows: Iterable[Row]) -> str:
    """Return a table's rows in one line: `Notice: 4 weeks / Deposit: 50 EUR`, `Day: Monday, Opens: 08:00`.

    Semicolons part the values of the outer table, so they stand nowhere between those of the inner one.
    """
    texts: list[str] = []
    for piece in TableReader().read(rows):
        if isinstance(piece, Lines):
            texts += [_inner(line, has_names=bool(piece.names)) for line in piece.lines]
        elif isinstance(piece, Answered):
            texts.append(f"{piece.question} {piece.answer}")
        else:
            texts.append(piece.text)
    return BETWEEN_ROWS.join(text for text in texts if text)


def _inner(line: str, *, has_names: bool) -> str:
    if has_names:
        return line.replace("; ", ", ")
    return line.replace(" | ", ": ", 1).replace(" | ", ", ")
