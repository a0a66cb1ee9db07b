"""When a trained head abstains and leaves the decision to the next stage."""

from dataclasses import dataclass
from typing import Any

import pytest
from ai_service.adapters.local.classifier.head import Candidate, Classification
from ai_service.adapters.local.classifier.stages import TrainedStage
from ai_service.domain.cascade import ClassifierFailed
from ai_service.domain.classification import DecidedBy, Proposal
from ai_service.domain.departments import Departments, current
from ai_service.domain.ticket_text import TicketText

DEPARTMENTS = current([])


@dataclass
class SaysHr:
    """A head that is sure of HR, for a text with a given typicality."""

    typicality: float
    known: frozenset[str] = frozenset({"HR", "Finance"})
    version: str = "m1"

    def classify(self, texts: list[str], vectors: Any) -> list[Classification]:
        return [Classification((Candidate("HR", 0.97),), (), typicality=self.typicality)] * len(texts)


class Encoder:
    def embed(self, texts: list[str]) -> list[list[float]]:
        return [[0.0]] * len(texts)


@dataclass
class Describes:
    """Descriptions that resemble every text in one department's, or none."""

    name: DecidedBy = "bert"
    department: str | None = None

    def classify(self, ticket: TicketText, departments: Departments) -> Proposal:
        if self.department is None:
            raise ClassifierFailed("unlike_all")
        return Proposal(self.department, 60)


def department(typicality: float, text: str, described: str | None = None) -> tuple[object, bool]:
    stage = TrainedStage(SaysHr(typicality), Encoder(), descriptions=Describes(department=described))  # type: ignore[arg-type]
    proposal = stage.classify(TicketText(text, ""), DEPARTMENTS)
    return proposal.department, proposal.confidence == 30.0


@pytest.mark.parametrize("typicality", [float("inf"), 2.0, 0.0, -0.4])
def test_texts_like_its_examples_need_no_second_opinion(typicality: float) -> None:
    assert department(typicality, "The toilet is leaking", "Facilities") == ("HR", False)


def test_an_unusual_text_that_names_a_department_without_examples_is_left_to_the_next_stage() -> None:
    assert department(-0.6, "The toilet is leaking") == ("General", True)


def test_of_departments_with_examples_it_abstains_only_where_the_text_is_more_unusual() -> None:
    assert department(-0.6, "Refund of an invoice") == ("HR", False)
    assert department(-1.1, "Refund of an invoice") == ("General", True)


@pytest.mark.parametrize("text", ["Qwertz", "A question about the newsletter", "Wo liegt der Ordner?"])
def test_an_unusual_text_needs_a_second_opinion(text: str) -> None:
    assert department(-0.9, text) == ("HR", False)
    assert department(-1.1, text) == ("General", True)
    assert department(-1.1, text, "Finance") == ("General", True)


def test_words_or_a_description_are_a_second_opinion() -> None:
    assert department(-3.0, "My payslip and my salary") == ("HR", False)
    assert department(-3.0, "Qwertz", "HR") == ("HR", False)


@pytest.mark.parametrize(
    "text",
    ["Hello", "Good morning, kind regards", "Guten Tag, mit freundlichen Grüßen", "Please help", "42", "", "Hi!!!"],
)
def test_a_text_without_content_belongs_to_no_department(text: str) -> None:
    assert department(2.0, text, "HR") == ("General", True)
    assert department(float("inf"), text) == ("HR", False), "people decided about this very text"
