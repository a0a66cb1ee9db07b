"""Writes one workbook: `python -m ai_service.adapters.export.workbook SHEET FILE`.

It reads a row per line from its standard input, as JSON. A process of its own: twenty thousand rows would keep the
service's other threads waiting. What it needs besides the file lies in the file's folder while it works.
"""

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import orjson

from ai_service.process import lower_priority

COLUMNS = ("Document", "Topic_group", "ticket_id", "priority", "decided_at", "created_at")
"""Text and department first, under the names that training pipelines for such tables read."""
EXACT = 10**15
"""Larger numbers would lose digits in a cell."""

# What XML 1.0 can't say, whatever is written for it.
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def speakable(text: str) -> str:
    """Return a text with a blank for each character that no cell can hold, and its lines ending in one way."""
    return _UNSPEAKABLE.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))


def write(file: Path, sheet: str, rows: Iterable[Sequence[int | str | None]]) -> None:
    """Write rows of numbers and texts (None: an empty cell) below the names of the columns.

    What is too long for a cell is cut. Raises OSError.
    """
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    book = Workbook(str(file), {"constant_memory": True, "tmpdir": str(file.parent)})
    page = book.add_worksheet(sheet)
    # A ticket may begin with "=": it is text, and stays so when somebody edits the cell.
    text = book.add_format({"quote_prefix": True})
    for column, name in enumerate(COLUMNS):
        page.write_string(0, column, name)
    for line, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, int) and abs(value) < EXACT:
                page.write_number(line, column, value)
            elif value is not None:
                page.write_string(line, column, speakable(str(value)), text)
    try:
        book.close()
    except FileCreateError as error:
        raise OSError(*getattr(error.args[0], "args", error.args)) from error


def main() -> None:
    """Write the workbook that the command line names."""
    sheet, file = sys.argv[1], Path(sys.argv[2])
    lower_priority()
    try:
        write(file, sheet, (orjson.loads(line) for line in sys.stdin.buffer))
    except OSError as error:
        sys.exit(error.strerror or type(error).__name__)


if __name__ == "__main__":
    main()
