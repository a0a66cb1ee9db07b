"""The shown texts of the cells of an .xlsx sheet, and the content that it does not show."""

import re
from dataclasses import dataclass, field

from rag_service.adapters.parsing.workbooks.package import ON, Package

MAX_MEMO = 50_000
MAX_EXAMPLES = 5
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass
class Unseen:
    """Content that a sheet holds and does not show, or shows and does not hold."""

    columns: set[int] = field(default_factory=set)
    rows: int = 0
    formulas: int = 0
    examples: list[str] = field(default_factory=list)
    """The first cells of formulas without results."""

    def count_formula(self, column: int, row: int) -> None:
        """Count a formula whose result the file does not hold."""
        self.formulas += 1
        if len(self.examples) < MAX_EXAMPLES:
            self.examples.append(f"{letters_of(column)}{row}")


@dataclass(slots=True)
class Line:
    """A row of the file."""

    number: int
    hidden: bool
    cells: dict[int, str]
    """The shown texts by their columns; empty ones are left out."""
    bold: int = 0
    """How many cells are bold."""


class Cells:
    """Tells what cells show."""

    def __init__(self, package: Package, unseen: Unseen) -> None:
        self._texts = package.texts
        self._formats = package.formats
        self._bold = package.bold
        self._unseen = unseen
        self.memo: dict[tuple[int, str], str] = {}
        """Shown numbers, by style and stored number; most repeat."""
        self.any_bold = any(package.bold)
        self.hidden: set[int] = set()
        """The columns that are not shown."""

    def add(self, line: Line, column: int, style: int, kind: str, given: str, *, formula: bool) -> None:
        """Add a cell of a kind (`s`, `n`, …) with the value that is given for it."""
        if not given:
            if formula and kind != "str" and column not in self.hidden and not line.hidden:
                self._unseen.count_formula(column, line.number)
            return
        if kind == "n":
            text = self.number(style, given)
        elif kind == "s":
            at = int(given) if given.isascii() and given.isdigit() else -1
            text = self._text(style, self._texts[at]) if 0 <= at < len(self._texts) else ""
        elif kind == "b":
            text = "TRUE" if given.strip() in ON else "FALSE"
        elif kind == "d":
            text = given.strip().replace("T", " ").removesuffix(" 00:00:00")
        else:
            text = self._text(style, unescaped(given.strip()))
        if not text:
            return
        line.cells[column] = text
        if self.any_bold and style < len(self._bold) and self._bold[style]:
            line.bold += 1
        if self.hidden and column in self.hidden and not line.hidden:
            self._unseen.columns.add(column)

    def _text(self, style: int, text: str) -> str:
        if style and style < len(self._formats) and not self._formats[style].is_general:
            return self._formats[style].text(text)
        return text

    def number(self, style: int, given: str) -> str:
        """Return a number as its style shows it."""
        known = self.memo.get((style, given))
        if known is not None:
            return known
        try:
            number = float(given)
        except ValueError:
            return given.strip()
        if number != number or number in (float("inf"), float("-inf")):
            return given.strip()
        text = self._formats[style if style < len(self._formats) else 0].number(number)
        if len(self.memo) < MAX_MEMO:
            self.memo[style, given] = text
        return text


def unescaped(text: str) -> str:
    """Return a text with the signs that workbooks escape: `_x000D_`."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def column_of(letters: str) -> int:
    """Return the column of its letters: 27 of `AB`."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def letters_of(column: int) -> str:
    """Return the letters of a column: `AB` of 27."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
