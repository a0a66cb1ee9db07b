"""Reads a CSV file with commas, semicolons, tabs, bars, or a separator that the file or the caller names.

A faulty row is reported with its line, and the rows after it are read; blank rows are skipped.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from itertools import islice

from model_kit.tables.decoding import decode, has_undecodable_bytes
from model_kit.tables.records import MAX_CELL_CHARACTERS, Record, Records
from model_kit.tables.table import BadTable, Fault, Row, Table, normalized_name

SEPARATORS = (",", ";", "\t", "|")
SEPARATOR_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "blank"}
MAX_COLUMNS = 500
MAX_LINES = 1_000_000
"""Every line takes memory, also an empty one."""
SAMPLE_ROWS = 50
SAMPLE_CHARACTERS = 1 << 16
_SEPARATOR_LINE = re.compile(r"\"?sep=(.)\"?[,;|\t]*\Z", re.IGNORECASE)


def read_csv(
    data: bytes,
    *,
    expected_columns: Sequence[str] = (),
    separator: str = "",
    encoding: str = "",
    max_rows: int | None = None,
) -> Table:
    """Read a file with a header line. Raises BadTable.

    `expected_columns` are names of columns that the caller expects; they help to detect the separator. A file of more
    than `max_rows` rows is refused. `separator` and `encoding` are detected unless they are given.
    """
    decoded = decode(data, encoding)
    if decoded.text.count("\n") + decoded.text.count("\r") > 2 * MAX_LINES:
        raise BadTable(f"The file has more than {MAX_LINES:,} lines; split it.")
    lines = list(io.StringIO(decoded.text, newline=""))
    begin = next((number for number, line in enumerate(lines) if line.strip()), None)
    if begin is None:
        raise BadTable("The file holds no line.")
    if named := _SEPARATOR_LINE.match(lines[begin].strip("\r\n")):
        separator, begin = separator or named.group(1), begin + 1
    separator = _usable(separator) if separator else _separator(lines[begin:], expected_columns)
    records = Records(lines, begin, separator)
    first = next((each for each in records if isinstance(each, Fault) or _has_content(each)), None)
    if first is None:
        raise BadTable("The file holds no line with the names of its columns.")
    if isinstance(first, Fault):
        raise BadTable(f"The line with the names of the columns can't be read: {first}.")
    header = [name.strip() for name in first[1]]
    while header and not header[-1]:
        header.pop()
    if len(header) > MAX_COLUMNS:
        raise BadTable(f"The file has {len(header)} columns, {MAX_COLUMNS} at most are read.")
    records.width = len(header)
    rows, faults = _rows(records, header, separator, max_rows)
    layout = (
        f"cells separated by {SEPARATOR_NAMES.get(separator, repr(separator))}" if len(header) > 1 else "one column"
    )
    how = f"{decoded.encoding.upper()}, {layout}"
    return Table(tuple(header), tuple(rows), tuple(faults), how, decoded.guessed)


def _rows(
    records: Iterable[Record | Fault], header: Sequence[str], separator: str, max_rows: int | None
) -> tuple[list[Row], list[Fault]]:
    rows: list[Row] = []
    faults: list[Fault] = []
    for each in records:
        if isinstance(each, Fault):
            faults.append(each)
            continue
        if not _has_content(each):
            continue
        line, cells = each
        while len(cells) > len(header) and not cells[-1].strip():
            cells.pop()
        if len(cells) > len(header):
            separator_name = SEPARATOR_NAMES.get(separator, separator)
            faults.append(
                Fault(
                    line,
                    f"{len(cells)} cells where the header has {len(header)}; a cell with a {separator_name} in it "
                    "must stand in quotation marks",
                    tuple(cells),
                )
            )
        elif any(map(has_undecodable_bytes, cells)):
            faults.append(Fault(line, "bytes that are not UTF-8; save the file in one encoding", tuple(cells)))
        else:
            rows.append(Row(line, (*cells, *("",) * (len(header) - len(cells)))))
        if max_rows is not None and len(rows) + len(faults) > max_rows:
            raise BadTable(f"The file has more than {max_rows:,} rows.")
    return rows, faults


def _has_content(record: Record) -> bool:
    return any(cell.strip() for cell in record[1])


def _usable(separator: str) -> str:
    words = {name: sign for sign, name in SEPARATOR_NAMES.items()} | {"\\t": "\t"}
    sign = words.get(separator.strip().casefold() or separator, separator)
    if len(sign) != 1 or sign in '"\r\n\0':
        raise BadTable(f"{separator[:20]!r} can't separate cells; give one character, or the word tab.")
    return sign


def _separator(lines: Sequence[str], expected_columns: Sequence[str]) -> str:
    """Return the separator that yields the expected columns and gives most rows as many cells as the header has."""
    sample = "".join(lines[: SAMPLE_ROWS * 4])[:SAMPLE_CHARACTERS]
    names = {normalized_name(name) for name in expected_columns}

    def fits(separator: str) -> tuple[bool, bool, float, int]:
        csv.field_size_limit(MAX_CELL_CHARACTERS)
        records = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
        rows = [row for row in islice(records, SAMPLE_ROWS) if any(cell.strip() for cell in row)]
        width = len(rows[0]) if rows else 0
        # The last row may be truncated.
        others = rows[1:-1] or rows[1:]
        equal_share = sum(len(row) == width for row in others) / len(others) if others else 1.0
        header = {normalized_name(name) for name in rows[0]} if rows else set()
        return bool(names) and names <= header, width > 1, equal_share, width

    return max(SEPARATORS, key=fits)
