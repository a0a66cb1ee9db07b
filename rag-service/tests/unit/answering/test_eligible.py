"""Rows and sentences that cannot answer: those about other things, and of another year, week or month."""

from dataclasses import replace

import pytest
from rag_service.domain.answering.eligible import eligible
from rag_service.domain.answering.exclusions.other_periods import speaks_of_another_period
from rag_service.domain.answering.tables.row_subject import about_other_things, asks_what_to_do, is_prose
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.usecases.assess_passages import assess

from .passages import by_words, passage, uuid
from .test_extraction import stored, table, texts

DRYER = "Drying | M-301 | Construction dryer 50 l/day | 18.00 | 27.00 | 75.00"
DRILLS = "Drilling | M-101 | Rotary drill 3 kg | 14.00 | 22.00\nDrilling | M-104 | Core drill 160 mm | 45.00 | 69.00"
TAPS = (
    "Art. no.: SP-1371; Description: Filling tap; Price: 17.61\nArt. no.: SP-1372; Description: Drain tap; Price: 9.10"
)


@pytest.mark.parametrize(
    ("question", "text", "heads"),
    [
        ("Which shift does Emma have in week 30?", "Emma | early | late", ["Shift plan, week 23"]),
        ("Wer hat in KW 30 Bereitschaft?", "Woche: 25; Erster: Baker", []),
        ("How much will a fitter cost in 2027?", "Fitter, per hour; Price 2026: 71.50", []),
        ("What did a fitter cost in 2024?", "Fitter; Price: 71.50", ["valid from 1 January 2026"]),
        ("What did it cost in 2028?", "Fitter; Price: 71.50", ["valid from 1 January 2026 to 31 December 2026"]),
        ("When do you open in August?", "In July we open at nine.", []),
    ],
)
def test_another_period_is_told_from_the_asked_one(question: str, text: str, heads: list[str]) -> None:
    assert speaks_of_another_period(question, text, heads)


@pytest.mark.parametrize(
    ("question", "text", "heads"),
    [
        ("Who is on call in week 25?", "Week: 25; First: Baker", ["Shift plan, week 23"]),
        ("What does a fitter cost in 2026?", "Fitter; Price 2026: 71.50", ["valid from 1 January 2025"]),
        ("What does a fitter cost in 2027?", "Fitter; Price: 71.50", ["valid from 1 March 2024"]),
        ("What does a fitter cost in 2027?", "Fitter; Price: 71.50", ["Prices"]),
        ("What does article 2027 cost?", "Bolt; Price 2026: 1.50", []),
        ("Do we work in December?", "From November to February nobody is away.", []),
        ("What does it cost?", "Fitter; Price 2026: 71.50", []),
    ],
)
def test_nothing_speaks_against_the_same_period_or_none(question: str, text: str, heads: list[str]) -> None:
    assert not speaks_of_another_period(question, text, heads)


def test_a_row_that_shares_only_a_measure_is_no_answer() -> None:
    assert texts("What does a chainsaw cost per day?", table(DRYER)) == []
    assert texts("What does a construction dryer cost per day?", table(DRYER)) == [DRYER]


def test_a_thing_whose_last_word_no_document_has_is_another_thing() -> None:
    row = "Description: Concrete vibrator; Price EUR: 31.00"
    assert texts("What does a concrete mixer cost?", table(row)) == []
    assert texts("What does a concrete vibrator cost?", table(row)) == [row]


def test_a_stored_answer_beats_the_rows_that_share_a_lesser_word() -> None:
    faq = stored("I have lost my receipt. Can I still return an article?", "You get a voucher.")
    question = "I lost my receipt, can I still bring back the tap I bought last week?"
    assert texts(question, table(TAPS), faq) == ["You get a voucher."]


def test_what_is_to_be_done_is_no_price() -> None:
    section = passage("Suspected asbestos\n\n1. Stop work at once.\n2. Leave the room.\n3. Ring the safety officer.")
    told = texts("I think I just drilled into asbestos, what now??", table(DRILLS), section, least=None)
    assert not any("drill" in each for each in told)


def test_only_questions_that_say_so_ask_what_to_do() -> None:
    assert asks_what_to_do("I dropped it, what now?")
    assert asks_what_to_do("Was muss ich tun?")
    assert not asks_what_to_do("which laptop has Aylin Demir got")


def test_a_condition_in_a_table_is_prose() -> None:
    assert is_prose("3 | The deposit is paid by debit card; we do not accept cash.")
    assert not is_prose(DRYER)


def test_a_row_with_most_of_the_words_is_about_the_thing_though_its_use_is_unknown() -> None:
    blue, red = "Item: Folding rain cover blue; Price: 8.00", "Item: Folding rain cover red; Price: 5.00"
    question = "price of a blue folding rain cover for a rucksack"
    assessed = assess(question, [table(f"{blue}\n{red}")], by_words)
    found = [FoundUnit(each, unit) for each in assessed for unit in each.units]
    assert blue not in {each.core.shown for each in about_other_things(question, found)}


def test_a_row_with_a_lesser_word_alone_is_about_another_thing_than_the_one_whose_price_is_asked() -> None:
    saw = "Item: Concrete saw; Price: 48.00"
    question = "What does a concrete mixer cost?"
    found = [FoundUnit(each, unit) for each in assess(question, [table(saw)], by_words) for unit in each.units]
    assert [each.core.shown for each in about_other_things(question, found)] == [saw]


SALES = "Month: Januar; Shop: Arosa; Umsatz: 12.500 €\nMonth: Februar; Shop: Arosa; Umsatz: 9.300 €"


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("Wie hoch war der Umsatz in Arosa im Januar?", [0]),
        ("Wie hoch war der Umsatz in Davos im Januar?", []),
        ("Umsatz Januar Davos", []),
        ("Umsatz März Arosa", []),
        ("Umsatz Februar Arosa", [1]),
    ],
)
def test_a_row_of_another_place_or_month_does_not_answer(question: str, rows: list[int]) -> None:
    found = texts(question, table(SALES, "sales.xlsx"), least=0.5)
    assert found == [SALES.split("\n")[row] for row in rows]


def test_a_row_below_another_head_shows_that_a_row_of_another_table_is_about_something_else() -> None:
    question = "when is judo on Friday"
    grid, swim = table("Hour: 18:00; Monday: Judo (Ida); Friday: Tango (Ole)"), table("Level: Advanced; Day: Friday")
    rows = [grid, replace(swim, document_id=uuid("swim"), chunk_id=uuid("swim#0"), title="swim.csv")]
    found = [FoundUnit(each, unit) for each in assess(question, rows, by_words) for unit in each.units]
    assert eligible(question, found) == []
