"""Workbooks: each sheet's rows with the names of their columns."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import islice
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from rag_service.adapters.parsing import archive
from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.outline import Outline
from rag_service.adapters.parsing.rows import reads_as_header, row_lines
from rag_service.domain.document import Unreadable

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
WORKBOOKS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
LOOKED_AT_ROWS = 20
BLOCK_ROWS = 500
_UNNAMED = re.compile(r"(sheet|tabelle|feuil|hoja|foglio|blad|arkusz)\s*\d*", re.IGNORECASE)


def read(data: bytes, limits: Limits) -> Outline:
    """Return the outline. Raises Unreadable."""
    if data.startswith(b"PK"):
        names = archive.checked_archive(data, limits).namelist()
        if not set(WORKBOOKS) & set(names):
            raise Unreadable("wrong_kind", "The file is not a workbook.")
    elif not data.startswith(OLE):
        raise Unreadable("wrong_kind", "The file is not a workbook.")
    elif ENCRYPTED_PACKAGE in data:
        raise _encrypted()
    outline = Outline(limits)
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(data))
        seen = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
        outline.pages = len(seen)
        left = limits.cells
        for name in seen:
            left = _add(outline, book.get_sheet_by_name(name), left, limits)
    except PasswordError:
        raise _encrypted() from None
    except CalamineError as error:
        raise Unreadable("broken", f"The workbook is damaged ({type(error).__name__}).") from None
    return outline


def _encrypted() -> Unreadable:
    return Unreadable("encrypted", "The workbook is protected by a password; save it without one.")


def _add(outline: Outline, sheet: Any, left: int, limits: Limits) -> int:
    """Add a sheet; return how many cells may still come."""
    left -= sheet.width * sheet.height
    if sheet.width > limits.columns:
        raise Unreadable("too_large", f"The sheet {sheet.name} has more than {limits.columns:,} columns.")
    if left < 0:
        raise Unreadable("too_large", f"The workbook has more than {limits.cells:,} cells; split it.")
    outline.begin_locator(f"sheet {sheet.name}", below=False)
    if not _UNNAMED.fullmatch(sheet.name):
        outline.heading(1, sheet.name, titles=False)
    rows = _rows(sheet.iter_rows())
    first = list(islice(rows, LOOKED_AT_ROWS))
    title, header, first = _header(first)
    outline.add("\n".join(title))
    lines = row_lines(_chained(first, rows), header=header)
    while block := list(islice(lines, BLOCK_ROWS)):
        outline.add("\n".join(block))
    return left


def _rows(rows: Iterable[Sequence[Any]]) -> Iterator[list[str]]:
    for row in rows:
        cells = [_written(cell) for cell in row]
        if any(cells):
            yield cells


def _chained(first: list[list[str]], rest: Iterator[list[str]]) -> Iterator[list[str]]:
    yield from first
    yield from rest


def _header(rows: list[list[str]]) -> tuple[list[str], list[str] | None, list[list[str]]]:
    """Return the lines above a table, the names of its columns, and its first rows."""
    for number, row in enumerate(rows[:-1]):
        filled = [cell for cell in row if cell]
        if len(filled) > 1:
            # Columns that are empty throughout are not named; they don't count.
            below = [[row[at] for at, name in enumerate(rows[number]) if name] for row in rows[number + 1 :]]
            if reads_as_header([filled, *below]) or (len(filled) == len(row) == 2 and number == 0):
                return [" ".join(filter(None, above)) for above in rows[:number]], row, rows[number + 1 :]
            break
    return [], None, rows


def _written(cell: Any) -> str:
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ", "minutes").removesuffix(" 00:00")
    return "" if cell is None else str(cell)
