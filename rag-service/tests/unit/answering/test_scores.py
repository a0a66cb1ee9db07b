"""Which units are scored, and with what heading."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from rag_service.domain.answering.citation import Cited
from rag_service.domain.answering.extraction import Extracted
from rag_service.usecases.answer import Answerer
from rag_service.usecases.assess_passages import LIKELIEST_SCORED, NEAREST_SCORED, assess
from rag_service.usecases.further_attempts import MIN_OF_FURTHER, further_reader, of_asked_kind
from rag_service.usecases.readers import Readers
from rag_service.usecases.results import ChatAnswer

from .passages import by_words, passage, uuid

RULES = "Rules\n\nDogs stay outside. Bicycles stand in the yard. The gate closes at nine."


class Reads:
    """An encoder that keeps what it was given; a text with "gate" scores best."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[str]]] = []

    def __call__(self, question: str, texts: Sequence[str]) -> Any:
        self.calls.append((question, list(texts)))
        return np.array([float("gate" in each) for each in texts])


def test_each_unit_is_scored_once_below_its_heading() -> None:
    reads = Reads()
    found = replace(passage(RULES), heading=("House", "Evenings"))
    [one] = assess("When does the gate close?", [found], by_words, score=reads)
    [(question, texts)] = reads.calls
    assert question == "When does the gate close?"
    assert "Evenings. The gate closes at nine." in texts or "Rules. The gate closes at nine." in texts
    assert len(texts) == len(set(texts))
    scores = {one.sentences[each.unit.core].shown: each.score for each in one.units if each.score is not None}
    assert scores["The gate closes at nine."] == 1.0
    assert scores["Dogs stay outside."] == 0.0


def test_of_many_units_the_nearest_and_the_likeliest_are_scored() -> None:
    many = [passage(" ".join(f"Room {n} of house {house} is quiet." for n in range(9)), f"{house}.txt", ordinal=house)
            for house in range(6)]  # fmt: skip
    reads = Reads()
    found = assess("How late may music be played?", many, by_words, score=reads)
    [(_, texts)] = reads.calls
    assert NEAREST_SCORED <= len(texts) <= NEAREST_SCORED + LIKELIEST_SCORED
    assert sum(each.score is not None for one in found for each in one.units) == len(texts)


def test_nothing_to_score_calls_nothing() -> None:
    reads = Reads()
    assert assess("When?", [], by_words, score=reads) == []
    assert reads.calls == []


def test_english_alone_is_scored_and_only_beside_the_encoder() -> None:
    readers = Readers(by_words, by_words, score=Reads())
    assert readers.english.score is None
    assert readers.scoring is not None
    assert readers.scoring.model.comparison is not None
    assert readers.scoring.model.comparison.scores
    assert further_reader(readers.english, readers) == (readers.scoring, readers.scoring.model.least)
    german = readers.others("german")
    assert further_reader(german, readers) == (german, MIN_OF_FURTHER)
    assert Readers(None, None, score=Reads()).scoring is None


@pytest.mark.parametrize(
    ("question", "text", "answers"),
    [
        ("What percentage is matched?", "The employer matches 4 % of the salary.", True),
        ("What percentage is matched?", "Ask the company that holds your account.", False),
        ("To which e-mail address do I write?", "Write to help@corp.example.", True),
        ("To which e-mail address do I write?", "Call the hotline on 4410.", False),
        ("How much is a locker?", "Lockers cost £2 a day.", True),
        ("How much is a locker?", "Lockers are by the door.", False),
        ("Can I bring a dog?", "Animals stay outside.", True),
    ],
)
def test_further_passages_answer_only_with_the_kind_of_value_that_is_asked_for(
    question: str, text: str, answers: bool
) -> None:
    extracted = Extracted((Cited(text, (uuid("a"),), ()),), 0.8)
    assert bool(of_asked_kind(question, extracted).cited) == answers
    assert of_asked_kind(question, Extracted()) == Extracted()


def test_where_nothing_answers_passages_below_the_least_score_are_read_by_the_answer_encoder() -> None:
    low = replace(passage("Dogs stay outside. Bicycles stand in the yard. The gate closes at nine."), score=0.05)
    reads = Reads()
    made = Answerer(lambda _query, top_k: [low][:top_k], by_words, score=reads)
    *_, answer = made.chat("until what hour may one come in through the door")
    assert reads.calls
    assert isinstance(answer, ChatAnswer)
    [(_, texts)] = {tuple(call[1]): call for call in reads.calls}.values()
    assert any("gate closes" in each for each in texts)
