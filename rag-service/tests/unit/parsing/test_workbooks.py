"""Workbooks: values as they are shown, and what is left out."""

import datetime as dt
import io
import zipfile
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from rag_service.adapters.parsing import sheets
from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.workbooks.locales import BY_LANGUAGE, PLAIN, by_format, of_workbook
from rag_service.adapters.parsing.workbooks.number_format import NumberFormat

from . import documents
from .table_files import lines, open_document, workbook

GERMAN = BY_LANGUAGE["german"]


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("0.0%", 0.175, "17.5%"),
        ("0 %", 0.19, "19 %"),
        ("", 4.1000000000000005, "4.1"),
        ("", 250000, "250000"),
        ("0.00", 3, "3.00"),
        ("0.0", 0.25, "0.3"),
        ("#,##0", 1234567, "1,234,567"),
        ('#,##0.00 "CHF"', 52000.5, "52,000.50 CHF"),
        ("$#,##0.00_);[Red]($#,##0.00)", -7.5, "($7.50)"),
        ("[$€-407] #,##0.00", 1850, "€ 1.850,00"),
        ('#.##0,00 "EUR"', 1850, "1.850,00 EUR"),
        ('_-* #,##0.00\\ "€"_-;\\-* #,##0.00\\ "€"_-;_-* "-"??\\ "€"_-;_-@_-', -12.3, "-12.30 €"),
        ('[=1]0" day";0" days"', 1, "1 day"),
        ("00000", 1234, "01234"),
        ("0000 000 000", 7123456789, "7123 456 789"),
        ("0.00E+00", 123456, "1.23E+05"),
        ("# ?/?", 1.5, "1 1/2"),
        ("h:mm", 14.5 / 24, "14:30"),
        ("[h]:mm", 37.5 / 24, "37:30"),
        ("h:mm AM/PM", 14.5 / 24, "2:30 PM"),
        ("mm:ss", 65 / 86400, "01:05"),
        ("dd.mm.yyyy", 47937, "30.03.2031"),
        ("yyyy-mm-dd hh:mm:ss", 47937, "2031-03-30"),
        ("[$-407]d. mmmm yyyy", 47937, "30. März 2031"),
        ("mmm-yy", 47937, "Mar-31"),
        (";;;", 5, ""),
    ],
)
def test_a_number_is_written_as_its_format_shows_it(code: str, value: float, shown: str) -> None:
    assert NumberFormat(code, PLAIN).number(value) == shown


def test_numbers_are_written_as_the_workbooks_people_write_them() -> None:
    assert NumberFormat("#,##0.00", GERMAN).number(40000.5) == "40.000,50"
    assert NumberFormat("", GERMAN).number(3.3000000000000003) == "3,3"
    assert of_workbook([], "", ["Tabelle1"], "") is GERMAN
    assert of_workbook(["0.00", "[$€-40C]0.00"], "", [], "") is BY_LANGUAGE["french"]
    assert of_workbook([], "<vt:lpstr>Arbeitsblätter</vt:lpstr>", [], "") is GERMAN
    assert of_workbook([], "<vt:lpstr>Worksheets</vt:lpstr>", ["Sheet1"], "Price Stock") is PLAIN
    assert by_format("[$-F800]dddd") is None


def test_cells_are_read_as_they_are_shown() -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["Account", "Interest", "Limit", "Opens", "Since", "Online"])
        sheet.write_row(1, 0, ["Saver"])
        sheet.write(1, 1, 0.0325, book.add_format({"num_format": "0.00%"}))
        sheet.write(1, 2, 40000.5, book.add_format({"num_format": '#,##0.00 "EUR"'}))
        sheet.write(1, 3, dt.time(14, 30), book.add_format({"num_format": "hh:mm"}))
        sheet.write(1, 4, dt.date(2031, 3, 25), book.add_format({"num_format": "d mmmm yyyy"}))
        sheet.write(1, 5, True)
        sheet.write_rich_string(2, 0, "Giro ", book.add_format({"bold": True}), "Plus")
        sheet.write(2, 1, 0.001)

    assert lines(workbook(fill)) == [
        "Account: Saver; Interest: 3.25%; Limit: 40,000.50 EUR; Opens: 14:30; Since: 25 March 2031; Online: TRUE",
        "Account: Giro Plus; Interest: 0.001",
    ]


def test_hidden_columns_rows_and_sheets_are_left_out_and_told() -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["Chair", "Price", "Purchase", "Margin"])
        sheet.write_row(1, 0, ["Rowan", 99, 41, "SECRET"])
        sheet.write_row(2, 0, ["Alder", 12, 7, "SECRET"])
        sheet.write_row(3, 0, ["Birch", 15, 8, "SECRET"])
        sheet.set_column(2, 3, None, None, {"hidden": True})
        sheet.set_row(2, None, None, {"hidden": True})
        book.add_worksheet("Plans").write(0, 0, "SECRET")
        book.get_worksheet_by_name("Plans").hide()

    found = workbook(fill, "Prices")
    assert lines(found) == ["Chair: Rowan; Price: 99", "Chair: Birch; Price: 15"]
    assert {each.code: each.count for each in found.left_out} == {
        "hidden_columns": 2, "hidden_rows": 1, "hidden_sheets": 1,
    }  # fmt: skip
    assert any("C of Prices, D of Prices" in each.reason for each in found.left_out)


