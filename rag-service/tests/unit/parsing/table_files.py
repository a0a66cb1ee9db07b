"""Writes one table as each kind of file, and reads it back as lines."""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import xlsxwriter
from rag_service.adapters.parsing import html, markdown, sheets, tables_csv, word
from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.outline import Outline
from rag_service.adapters.parsing.tables import Row, add_tables
from rag_service.domain.document import Parsed, PassageKind

from . import documents

Table = Sequence[Sequence[str]]


def as_csv(table: Table) -> Parsed:
    """Write and read a CSV file."""
    out = io.StringIO()
    csv.writer(out).writerows(table)
    return tables_csv.read(out.getvalue().encode(), Limits()).parsed()


def as_workbook(table: Table) -> Parsed:
    """Write and read an .xlsx file."""

    def fill(_: Any, sheet: Any) -> None:
        for number, row in enumerate(table):
            sheet.write_row(number, 0, row)

    return workbook(fill)


def as_word(table: Table) -> Parsed:
    """Write and read a .docx file."""

    def fill(document: Any) -> None:
        made = document.add_table(len(table), max(map(len, table)))
        for row, cells in zip(made.rows, table, strict=True):
            for cell, text in zip(row.cells, cells, strict=False):
                cell.text = text

    return word.read(documents.word(fill), Limits()).parsed()


def as_html(table: Table) -> Parsed:
    """Write and read a web page, whose cells are all alike."""
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) for row in table)
    return html.read(f"<table>{rows}</table>".encode(), Limits()).parsed()


def as_markdown(table: Table) -> Parsed:
    """Write and read Markdown, whose first row always is a head."""
    lines = ["| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |" for row in table]
    lines.insert(1, "|" + "---|" * len(table[0]))
    return markdown.read("\n".join(lines).encode(), Limits()).parsed()


def as_grid(table: Table) -> Parsed:
    """Read bare rows."""
    outline = Outline(Limits())
    add_tables(outline, (Row(row) for row in table))
    return outline.parsed()


def as_open_document(table: Table) -> Parsed:
    """Write and read an .ods file."""
    rows = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell><text:p>{escape(cell)}</text:p></table:table-cell>" for cell in row)
        + "</table:table-row>"
        for row in table
    )
    return open_document(f'<table:table table:name="Sheet1">{rows}</table:table>')


def open_document(tables: str, styles: str = "") -> Parsed:
    """Read an .ods file of these tables."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text", "style")
    )
    content = (
        f"<office:document-content {spaces}><office:automatic-styles>{styles}</office:automatic-styles><office:body>"
        f"<office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr("content.xml", content)
    return sheets.read(out.getvalue(), Limits()).parsed()


def workbook(fill: Callable[[Any, Any], None], name: str = "Sheet1") -> Parsed:
    """Read an .xlsx file whose only sheet `fill(book, sheet)` wrote."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    fill(book, book.add_worksheet(name))
    book.close()
    return sheets.read(out.getvalue(), Limits()).parsed()


def page(text: str) -> Parsed:
    """Read a web page."""
    return html.read(text.encode(), Limits()).parsed()


def lines(parsed: Parsed) -> list[str]:
    """Return the rows of all tables."""
    return [line for each in parsed.sections if each.kind is PassageKind.ROWS for line in each.text.splitlines()]


def prose(parsed: Parsed) -> list[str]:
    """Return the texts that are no tables."""
    return [each.text for each in parsed.sections if each.kind is PassageKind.PROSE]


def questions(parsed: Parsed) -> list[tuple[str, str]]:
    """Return the questions with their answers."""
    found = [each.text.partition("\n") for each in parsed.sections if each.kind is PassageKind.QA]
    return [(question, answer) for question, _, answer in found]


UNMARKED = (as_csv, as_workbook, as_word, as_html, as_grid, as_open_document)
"""Kinds of files whose first row need not be a head."""
ALL = (*UNMARKED, as_markdown)
