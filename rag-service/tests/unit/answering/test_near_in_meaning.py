"""Texts in another language than the question's, which has no word in common with them."""

from dataclasses import replace

import pytest
from rag_service.domain.answering.matches.near_in_meaning import is_far_in_meaning, near_in_meaning, stored_question
from rag_service.domain.answering.units.assessed_passage import AssessedUnit
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.usecases.answer import Answerer
from rag_service.usecases.assess_passages import assess
from rag_service.usecases.finding import Finder
from rag_service.usecases.readers import Readers

from .passages import by_words, passage
from .test_answerer import final
from .test_readers import MULTILINGUAL, never

GERMAN = "Der Tag der offenen Tür ist am Samstag, den 5. Juni. Die Hunde sind nicht gestattet. Das Licht ist aus."
RULES = passage("Ab 21 Uhr ist wegen der Nachbarn keine Musik in der Halle erlaubt. Die Miete ist am Ersten zu zahlen.")
NOTICE = passage("The lift is inspected every May by the firm that built it.", "rules.md", ordinal=1)


def _units(cosines: tuple[float, ...], probability: float = 0.3, text: str = GERMAN) -> list[FoundUnit]:
    [one] = assess("When is the open day?", [passage(text)], by_words)
    return [
        FoundUnit(one, AssessedUnit(unit.unit, probability, cosine=cosine))
        for unit, cosine in zip(one.units, cosines, strict=True)
    ]


def test_the_text_that_alone_is_near_answers() -> None:
    found = near_in_meaning("When is the open day?", _units((0.4, 0.2, 0.1)))
    assert found is not None
    assert "5. Juni" in found.quoted


@pytest.mark.parametrize(
    ("question", "cosines", "probability"),
    [
        ("When is the open day?", (0.4, 0.35, 0.1), 0.3),
        ("When is the open day?", (0.3, 0.1, 0.1), 0.3),
        ("When is the open day?", (0.4, 0.2, 0.1), 0.1),
        ("When does the shop open on Sunday?", (0.4, 0.2, 0.1), 0.3),
        ("How much does the open day cost?", (0.4, 0.2, 0.1), 0.3),
    ],
    ids=["a rival is as near", "far", "unlikely", "another day", "no amount of money"],
)
def test_none_answers_otherwise(question: str, cosines: tuple[float, ...], probability: float) -> None:
    assert near_in_meaning(question, _units(cosines, probability)) is None


@pytest.mark.parametrize(
    ("stored", "answers"),
    [((0.75, 0.4, 0.1), True), ((0.75, 0.65, 0.1), False), ((0.6, 0.2, 0.1), False), ((None, None, None), False)],
    ids=["alone near", "another one is near", "far", "no stored question"],
)
def test_the_stored_question_that_alone_asks_the_same(stored: tuple[float | None, ...], *, answers: bool) -> None:
    units = [
        replace(each, unit=replace(each.unit, stored_cosine=cosine))
        for each, cosine in zip(_units((0.2, 0.2, 0.1), 0.05), stored, strict=True)
    ]
    found = stored_question("When is the open day?", units)
    assert (found is units[0]) is answers


def test_a_text_of_the_questions_language_is_left_to_the_models() -> None:
    english = "The open day is on 5 June. The dogs are not allowed in the hall. The light is off at that time."
    units = _units((0.4, 0.1, 0.1), text=english)
    assert near_in_meaning("When is the open day?", units) is None
    assert not is_far_in_meaning("When is the open day?", units[1])


def test_a_likely_text_that_is_far_is_about_something_else() -> None:
    near, far, _ = _units((0.4, 0.2, 0.1), 0.9)
    assert is_far_in_meaning("When is the open day of the school?", far)
    assert not is_far_in_meaning("When is the open day of the school?", near)


def test_an_english_question_is_answered_from_a_german_text() -> None:
    made = Answerer(lambda _query, _top_k: [NOTICE, RULES], by_words, embed_others=MULTILINGUAL.embed)
    assert "Ab 21 Uhr" in final(made, "Is music allowed in the evening?").answer
    assert not final(made, "Who is the insurer of the building?").sources


def test_nobody_reads_other_languages_where_all_is_english() -> None:
    finder = Finder(lambda _query, _top_k: [NOTICE], Readers(by_words, never), 6, 0.1)
    assert finder.in_other_languages("Is music allowed in the evening?") is None
    german = replace(NOTICE, text=GERMAN)
    without = Finder(lambda _query, _top_k: [german], Readers(by_words, None), 6, 0.1)
    assert without.in_other_languages("Is music allowed in the evening?") is None
