"""Tables that a page's end cuts: rows, groups and cells over several rows."""

from collections.abc import Callable, Sequence

import pytest

from .drawn import Drawn
from .reading import read, rows

TALL = 20
Cells = Sequence[str]
Draw = Callable[[Drawn, Sequence[Cells]], Drawn]


def ruled(made: Drawn, lines: Sequence[Cells], *, top: float = 720) -> Drawn:
    """Draw a table with rules; a cell's lines are parted by line ends."""
    heights = [TALL * max(cell.count("\n") + 1 for cell in cells) for cells in lines]
    y = top
    made.rule(60, y, 510, y)
    for cells, height in zip(lines, heights, strict=True):
        for column, cell in enumerate(cells):
            for at, line in enumerate(cell.split("\n")):
                made.text(64 + 150 * column, y - 15 - 12 * at, line)
        y -= height
        made.rule(60, y, 510, y)
    for column in range(4):
        made.rule(60 + 150 * column, top, 60 + 150 * column, y)
    return made


def unruled(made: Drawn, lines: Sequence[Cells], *, top: float = 720) -> Drawn:
    """Write a table whose columns are parted by gaps."""
    for row, cells in enumerate(lines):
        for column, cell in enumerate(cells):
            if cell:
                made.text(64 + 150 * column, top - 16 * row, cell)
    return made


HEAD = ("Code", "Meaning", "Minutes")
BEGIN = [("E1", "Fault of the fan", "4"), ("E2", "The lamp is out and", "5")]
END = [("", "must be replaced", ""), ("E3", "Door is open", "6"), ("E4", "Belt is worn", "7")]
WHOLE = "Code: E2; Meaning: The lamp is out and must be replaced; Minutes: 5"


@pytest.mark.parametrize("repeated", [True, False])
def test_a_row_that_a_page_cuts_is_one_row(repeated: bool) -> None:
    head = [HEAD] if repeated else []
    made = ruled(ruled(Drawn().page(), [HEAD, *BEGIN]).page(), [*head, *END])
    found = read(made)
    assert rows(found)[1] == WHOLE
    assert len(rows(found)) == 4
    assert [each.locator for each in found.sections] == ["p. 1", "p. 2"]


def test_a_cut_row_of_a_table_without_rules_is_one_row() -> None:
    begin = [("E0", "Key is lost", "3"), *BEGIN]
    made = unruled(unruled(Drawn().page(), [HEAD, *begin]).page(), [*END, ("E5", "Key is bent", "8")])
    assert rows(read(made))[2] == WHOLE
    assert len(rows(read(made))) == 6


def test_a_word_that_a_page_cuts_in_a_cell_is_whole() -> None:
    begin = [("E1", "Fault of the fan", "4"), ("E2", "The lamp needs re-", "5")]
    made = ruled(ruled(Drawn().page(), [HEAD, *begin]).page(), [("", "placement", ""), *END[1:]])
    assert rows(read(made))[1] == "Code: E2; Meaning: The lamp needs replacement; Minutes: 5"


def test_a_sentence_behind_a_cut_at_its_end_stays_with_its_key() -> None:
    begin = [("E1", "Fault of the fan", "4"), ("E2", "Switch the unit off.", "5")]
    made = ruled(ruled(Drawn().page(), [HEAD, *begin]).page(), [("", "Then call the service.", ""), *END[1:]])
    assert rows(read(made))[1] == "Code: E2; Meaning: Switch the unit off. Then call the service.; Minutes: 5"


@pytest.mark.parametrize(
    ("above", "below"),
    [
        (("Europe", "France", "12"), ("", "Germany", "14")),
        (("Europe", "France", "12"), ("", "Germany", "")),
        (("E2", "lamp", "5"), ("E5", "fuse", "6")),
        (("E2", "fan, lamp", "5"), ("", "fuse", "6")),
    ],
)
def test_rows_on_two_pages_are_not_joined_without_a_sign(above: Cells, below: Cells) -> None:
    first = [HEAD, ("E1", "Fault of the fan", "4"), above]
    made = ruled(ruled(Drawn().page(), first).page(), [below, *END[1:]])
    assert len(rows(read(made))) == 5


def test_lower_case_cells_are_no_sign_where_all_are() -> None:
    first = [("Group", "Item", "Stock"), ("Fluids", "oil", "4"), ("", "water", "5"), ("Metals", "tin", "6")]
    made = ruled(ruled(Drawn().page(), first).page(), [("", "lead", ""), ("Woods", "oak", "8"), ("", "ash", "9")])
    assert len(rows(read(made))) == 6


