"""A table that was read: its columns, its rows with their lines, and the rows that are faulty."""

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN = 20
LONGEST_SHOWN = 100


class BadTable(Exception):
    """The file can't be read as a table; the text says why, and on which line where there is one."""


class BadColumn(BadTable):
    """The table has no such column, or several of that name."""


@dataclass(frozen=True)
class Row:
    """The cells of one row, as many as the header has, and the line that it begins on."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Fault:
    """Why a row can't be used."""

    line: int
    message: str
    cells: tuple[str, ...] = ()
    """What stands there, as far as it could be cut into cells."""

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


@dataclass(frozen=True)
class Table:
    """What a file holds. `line` counts from 1, blank lines and the header included."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]
    how: str
    """How the file was read: its encoding and what separates its cells, for people."""
    guessed: str = ""
    """What is not certain about the encoding, for people; empty where it is certain."""

    def place(self, name: str) -> int:
        """Return the place of the column with a name; case and blanks around it only matter between several.

        Raises BadColumn.
        """
        places = [place for place, column in enumerate(self.header) if column == name]
        if not places:
            wanted = folded(name)
            places = [place for place, column in enumerate(self.header) if folded(column) == wanted]
        if not places or not name.strip():
            raise BadColumn(f"The file has no column {name[:LONGEST_SHOWN]}; it has {names(self.header)}.")
        if len(places) > 1:
            which = " and ".join(str(place + 1) for place in places)
            called = self.header[places[0]][:LONGEST_SHOWN]
            raise BadColumn(
                f"Columns {which} are both called {called}, so it is not clear which one is meant; rename one of them."
            )
        return places[0]


def folded(name: str) -> str:
    """Return a column's name without case and spacing."""
    return " ".join(name.split()).casefold()


def names(header: Sequence[str]) -> str:
    """Return the names of the columns for people."""
    more = f" and {len(header) - SHOWN} more" if len(header) > SHOWN else ""
    return ", ".join(name[:LONGEST_SHOWN] or "(no name)" for name in header[:SHOWN]) + more
