"""Numbers of headings, clauses and lists of a Word document are those that Word shows."""

from typing import Any

import pytest
from docx.oxml import parse_xml
from rag_service.adapters.parsing import word
from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.numerals import lettered, repeated, roman

from . import documents

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
Level = tuple[str, str, str]


def define(document: Any, levels: list[Level], more: str = "") -> None:
    """Add a list 90 of levels (format, text, further properties), and a list 91 that begins anew at 7."""
    root = document.part.numbering_part.element
    made = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>{further}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for depth, (kind, text, further) in enumerate(levels)
    )
    root.insert(0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="90">{made}</w:abstractNum>'))
    override = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride>'
    for number, inside in ((90, ""), (91, override)):
        inside = f'<w:abstractNumId w:val="90"/>{inside}'
        root.append(parse_xml(f'<w:num {W} w:numId="{number}">{inside}</w:num>'))


def numbered(paragraph: Any, depth: int, number: int = 90) -> None:
    properties = paragraph._p.get_or_add_pPr()
    properties.append(parse_xml(f'<w:numPr {W}><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>'))


def lines(levels: list[Level], places: list[tuple[int, int]]) -> list[str]:
    """Return the labels of paragraphs at places (level, list)."""

    def write(document: Any) -> None:
        define(document, levels)
        for depth, number in places:
            numbered(document.add_paragraph("x"), depth, number)

    [section] = word.read(documents.word(write), Limits()).parsed().sections
    return [line.removesuffix(" x") for line in section.text.split("\n\n")]


def test_clauses_of_several_levels_count_and_begin_anew() -> None:
    levels = [("decimal", "%1.", ""), ("decimal", "%1.%2", ""), ("lowerLetter", "(%3)", ""), ("lowerRoman", "%4)", "")]
    places = [(depth, 90) for depth in (0, 1, 1, 2, 2, 3, 3, 2, 1, 2, 0, 1)]
    assert lines(levels, places) == [
        "1.", "1.1", "1.2", "(a)", "(b)", "i)", "ii)", "(c)", "1.3", "(a)", "2.", "2.1",
    ]  # fmt: skip


def test_a_list_may_begin_at_another_number_and_go_on() -> None:
    assert lines([("upperLetter", "%1)", "")], [(0, 90), (0, 91), (0, 91), (0, 90)]) == ["A)", "G)", "H)", "I)"]


def test_a_level_may_never_restart_and_legal_numbers_are_digits() -> None:
    levels = [("upperRoman", "Article %1", ""), ("decimal", "§ %2", '<w:lvlRestart w:val="0"/>'),
              ("decimal", "%1.%2.%3", "<w:isLgl/>")]  # fmt: skip
    places = [(depth, 90) for depth in (0, 1, 0, 1, 2)]
    assert lines(levels, places) == ["Article I", "§ 1", "Article II", "§ 2", "2.2.1"]


def test_numbers_of_heading_styles_are_part_of_the_headings() -> None:
    def write(document: Any) -> None:
        define(
            document,
            [("decimal", "%1", '<w:pStyle w:val="Heading1"/>'), ("decimal", "%1.%2", '<w:pStyle w:val="Heading2"/>')],
        )
        for depth, name in enumerate(("Heading 1", "Heading 2")):
            style = document.styles[name].element.get_or_add_pPr()
            level = f'<w:ilvl w:val="{depth}"/>' if depth else ""
            style.append(parse_xml(f'<w:numPr {W}>{level}<w:numId w:val="90"/></w:numPr>'))
        document.add_heading("Scope", 1)
        document.add_paragraph("All sites.")
        document.add_heading("Leave", 1)
        document.add_heading("Annual", 2)
        document.add_paragraph("25 days.")
        document.add_heading("Parental", 2)
        document.add_paragraph("26 weeks.")

    found = word.read(documents.word(write), Limits()).parsed()
    assert [(each.heading, each.text) for each in found.sections] == [
        (("1 Scope",), "All sites."),
        (("2 Leave", "2.1 Annual"), "25 days."),
        (("2 Leave", "2.2 Parental"), "26 weeks."),
    ]
    assert found.title == "Scope"


def test_list_styles_show_bullets_and_numbers() -> None:
    def write(document: Any) -> None:
        for style in ("List Number", "List Number", "List Bullet"):
            document.add_paragraph("x", style=style)

    [section] = word.read(documents.word(write), Limits()).parsed().sections
    assert section.text == "1. x\n\n2. x\n\n- x"


@pytest.mark.parametrize(("number", "letters", "word_letters", "latin"), [
    (1, "a", "a", "i"), (26, "z", "z", "xxvi"), (27, "aa", "aa", "xxvii"), (28, "ab", "bb", "xxviii"),
    (53, "ba", "aaa", "liii"), (1994, "bxr", "", "mcmxciv"),
])  # fmt: skip
def test_numbers_as_letters_and_roman(number: int, letters: str, word_letters: str, latin: str) -> None:
    assert (lettered(number), roman(number)) == (letters, latin)
    assert not word_letters or repeated(number) == word_letters