@pytest.mark.parametrize("draw", [ruled, unruled])
def test_a_group_goes_on_on_the_next_page(draw: object) -> None:
    first = [("Article", "Unit", "Price"), ("Tools", "", ""), ("Hammer", "piece", "9.10"), ("Saw", "piece", "8.20")]
    first += [("Paints", "", ""), ("Red", "tin", "4.10"), ("Blue", "tin", "4.20")]
    second = [("Green", "tin", "4.30"), ("White", "tin", "4.40"), ("Ropes", "", ""), ("Jute", "metre", "1.10")]
    second += [("Steel", "metre", "2.10")]
    assert callable(draw)
    found = rows(read(draw(draw(Drawn().page(), first).page(), second)))
    assert found[4] == "Paints; Article: Green; Unit: tin; Price: 4.30"
    assert found[-1] == "Ropes; Article: Steel; Unit: metre; Price: 2.10"
    assert len(found) == 8


@pytest.mark.parametrize("draw", [ruled, unruled])
def test_a_group_that_begins_a_page_names_its_rows(draw: object) -> None:
    first = [("Article", "Unit", "Price"), ("Tools", "", ""), ("Hammer", "piece", "9.10"), ("Saw", "piece", "8.20")]
    second = [("Paints", "", ""), ("Red", "tin", "4.10"), ("Blue", "tin", "4.20"), ("Green", "tin", "4.30")]
    assert callable(draw)
    found = rows(read(draw(draw(Drawn().page(), first).page(), second)))
    assert found[2:] == [
        f"Paints; Article: {colour}; Unit: tin; Price: {price}"
        for colour, price in (("Red", "4.10"), ("Blue", "4.20"), ("Green", "4.30"))
    ]


def test_a_cell_over_several_rows_names_those_on_the_next_page_too() -> None:
    made = Drawn().page()
    for number, first in enumerate((True, False)):
        lines = [("Region", "Country", "Fee")] if first else []
        lines += [("Europe" if first else "", f"Country {number}{'abc'[at]}", f"{at + 3} EUR") for at in range(3)]
        for row, cells in enumerate(lines):
            for column, cell in enumerate(cells):
                if cell and not (row > 1 and not column):
                    made.text(64 + 150 * column, 705 - 20 * row, cell)
        for row in range(len(lines) + 1):
            whole = row in (0, len(lines)) or (first and row == 1)
            made.rule(60 if whole else 210, 720 - 20 * row, 510, 720 - 20 * row)
        for column in range(4):
            made.rule(60 + 150 * column, 720, 60 + 150 * column, 720 - 20 * len(lines))
        if first:
            made.page()
    assert rows(read(made)) == [
        f"Region: Europe; Country: Country {page}{sign}; Fee: {at + 3} EUR"
        for page in (0, 1)
        for at, sign in enumerate("abc")
    ]


PARTS = [(f"P{number}", f"Part {number}", f"{number}.50 EUR") for number in range(1, 8)]


@pytest.mark.parametrize("draw", [ruled, unruled])
@pytest.mark.parametrize("repeated", [True, False])
@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_rows_on_the_last_page_are_rows(draw: Draw, repeated: bool, count: int) -> None:
    last = PARTS[-count:]
    made = draw(Drawn().page().text(280, 30, "Page 1 of 2"), [HEAD, *PARTS[:-count]])
    made = draw(made.page().text(280, 30, "Page 2 of 2"), [*[HEAD] * repeated, *last])
    found = read(made)
    assert rows(found)[-count:] == [f"Code: {a}; Meaning: {b}; Minutes: {c}" for a, b, c in last]
    assert len(rows(found)) == len(PARTS)
    assert found.sections[-2 if "Page" in found.sections[-1].text else -1].locator == "p. 2"


@pytest.mark.parametrize(
    "below",
    [("Graz", "4 May 2031", "The director"), ("Signed in Graz", "", "on the last day of May"), ("P8", "Part 8", "")],
)
def test_lines_that_do_not_fit_the_columns_of_the_page_before_are_text(below: Cells) -> None:
    made = unruled(unruled(Drawn().page(), [HEAD, *PARTS]).page(), [below])
    found = read(made)
    assert len(rows(found)) == len(PARTS)
    assert all(cell in found.sections[-1].text for cell in below)


def test_the_line_above_a_table_is_its_title_and_is_read_once() -> None:
    found = read(unruled(Drawn().page().text(64, 738, "Parts of 2031"), [HEAD, *PARTS]))
    assert [each.text for each in found.sections[:-1]] == ["Parts of 2031"]
    assert found.sections[-1].heading == ("Parts of 2031",)


def test_a_row_below_other_text_is_no_part_of_the_table_before() -> None:
    made = unruled(Drawn().page(), [HEAD, *PARTS]).page()
    made.lines(60, 720, "These numbers are not those above.", "They hold for the stairs alone,", "and for the lift.")
    found = read(made.lines(60, 660, "See below.", "Stairs:").lines(64, 600, "P9").lines(214, 600, "Part 9"))
    assert len(rows(found)) == len(PARTS)
