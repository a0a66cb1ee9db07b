"""The rows of the sheets of an OpenDocument workbook (.ods) as people see them; its cells hold their shown text."""

import zipfile
from collections.abc import Iterator
from typing import Any

from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.tables import Row
from rag_service.adapters.parsing.workbooks import xml
from rag_service.adapters.parsing.workbooks.cells import Unseen
from rag_service.adapters.parsing.workbooks.merging import Merging
from rag_service.domain.document import Unreadable

CONTENT = "content.xml"
MAX_REPEATED_ROWS = 1_000
UNSHOWN = ("collapse", "filter")
SIGNS = {"tab": "\t", "line-break": "\n"}
_Shown = tuple[str, Row | None]


class Content:
    """Reads all sheets of the workbook, which are in one part."""

    def __init__(self, packed: zipfile.ZipFile, limits: Limits) -> None:
        self._packed = packed
        self._limits = limits
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._done: list[_Shown] = []
        self._sheet = ""
        self._depth = 0
        self._shown = True
        self._pieces: list[str] = []
        self._note = 0
        self._column = self._row = 0
        self._hidden: set[int] = set()
        self._cells: dict[int, str] = {}
        self._spans: list[tuple[int, int, int]] = []
        self._cell: dict[str, str] = {}
        self._attributes: dict[str, str] = {}
        self._merging = Merging(())
        self.hidden_sheets: list[str] = []
        self.unseen: dict[str, Unseen] = {}
        self._reader: Any = xml.parser(self._start, self._end)

    def rows(self) -> Iterator[_Shown]:
        """Yield the name of each sheet with its rows; a row of None begins a sheet. Raises BrokenPart, Unreadable."""
        for _ in xml.feed(self._packed, CONTENT, self._reader):
            done, self._done = self._done, []
            yield from done

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name in ("p", "h") and self._cell and not self._note:
            if self._pieces:
                self._pieces.append("\n")
            self._reader.CharacterDataHandler = self._pieces.append
        elif name == "s" and self._cell and not self._note:
            self._pieces.append(" " * min(_number(attributes, "c"), 100))
        elif name in SIGNS and self._cell and not self._note:
            self._pieces.append(SIGNS[name])
        elif name == "annotation":
            self._note += 1
            self._reader.CharacterDataHandler = None
        elif name in ("table-cell", "covered-table-cell"):
            self._cell = {"kind": name, **attributes}
        elif name == "table-row":
            self._attributes = attributes
            self._column, self._cells, self._spans = 0, {}, []
            self._row += 1
        elif name == "table-column":
            repeated = _number(attributes, "number-columns-repeated")
            if xml.attribute(attributes, "visibility") in UNSHOWN:
                self._hidden.update(range(self._column, min(self._column + repeated, self._limits.columns)))
            self._column += repeated
        elif name == "table":
            self._begin_sheet(attributes)
        elif name == "style":
            self._style = xml.attribute(attributes, "name")
        elif name == "table-properties" and xml.attribute(attributes, "display") == "false":
            self._hidden_styles.add(self._style)

    def _end(self, name: str) -> None:
        if name in ("p", "h"):
            self._reader.CharacterDataHandler = None
        elif name == "annotation":
            self._note -= 1
        elif name in ("table-cell", "covered-table-cell"):
            self._end_cell()
        elif name == "table-row":
            self._end_row()
        elif name == "table":
            self._depth -= 1

    def _begin_sheet(self, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > 1:
            return
        self._sheet = xml.attribute(attributes, "name")
        self._shown = xml.attribute(attributes, "style-name") not in self._hidden_styles
        self._column = self._row = 0
        self._hidden = set()
        self._merging = Merging(())
        if self._shown:
            self.unseen[self._sheet] = Unseen()
            self._done.append((self._sheet, None))
        else:
            self.hidden_sheets.append(self._sheet)

    def _end_cell(self) -> None:
        cell, self._cell = self._cell, {}
        text = "".join(self._pieces).strip()
        self._pieces.clear()
        repeated = _number(cell, "number-columns-repeated")
        if cell.get("kind") == "table-cell":
            text = text or _stored(cell)
            if text:
                if self._column + repeated > self._limits.columns:
                    raise Unreadable(
                        "too_large", f"The sheet {self._sheet} has more than {self._limits.columns:,} columns."
                    )
                for at in range(self._column, self._column + repeated):
                    self._cells[at] = text
                across, down = _number(cell, "number-columns-spanned"), _number(cell, "number-rows-spanned")
                if across > 1 or down > 1:
                    self._spans.append((self._column, across, down))
            elif xml.attribute(cell, "formula") and self._shown and self._column not in self._hidden:
                self.unseen[self._sheet].count_formula(self._column, self._row)
        self._column += repeated

    def _end_row(self) -> None:
        repeated = _number(self._attributes, "number-rows-repeated")
        first, self._row = self._row, self._row + repeated - 1
        if not self._shown or self._depth != 1:
            return
        for column, across, down in self._spans:
            self._merging.begin(first, column, across, down)
        if xml.attribute(self._attributes, "visibility") in UNSHOWN:
            self.unseen[self._sheet].rows += repeated if self._cells else 0
            self._merging.pass_row(first, self._cells)
            return
        self.unseen[self._sheet].columns.update(self._hidden & self._cells.keys())
        row = self._merging.row(first, self._cells, self._hidden, strong=False)
        times = min(repeated, MAX_REPEATED_ROWS) if self._cells else 1
        self._done.extend([(self._sheet, row)] * times)


def _stored(cell: dict[str, str]) -> str:
    """Return a cell's value where the file holds no text of it."""
    names = ("string-value", "date-value", "time-value", "boolean-value", "value")
    return next((found for name in names if (found := xml.attribute(cell, name))), "")


def _number(attributes: dict[str, str], name: str) -> int:
    given = xml.attribute(attributes, name)
    return max(1, int(given)) if given.isascii() and given.isdigit() and len(given) < 9 else 1
