"""A stored question does not answer that has only the document's subject in common with the asked one."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from rag_service.domain.answering.exclusions.other_stored import with_subject_alone
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.usecases.assess_passages import assess

from .passages import by_words
from .test_extraction import stored

POOL = (
    ("Is the aquarium suitable for prams?", "Ramps lead to every tank."),
    ("When does the aquarium feed the penguins?", "At 11 am and at 3 pm."),
    ("How long does a tour of the aquarium take?", "About ninety minutes."),
)


def units(question: str, cosine: float) -> Sequence[FoundUnit]:
    passages = [stored(*each, name="aquarium.csv", ordinal=place) for place, each in enumerate(POOL)]
    every = [FoundUnit(one, unit) for one in assess(question, passages, by_words) for unit in one.units]
    return [replace(each, unit=replace(each.unit, stored_cosine=cosine)) for each in every]


@pytest.mark.parametrize(
    "question",
    ["Is there a cloakroom in the aquarium?", "Can I get engaged in the aquarium?", "Hat das Aquarium ein Bistro?"],
)
def test_none_answers_that_shares_the_subject_alone(question: str) -> None:
    every = units(question, 0.7)
    assert with_subject_alone(question, every) == every


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Does the aquarium have ramps?", "Ramps"),
        ("Are penguins in the aquarium?", "11 am"),
        ("Can I take a pram into the aquarium?", "Ramps"),
    ],
)
def test_one_with_another_word_of_the_question_in_it_or_in_its_answer_may_answer(question: str, answer: str) -> None:
    every = units(question, 0.7)
    left_out = with_subject_alone(question, every)
    assert [each.quoted for each in every if each not in left_out and answer in each.quoted]
    assert len(left_out) == 2


def test_the_same_question_in_other_words_may_answer_as_may_one_without_the_subject() -> None:
    assert with_subject_alone("Is the aquarium step-free?", units("Is the aquarium step-free?", 0.8)) == []
    assert with_subject_alone("Do you have toilets?", units("Do you have toilets?", 0.3)) == []
