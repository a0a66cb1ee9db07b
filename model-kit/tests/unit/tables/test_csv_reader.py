"""Tables as other systems export them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_kit.tables.csv_reader import read_csv
from model_kit.tables.table import BadColumn, BadTable, Table


def cells(table: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in table.rows]


def lines(table: Table) -> list[int]:
    return [fault.line for fault in table.faults]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_separator_is_found(sign: str, mark: str) -> None:
    table = read_csv(f'{mark}Title{sign}Text\r\nRadiator{sign}"cold; wet, | and\tloud"\r\n'.encode())
    assert cells(table) == [("Radiator", "cold; wet, | and\tloud")]


@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"', "sep=;;;", "\ufeffsep=;", "\n\nsep=;", "sep=;\r"])
def test_a_line_that_names_the_separator_is_no_row(line: str) -> None:
    table = read_csv(f"{line}\nTitle, or name;Text\nLift, left;stuck, again\n".encode())
    assert (table.header, cells(table)) == (("Title, or name", "Text"), [("Lift, left", "stuck, again")])


def test_the_caller_may_name_a_separator_that_is_unusual() -> None:
    assert cells(read_csv(b"a^b\n1,2^3;4\n", separator="^")) == [("1,2", "3;4")]
    assert cells(read_csv(b"a\tb\n1\t2\n", separator="Tab")) == [("1", "2")]
    with pytest.raises(BadTable, match="can't separate cells"):
        read_csv(b"a\n", separator='"')


def test_the_columns_that_the_caller_knows_decide_what_separates() -> None:
    data = b"Title, short;Text, long\na, b;c, d\n"
    assert read_csv(data, expected_columns=["text, long"]).header == ("Title, short", "Text, long")


def test_a_column_of_prose_needs_no_quotation_marks() -> None:
    table = read_csv(b"Text\nHello, the lift is stuck\nThanks\n")
    assert cells(table) == [("Hello, the lift is stuck",), ("Thanks",)]


def test_blank_lines_and_blank_rows_are_skipped_and_lines_still_count() -> None:
    table = read_csv(b"\n  \n,,\nTitle,Text,Team\n\n,,\nVPN,down,IT\n , ,\t\nHeat,gone,\n\n")
    assert [(row.line, row.cells) for row in table.rows] == [(7, ("VPN", "down", "IT")), (9, ("Heat", "gone", ""))]


def test_a_row_longer_than_the_header_is_a_fault_and_blank_cells_behind_it_are_not() -> None:
    table = read_csv(b"Title,Text,Team\nHeating,The radiator is cold, please send someone,Facilities\na,b,c,,\nd,e\n")
    assert lines(table) == [2]
    assert "4 cells where the header has 3" in table.faults[0].message
    assert cells(table) == [("a", "b", "c"), ("d", "e", "")]


@pytest.mark.parametrize(
    ("rows", "faulty", "left"),
    [
        ('"A" x,1\nb,2\n', [2], ["b"]),
        ('a,1\n"b,2\nc,3\nd,4\n', [3], ["a", "c", "d"]),
        ('a,1\n"b,2\nc,"3"\nd,"4\n5"\n', [3], ["a", "c", "d"]),
        ('"a\nA" x,1\nb,2\n', [2], ["b"]),
        ('a,1\nb,"a letter\nof many\nlines that breaks off', [3], ["a"]),
        ('a,1\nb,"' + "long " * 300_000 + '\nc,3\nd,"4"\n', [3], ["a", "c", "d"]),
        ('"a" "b",1\n"c" d,2\ne,3\n', [2, 3], ["e"]),
    ],
)
def test_a_faulty_row_costs_no_other_row(rows: str, faulty: list[int], left: list[str]) -> None:
    table = read_csv(f"Title,Text\n{rows}".encode())
    assert (lines(table), [row[0] for row in cells(table)]) == (faulty, left)


def test_a_quotation_mark_within_a_cell_is_text() -> None:
    assert cells(read_csv(b'Item,Size\nMonitor,27" wide\n"5"" disk",x\n')) == [
        ("Monitor", '27" wide'),
        ('5" disk', "x"),
    ]


def test_columns_are_found_by_name_whatever_their_case_and_two_of_a_name_are_refused() -> None:
    table = read_csv(b"Subject, Body Text ,BODY,Body\n1,2,3,4\n")
    assert [table.column_index(name) for name in ("subject", "body  text", "BODY", "Body")] == [0, 1, 2, 3]
    with pytest.raises(BadColumn, match="Columns 3 and 4 are both called BODY"):
        table.column_index("body")
    with pytest.raises(BadColumn, match="no column Text; it has Subject, Body Text, BODY, Body"):
        table.column_index("Text")


def test_a_line_of_a_text_does_not_end_at_signs_that_only_python_takes_for_line_ends() -> None:
    table = read_csv("Text,Team\nfirst\u2028second\x0bthird\x85,IT\n".encode())
    assert cells(table) == [("first\u2028second\x0bthird\x85", "IT")]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no line"),
        (b"\n \n", "no line"),
        (b"sep=;\n", "no line with the names"),
        (b'Title,"Text\na,b\n', "line 1: a quotation mark"),
        (b"a,b\n1,\x002\n", "Line 2 holds NUL"),
        (b"PK\x03\x04...", "workbook"),
        (b"%PDF-1.7", "PDF"),
    ],
)
def test_what_is_no_table_is_named(data: bytes, says: str) -> None:
    with pytest.raises(BadTable, match=says):
        read_csv(data)


def test_more_rows_than_may_be_read_are_refused() -> None:
    assert len(read_csv(b"a,b\n" + b"1,2\n" * 10, max_rows=10).rows) == 10
    with pytest.raises(BadTable, match="more than 10 rows"):
        read_csv(b"a,b\n" + b"1,2\n" * 11, max_rows=10)


def test_a_file_that_is_made_of_faults_or_of_line_ends_costs_seconds_at_most() -> None:
    assert len(read_csv(b"a,b\n" + b'"x,1\ny,2\n' * 3_000 + b'"' + b"long" * 500_000).faults) > 1_000
    with pytest.raises(BadTable, match="more than 1,000,000 lines"):
        read_csv(b"\n" * 2_500_000)


@given(st.binary(max_size=200) | st.text('",;\n\r ab', max_size=80).map(str.encode))
def test_any_bytes_are_a_table_or_named_as_none(data: bytes) -> None:
    with suppress(BadTable):
        table = read_csv(data)
        assert all(len(row.cells) == len(table.header) for row in table.rows)
