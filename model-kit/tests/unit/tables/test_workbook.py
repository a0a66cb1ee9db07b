"""Workbooks as tables, written by another library than the one that reads them."""

import datetime as dt
import io
from typing import Any

import pytest
from model_kit.tables.csv_reader import read_csv
from model_kit.tables.table import BadTable
from model_kit.tables.workbook import as_csv, read_any
from openpyxl import Workbook


def workbook(*rows: list[Any], title: str = "Tickets") -> bytes:
    book = Workbook()
    page = book.active
    page.title = title
    for row in rows:
        page.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_a_sheet_is_a_table_and_goes_into_csv_and_back() -> None:
    day = dt.datetime(2026, 1, 2)
    rows = [[], ["Document", "Topic_group", "n", "on"], [], ['a, "b"\nc', "HR", 3, day], ["d", None, 2.5, None]]
    table = read_any(workbook(*rows))
    assert table.how == "workbook, sheet Tickets"
    found = [(row.line, row.cells) for row in table.rows]
    assert found == [(4, ('a, "b"\nc', "HR", "3", "2026-01-02")), (5, ("d", "", "2.5", ""))]
    again = read_csv(as_csv(table))
    assert (again.header, [row.cells for row in again.rows]) == (table.header, [row.cells for row in table.rows])


def test_cells_beside_the_header_are_a_fault() -> None:
    table = read_any(workbook(["Text", "Team"], ["VPN", "IT", "a note"], ["Lift", "Facilities"]))
    assert [fault.line for fault in table.faults] == [2]
    assert [row.cells for row in table.rows] == [("Lift", "Facilities")]


@pytest.mark.parametrize("data", [b"PK\x03\x04 nothing", b"\xd0\xcf\x11\xe0 nothing"])
def test_a_damaged_workbook_is_named(data: bytes) -> None:
    with pytest.raises(BadTable, match=r"^This is no workbook that can be read; export the table as CSV\.$"):
        read_any(data)


def test_an_empty_workbook_holds_no_row() -> None:
    with pytest.raises(BadTable, match="no row"):
        read_any(workbook())


def test_what_is_no_workbook_is_read_as_text() -> None:
    assert read_any(b"a;b\n1;2\n").header == ("a", "b")
