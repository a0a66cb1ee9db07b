"""Workbooks of the older kinds (.xls, .xlsb): the stored values, because the library tells no formats."""

import datetime as dt
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from python_calamine import CalamineWorkbook, SheetVisibleEnum

from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.tables import Row
from rag_service.adapters.parsing.workbooks.locales import PLAIN
from rag_service.adapters.parsing.workbooks.merging import Merging
from rag_service.adapters.parsing.workbooks.number_format import general
from rag_service.domain.document import Unreadable


class PlainWorkbook:
    """Reads the sheets by python-calamine, whose errors it raises."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._book = CalamineWorkbook.from_filelike(BytesIO(data))
        self._limits = limits
        self.names: list[str] = []
        self.hidden: list[str] = []
        for sheet in self._book.sheets_metadata:
            (self.names if sheet.visible == SheetVisibleEnum.Visible else self.hidden).append(sheet.name)

    def rows(self, name: str) -> Iterator[Row]:
        """Yield a sheet's rows. Raises Unreadable."""
        sheet = self._book.get_sheet_by_name(name)
        if sheet.width > self._limits.columns:
            raise Unreadable("too_large", f"The sheet {name} has more than {self._limits.columns:,} columns.")
        if sheet.width * sheet.height > self._limits.cells:
            raise Unreadable("too_large", f"The workbook has more than {self._limits.cells:,} cells; split it.")
        top, left = sheet.start or (0, 0)
        merging = Merging(
            (first[0] - top, first[1] - left, last[0] - top, last[1] - left)
            for first, last in sheet.merged_cell_ranges or ()
            if first[0] >= top and first[1] >= left
        )
        for number, row in enumerate(sheet.iter_rows()):
            cells = {at: text for at, cell in enumerate(row) if (text := _written(cell))}
            yield merging.row(number, cells, set(), strong=False)


def _written(cell: Any) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return general(cell, PLAIN) if cell == cell and abs(cell) != float("inf") else ""
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ", "minutes").removesuffix(" 00:00")
    if isinstance(cell, dt.time):
        return cell.isoformat("minutes" if not cell.second else "seconds")
    if isinstance(cell, dt.timedelta):
        minutes = round(cell.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    return "" if cell is None else str(cell).strip()
