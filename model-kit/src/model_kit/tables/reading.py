"""Reads a table of text: CSV with comma, semicolon, tab, bar, or what the file or the caller names.

A faulty row is reported with its line, and the rows after it are read; blank rows are skipped.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from itertools import islice

from model_kit.tables.decoding import decode, has_strange_bytes
from model_kit.tables.records import LONGEST_CELL, Record, Records
from model_kit.tables.table import BadTable, Fault, Row, Table, folded

SEPARATORS = (",", ";", "\t", "|")
CALLED = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "blank"}
MOST_COLUMNS = 500
MOST_LINES = 1_000_000
"""Each takes memory of its own, also an empty one."""
LOOKED_AT_ROWS = 50
LOOKED_AT_CHARACTERS = 1 << 16
_NAMED = re.compile(r"\"?sep=(.)\"?[,;|\t]*\Z", re.IGNORECASE)


def read(
    data: bytes, *, wanted: Sequence[str] = (), separator: str = "", encoding: str = "", most: int | None = None
) -> Table:
    """Read a file with a header line. Raises BadTable.

    `wanted` are names of columns that the caller knows, which helps to find out what separates the cells; `most` is
    the most rows that may be read. `separator` and `encoding` are found out where they aren't given.
    """
    decoded = decode(data, encoding)
    if decoded.text.count("\n") + decoded.text.count("\r") > 2 * MOST_LINES:
        raise BadTable(f"The file has more than {MOST_LINES:,} lines; split it.")
    lines = list(io.StringIO(decoded.text, newline=""))
    begin = next((number for number, line in enumerate(lines) if line.strip()), None)
    if begin is None:
        raise BadTable("The file holds no line.")
    if named := _NAMED.match(lines[begin].strip("\r\n")):
        separator, begin = separator or named.group(1), begin + 1
    separator = _usable(separator) if separator else _separator(lines[begin:], wanted)
    records = Records(lines, begin, separator)
    first = next((each for each in records if isinstance(each, Fault) or _says_something(each)), None)
    if first is None:
        raise BadTable("The file holds no line with the names of its columns.")
    if isinstance(first, Fault):
        raise BadTable(f"The line with the names of the columns can't be read: {first}.")
    header = [name.strip() for name in first[1]]
    while header and not header[-1]:
        header.pop()
    if len(header) > MOST_COLUMNS:
        raise BadTable(f"The file has {len(header)} columns, {MOST_COLUMNS} at most are read.")
    records.width = len(header)
    rows, faults = _rows(records, header, separator, most)
    cut = f"cells separated by {CALLED.get(separator, repr(separator))}" if len(header) > 1 else "one column"
    how = f"{decoded.encoding.upper()}, {cut}"
    return Table(tuple(header), tuple(rows), tuple(faults), how, decoded.guessed)


def _rows(
    records: Iterable[Record | Fault], header: Sequence[str], separator: str, most: int | None
) -> tuple[list[Row], list[Fault]]:
    rows: list[Row] = []
    faults: list[Fault] = []
    for each in records:
        if isinstance(each, Fault):
            faults.append(each)
            continue
        if not _says_something(each):
            continue
        line, cells = each
        while len(cells) > len(header) and not cells[-1].strip():
            cells.pop()
        if len(cells) > len(header):
            called = CALLED.get(separator, separator)
            faults.append(
                Fault(
                    line,
                    f"{len(cells)} cells where the header has {len(header)}; a cell with a {called} in it must stand "
                    "in quotation marks",
                    tuple(cells),
                )
            )
        elif any(map(has_strange_bytes, cells)):
            faults.append(Fault(line, "bytes that are not UTF-8; save the file in one encoding", tuple(cells)))
        else:
            rows.append(Row(line, (*cells, *("",) * (len(header) - len(cells)))))
        if most is not None and len(rows) + len(faults) > most:
            raise BadTable(f"The file has more than {most:,} rows.")
    return rows, faults


def _says_something(record: Record) -> bool:
    return any(cell.strip() for cell in record[1])


def _usable(separator: str) -> str:
    words = {name: sign for sign, name in CALLED.items()} | {"\\t": "\t"}
    sign = words.get(separator.strip().casefold() or separator, separator)
    if len(sign) != 1 or sign in '"\r\n\0':
        raise BadTable(f"{separator[:20]!r} can't separate cells; give one character, or the word tab.")
    return sign


def _separator(lines: Sequence[str], wanted: Sequence[str]) -> str:
    """Return the separator that makes the columns wanted, and cuts most rows into as many cells as the header has."""
    sample = "".join(lines[: LOOKED_AT_ROWS * 4])[:LOOKED_AT_CHARACTERS]
    names = {folded(name) for name in wanted}

    def fits(separator: str) -> tuple[bool, bool, float, int]:
        csv.field_size_limit(LONGEST_CELL)
        records = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
        rows = [row for row in islice(records, LOOKED_AT_ROWS) if any(cell.strip() for cell in row)]
        width = len(rows[0]) if rows else 0
        # The last one may be cut off.
        others = rows[1:-1] or rows[1:]
        like = sum(len(row) == width for row in others) / len(others) if others else 1.0
        header = {folded(name) for name in rows[0]} if rows else set()
        return bool(names) and names <= header, width > 1, like, width

    return max(SEPARATORS, key=fits)
