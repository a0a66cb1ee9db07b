"""Cells that cover several columns or rows."""

from collections.abc import Callable, Sequence
from typing import Any

from docx.oxml import parse_xml
from rag_service.adapters.parsing import word
from rag_service.adapters.parsing.limits import Limits
from rag_service.domain.document import Parsed, PassageKind

from . import documents
from .table_files import lines, open_document, page, prose, workbook

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def word_table(rows: list[list[str]], change: Any = None) -> Parsed:
    def fill(document: Any) -> None:
        table = document.add_table(len(rows), max(map(len, rows)))
        for row, cells in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, cells, strict=False):
                cell.text = text
        if change:
            change(table)

    return word.read(documents.word(fill), Limits()).parsed()


def test_a_cell_over_rows_belongs_to_each_of_them() -> None:
    found = page("""<table><tr><th>Machine<th>Service<th>Fee<tr><td rowspan=3>Loom<td>Oiling<td>12<tr><td>Belt<td>40
        <tr><td>Check<td>5<tr><td>Press<td>Check<td>7</table>""")
    assert lines(found) == [
        "Machine: Loom; Service: Oiling; Fee: 12", "Machine: Loom; Service: Belt; Fee: 40",
        "Machine: Loom; Service: Check; Fee: 5", "Machine: Press; Service: Check; Fee: 7",
    ]  # fmt: skip


def test_a_cell_over_columns_is_the_value_of_each() -> None:
    found = page("<table><tr><th>Tariff<th>Day<th>Night<th>Start<tr><td>Eco<td colspan=2>0.19<td>25</table>")
    assert lines(found) == ["Tariff: Eco; Day: 0.19; Night: 0.19; Start: 25"]


def test_the_levels_of_a_pages_head_are_joined() -> None:
    found = page("""<table><caption>Parking</caption><thead><tr><th rowspan=2>Zone<th colspan=2>Fee<tr><th>Hour<th>Day
        </thead><tr><th colspan=3>Centre<tr><td>A<td>3.00<td>18.00</table>""")
    assert lines(found) == ["Centre; Zone: A; Fee Hour: 3.00; Fee Day: 18.00"]
    assert found.sections[0].heading == ("Parking",)


def test_a_table_within_a_cell_is_read_with_the_cell() -> None:
    found = page("<table><tr><th>Site<th>Hours<tr><td>Leith<td><table><tr><td>Mon<td>9-5</table></table>")
    assert lines(found) == ["Site: Leith; Hours: Mon: 9-5"]


def test_a_table_for_layout_is_prose() -> None:
    found = page("<table><tr><td><h2>News</h2><p>The lift is back in service.</table><table><tr><td>Alone</table>")
    assert lines(found) == []
    assert prose(found) == ["The lift is back in service.\n\nAlone"]


def test_merged_cells_of_a_word_document_stand_in_their_columns() -> None:
    rows = [["Plan", "Hour", "Day", "Setup"], ["Mini", "free", "", "15 EUR"], ["Maxi", "2 EUR", "9 EUR", "20 EUR"]]
    found = word_table(rows, lambda table: table.cell(1, 1).merge(table.cell(1, 2)))
    assert lines(found) == [
        "Plan: Mini; Hour: free; Day: free; Setup: 15 EUR", "Plan: Maxi; Hour: 2 EUR; Day: 9 EUR; Setup: 20 EUR",
    ]  # fmt: skip


def test_a_group_merged_down_in_word_belongs_to_each_row() -> None:
    rows = [["Floor", "Room", "Seats"], ["Second", "Elm", "8"], ["", "Oak", "20"], ["Third", "Ash", "6"]]
    found = word_table(rows, lambda table: table.cell(1, 0).merge(table.cell(2, 0)))
    assert lines(found)[:2] == ["Floor: Second; Room: Elm; Seats: 8", "Floor: Second; Room: Oak; Seats: 20"]


def test_a_row_of_word_that_begins_further_right_keeps_its_columns() -> None:
    rows = [["Item", "Net", "Gross"], ["Desk", "100", "119"], ["Sum", "100", "119"]]

    def change(table: Any) -> None:
        row = table.rows[2]._tr
        row.remove(row.tc_lst[0])
        row.get_or_add_trPr().append(parse_xml(f'<w:gridBefore xmlns:w="{W}" w:val="1"/>'))

    assert lines(word_table(rows, change))[-1] == "Net: 100; Gross: 119"


