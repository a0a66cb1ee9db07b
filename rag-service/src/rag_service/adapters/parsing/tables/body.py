"""The rows below a table's head: groups, repeated heads, and notes at the end."""

from collections.abc import Iterable, Iterator, Sequence

from rag_service.adapters.parsing.cleaning import one_line
from rag_service.adapters.parsing.tables.grid import Row
from rag_service.adapters.parsing.tables.head import column_kinds, starts_new_head
from rag_service.adapters.parsing.tables.kinds import Kind, kind_of
from rag_service.adapters.parsing.tables.lines import period_of, row_lines
from rag_service.adapters.parsing.tables.pieces import MAX_LINES, Prose

MAX_GROUP_CHARACTERS = 120
MIN_NOTE_CHARACTERS = 30
MIN_GAP_SHARE = 0.2
_TOTALS = ("total", "sum", "summe", "gesamt", "zwischensumme", "subtotal", "totaal", "totale", "razem", "somme")


class Body:
    """Reads the rows of one table."""

    def __init__(self, names: Sequence[str], heads: Sequence[Row], sample: Sequence[Row]) -> None:
        self._names = names
        self._heads = [list(head.cells) for head in heads]
        self._period = period_of(names)
        full = [row for row in sample if len(row.filled()) > 1]
        self._width = max((len(row.cells) for row in full), default=1)
        self._kinds = column_kinds(full, self._width)
        self._all_strong = bool(full) and all(row.strong for row in full)
        self._begins_with_group = len(sample) > 1 and len(full) > 1 and _begins_with_group(sample, self._kinds)
        self._carries = _carries(full, self._kinds)
        self._merges = any(row.down > 1 for row in full)
        self._group, self._carried, self._first = "", "", ""
        """The group, the first cell that empty ones below it stand for, and the first cell of the last row."""
        self.next_table: list[Row] = []
        """The rows that begin another table: the lines above it, and its first row."""

    def read(self, rows: Iterable[Row], *, goes_on: bool = False) -> Iterator[list[str] | Prose]:
        """Yield blocks of lines, and the notes below the table.

        `goes_on`: the rows follow those of a call before, as on a document's next page: they are of the same group.
        """
        self.next_table = []
        lines: list[str] = []
        waiting: list[Row] = []
        any_full = goes_on
        # A cell over several rows is cut by a page's end; its text stands on the page before.
        cut = self._first if goes_on and self._merges else ""
        for row in rows:
            cells = row.cells
            single = self._width > 1 and len(row.filled()) == 1
            if single:
                waiting.append(row)
                continue
            repeats = list(cells) in self._heads
            new = bool(waiting) if repeats else starts_new_head(row, self._kinds, below_line=bool(waiting))
            if any_full and new:
                self.next_table = [*waiting, row]
                waiting = []
                break
            any_full = True
            if waiting:
                for each in waiting:
                    if self._is_group(each):
                        self._group = one_line(each.cells[each.filled()[0]])
                    else:
                        lines += row_lines(each, self._names, self._group, self._period)
                waiting = []
            if repeats:
                continue
            if self._carries:
                if cells[0]:
                    self._carried = "" if _is_total(cells[0]) else cells[0]
                elif self._carried and len(cells) > 1 and cells[1] and not _is_total(cells[1]):
                    row = Row([self._carried, *cells[1:]], row.starts)
            elif cut and not cells[0]:
                row = Row([cut, *cells[1:]], row.starts)
            cut = "" if cells[0] else cut
            self._first = row.cells[0]
            lines += row_lines(row, self._names, self._group, self._period)
            if len(lines) >= MAX_LINES:
                yield lines
                lines = []
        notes = []
        for each in waiting:
            text = each.cells[each.filled()[0]]
            if each.starts is not None or len(text) >= MIN_NOTE_CHARACTERS or not (text[0].isalnum()):
                notes.append(Prose(text))
            else:
                lines += row_lines(each, self._names, self._group, self._period)
        if waiting and self._group and self._heads_next_page(waiting[-1]):
            self._group = one_line(waiting[-1].cells[waiting[-1].filled()[0]])
        if lines:
            yield lines
        yield from notes

    def _heads_next_page(self, row: Row) -> bool:
        """Return whether the last row of a page names the rows that the next page begins with; it may be a note."""
        text = row.cells[row.filled()[0]]
        return self._is_group(row) and len(text) < MIN_NOTE_CHARACTERS and text[-1].isalnum()

    def _is_group(self, row: Row) -> bool:
        """Return whether a row with one text is the name of the rows below it."""
        at = row.filled()[0]
        if len(row.cells[at]) > MAX_GROUP_CHARACTERS:
            return False
        if row.starts is not None:
            return row.covers(at) * 2 > self._width
        return at == 0 and (self._begins_with_group or (row.strong and not self._all_strong))


def _begins_with_group(sample: Sequence[Row], kinds: Sequence[Kind]) -> bool:
    """Return whether a table's first row is the name of a group. A list begins with a whole row.

    In two columns it may as well be a key whose value is missing. It is a group there if it is unlike the keys, or if
    there are several, each above several rows.
    """
    singles = [number for number, row in enumerate(sample) if len(row.filled()) == 1]
    if singles[:2] == [0, 1] or not singles or singles[0] or sample[0].filled() != [0]:
        return False
    if len(kinds) > 2 or kind_of(sample[0].cells[0]) is not kinds[0]:
        return True
    ends = [*singles[1:], len(sample)]
    return len(singles) > 1 and all(end - start > 2 for start, end in zip(singles, ends, strict=True))


def _carries(rows: Sequence[Row], kinds: Sequence[Kind]) -> bool:
    """Return whether an empty first cell means the one above: the first row has one, and some rows below have none."""
    # Beside a figure, an empty cell may be the label of a sum; beside a figure below it, a number left out.
    if len(rows) < 2 or not rows[0].cells[0] or Kind.FIGURE in kinds[:2]:
        return False
    empty = [row for row in rows if not row.cells[0]]
    return len(empty) >= MIN_GAP_SHARE * len(rows) and all(len(row.cells) > 1 and row.cells[1] for row in empty)


def _is_total(cell: str) -> bool:
    return cell.strip().lower().startswith(_TOTALS)
