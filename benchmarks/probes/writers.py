"""Writes tables and paragraphs as files of every kind."""

import csv
import html
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import docx
import openpyxl

from benchmarks.probes.model import File
from benchmarks.probes.pdf_writer import Pdf

Row = Sequence[str]


@dataclass(frozen=True)
class Sheet:
    """A table: its caption, its column names (none: headless), its rows."""

    caption: str
    head: Row
    rows: Sequence[Row]

    @property
    def lines(self) -> list[Row]:
        """Return column names and rows."""
        return [self.head, *self.rows] if self.head else list(self.rows)


def as_csv(name: str, sheet: Sheet, delimiter: str = ",", encoding: str = "utf-8") -> File:
    """Write a CSV file."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(sheet.lines)
    return File(f"{name}.csv", out.getvalue().encode(encoding))


def as_markdown(name: str, sheet: Sheet) -> File:
    """Write a Markdown table below its heading."""
    head = sheet.head or [""] * len(sheet.rows[0])
    lines = [f"# {sheet.caption}", "", _bars(head), _bars(["---"] * len(head)), *map(_bars, sheet.rows)]
    return File(f"{name}.md", "\n".join(lines).encode())


def as_html(name: str, sheet: Sheet) -> File:
    """Write an HTML page with a table."""
    head = "".join(f"<th>{html.escape(each)}</th>" for each in sheet.head)
    rows = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>\n" for row in sheet.rows)
    return page(name, sheet.caption, f"<table>{f'<tr>{head}</tr>' if head else ''}\n{rows}</table>")


def page(name: str, title: str, body: str, style: str = "") -> File:
    """Write an HTML page."""
    css = f"<style>{style}</style>" if style else ""
    text = f"<html><head><title>{title}</title>{css}</head><body><h1>{title}</h1>\n{body}\n</body></html>"
    return File(f"{name}.html", text.encode())


def as_excel(name: str, sheet: Sheet) -> File:
    """Write a workbook with one sheet; its caption is the sheet's name."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = sheet.caption[:31]
    for row in sheet.lines:
        book.active.append(list(row))
    return workbook(name, book)


def workbook(name: str, book: openpyxl.Workbook) -> File:
    """Return a workbook as a file."""
    out = io.BytesIO()
    book.save(out)
    return File(f"{name}.xlsx", out.getvalue())


def as_word(name: str, sheet: Sheet) -> File:
    """Write a DOCX file with a table below its heading."""
    document = docx.Document()
    document.add_heading(sheet.caption, 1)
    table = document.add_table(0, len(sheet.lines[0]))
    for row in sheet.lines:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    return word(name, document)


def word(name: str, document: "docx.document.Document") -> File:
    """Return a document as a file."""
    out = io.BytesIO()
    document.save(out)
    return File(f"{name}.docx", out.getvalue())


def as_pdf(name: str, sheet: Sheet, *, ruled: bool = False) -> File:
    """Write a PDF of as many pages as the rows need, the columns apart, with rules or without."""
    pdf = Pdf()
    width = 500 // len(sheet.lines[0])
    per_page = 28
    for begin in range(0, len(sheet.rows), per_page):
        pdf.page()
        pdf.text(50, 790, sheet.caption, 15)
        lines = [*([sheet.head] if sheet.head else []), *sheet.rows[begin : begin + per_page]]
        for number, row in enumerate(lines):
            for column, cell in enumerate(row):
                pdf.text(54 + column * width, 746 - 24 * number, cell, 10)
        if ruled:
            right, bottom = 50 + width * len(sheet.lines[0]), 762 - 24 * len(lines)
            for number in range(len(lines) + 1):
                pdf.line(50, 762 - 24 * number, right, 762 - 24 * number)
            for column in range(len(sheet.lines[0]) + 1):
                pdf.line(50 + column * width, 762, 50 + column * width, bottom)
    return pdf.file(name)


def as_text(name: str, sheet: Sheet) -> File:
    """Write columns of a plain text file, padded by spaces."""
    widths = [max(len(row[place]) for row in sheet.lines) + 3 for place in range(len(sheet.lines[0]))]
    lines = [
        "".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in sheet.lines
    ]
    return File(f"{name}.txt", "\n".join([sheet.caption, "", *lines]).encode())


def markdown(name: str, text: str) -> File:
    """Write a Markdown file."""
    return File(f"{name}.md", text.encode())


def plain(name: str, text: str) -> File:
    """Write a text file."""
    return File(f"{name}.txt", text.encode())


def paragraphs(name: str, kind: str, title: str, texts: Sequence[str]) -> File:
    """Write paragraphs below a title, as md, txt, html, docx or pdf."""
    if kind == "html":
        return page(name, title, "\n".join(f"<p>{html.escape(each)}</p>" for each in texts))
    if kind == "docx":
        document = docx.Document()
        document.add_heading(title, 1)
        for each in texts:
            document.add_paragraph(each)
        return word(name, document)
    if kind == "pdf":
        pdf = Pdf()
        pdf.page()
        pdf.text(60, 780, title, 16)
        pdf.flow(60, 740, texts)
        return pdf.file(name)
    if kind == "txt":
        return plain(name, "\n\n".join([title, *texts]))
    return markdown(name, "\n\n".join([f"# {title}", *texts]))


TABLES: dict[str, Callable[[str, Sheet], File]] = {
    "csv": as_csv,
    "csv;": lambda name, sheet: as_csv(name, sheet, ";"),
    "xlsx": as_excel,
    "md": as_markdown,
    "html": as_html,
    "docx": as_word,
    "pdf": as_pdf,
    "pdf ruled": lambda name, sheet: as_pdf(name, sheet, ruled=True),
    "txt": as_text,
}
"""How to write a table, by kind of file."""


def _bars(row: Row) -> str:
    return f"| {' | '.join(row)} |"
