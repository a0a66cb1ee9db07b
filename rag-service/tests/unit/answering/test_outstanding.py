"""A text below the threshold that is far likelier than any other."""

import pytest
from rag_service.domain.answering.assessed_passage import AssessedUnit
from rag_service.domain.answering.found_unit import FoundUnit
from rag_service.domain.answering.sentence_choice import stands_out
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
