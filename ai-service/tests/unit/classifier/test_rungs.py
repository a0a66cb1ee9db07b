"""When a trained head gives way to the rungs below it."""

from dataclasses import dataclass
from typing import Any

import pytest
from ai_service.classifier.head import Candidate, Judgement
from ai_service.classifier.rungs import Trained
from ai_service.domain.departments import current
from ai_service.domain.ticket_text import TicketText

DEPARTMENTS = current([])


@dataclass
class SaysHr:
    """A head that is sure of HR, for a text that is as usual as it is set to be."""

    usual: float
    known: frozenset[str] = frozenset({"HR", "Finance"})
    version: str = "m1"

    def judge(self, texts: list[str], vectors: Any) -> list[Judgement]:
        return [Judgement((Candidate("HR", 0.97),), (), usual=self.usual)] * len(texts)


class Encoder:
    def embed(self, texts: list[str]) -> list[list[float]]:
        return [[0.0]] * len(texts)


def department(usual: float, text: str) -> tuple[object, bool]:
    proposal = Trained(SaysHr(usual), Encoder()).read(TicketText(text, ""), DEPARTMENTS)
    return proposal.department, proposal.confidence == 30.0


@pytest.mark.parametrize("usual", [float("inf"), 2.0, 0.0, -0.4])
def test_of_texts_like_those_it_learnt_from_it_knows_more_than_keywords(usual: float) -> None:
    assert department(usual, "The toilet is leaking") == ("HR", False)


def test_an_unusual_text_that_names_a_department_it_was_not_taught_is_handed_down() -> None:
    assert department(-0.6, "The toilet is leaking") == ("General", True)


def test_of_departments_that_it_was_taught_it_gives_way_only_where_the_text_is_more_unusual() -> None:
    assert department(-0.6, "Refund of an invoice") == ("HR", False)
    assert department(-1.1, "Refund of an invoice") == ("General", True)


@pytest.mark.parametrize("text", ["Qwertz", "My payslip and my salary", "A question about the newsletter"])
def test_it_does_not_give_way_where_the_words_say_nothing_else(text: str) -> None:
    assert department(-3.0, text) == ("HR", False)