def test_formulas_without_results_are_told() -> None:
    rows = [["Quarter", "Year", "Sum"], ["Q1", 2031, "=A1*2"], ["Q2", 2031, "=A2*2"]]
    found = sheets.read(documents.workbook(Sums=rows), Limits()).parsed()
    assert lines(found) == ["Quarter: Q1; Year: 2031", "Quarter: Q2; Year: 2031"]
    [told] = found.left_out
    assert (told.code, told.count) == ("formulas_without_values", 2)
    assert "C2 of Sums, C3 of Sums" in told.reason


def test_the_hidden_parts_of_an_open_document_are_left_out() -> None:
    def row(*cells: str, more: str = "") -> str:
        made = "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells)
        return f"<table:table-row {more}>{made}</table:table-row>"

    filtered = row("Alder", "7", "12,00 €", more='table:visibility="filter"')
    styles = '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    columns = '<table:table-column/><table:table-column table:visibility="collapse"/><table:table-column/>'
    found = open_document(
        f'<table:table table:name="Prices">{columns}{row("Chair", "Cost", "Price")}{row("Rowan", "41", "99,00 €")}'
        f"{filtered}</table:table>"
        f'<table:table table:name="Plans" table:style-name="ta2">{row("SECRET", "x")}</table:table>',
        styles,
    )
    assert lines(found) == ["Chair: Rowan; Price: 99,00 €"]
    assert {each.code for each in found.left_out} == {"hidden_columns", "hidden_rows", "hidden_sheets"}


def test_a_sheet_of_text_is_read_as_text() -> None:
    rows = [["What is the shed for?"], ["It holds the bicycles of all tenants."], [], ["Ask the caretaker for a key."],
            ["He is there on Mondays."], ["The key must come back."]]  # fmt: skip
    found = sheets.read(documents.workbook(Shed=rows), Limits()).parsed()
    assert [each.text for each in found.sections] == [
        "What is the shed for?\nIt holds the bicycles of all tenants.",
        "Ask the caretaker for a key.\n\nHe is there on Mondays.\n\nThe key must come back.",
    ]


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        (b"<row ", b"<row thickBot='0' "),
        (b"</c>", b"<!-- a note --></c>"),
        (b"<sheetData>", b"<sheetData >"),
        (b'encoding="UTF-8"', b'encoding="us-ascii"'),
    ],
)
def test_a_sheet_of_an_unusual_shape_is_read_alike(written: bytes, instead: bytes) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet("Lamps")
    sheet.write_row(0, 0, ["Lamp", "Share", "Note", "Cost"])
    sheet.write_row(1, 0, ["Kite <3> & more", 0.5, "x"], book.add_format({"num_format": "0.0%"}))
    sheet.merge_range("A3:A4", "Arc")
    sheet.write_row(2, 1, [1.25, "y"])
    sheet.write_row(3, 1, [True, "z"])
    sheet.set_column(3, 3, None, None, {"hidden": True})
    sheet.write(1, 3, "SECRET")
    book.close()
    changed = io.BytesIO()
    with zipfile.ZipFile(out) as given, zipfile.ZipFile(changed, "w") as made:
        for name in given.namelist():
            part = given.read(name)
            assert written in part or "worksheets" not in name
            made.writestr(name, part.replace(written, instead) if "worksheets" in name else part)
    usual, unusual = (sheets.read(each.getvalue(), Limits()).parsed() for each in (out, changed))
    assert unusual == usual
    assert lines(usual) == [
        "Lamp: Kite <3> & more; Share: 50.0%; Note: x", "Lamp: Arc; Share: 1.25; Note: y",
        "Lamp: Arc; Share: TRUE; Note: z",
    ]  # fmt: skip


def test_a_damaged_sheet_is_read_by_its_stored_values_which_is_told() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    book.add_worksheet("Lamps").write_row(0, 0, ["Lamp", 0.5])
    book.close()
    changed = io.BytesIO()
    with zipfile.ZipFile(out) as given, zipfile.ZipFile(changed, "w") as made:
        for name in given.namelist():
            made.writestr(name, given.read(name).replace(b"<sheetData>", b"<sheetData >&nbsp;"))
    found = sheets.read(changed.getvalue(), Limits()).parsed()
    assert lines(found) == ["Lamp | 0.5"]
    assert [each.code for each in found.left_out] == ["shown_values"]


def test_a_raised_digit_is_no_part_of_a_figure() -> None:
    def write(book: xlsxwriter.Workbook, sheet: Any) -> None:
        small = book.add_format({"font_script": 1})
        sheet.write_row(0, 0, ["Item", "Fee", "Size"])
        for at, fee in enumerate(("75", "60"), 1):
            sheet.write(at, 0, f"Locker {at}")
            sheet.write_rich_string(at, 1, fee, small, str(at), " EUR")
            sheet.write_rich_string(at, 2, "3 m", small, "2", " deep")

    assert lines(workbook(write)) == [
        "Item: Locker 1; Fee: 75 ¹ EUR; Size: 3 m² deep",
        "Item: Locker 2; Fee: 60 ² EUR; Size: 3 m² deep",
    ]


def test_a_raised_digit_within_a_sheet_is_no_part_of_a_figure() -> None:
    book = openpyxl.Workbook()
    for row in (
        ["Item", "Fee"],
        ["Shelf", CellRichText("75", TextBlock(InlineFont(vertAlign="superscript"), "2"), " EUR")],
    ):
        book.active.append(row)
    made = io.BytesIO()
    book.save(made)
    assert lines(sheets.read(made.getvalue(), Limits()).parsed()) == ["Item: Shelf; Fee: 75 ² EUR"]
