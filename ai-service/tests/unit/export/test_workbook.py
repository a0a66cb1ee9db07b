"""The content of workbooks, read by another library than the one that wrote them."""

import zipfile
from pathlib import Path

import pytest
from ai_service.adapters.export.workbook import COLUMNS, write
from ai_service.api.labelled_table import read_table
from model_kit.tables.workbook import as_csv, read_workbook
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

AT = "2026-01-01T00:00:00.000000Z"


def row(text: str, ticket: int = 1) -> tuple[int | str | None, ...]:
    return (text, "IT Support", ticket, None, AT, AT)


def read(file: Path, sheet: str = "Sheet1") -> Worksheet:
    found: Worksheet = load_workbook(file)[sheet]
    return found


def test_rows_stand_below_the_names_of_the_columns(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    write(
        file, "Tickets of ours", [("VPN\tdown\nagain", "HR", 42, "urgent", AT, AT), ("b", "HR", 10**17, None, AT, AT)]
    )
    assert list(read(file, "Tickets of ours").values) == [
        COLUMNS,
        ("VPN\tdown\nagain", "HR", 42, "urgent", AT, AT),
        ("b", "HR", str(10**17), None, AT, AT),
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]


def test_text_and_department_come_first_as_training_pipelines_read_them() -> None:
    assert COLUMNS[:2] == ("Document", "Topic_group")


def test_an_evaluation_finds_text_and_label_of_an_export(tmp_path: Path) -> None:
    file = tmp_path / "tickets_training.xlsx"
    write(file, "Sheet1", [row('VPN down\n=1+1, "again"'), row("Lift", 2)])
    table = read_table(as_csv(read_workbook(file.read_bytes())), max_rows=10, max_characters=100)
    assert (table.text_columns, table.label_column) == (("Document",), "Topic_group")
    assert [each.text for each in table.rows] == ['VPN down\n=1+1, "again"', "Lift"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "=cmd|' /C calc'!A0", "{=1+1}"])
def test_no_text_becomes_a_formula(tmp_path: Path, start: str) -> None:
    file = tmp_path / "a.xlsx"
    text = start + 'HYPERLINK("http://evil.example","x")'
    write(file, "Sheet1", [row(text)])
    cell = read(file)["A2"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    assert cell.value == text.replace("\r", "\n")
    with zipfile.ZipFile(file) as inside:
        assert b"<f>" not in inside.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\x00b\x01c\x0bd\x1fe\x7ff", "a b c d e f"),
        ("a\ud800b\ufffec\uffff", "a b c "),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("<&>\"' ]]> 🙂 日本語", "<&>\"' ]]> 🙂 日本語"),
        ("  blanks around  ", "  blanks around  "),
        ("x" * 40_000, "x" * 32_767),
        ("🙂" * 20_000, "🙂" * 16_383),
    ],
)
def test_characters_that_no_cell_can_hold_are_replaced(tmp_path: Path, text: str, kept: str) -> None:
    file = tmp_path / "a.xlsx"
    write(file, "Sheet1", [row(text)])
    assert read(file)["A2"].value == kept


def test_a_text_like_an_escape_stays_unchanged(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    write(file, "Sheet1", [row("_x0041_")])
    with zipfile.ZipFile(file) as inside:
        assert b"_x005F_x0041_" in inside.read("xl/worksheets/sheet1.xml")  # read by Excel as _x0041_


def test_a_full_disk_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        write(tmp_path / "missing" / "a.xlsx", "Sheet1", [])
