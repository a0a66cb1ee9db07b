"""Tables of aligned lines in plain text and in the paragraphs of Word."""

import time
from typing import Any

import pytest
from rag_service.adapters.parsing import plain, word
from rag_service.adapters.parsing.limits import Limits
from rag_service.domain.document import PassageKind, Section

from . import documents


def sections(text: str) -> tuple[Section, ...]:
    return plain.read(text.encode(), Limits()).parsed().sections


def rows(text: str) -> list[str]:
    return [line for each in sections(text) if each.kind is PassageKind.ROWS for line in each.text.splitlines()]


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("Name        Phone        Room\nAda Weber   4711         12\nBo Li       4712         14",
         "Name: Bo Li; Phone: 4712; Room: 14"),
        ("Reception     4100\nWorkshop      4210\nBoiler room   4999", "Boiler room | 4999"),
        ("Article          Price   Stock\nShelf         1,200.00       3\nRail             89.50      12\n"
         "Screw             0.02   90000",
         "Article: Screw; Price: 0.02; Stock: 90000"),
        ("Ort\tTelefon\tLeitung\nBerlin\t030 1\tAnn\nLyon\t\tBo\nOslo\t022 3\tCy",
         "Ort: Oslo; Telefon: 022 3; Leitung: Cy"),
        ("Plan\t\tMonthly\nBasic\t\t5 EUR\nProfessional\t9 EUR\nTeam\t\t12 EUR", "Plan: Team; Monthly: 12 EUR"),
        ("SKU | Name | Price\nA-1 | Cable | 4.50\nA-2 | Dock | 80", "SKU: A-2; Name: Dock; Price: 80"),
        (" id | town   | fee\n----+--------+-----\n  1 | Riga   | 4\n  2 | Lund   | 9\n", "id: 2; town: Lund; fee: 9"),
        ("+----+------+\n| id | town |\n+----+------+\n| 1  | Riga |\n| 2  | Lund |\n+----+------+",
         "id: 2; town: Lund"),
        ("Name        Phone\n\nAda Weber   4711\nBo Li       4712\nCy          4713", "Name: Cy; Phone: 4713"),
        ("Name        Phone\n\nAda Weber   4711\n\nBo Li       4712\n\nCy          4713", "Name: Cy; Phone: 4713"),
        ("Code   Meaning\nE-17   The drum is hot and\n       must cool down\nE-18   No paper\nE-19   Lid open",
         "Code: E-19; Meaning: Lid open"),
        ("Имя       Телефон\nАнна      495\nОлег      382\nПётр      342", "Имя: Пётр; Телефон: 342"),
        ("名前      内線    部屋\n田中一郎  4711    12\n李        4712    14", "名前: 李; 内線: 4712; 部屋: 14"),
    ],
)  # fmt: skip
def test_aligned_lines_are_rows(text: str, last: str) -> None:
    found = sections(text)
    assert [each.kind for each in found] == [PassageKind.ROWS]
    assert found[0].text.splitlines()[-1] == last


def test_a_cell_may_reach_into_the_gap_or_go_on_below() -> None:
    crossed = "Name           Phone\nAda Weber      4711\nChristophersen 4712\nBo Li          4713\nCy             4714"
    assert "Name: Christophersen; Phone: 4712" in rows(crossed)
    wrapped = "Code   Meaning\nE-17   The drum is hot and\n       must cool down\nE-18   No paper\nE-19   Lid open"
    assert rows(wrapped)[0] == "Code: E-17; Meaning: The drum is hot and must cool down"


def test_a_group_is_carried_down() -> None:
    text = "Region   Town     Fee\nNorth    Riga     4\n         Lund     9\nSouth    Bari     7"
    assert rows(text)[1] == "Region: North; Town: Lund; Fee: 9"


def test_text_above_and_below_a_table_stays_text() -> None:
    text = "Rooms of the house\nRoom    Floor   Seats\nRiga    2       12\nLund    3       8\nEach has a screen."
    table, below = sections(text)
    assert (table.heading, below.text) == (("Rooms of the house",), "Each has a screen.")
    assert table.text.splitlines()[0] == "Room: Riga; Floor: 2; Seats: 12"


def test_two_tables_in_a_row_keep_their_names() -> None:
    first = "Name        Phone\nAda Weber   4711\nBo Li       4712"
    second = "Room    Seats   Floor\nRiga    12      2\nLund    8       3"
    assert rows(f"{first}\n\n{second}") == [*rows(first), *rows(second)]


