"""Adds tables to a document's outline."""

from collections.abc import Iterable, Sequence

from rag_service.adapters.parsing.answer import Answer
from rag_service.adapters.parsing.outline import Outline
from rag_service.adapters.parsing.tables.grid import Row
from rag_service.adapters.parsing.tables.pieces import Answered, Heading, Lines, Piece
from rag_service.adapters.parsing.tables.table_reader import TableReader

HEADING_LEVEL = 2
"""Of a bold line in a sheet, whose name is the first level."""


def add_tables(
    outline: Outline | Answer,
    rows: Iterable[Row],
    *,
    usual: bool = False,
    title: str = "",
    title_in_text: bool = False,
    names: Sequence[str] = (),
) -> list[str]:
    """Add the tables of these rows; return the names of the last one's columns, for one that goes on from it.

    `usual`: tables of this kind of file mostly name their columns. `title`: the line above the table.
    `title_in_text`: the title is text of the document already. `names`: those of the table before, where this one may
    go on from it, as on a document's next page.
    """
    reader = TableReader(usual=usual, title=title, title_in_text=title_in_text, names=names)
    add_pieces(outline, reader.read(rows))
    return reader.names


def add_pieces(outline: Outline | Answer, pieces: Iterable[Piece]) -> None:
    """Add what tables give to a document."""
    before: Lines | None = None
    for piece in pieces:
        if before is not None:
            if isinstance(piece, Lines) and before.goes_on_in(piece):
                # Rows below an empty one are of the same table.
                before.lines.extend(piece.lines)
                continue
            outline.add_rows(before.lines, title=before.title)
            before = None
        if isinstance(piece, Lines):
            before = piece
        elif isinstance(piece, Answered):
            outline.add_qa(piece.question, piece.answer, title=piece.title)
        elif isinstance(piece, Heading):
            outline.heading(HEADING_LEVEL, piece.text, titles=False)
        else:
            outline.add(piece.text)
    if before is not None:
        outline.add_rows(before.lines, title=before.title)
