"""Reads a workbook (XLSX, XLS, ODS) into a `Table`. Only for the user's own files: a hostile one may exhaust memory."""

import csv
import datetime as dt
import io
from typing import Any

from model_kit.tables.csv_reader import MAX_COLUMNS, read_csv
from model_kit.tables.table import BadTable, Fault, Row, Table

_BEGINNINGS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def read_any(data: bytes, **options: Any) -> Table:
    """Read a workbook, or a CSV file with the options of `read_csv`. Raises BadTable."""
    return read_workbook(data) if is_workbook(data) else read_csv(data, **options)


def is_workbook(data: bytes) -> bool:
    """Return whether the bytes begin like a workbook."""
    return data.startswith(_BEGINNINGS)


def read_workbook(data: bytes) -> Table:
    """Read the first visible sheet that is not empty. Raises BadTable."""
    # Imported here, because few calls need it.
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        seen = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
        for name in seen:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            lines = [
                Row(number, tuple(map(_cell_text, row)))
                for number, row in enumerate(rows, 1)
                if any(map(_cell_text, row))
            ]
            if lines:
                return _table(lines, f"workbook, sheet {name}")
    except CalamineError:
        raise BadTable("This is no workbook that can be read; export the table as CSV.") from None
    raise BadTable("The workbook holds no row.")


def as_csv(table: Table) -> bytes:
    """Return a table as CSV in UTF-8."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(table.header)
    writer.writerows(row.cells for row in table.rows)
    return target.getvalue().encode()


def _table(lines: list[Row], how: str) -> Table:
    header = [name.strip() for name in lines[0].cells]
    while header and not header[-1]:
        header.pop()
    if len(header) > MAX_COLUMNS:
        raise BadTable(f"The sheet has {len(header)} columns, {MAX_COLUMNS} at most are read.")
    rows, faults = [], []
    for row in lines[1:]:
        if any(row.cells[len(header) :]):
            faults.append(Fault(row.line, f"cells beside the {len(header)} columns of the header", row.cells))
        elif any(row.cells):
            rows.append(Row(row.line, (*row.cells, *("",) * len(header))[: len(header)]))
    return Table(tuple(header), tuple(rows), tuple(faults), how)


def _cell_text(cell: Any) -> str:
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ", "minutes").removesuffix(" 00:00")
    return "" if cell is None else str(cell).strip("\r\n")
