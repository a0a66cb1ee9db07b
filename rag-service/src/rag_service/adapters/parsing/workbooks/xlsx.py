"""The rows of an .xlsx sheet as people see them."""

import re
import zipfile
from collections.abc import Iterator

from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.tables import Row
from rag_service.adapters.parsing.workbooks import sheet_scan, xml
from rag_service.adapters.parsing.workbooks.cells import Cells, Unseen, column_of
from rag_service.adapters.parsing.workbooks.merging import Merging
from rag_service.adapters.parsing.workbooks.package import Package, SheetPart
from rag_service.adapters.parsing.workbooks.sheet_parser import SheetParser

MAX_MERGES = 200_000
MAX_ROWS = 1_048_576
_MERGE = re.compile(
    rb"<(?:\w{1,20}:)?mergeCell\s[^<>]{0,100}?ref=[\"']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})[\"']"
)
_TAIL_BYTES = 200


def rows_of(packed: zipfile.ZipFile, sheet: SheetPart, package: Package, limits: Limits, seen: Unseen) -> Iterator[Row]:
    """Yield the rows that are shown, an empty one where rows are empty; note in `seen` what is not shown.

    Raises BrokenPart, Unreadable.
    """
    cells = Cells(package, seen)
    merging = Merging(_merges(packed, sheet.part))
    expected = 1
    for line in sheet_scan.lines(packed, sheet.part, SheetParser(cells, limits, sheet.name), cells):
        if line.number > MAX_ROWS:
            raise xml.BrokenPart(sheet.part)
        if line.hidden:
            seen.rows += bool(line.cells)
            merging.pass_row(line.number, line.cells)
            if line.number == expected:
                expected += 1
            continue
        if line.number > expected:
            yield Row([])
        expected = line.number + 1
        yield merging.row(line.number, line.cells, cells.hidden, strong=line.bold == len(line.cells) > 0)


def _merges(packed: zipfile.ZipFile, part: str) -> list[tuple[int, int, int, int]]:
    """Return the merged cells, which the file lists behind the rows: first row and column, last row and column."""
    found: list[tuple[int, int, int, int]] = []
    tail = b""
    try:
        with packed.open(part) as file:
            while (read := file.read(xml.READ_BYTES)) and len(found) < MAX_MERGES:
                data = tail + read
                if b"mergeCell" not in data:
                    tail = data[-_TAIL_BYTES:]
                    continue
                end = 0
                for match in _MERGE.finditer(data):
                    left, top, right, bottom = (part.decode() for part in match.groups())
                    found.append((int(top), column_of(left), int(bottom), column_of(right)))
                    end = match.end()
                tail = data[max(end, len(data) - _TAIL_BYTES) :]
    except KeyError:
        raise xml.BrokenPart(part) from None
    return found
