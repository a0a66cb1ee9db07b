"""A text below the threshold that is far likelier than any other."""

import pytest
from rag_service.domain.answering.sentence_choice import leads_in_both, short_section, stands_out
from rag_service.domain.answering.units.assessed_passage import AssessedUnit
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.usecases.assess_passages import assess

from .passages import by_words, passage

TEXT = "Tonreste kommen in die blaue Tonne. Die Scheibe wird nass gereinigt. Der Ofen bleibt zu."
QUESTION = "Wohin mit den Tonresten?"


def _units(*probabilities: float) -> list[FoundUnit]:
    [one] = assess(QUESTION, [passage(TEXT)], by_words)
    return [
        FoundUnit(one, AssessedUnit(unit.unit, probability))
        for unit, probability in zip(one.units, probabilities, strict=True)
    ]


@pytest.mark.parametrize(
    ("probabilities", "multilingual", "stands"),
    [
        ((0.45, 0.1, 0.1), True, True),
        ((0.45, 0.1, 0.1), False, False),
        ((0.45, 0.3, 0.1), True, False),
        ((0.3, 0.01, 0.01), True, False),
    ],
    ids=["one word of the question", "the English encoder needs two", "a rival", "unlikely"],
)
def test_a_text_with_one_word_of_the_question_stands_out(
    probabilities: tuple[float, ...], *, multilingual: bool, stands: bool
) -> None:
    found = _units(*probabilities)
    assert stands_out(QUESTION, found[0], found, multilingual=multilingual) is stands


def test_not_a_text_without_any_word_of_it() -> None:
    _, second, third = _units(0.1, 0.45, 0.1)
    assert not stands_out(QUESTION, second, [second, third], multilingual=True)


def test_a_word_that_only_begins_alike_is_no_word_of_the_question() -> None:
    [one] = assess(
        "Wie hoch ist der Nachtzuschlag?", [passage("Danach ist der Arzt unter 3344 anzurufen, nachts 112.")], by_words
    )
    found = [FoundUnit(one, AssessedUnit(one.units[0].unit, 0.45))]
    assert not stands_out("Wie hoch ist der Nachtzuschlag?", found[0], found, multilingual=True)


@pytest.mark.parametrize(
    ("probabilities", "cosines", "leads"),
    [
        ((0.3, 0.05, 0.05), (0.4, 0.2, 0.2), True),
        ((0.3, 0.2, 0.05), (0.4, 0.2, 0.2), False),
        ((0.3, 0.05, 0.05), (0.4, 0.35, 0.2), False),
        ((0.2, 0.01, 0.01), (0.4, 0.2, 0.2), False),
    ],
    ids=["leads in both", "a rival is likely", "a rival is near", "unlikely"],
)
def test_a_text_without_any_word_of_it_leads_in_both(
    probabilities: tuple[float, ...], cosines: tuple[float, ...], *, leads: bool
) -> None:
    question = "Kommen Scherben zum Altton?"
    [one] = assess(question, [passage(TEXT)], by_words)
    found = [
        FoundUnit(one, AssessedUnit(unit.unit, probability, cosine=cosine))
        for unit, probability, cosine in zip(one.units, probabilities, cosines, strict=True)
    ]
    assert leads_in_both(question, found[0], found) is leads


@pytest.mark.parametrize(
    ("question", "leads"),
    [
        ("Who looks after knees?", True),
        ("Who looked after knees in 2019?", False),
        ("How much do knees cost?", False),
        ("What percentage of knees does Joel treat?", False),
    ],
)
def test_a_text_leads_if_it_holds_the_asked_kind_of_thing(question: str, *, leads: bool) -> None:
    [one] = assess(question, [passage("Joel Abara treats knees and hips. The practice is closed on Sunday.")], by_words)
    found = [
        FoundUnit(one, AssessedUnit(unit.unit, probability, cosine=cosine))
        for unit, probability, cosine in zip(one.units, (0.35, 0.05), (0.5, 0.2), strict=True)
    ]
    assert leads_in_both(question, found[0], found) is leads


def test_a_short_text_below_a_heading_with_a_word_of_the_question_is_quoted_whole() -> None:
    question = "How do I cancel my booking?"
    text = (
        "# Cancelling\n\nBookings can be called off by telephone. Three days before at the latest.\n\n"
        "# Heating\n\nTurn the dial."
    )
    [one] = assess(question, [passage(text)], by_words)
    best = next(FoundUnit(one, unit) for unit in one.units if "called off" in FoundUnit(one, unit).quoted)
    [whole] = short_section(question, best)
    assert whole.quoted == "Bookings can be called off by telephone. Three days before at the latest."
    assert short_section("How do I repair the roof?", best) == []


def test_hours_do_not_tell_how_many() -> None:
    question = "How many visitors are allowed at once?"
    for text, leads in (
        ("Visitors are welcome every day from 2 pm to 7 pm.", False),
        ("Two visitors are welcome every day from 2 pm to 7 pm.", True),
    ):
        [one] = assess(question, [passage(f"{text} The garden is quiet and green.")], by_words)
        found = [
            FoundUnit(one, AssessedUnit(unit.unit, probability, cosine=cosine))
            for unit, probability, cosine in zip(one.units, (0.35, 0.05), (0.5, 0.2), strict=True)
        ]
        assert leads_in_both(question, found[0], found) is leads
