"""Parses the rows of an .xlsx sheet of any shape."""

import re
from typing import Any

from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.raised import apart, raised
from rag_service.adapters.parsing.workbooks import xml
from rag_service.adapters.parsing.workbooks.cells import Cells, Line, column_of
from rag_service.adapters.parsing.workbooks.package import ON
from rag_service.domain.document import Unreadable

_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_FLAT = ("0", "0.0")


class SheetParser:
    """Gets XML piece by piece, and gives the rows that are complete."""

    def __init__(self, cells: Cells, limits: Limits, name: str) -> None:
        self._cells = cells
        self._limits = limits
        self._name = name
        self._done: list[Line] = []
        self.line = Line(0, False, {})
        """The row that is read; a row without a number follows it."""
        self._column = -1
        self._style = 0
        self._kind = ""
        self._pieces: list[str] = []
        self._first = 0
        """Where the text that is read begins in the pieces."""
        self._formula = self._aid = self._is_raised = False
        self.columns: dict[str, int] = {}
        """The columns met so far, by their letters."""
        self.reader: Any = xml.parser(self._start, self._end)

    def taken(self) -> list[Line]:
        """Return the rows that are complete, once."""
        done, self._done = self._done, []
        return done

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._begin_cell(attributes)
        elif name == "v" or (name == "t" and not self._aid):
            self.reader.CharacterDataHandler = self._pieces.append
            self._first = len(self._pieces)
        elif name == "vertAlign":
            self._is_raised = attributes.get("val") == "superscript"
        elif name == "f":
            self._formula = True
        elif name == "row":
            self.begin_row(attributes)
        elif name == "rPh":
            self._aid = True
        elif name == "col" and (attributes.get("hidden") in ON or attributes.get("width") in _FLAT):
            first, last = attributes.get("min", ""), attributes.get("max", "")
            if first.isdigit() and last.isdigit() and len(first + last) < 16:
                self._cells.hidden.update(range(int(first) - 1, min(int(last), self._limits.columns)))

    def begin_row(self, attributes: dict[str, str]) -> None:
        """Begin the row with these attributes."""
        given = attributes.get("r", "")
        number = int(given) if given.isdigit() and len(given) < 8 else self.line.number + 1
        flat = attributes.get("ht") in _FLAT and attributes.get("customHeight") in ON
        self.line = Line(number, flat or attributes.get("hidden") in ON, {})
        self._column = -1

    def column(self, letters: str) -> int:
        """Return the column of its letters. Raises Unreadable where there are too many."""
        found = self.columns.get(letters)
        if found is None:
            found = column_of(letters)
            if found >= self._limits.columns:
                raise Unreadable("too_large", f"The sheet {self._name} has more than {self._limits.columns:,} columns.")
            self.columns[letters] = found
        return found

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        if place is None:
            self._column += 1
            if self._column >= self._limits.columns:
                raise Unreadable("too_large", f"The sheet {self._name} has more than {self._limits.columns:,} columns.")
        elif (found := _PLACE.fullmatch(place)) is None:
            raise xml.BrokenPart(place)
        else:
            self._column = self.column(found[1])
        style = attributes.get("s", "0")
        self._style = int(style) if style.isdigit() and len(style) < 8 else 0
        self._kind = attributes.get("t", "n")
        self._formula = False

    def _end(self, name: str) -> None:
        if name == "v" or name == "t":
            self.reader.CharacterDataHandler = None
            if self._is_raised:
                text = "".join(self._pieces[self._first :])
                self._pieces[self._first :] = [raised(text) or text]
        elif name == "r":
            self._is_raised = False
        elif name == "c":
            given = apart("".join(self._pieces))
            self._pieces.clear()
            self._cells.add(self.line, self._column, self._style, self._kind, given, formula=self._formula)
        elif name == "row":
            self._done.append(self.line)
        elif name == "rPh":
            self._aid = False
