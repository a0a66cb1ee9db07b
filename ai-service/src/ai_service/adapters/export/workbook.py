"""Writes one workbook: `python -m ai_service.adapters.export.workbook SHEET FILE`.

It reads a row per line from its standard input, as JSON. It is a process of its own because twenty thousand rows would
block the service's other threads. Its temporary files lie in the folder of the workbook.
"""

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import orjson

from ai_service.adapters.child_process import end_with_parent

COLUMNS = ("Document", "Topic_group", "ticket_id", "priority", "decided_at", "created_at")
"""Text and department come first, under the names that training pipelines for such tables expect."""
MAX_EXACT_NUMBER = 10**15
"""Cells hold numbers as doubles; larger ones would lose digits."""

# Characters that XML 1.0 can't represent, not even escaped.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def xml_safe(text: str) -> str:
    """Return a text with a blank for each character that no cell can hold, and with line feeds as line ends."""
    return _NOT_IN_XML.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))


def write(file: Path, sheet: str, rows: Iterable[Sequence[int | str | None]]) -> None:
    """Write rows of numbers and texts (None: an empty cell) below the names of the columns.

    Texts that are too long for a cell are cut. Raises OSError.
    """
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    book = Workbook(str(file), {"constant_memory": True, "tmpdir": str(file.parent)})
    page = book.add_worksheet(sheet)
    # A ticket may begin with "=": the prefix keeps it a text, also after an edit of the cell.
    text = book.add_format({"quote_prefix": True})
    for column, name in enumerate(COLUMNS):
        page.write_string(0, column, name)
    for line, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, int) and abs(value) < MAX_EXACT_NUMBER:
                page.write_number(line, column, value)
            elif value is not None:
                page.write_string(line, column, xml_safe(str(value)), text)
    try:
        book.close()
    except FileCreateError as error:
        raise OSError(*getattr(error.args[0], "args", error.args)) from error


def main() -> None:
    """Write the workbook that the command line names."""
    sheet, file = sys.argv[1], Path(sys.argv[2])
    end_with_parent()
    try:
        write(file, sheet, (orjson.loads(line) for line in sys.stdin.buffer))
    except OSError as error:
        sys.exit(error.strerror or type(error).__name__)


if __name__ == "__main__":
    main()
