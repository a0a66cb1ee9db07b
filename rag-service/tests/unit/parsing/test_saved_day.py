"""When a file was last saved, by its own properties."""

import zipfile
from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO

import openpyxl
import pytest
from rag_service.adapters.parsing import html, saved_day, sheets, word
from rag_service.adapters.parsing.limits import Limits

from . import documents


def _word(day: datetime) -> date | None:
    data = documents.word(lambda document: document.add_paragraph("Meals cost 12 EUR."), modified=day)
    return word.read(data, Limits()).parsed().saved


def _workbook(day: datetime) -> date | None:
    book = openpyxl.Workbook()
    book.active.append(["Article", "Price"])
    book.active.append(["Spade", 12])
    book.properties.modified = day
    out = BytesIO()
    book.save(out)
    # The library writes the time of saving, whatever it was given.
    packed = zipfile.ZipFile(out)
    again = BytesIO()
    with zipfile.ZipFile(again, "w") as file:
        for name in packed.namelist():
            text = packed.read(name)
            if name == saved_day.CORE:
                now = openpyxl.load_workbook(out).properties.modified
                text = text.replace(now.strftime("%Y-%m-%d").encode(), day.strftime("%Y-%m-%d").encode())
            file.writestr(name, text)
    return sheets.read(again.getvalue(), Limits()).parsed().saved


def _page(day: datetime) -> date | None:
    meta = f'<meta name="last-modified" content="{day.isoformat()}">'
    page = f"<html><head>{meta}</head><body><p>Meals cost 12 EUR.</p></body></html>"
    return html.read(page.encode(), Limits()).parsed().saved


@pytest.mark.parametrize("read", [_word, _workbook, _page])
@pytest.mark.parametrize("day", [datetime(2019, 3, 31, 23, 5), datetime(2024, 12, 1, 0, 0, 1)])
def test_office_files_and_pages_say_when_they_were_saved(
    read: Callable[[datetime], date | None], day: datetime
) -> None:
    assert read(day) == day.date()


@pytest.mark.parametrize(
    ("properties", "day"),
    [
        ({"CreationDate": "D:20190302101500+01'00'"}, date(2019, 3, 2)),
        ({"CreationDate": "D:20190302", "ModDate": "D:20210704080000Z"}, date(2021, 7, 4)),
        ({"ModDate": "2021", "CreationDate": ""}, date(2021, 1, 1)),
        ({"ModDate": "yesterday", "CreationDate": "D:20200230"}, None),
        ({"ModDate": "D:99991231"}, None),
        ({"ModDate": "D:19700101000000Z"}, None),
        ({}, None),
    ],
)
def test_a_pdf_says_it_by_its_last_change_else_by_its_creation(properties: dict[str, str], day: date | None) -> None:
    assert saved_day.of_pdf(properties) == day


@pytest.mark.parametrize("text", ["", "31.12.2020", "2020-13-01", saved_day.TEMPLATE, "2020-01-02-03", "x" * 1_000])
def test_anything_else_says_nothing(text: str) -> None:
    assert saved_day.of_text(text) is None
