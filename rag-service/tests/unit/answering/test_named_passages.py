"""Passages that hold what a question names come first, and are looked for further down."""

from collections.abc import Sequence
from dataclasses import replace

from rag_service.domain.answering.matches.named_passages import found_for
from rag_service.domain.passage import Passage

from .passages import passage

OTHERS = [passage(f"Asset: QT-{number}; User: Jo Berg", f"assets-{number}.csv") for number in range(10, 16)]
ASKED = replace(passage("Asset: QT-77; User: Mira Holm", "assets.csv"), score=0.1)


def searched(question: str) -> Sequence[Passage]:
    return found_for(question, lambda _query, number: [*OTHERS, ASKED][:number], 4, 0.25)


def test_a_passage_with_the_asked_code_comes_first_however_low_its_score() -> None:
    assert searched("Who uses QT 77?")[0] == ASKED


def test_a_passage_with_the_whole_name_in_one_line_comes_first() -> None:
    assert searched("What does Mira Holm use?")[0] == ASKED
    assert ASKED not in searched("What does Mira Berg use?")


def test_without_a_name_passages_with_too_low_a_score_are_left_out() -> None:
    assert found_for("who uses what", lambda _query, _number: [ASKED, OTHERS[0]], 4, 0.25) == [OTHERS[0]]
