"""Until when something must be done is answered neither by a beginning nor by what follows when it was not done."""

import pytest
from rag_service.domain.answering.matches.sole_answers import only_deadline
from rag_service.domain.answering.units.assessed_passage import AssessedPassage, AssessedUnit
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.answering.units.units import units_of
from rag_service.domain.answering.values.deadlines import asks_deadline, has_only_beginning, is_deadline
from rag_service.usecases.assess_passages import safe_sentences_of

from .passages import passage

CHOIR = passage(
    "The season starts on 1 September. "
    "The membership fee must reach the treasurer by 15 October. "
    "Members without payment on 30 November leave the choir.",
    "choir.md",
)


def found() -> list[FoundUnit]:
    sentences = safe_sentences_of(CHOIR)
    one = AssessedPassage(CHOIR, sentences, (), 0.1)
    return [FoundUnit(one, AssessedUnit(unit, 0.5)) for unit in units_of(sentences, CHOIR.kind, CHOIR.text)]


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("until when do I have to pay the berth", True),
        ("By when must the form be returned?", True),
        ("When is the second instalment due?", True),
        ("Bis wann muss ich das Buch zurückgeben?", True),
        ("When does the season begin?", False),
        ("From when do I have to pay rent?", False),
        ("Ab wann muss die Tonne draußen sein?", False),
        ("À partir de quand faut-il payer ?", False),
        ("When is the hall open?", False),
        ("What do I have to pay?", False),
    ],
)
def test_a_question_for_a_deadline(question: str, asks: bool) -> None:
    assert asks_deadline(question) is asks


def test_a_beginning_is_no_deadline() -> None:
    assert has_only_beginning("The lease runs from 1 April.")
    assert not has_only_beginning("Applications are open from 1 April to 3 May.")
    assert is_deadline("Der Beitrag ist spätestens am 15. März fällig bis 12 Uhr.")
    assert not is_deadline("The season starts on 1 September.")


def test_the_sentence_that_obliges_answers() -> None:
    every = found()
    last = next(each for each in every if "leave the choir" in each.core.shown)
    answer = only_deadline("When do I have to pay the choir membership fee?", last, every, 0.4)
    assert answer is not None
    assert "15 October" in answer.core.shown
    assert only_deadline("When does the choir season start?", last, every, 0.4) is None
    assert only_deadline("When do I have to pay the choir membership fee?", answer, every, 0.4) is None
