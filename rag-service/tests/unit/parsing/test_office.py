"""Word documents, workbooks and tables as text."""

import io
import zipfile
from typing import Any

import pytest
from docx.oxml import parse_xml
from docx.shared import Pt, RGBColor
from rag_service.adapters.parsing import child, sheets, tables_csv, word
from rag_service.adapters.parsing.limits import Limits
from rag_service.domain.document import Parsed, Unreadable

from . import documents

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def read_word(write: Any, **properties: str) -> Parsed:
    return word.read(documents.word(write, **properties), Limits()).parsed()


def read_csv(text: str, code: str = "utf-8") -> list[str]:
    return "\n".join(each.text for each in tables_csv.read(text.encode(code), Limits()).parsed().sections).split("\n")


def test_a_word_document_is_read_by_its_headings_in_its_order() -> None:
    def write(document: Any) -> None:
        document.add_heading("Guide", 0)
        document.add_heading("Begin", 1)
        document.add_paragraph("First words.")
        table = document.add_table(2, 3)
        for row, cells in zip(table.rows, (("Part", "Price", "Stock"), ("Bolt", "1.20", "30")), strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
        document.add_paragraph("One", style="List Bullet")
        document.add_heading("Detail", 2)
        document.add_paragraph("Last words.")
        document.add_heading("Empty", 1)

    found = read_word(write)
    assert found.title == "Guide"
    assert [(each.heading, each.text) for each in found.sections] == [
        (("Guide", "Begin"), "First words."),
        (("Guide", "Begin"), "Part: Bolt; Price: 1.20; Stock: 30"),
        (("Guide", "Begin"), "- One"),
        (("Guide", "Begin", "Detail"), "Last words."),
        (("Guide",), "Empty"),
    ]


def test_a_word_documents_own_title_counts() -> None:
    assert read_word(lambda document: document.add_paragraph("x"), title="Travel policy").title == "Travel policy"
    assert read_word(lambda document: document.add_paragraph("x"), title="Microsoft Word - a.docx").title == ""


def test_what_word_does_not_show_is_not_read() -> None:
    def write(document: Any) -> None:
        paragraph = document.add_paragraph("Seen ")
        for number in range(3):
            font = paragraph.add_run(f"UNSEEN{number}").font
            if number == 0:
                font.hidden = True
            elif number == 1:
                font.color.rgb = RGBColor(255, 255, 255)
            else:
                font.size = Pt(1)
        dark = document.add_paragraph().add_run("White on black")
        dark.font.color.rgb = RGBColor(255, 255, 255)
        dark._r.rPr.append(parse_xml(f'<w:shd xmlns:w="{W}" w:val="clear" w:fill="000000"/>'))

    assert [each.text for each in read_word(write).sections] == ["Seen\n\nWhite on black"]


def test_a_workbook_says_with_each_value_what_it_is() -> None:
    rows = [["Prices of 2026"], [], ["Part", "Price", None, "Since"], ["Bolt", 1.5, None, "May"], ["Nut", 2, "x", None]]
    found = sheets.read(documents.workbook(Prices=rows, Sheet2=[["Name", "Age"], ["c", 1]]), Limits()).parsed()
    assert [(each.heading, each.locator, each.text) for each in found.sections] == [
        (("Prices",), "sheet Prices", "Prices of 2026"),
        (("Prices", "Prices of 2026"), "sheet Prices", "Part: Bolt; Price: 1.5; Since: May\nPart: Nut; Price: 2; x"),
        ((), "sheet Sheet2", "Name: c; Age: 1"),
    ]
    assert found.pages == 2
    assert found.title == ""


def test_a_workbook_with_more_cells_than_allowed_is_refused() -> None:
    with pytest.raises(Unreadable) as caught:
        sheets.read(documents.workbook(A=[[1, 2, 3]] * 10), Limits(cells=29))
    assert caught.value.code == "too_large"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_table_as_text_is_understood_whatever_wrote_it(separator: str, code: str) -> None:
    rows = [["Teil", "Größe", "Preis"], ["Schraube, lang", "3; 4", "1,20 €"], ["Mutter", "", "2,00 €"]]
    text = "\r\n".join(separator.join(f'"{cell}"' for cell in row) for row in rows)
    assert read_csv(text, code) == ["Teil: Schraube, lang; Größe: 3; 4; Preis: 1,20 €", "Teil: Mutter; Preis: 2,00 €"]


def test_a_table_without_names_is_read_as_it_stands() -> None:
    assert read_csv("1,2\n3,4\n") == ["1 | 2", "3 | 4"]


def test_an_open_document_sheet_is_read_too() -> None:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    rows = ""
    for row in (("Part", "Price", "Stock"), ("Bolt", "1.20", "30")):
        cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
        row_xml = "".join(map(cell.format, row))
        rows += f"<table:table-row>{row_xml}</table:table-row>"
    body = f'<office:spreadsheet><table:table table:name="Parts">{rows}</table:table></office:spreadsheet>'
    content = f"<office:document-content {spaces}><office:body>{body}</office:body></office:document-content>"
    manifest = '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr("META-INF/manifest.xml", manifest)
        file.writestr("content.xml", content)
    found = sheets.read(out.getvalue(), Limits()).parsed()
    assert [each.text for each in found.sections] == ["Part: Bolt; Price: 1.20; Stock: 30"]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("word", b"%PDF-1.7 text"),
        ("excel", b"plain text"),
        ("excel", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2_000)),
        ("pdf", b"plain text"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(kind: str, data: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        child.read(data, kind, Limits())
    assert "save it" in caught.value.reason
