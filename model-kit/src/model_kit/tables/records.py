"""Splits lines into records and continues after a faulty one."""

import csv
from collections.abc import Iterator, Sequence

from model_kit.tables.table import Fault

Record = tuple[int, list[str]]
"""The number of its first line, and its cells."""

MAX_CELL_CHARACTERS = 1_000_000
"""One limit for all threads: csv applies it to the whole process."""
MAX_SHOWN_CHARACTERS = 10_000
"""Of a row that can't be split into cells."""
MAX_RECOVERIES = 100
"""Each recovery reads up to a cell's length again; without a limit a file of faults would take minutes."""
LOOKAHEAD_ROWS = 20


class Records:
    """Yields the records of a file, and a fault for each record that can't be read."""

    def __init__(self, lines: Sequence[str], begin: int, separator: str) -> None:
        """`begin` is the index of the first line to read."""
        csv.field_size_limit(MAX_CELL_CHARACTERS)
        self._lines = lines
        self._at = begin
        self._separator = separator
        self._recoveries = 0
        self.width = 0
        """The number of the header's cells; 0 until the caller sets it."""

    def __iter__(self) -> Iterator[Record | Fault]:
        reader = self._reader()
        while True:
            first = self._at
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                last, reason = self._at, _reason(error)
                if last - first > 1:
                    if self._can_continue(first + 1, last):
                        # The unclosed mark swallowed the rows that follow; only its own line is lost.
                        last, reason = first + 1, "a quotation mark is opened and not closed"
                    else:
                        reason += f"; the row goes to line {last}"
                yield Fault(first + 1, reason, ("".join(self._lines[first:last])[:MAX_SHOWN_CHARACTERS],))
                self._at = last
                reader = self._reader()
            else:
                yield first + 1, cells

    def _reader(self) -> Iterator[list[str]]:
        return csv.reader(self._feed(), delimiter=self._separator, strict=True)

    def _feed(self) -> Iterator[str]:
        while self._at < len(self._lines):
            self._at += 1
            yield self._lines[self._at - 1]

    def _can_continue(self, begin: int, end: int) -> bool:
        """Return whether the lines from `begin` on are separate rows, not the rest of a row that spans lines."""
        self._recoveries += 1
        if self.width < 2 or self._recoveries > MAX_RECOVERIES:
            return False
        self._at = begin
        try:
            for number, cells in enumerate(self._reader()):
                if cells and len(cells) != self.width:
                    return False
                if sum(line.count('"') for line in self._lines[begin : self._at]) % 2:
                    return False
                if number + 1 >= LOOKAHEAD_ROWS or self._at >= end:
                    break
                begin = self._at
        except csv.Error:
            return False
        return True


def _reason(error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return "a quotation mark is opened and never closed"
    if "field larger" in str(error):
        return f"a cell of more than {MAX_CELL_CHARACTERS:,} characters, or a quotation mark that is never closed"
    if "expected after" in str(error):
        return "something follows a closing quotation mark (one inside a cell is written twice)"
    return f"not a row of a table: {error}"
