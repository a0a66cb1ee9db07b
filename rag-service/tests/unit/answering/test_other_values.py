"""A row does not answer that has another value than the one that the question names of a column."""

import pytest

from .test_row_matches import said

POTTERY = """\
Course: Wheel throwing; Group: Beginners; Day: Monday; Room: Kiln house; Price: 84.00
Course: Wheel throwing; Group: Teens; Day: Thursday; Room: Barn; Price: 62.00
Course: Glazing; Group: Adults; Day: Friday; Room: Barn; Price: 71.00
Course: Raku firing; Group: all ages; Day: Saturday; Room: Yard; Price: 55.00"""
MOORINGS = """\
Steg: Nordsteg; Boot: Jolle; Sommerplatz: 140,00; Winterplatz: 60,00
Steg: Nordsteg; Boot: Yacht; Sommerplatz: 390,00; Winterplatz: 210,00
Steg: Südsteg (mit Strom); Boot: Jolle; Sommerplatz: 180,00; Winterplatz: –
Steg: Südsteg (mit Strom); Boot: Yacht; Sommerplatz: 450,00; Winterplatz: 260,00"""


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("wheel throwing for adults", POTTERY),
        ("glazing course on Thursday", POTTERY),
        ("How much is wheel throwing in the yard?", POTTERY),
        ("Winterplatz Südsteg Jolle", MOORINGS),
        ("Was kostet der Winterplatz am Südsteg für eine Jolle?", MOORINGS),
    ],
)
def test_the_nearest_row_is_not_told_where_the_named_values_stand_in_different_rows(question: str, rows: str) -> None:
    assert said(question, rows) == []


@pytest.mark.parametrize(
    ("question", "rows", "row"),
    [
        ("price wheel throwing teens", POTTERY, 1),
        ("How much is glazing for adults?", POTTERY, 2),
        ("How much is raku firing for adults?", POTTERY, 3),
        ("Sommerplatz Südsteg Jolle", MOORINGS, 2),
        ("Winterplatz Südsteg Yacht", MOORINGS, 3),
    ],
)
def test_the_row_with_all_named_values_is_told(question: str, rows: str, row: int) -> None:
    assert said(question, rows) == [rows.splitlines()[row]]


TOOLS = """\
No: K-11; Tool: Hedge trimmer; Assigned to: Ines Falk; Kept in: Shed
No: K-12; Tool: Chain saw; Assigned to: Tor Lie; Kept in: Garage"""
SERVICE = "Tool: Hedge trimmer; Mechanic: Ines Falk\nTool: Chain saw; Mechanic: Tor Lie"


@pytest.mark.parametrize("question", ["Who sharpens the chain saw?", "Who can inspect the hedge trimmer?"])
def test_the_holder_of_a_thing_is_not_told_for_the_one_who_does_something_with_it(question: str) -> None:
    assert said(question, TOOLS) == []


def test_the_holder_is_told_where_the_question_asks_for_one_and_another_role_for_any_verb() -> None:
    assert said("Who has the chain saw?", TOOLS) == [TOOLS.splitlines()[1]]
    assert said("Who uses the hedge trimmer?", TOOLS) == [TOOLS.splitlines()[0]]
    assert said("Wer ist für die Chain saw verantwortlich?", TOOLS) == [TOOLS.splitlines()[1]]
    assert said("Who repairs the chain saw?", SERVICE) == [SERVICE.splitlines()[1]]


LESSONS = """\
Level: Beginners; Day: Tuesday; Time: 15:30
Level: Adult beginners; Day: Thursday; Time: 20:15"""
ROPEWAY = """\
Strecke: Talfahrt; Erwachsene: 12,00 €; Kinder: 6,00 €
Strecke: Berg- und Talfahrt; Erwachsene: 26,00 €; Kinder: 13,00 €"""
HALLS = """\
Hall: Baths; Saturday: 8:00-18:00; Sunday: 9:00-17:00
Hall: Rink; Saturday: 10:00-19:00; Sunday: closed"""


@pytest.mark.parametrize(
    ("question", "rows", "row"),
    [
        ("when is the beginners level", LESSONS, 0),
        ("when is the level adult beginners", LESSONS, 1),
        ("Was kostet die Talfahrt für Kinder?", ROPEWAY, 0),
        ("Was kostet die Berg- und Talfahrt für Kinder?", ROPEWAY, 1),
        ("when do the baths close on Saturday", HALLS, 0),
    ],
)
def test_the_row_with_the_named_value_alone_is_told(question: str, rows: str, row: int) -> None:
    assert said(question, rows) == [rows.splitlines()[row]]


def test_a_numeral_is_no_further_word_of_a_value() -> None:
    rows = "Kurs: Ferienkurs I; Beginn: 17. Juli\nKurs: Ferienkurs II; Beginn: 7. August"
    assert said("Wann beginnt der zweite Ferienkurs?", rows) == [rows.splitlines()[1]]
