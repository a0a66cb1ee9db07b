"""PDFs as their readers see them."""

import pytest
from rag_service.adapters.parsing import pdf
from rag_service.adapters.parsing.limits import Limits
from rag_service.domain.document import Parsed, PassageKind, Unreadable

from .documents import Pdf

BODY = "A sentence of the body which is long enough to fill a line of this"


def read(made: Pdf, **limits: int) -> Parsed:
    return pdf.read(made.bytes(), Limits(**limits)).parsed()


def texts(parsed: Parsed) -> list[str]:
    return [each.text for each in parsed.sections]


def test_larger_letters_are_headings_and_pages_are_places() -> None:
    made = Pdf().page().line("Handbook", 24).line(BODY).line("Chapter one", 16).line(BODY).page().line(BODY)
    found = read(made)
    assert [(each.heading, each.locator) for each in found.sections] == [
        (("Handbook",), "p. 1"),
        (("Handbook", "Chapter one"), "p. 1"),
        (("Handbook", "Chapter one"), "p. 2"),
    ]
    assert (found.title, found.pages) == ("Handbook", 2)


def test_lines_of_a_sentence_are_joined_and_items_are_not() -> None:
    made = Pdf().page().line(BODY).line("document goes on here.").line("New words follow.").line("- one").line("- two")
    assert texts(read(made)) == [f"{BODY} document goes on here.\nNew words follow.\n- one\n- two"]


def test_a_word_broken_at_a_lines_end_is_mended() -> None:
    assert "the translation of words" in texts(read(Pdf().page().line(f"{BODY} the trans-").line("lation of words")))[0]


def test_what_stands_at_the_edge_of_every_page_is_told_once() -> None:
    made = Pdf()
    for number in range(1, 7):
        made.page().line("Secret Company Ltd").line(f"{BODY} number {'abcdefg'[number]}").line("More of it.").line(
            f"Page {number} of 6"
        )
    found = "\n".join(texts(read(made)))
    assert found.count("Secret Company") == 1
    assert "Page" not in found
    assert found.count("number") == 6


def test_a_ruled_table_is_read_by_its_cells() -> None:
    made = Pdf().page().line("Before the table stands a line of text which says so.")
    made.grid([["Part", "Price", "Stock"], ["Bolt", "1.20", "30"], ["Nut", "0.80", ""]]).line("Behind the table.")
    before, table, behind = read(made).sections
    assert before.text.startswith("Before")
    assert (table.kind, table.text) == (
        PassageKind.ROWS,
        "Part: Bolt; Price: 1.20; Stock: 30\nPart: Nut; Price: 0.80",
    )
    assert behind.text == "Behind the table."


def test_more_pages_than_allowed_are_refused() -> None:
    with pytest.raises(Unreadable) as caught:
        read(Pdf().page().line(BODY).page().line(BODY), pages=1)
    assert caught.value.code == "too_large"


def test_a_short_page_is_no_scan_and_a_blank_page_is_empty() -> None:
    assert texts(read(Pdf().page().line("Short."))) == ["Short."]
    with pytest.raises(Unreadable) as caught:
        read(Pdf().page())
    assert caught.value.code == "empty"
