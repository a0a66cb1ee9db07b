"""The columns of a table's rows, and what of a question asks for a column."""

import re
from collections.abc import Iterator

from rag_service.domain.answering.language.identifiers import identifiers
from rag_service.domain.answering.language.text_features import COMMON, stem
from rag_service.domain.terms import plainest

MAX_NAME_CHARACTERS = 60
_CELL = re.compile(r"(?:^|; )([^:;\n]{1,60}): ")
_WORD = re.compile(r"[^\W_]+(?:[-_./'’][^\W_]+)*")


def cells(row: str) -> Iterator[tuple[str, str]]:
    """Yield the names and values of a row; the name is empty in a table without column names.

    What stands before the first named cell has none either: the group of the row, or its label in a matrix.
    """
    found = list(_CELL.finditer(row))
    if not found or " | " in row[: found[0].start()]:
        yield from (("", value) for value in row.split(" | "))
        return
    yield from (("", label) for label in row[: found[0].start()].split("; ") if label)
    for index, cell in enumerate(found):
        end = found[index + 1].start() if index + 1 < len(found) else len(row)
        yield cell[1].strip(), row[cell.end() : end]


def column_names(row: str) -> list[str]:
    """Return the names of a row's columns."""
    return [name for name, _ in cells(row) if name]


def without_identifiers(question: str) -> str:
    """Return a question without what names the row: "What does RB-12 cost?" asks "What does cost?"."""
    names = identifiers(question).names
    kept = [
        word
        for word in _WORD.findall(question)
        if not any(each.isdigit() for each in word)
        and (plainest(stem(word.casefold())) not in names or word.casefold() in COMMON)
    ]
    return " ".join(kept) or question