def test_a_table_of_word_that_goes_on_keeps_its_names() -> None:
    def fill(document: Any) -> None:
        for rows in ([["Room", "Seats"], ["A 1", "8"]], [["A 2", "20"], ["A 3", "6"]]):
            table = document.add_table(2, 2)
            for row, cells in zip(table.rows, rows, strict=True):
                for cell, text in zip(row.cells, cells, strict=True):
                    cell.text = text
            document.add_paragraph("")

    found = word.read(documents.word(fill), Limits()).parsed()
    assert lines(found) == ["Room: A 1; Seats: 8", "Room: A 2; Seats: 20", "Room: A 3; Seats: 6"]


def test_merged_cells_of_a_workbook_stand_in_their_columns_and_rows() -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.merge_range("B1:C1", "Fee")
        sheet.write_row("A2", ["Plan", "Hour", "Day"])
        sheet.merge_range("A3:C3", "Cars")
        sheet.merge_range("A4:A5", "Small")
        sheet.write_row("B4", [3, 20])
        sheet.write_row("B5", [4, 25])

    assert lines(workbook(fill)) == [
        "Cars; Plan: Small; Fee Hour: 3; Fee Day: 20", "Cars; Plan: Small; Fee Hour: 4; Fee Day: 25",
    ]  # fmt: skip


def test_merged_cells_of_an_open_document_stand_in_their_columns() -> None:
    def row(*cells: str) -> str:
        return f"<table:table-row>{''.join(cells)}</table:table-row>"

    def cell(text: str, more: str = "") -> str:
        return f"<table:table-cell {more}><text:p>{text}</text:p></table:table-cell>"

    covered = "<table:covered-table-cell/>"
    found = open_document(
        '<table:table table:name="Sheet1">'
        + row(cell("Plan"), cell("Hour"), cell("Day"))
        + row(cell("Mini", 'table:number-rows-spanned="2"'), cell("2"), cell("9"))
        + row(covered, cell("free", 'table:number-columns-spanned="2"'), covered)
        + "</table:table>"
    )
    assert lines(found) == ["Plan: Mini; Hour: 2; Day: 9", "Plan: Mini; Hour: free; Day: free"]


def _word(fill: Callable[[Any], None]) -> Parsed:
    return word.read(documents.word(fill), Limits()).parsed()


def _fill(table: Any, rows: Sequence[Sequence[str]]) -> None:
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text


def test_a_table_in_a_cell_of_a_word_document_keeps_its_rows_and_names_apart() -> None:
    def fill(document: Any) -> None:
        table = document.add_table(3, 2)
        _fill(table, [("Plan", "Terms"), ("Basic", "As below:"), ("Pro", "On request")])
        _fill(table.cell(1, 1).add_table(2, 2), [("Notice", "4 weeks"), ("Deposit", "50 EUR")])
        _fill(
            table.cell(2, 1).add_table(3, 3),
            [("Day", "From", "To"), ("Mon", "8:00", "17:00"), ("Tue", "9:00", "18:00")],
        )

    assert lines(_word(fill)) == [
        "Plan: Basic; Terms: As below: Notice: 4 weeks / Deposit: 50 EUR",
        "Plan: Pro; Terms: On request Day: Mon, From: 8:00, To: 17:00 / Day: Tue, From: 9:00, To: 18:00",
    ]


def test_tables_side_by_side_in_a_word_document_are_tables_with_the_lines_above_them_as_titles() -> None:
    def fill(document: Any) -> None:
        places = document.add_table(1, 2)
        for cell, desk, opens in zip(places.rows[0].cells, ("North desk", "South desk"), ("8:10", "9:20"), strict=True):
            cell.text = desk
            _fill(cell.add_table(2, 2), [("Day", "Opens"), ("Monday", opens)])

    found = _word(fill)
    assert [(each.heading, each.text) for each in found.sections if each.kind is PassageKind.ROWS] == [
        (("North desk",), "Day: Monday; Opens: 8:10"),
        (("South desk",), "Day: Monday; Opens: 9:20"),
    ]
    assert prose(found) == ["North desk", "South desk"]


def test_a_sentence_or_an_item_above_a_table_is_no_title() -> None:
    def fill(document: Any) -> None:
        for above in ("The rates rise in May.", "", "Rates of 2031:"):
            document.add_paragraph(above)
            _fill(document.add_table(2, 2), [("Zone", "Rate"), ("A", "5")])

    found = _word(fill)
    assert [each.heading for each in found.sections if each.kind is PassageKind.ROWS] == [(), (), ("Rates of 2031",)]
    assert prose(found) == ["The rates rise in May.", "Rates of 2031:"]