@pytest.mark.parametrize(
    "text",
    [
        "x       = 1\nlonger  = 2\nz       = 3",
        "int a;        // first\nint bcd;      // second\nchar e;       // third",
        "def f(x):\n    if x:  # test\n        return  1\n    return   2",
        "b { margin: 0;   }\ni { top:    1px; }\nu { left:   2px; }",
        "SELECT  name,  room\nFROM    people\nWHERE   room = 12;",
        "Muster GmbH\nMusterweg 5\n12345 Berlin",
        "The sea is wide\n    and I am old\nThe wind is cold\n    my boat is small\n        and so am I",
        "We that were young    in days of yore\nhalls of the kings   are empty now\n"
        "songs of the brave    are sung no more",
        "This one ends here.  Another begins.  And goes on\n"
        "for a while longer.  Then a third.  It ends too\nsoon.  Well.",
        "The council met on Tuesday and     In other news the river is\n"
        "talked about the new bridge.       rising again after the rain"
        "\nNobody knows what it costs and     of last week, and people are",
        "1.   Open the lid\n2.   Take out the drum\n3.   Close the lid",
        "(a)  one party\n(b)  the other\n(c)  both",
        "Yours sincerely\n\nAda Weber          Bo Li",
        "    an indented paragraph\n    that goes on over lines\n    and ends here",
        "Home | About | Contact\nand more text",
    ],
)  # fmt: skip
def test_other_text_with_gaps_is_no_table(text: str) -> None:
    assert {each.kind for each in sections(text)} == {PassageKind.PROSE}
    assert "".join("".join(each.text for each in sections(text)).split()) == "".join(text.split())


def test_questions_with_gaps_behind_their_marks_are_questions() -> None:
    found = sections("Q:   Where is it?\nA:   In room 4.\nQ:   When?\nA:   At nine.")
    assert {each.kind for each in found} == {PassageKind.QA}


def test_paragraphs_of_word_with_tabs_are_rows() -> None:
    def write(document: Any) -> None:
        document.add_paragraph("These are the rooms.")
        document.add_paragraph().add_run("Room\tFloor\tSeats").bold = True
        for line in ("Riga\t2\t12", "Lund\t3\t8", "Bari\t1\t20"):
            document.add_paragraph(line)
        document.add_paragraph("Each has a screen.")
        document.add_paragraph("\tAn indented line.")

    found = word.read(documents.word(write), Limits()).parsed().sections
    assert [each.kind for each in found] == [PassageKind.PROSE, PassageKind.ROWS, PassageKind.PROSE]
    assert found[1].text.splitlines()[-1] == "Room: Bari; Floor: 1; Seats: 20"


def test_a_heading_with_a_gap_stays_a_heading() -> None:
    def write(document: Any) -> None:
        for title in ("1\tOpening hours", "2.  Lost cards"):
            document.add_paragraph().add_run(title).bold = True
            document.add_paragraph("Some text below it.")

    found = word.read(documents.word(write), Limits()).parsed().sections
    assert [each.heading for each in found] == [("1 Opening hours",), ("2. Lost cards",)]


def test_paragraphs_of_word_with_upright_lines_are_rows() -> None:
    def write(document: Any) -> None:
        for line in ("SKU | Name | Price", "A-1 | Cable | 4.50", "A-2 | Dock | 80", "A-2 | Dock | 80"):
            document.add_paragraph(line)

    [table] = word.read(documents.word(write), Limits()).parsed().sections
    assert table.text.splitlines() == ["SKU: A-1; Name: Cable; Price: 4.50", *["SKU: A-2; Name: Dock; Price: 80"] * 2]


@pytest.mark.parametrize(
    "text",
    [
        "a  " * 600 + "\n", "|" * 1_900 + "\n| a |\n", "a  b\na b\n", "\t\ta\t\t\tb\n", "; " * 900 + "\n",
        "x" + " " * 1_900 + "b\n", "a  b\n\n", "-" * 900 + "\n" + "a  b\n",
    ],
)  # fmt: skip
def test_the_time_grows_with_the_length_alone(text: str) -> None:
    def seconds(characters: int) -> float:
        data = (text * (characters // len(text))).encode()
        return min(once(data) for _ in range(3))

    def once(data: bytes) -> float:
        begins = time.process_time()
        plain.read(data, Limits()).parsed()
        return time.process_time() - begins

    # Eight times as long: linear time is eight times as much, quadratic time sixty-four times.
    assert seconds(160_000) < 24 * max(seconds(20_000), 0.01)
