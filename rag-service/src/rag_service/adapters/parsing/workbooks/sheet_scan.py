"""Reads the rows of an .xlsx sheet fast, where they are written as the usual programs write them.

Two million calls of an XML parser take longer than a file may. So cells of the usual shape are cut by one expression; a
row that holds anything else is parsed.
"""

import re
import zipfile
from collections.abc import Iterator
from html import unescape

from rag_service.adapters.parsing.workbooks import xml
from rag_service.adapters.parsing.workbooks.cells import Cells, Line
from rag_service.adapters.parsing.workbooks.sheet_parser import SheetParser

READ_BYTES = 1 << 18
MAX_HEAD_BYTES = 1 << 20
MAX_ROW_BYTES = 64 << 20
_BEGIN = b"<sheetData>"
_END = b"</sheetData>"
_UTF_8 = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml [^>]{0,100}?encoding=[\"']utf-8[\"'][^>]{0,100}>|worksheet\b)", re.IGNORECASE
)
_ATTRIBUTE = re.compile(r"([\w:]+)=\"([^\"]*)\"")
# Column letters, style and kind in either order; then a formula, a value or an inline text.
_CELL = re.compile(
    r'<c r="([A-Z]{1,3})[1-9]\d{0,6}"(?: s="(\d{1,7})")?(?: t="(\w+)")?(?: s="(\d{1,7})")?(?:/>|>'
    r"(<f\b[^>]*(?:/>|>[^<]*</f>))?(?:<v>([^<]*)</v>|<v ?/>|<is><t(?: [^>]*)?>([^<]*)</t></is>)?</c>)"
)


def lines(packed: zipfile.ZipFile, part: str, parser: SheetParser, cells: Cells) -> Iterator[Line]:
    """Yield the rows of a sheet. Raises BrokenPart, Unreadable."""
    try:
        file = packed.open(part)
    except KeyError:
        raise xml.BrokenPart(part) from None
    with file:
        data = file.read(READ_BYTES)
        while _BEGIN not in data and len(data) < MAX_HEAD_BYTES and (read := file.read(READ_BYTES)):
            data += read
        head = data.find(_BEGIN)
        if head < 0 or not _UTF_8.match(data):
            for _ in xml.feed(packed, part, parser.reader):
                yield from parser.taken()
            return
        xml.give(parser.reader, data[: head + len(_BEGIN)])
        data = data[head + len(_BEGIN) :]
        while True:
            at = 0
            while (found := _row_end(data, at)) is not None:
                start, inside, end = found
                yield from _row(data, start, inside, end, parser, cells)
                at = end
            ends = data.find(_END, at)
            if ends >= 0 and data.find(b"<row", at, ends) < 0:
                return
            if len(data) - at > MAX_ROW_BYTES or not (read := file.read(READ_BYTES)):
                raise xml.BrokenPart(part)
            data = data[at:] + read


def _row_end(data: bytes, at: int) -> tuple[int, int, int] | None:
    """Return where the next row begins, where its cells begin, and where it ends; None if it is not there yet."""
    start = data.find(b"<row", at)
    inside = data.find(b">", start) + 1 if start >= 0 else 0
    if not inside:
        return None
    if data[inside - 2 : inside] == b"/>":
        return start, inside, inside
    end = data.find(b"</row>", inside)
    return None if end < 0 else (start, inside, end + 6)


def _row(data: bytes, start: int, inside: int, end: int, parser: SheetParser, cells: Cells) -> list[Line]:
    text = data[inside : max(inside, end - 6)].decode("utf-8", "replace")
    found = _CELL.findall(text)
    attributes = data[start + 4 : inside - 1].decode("utf-8", "replace")
    if len(found) != text.count("<c ") + text.count("<c>") or "<!" in text or "'" in attributes:
        xml.give(parser.reader, data[start:end])
        return parser.taken()
    parser.begin_row(dict(_ATTRIBUTE.findall(attributes)))
    line, columns, memo = parser.line, parser.columns, cells.memo
    # These lines run a million times in a file: the usual cell, a number that was met before, takes no call.
    is_plain = not (cells.any_bold or cells.hidden)
    for letters, style, kind, late_style, formula, value, inline in found:
        given = value or inline
        if not given and not formula:
            continue
        column = columns.get(letters)
        if column is None:
            column = parser.column(letters)
        number = int(style or late_style or 0)
        if is_plain and (not kind or kind == "n") and (known := memo.get((number, given))):
            line.cells[column] = known
            continue
        if "&" in given:
            given = unescape(given)
        cells.add(line, column, number, kind or "n", given, formula=bool(formula))
    return [line]
