"""Cuts lines into records, and goes on after one that is faulty."""

import csv
from collections.abc import Iterator, Sequence

from model_kit.tables.table import Fault

Record = tuple[int, list[str]]
"""The line that it begins on, and its cells."""

LONGEST_CELL = 1_000_000
"""One limit for all threads: csv keeps it for the whole process."""
LONGEST_SHOWN = 10_000
"""Of a row that can't be cut into cells."""
MOST_RECOVERIES = 100
"""Each reads up to a cell's length again, so a file that is made of faults must not cost minutes."""
LOOKED_AHEAD = 20


class Records:
    """Yields records, and a fault for each that can't be read."""

    def __init__(self, lines: Sequence[str], begin: int, separator: str) -> None:
        """`begin` is the place of the first line that counts."""
        csv.field_size_limit(LONGEST_CELL)
        self._lines = lines
        self._at = begin
        self._separator = separator
        self._recoveries = 0
        self.width = 0
        """How many cells the header has; 0 until it is known."""

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
                    if self._can_go_on(first + 1, last):
                        # The mark took in the rows that follow; only its own line is lost.
                        last, reason = first + 1, "a quotation mark is opened and not closed"
                    else:
                        reason += f"; the row goes to line {last}"
                yield Fault(first + 1, reason, ("".join(self._lines[first:last])[:LONGEST_SHOWN],))
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

    def _can_go_on(self, begin: int, end: int) -> bool:
        """Tell whether the lines from `begin` on are rows of their own, not the rest of one that spans lines."""
        self._recoveries += 1
        if self.width < 2 or self._recoveries > MOST_RECOVERIES:
            return False
        self._at = begin
        try:
            for number, cells in enumerate(self._reader()):
                if cells and len(cells) != self.width:
                    return False
                if sum(line.count('"') for line in self._lines[begin : self._at]) % 2:
                    return False
                if number + 1 >= LOOKED_AHEAD or self._at >= end:
                    break
                begin = self._at
        except csv.Error:
            return False
        return True


def _reason(error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return "a quotation mark is opened and never closed"
    if "field larger" in str(error):
        return f"a cell of more than {LONGEST_CELL:,} characters, or a quotation mark that is never closed"
    if "expected after" in str(error):
        return "something follows a closing quotation mark (one inside a cell is written twice)"
    return f"not a row of a table: {error}"
