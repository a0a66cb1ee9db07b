"""Small documents of each kind, made by the libraries that people's programs are made of."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import docx
import openpyxl
import pypdfium2
import pypdfium2.raw as pdfium


def word(write: Callable[[Any], Any], **properties: str) -> bytes:
    """Return a Word document that `write` filled."""
    document = docx.Document()
    for name, value in properties.items():
        setattr(document.core_properties, name, value)
    write(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def workbook(**sheets: Sequence[Sequence[Any]]) -> bytes:
    """Return a workbook; each sheet's rows by its name."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class Pdf:
    """A PDF that is drawn line by line, from the top of each page."""

    def __init__(self) -> None:
        self._document = pypdfium2.PdfDocument.new()
        self._page: Any = None
        self._y = 0.0

    def page(self) -> "Pdf":
        """Begin a page."""
        self._written()
        self._page = self._document.new_page(612, 792)
        self._y = 740.0
        return self

    def line(self, text: str, size: float = 10, *, x: float = 72, font: bytes = b"Helvetica") -> "Pdf":
        """Write a line below the last one."""
        found = pdfium.FPDFPageObj_NewTextObj(self._document.raw, font, size)
        wide = (text + "\0").encode("utf-16-le")
        buffer = (pdfium.FPDF_WCHAR * (len(wide) // 2)).from_buffer_copy(wide)
        pdfium.FPDFText_SetText(found, buffer)
        pdfium.FPDFPageObj_Transform(found, 1, 0, 0, 1, x, self._y)
        pdfium.FPDFPage_InsertObject(self._page.raw, found)
        self._y -= size * 1.4
        return self

    def grid(self, rows: Sequence[Sequence[str]], width: float = 120, height: float = 20) -> "Pdf":
        """Draw a ruled table."""
        top = self._y
        for across in range(len(rows) + 1):
            self._rule(72, top - across * height, 72 + width * len(rows[0]), top - across * height)
        for upright in range(len(rows[0]) + 1):
            self._rule(72 + upright * width, top, 72 + upright * width, top - len(rows) * height)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                self._y = top - number * height - 14
                self.line(cell, x=76 + column * width)
        self._y = top - len(rows) * height - 20
        return self

    def bytes(self) -> bytes:
        """Return the file."""
        self._written()
        out = io.BytesIO()
        self._document.save(out)
        return out.getvalue()

    def _written(self) -> None:
        if self._page is not None:
            self._page.gen_content()

    def _rule(self, left: float, bottom: float, right: float, top: float) -> None:
        path = pdfium.FPDFPageObj_CreateNewPath(left, bottom)
        pdfium.FPDFPath_LineTo(path, right, top)
        pdfium.FPDFPath_SetDrawMode(path, pdfium.FPDF_FILLMODE_NONE, True)
        pdfium.FPDFPage_InsertObject(self._page.raw, path)
