"""A table read from a file: its columns, its rows with their lines, and its faulty rows."""

from collections.abc import Sequence
from dataclasses import dataclass

MAX_SHOWN_COLUMNS = 20
MAX_SHOWN_CHARACTERS = 100


class BadTable(Exception):
    """The file can't be read as a table; the text gives the reason and, if there is one, the line."""


class BadColumn(BadTable):
    """The table has no such column, or several of that name."""


@dataclass(frozen=True)
class Row:
    """The cells of one row, as many as the header has, and the number of its first line."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Fault:
    """A row that can't be used, and the reason."""

    line: int
    message: str
    cells: tuple[str, ...] = ()
    """The row's content, as far as it could be split into cells."""

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


@dataclass(frozen=True)
class Table:
    """The content of a file. Line numbers count from 1, including blank lines and the header."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]
    how: str
    """The file's encoding and separator in words, for people."""
    guessed: str = ""
    """A word as an example of a guessed encoding; empty if the encoding is certain."""

    def column_index(self, name: str) -> int:
        """Return the index of a column. An exact match wins; otherwise case and spacing are ignored.

        Raises BadColumn.
        """
        indices = [index for index, column in enumerate(self.header) if column == name]
        if not indices:
            normalized = normalized_name(name)
            indices = [index for index, column in enumerate(self.header) if normalized_name(column) == normalized]
        if not indices or not name.strip():
            raise BadColumn(
                f"The file has no column {name[:MAX_SHOWN_CHARACTERS]}; it has {column_names(self.header)}."
            )
        if len(indices) > 1:
            which = " and ".join(str(index + 1) for index in indices)
            column_name = self.header[indices[0]][:MAX_SHOWN_CHARACTERS]
            raise BadColumn(
                f"Columns {which} are both called {column_name}, so it is not clear which one is meant; "
                "rename one of them."
            )
        return indices[0]


def normalized_name(name: str) -> str:
    """Return a column's name in lower case with single spaces."""
    return " ".join(name.split()).casefold()


def column_names(header: Sequence[str]) -> str:
    """Return the names of the columns in one line, for people."""
    more = f" and {len(header) - MAX_SHOWN_COLUMNS} more" if len(header) > MAX_SHOWN_COLUMNS else ""
    return ", ".join(name[:MAX_SHOWN_CHARACTERS] or "(no name)" for name in header[:MAX_SHOWN_COLUMNS]) + more
