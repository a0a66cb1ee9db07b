"""Rows with another number than the question names, and rows that share only a lesser word with it."""

import pytest
from rag_service.domain.answering.exclusions.other_figures import figures, naming_text, with_digits, with_other_figures
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.answering.units.fuller_units import outdone
from rag_service.domain.passage import Passage
from rag_service.usecases.assess_passages import assess

from .passages import by_words, passage
from .test_extraction import table, texts

COURSES = (
    "Courses; Item: Swimming course, 60 minutes; Price: 31.00\n"
    "Courses; Item: Swimming course, 90 minutes; Price: 44.00\n"
    "Courses; Item: Bathing cap; Price: 6.00"
)
ZONES = "Ticket | Price\nTicket area 2 | 3.10\nTicket area 4 | 5.60"
_, NINETY, CAP = COURSES.splitlines()
THIRTY = "Courses; Item: Swimming course, 30 minutes; Price: 19.00"


def _units(question: str, *given: Passage) -> list[FoundUnit]:
    return [FoundUnit(each, unit) for each in assess(question, given, by_words) for unit in each.units]


def _left_out(question: str, *given: Passage) -> set[str]:
    return {each.core.shown for each in with_other_figures(question, _units(question, *given))}


@pytest.mark.parametrize("asked", ["90 minute", "90-minute", "90 min", "90 mins", "90'"])
def test_the_number_with_its_unit_is_in_the_told_row(asked: str) -> None:
    assert texts(f"What does a {asked} swimming course cost?", table(COURSES)) == [NINETY]


def test_the_number_behind_a_word_is_in_the_told_row() -> None:
    assert texts("How much is a ticket for area 4?", table(ZONES)) == ["Ticket area 4 | 5.60"]


@pytest.mark.parametrize(
    ("question", "rows"),
    [("What does a 45 minute swimming course cost?", COURSES), ("How much is a ticket for area 3?", ZONES)],
)
def test_a_number_that_no_row_has_is_not_answered_with_another_one(question: str, rows: str) -> None:
    assert texts(question, table(rows)) == []


def test_a_row_of_another_table_without_the_number_does_not_answer() -> None:
    grades = table("Grade 4 | 310.00 | 620.00\nGrade 5 | 340.00 | 680.00", "fees.xlsx")
    extras = table("Item: Lunch; Price: 7.00; Remarks: free with full care\nItem: Care kit; Price: 9.00", "extras.xlsx")
    assert texts("How much is full care in grade 5?", grades, extras) == ["Grade 5 | 340.00 | 680.00"]


def test_a_row_with_all_other_words_needs_no_number() -> None:
    lunch = table("Item: Lunch; Price: 7.00", "extras.xlsx")
    grades = table("Grade 4 | 310.00\nGrade 5 | 340.00", "fees.xlsx")
    assert _left_out("How much is lunch in grade 5?", grades, lunch) == {"Grade 4 | 310.00"}


def test_either_of_two_numbers_is_in_the_told_row() -> None:
    question = "Which is cheaper, the 60 minute or the 90 minute swimming course?"
    assert _left_out(question, table(f"{COURSES}\n{THIRTY}")) == {CAP, THIRTY}


def test_what_a_row_says_of_it_may_differ_from_the_number_of_a_yes_or_no_question() -> None:
    row = "Event: Moving house; Leave: 1 day"
    assert texts("Do I get 3 days for moving house?", table(f"{row}\nEvent: Jury; Leave: 3 days")) == [row]


def test_numbers_are_read_with_the_word_beside_them() -> None:
    assert set(figures("Course, 45 minutes, level 3")) == {("min", "45"), ("level", "3")}
    assert set(figures("a 7,5 kg parcel")) == {("kg", "7.5")}


@pytest.mark.parametrize(
    "text", ["up to 30 minutes", "10–20 people", "levels 2 to 6", "12 EUR", "8 am", "12.50", "2026"]
)
def test_ranges_and_amounts_and_times_of_the_day_bind_nothing(text: str) -> None:
    assert set(figures(text)) == set()


def test_a_row_is_named_by_its_cells_up_to_the_first_word() -> None:
    assert naming_text("Transport; Item: Bus area 2; Unit: per term (9 trips)") == "Item: Bus area 2"
    assert naming_text("No.: 7; Article: Filling tap; Stock: 4") == "No.: 7; Article: Filling tap"


def test_a_row_that_shares_one_word_does_not_answer_where_a_text_holds_all() -> None:
    row = "Item: Guest meal; Price: 14.00; Remarks: order at the canteen"
    text = "A visitor badge for a guest is valid for 12 hours."
    assert row not in texts("How long is a visitor badge for a guest valid?", table(row), passage(text))


def test_a_row_without_what_is_counted_does_not_answer() -> None:
    row = "Item: Room for relatives; Unit: per night; Price: 88.00; Remarks: Book with the office"
    text = "Drivers have 26 days of paid vacation per year."
    question = "Before I book a room for relatives: how many days of paid vacation do I have?"
    assert row not in texts(question, table(row), passage(text))


def test_a_row_that_holds_more_of_the_question_is_told() -> None:
    deposits = "Category: Monthly member; Deposit: 60\nCategory: Yearly member; Deposit: 90"
    extras = "Item: Towels; Price: 4.50; Remarks: Members only"
    told = texts("deposit yearly member", table(deposits, "deposits.xlsx"), table(extras, "extras.xlsx"))
    assert told[0] == "Category: Yearly member; Deposit: 90"
    assert extras not in told


def test_a_text_with_one_more_word_does_not_outdo_a_row() -> None:
    row = table("Storage: Top level, northern hall; Price: 240")
    question = "How much is heated top storage in the northern hall?"
    text = passage("Top storage in the northern hall that is heated costs 19.50 euros.")
    assert outdone(question, _units(question, row, text)) == []
    other = table("Storage: Top level, northern hall, heated; Price: 19.50", "other.xlsx")
    assert [each.core.shown for each in outdone(question, _units(question, row, other))] == [row.text]


TERMS = (
    "Course: Autumn term I; Begins: 3 September\nCourse: Autumn term II; Begins: 5 November\n"
    "Course: Spring term; Begins: 4 March"
)


@pytest.mark.parametrize(
    "asked", ["When does the second autumn term begin?", "When does autumn term 2 begin?", "autumn term II begins when"]
)
def test_an_ordinal_is_the_number_of_a_row_that_is_called_so(asked: str) -> None:
    first, second, _ = TERMS.splitlines()
    left_out = _left_out(asked, table(TERMS))
    assert first in left_out
    assert second not in left_out


def test_an_ordinal_that_no_row_is_called_by_leaves_none_out() -> None:
    buses = "Line | From\nBus 22 | Market\nBus 40 | Harbour"
    assert _left_out("When does the first bus leave?", table(buses)) == set()


def test_roman_numerals_and_ordinals_are_read_as_digits() -> None:
    assert set(figures(with_digits("der dritte Kurs"))) == set(figures(with_digits("Kurs III;"))) == {("kur", "3")}
    assert with_digits("Can I come? I think so") == "Can I come? I think so"
