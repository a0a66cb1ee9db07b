"""When a company accepts the answers of its trained model."""

from dataclasses import dataclass
from typing import Any

import pytest
from ai_service.adapters.local.model import LocalModel
from ai_service.classifier.head import Candidate, Classification
from ai_service.domain.company import Company
from ai_service.domain.departments import Departments, current
from ai_service.domain.ladder_settings import LadderSettings
from ai_service.domain.ticket_text import TicketText


@dataclass
class Head:
    """Finds every text HR's, with a given probability and abstention reason."""

    probability: float
    abstention_reason: str = ""
    version: str = "m1"

    def classify(self, texts: list[str], vectors: Any) -> list[Classification]:
        return [Classification((Candidate("HR", self.probability),), (), self.abstention_reason)] * len(texts)

    def trained(self, company: int, version: str) -> "Head":
        return self

    def cold(self, departments: Departments) -> None:
        return None


class Encoder:
    def ready(self) -> bool:
        return True

    def embed(self, texts: list[str]) -> list[list[float]]:
        return [[0.0]] * len(texts)


def read(head: Head, threshold: float | None) -> tuple[object, object, object]:
    company = Company(current([]), model="m1", ladder=LadderSettings(local_threshold=threshold))
    model: Any = LocalModel(Encoder(), head)  # type: ignore[arg-type]
    [rung], _ = model.rungs(1, company)
    proposal = rung.read(TicketText("leave", ""), company.departments)
    return proposal.department, proposal.confidence, proposal.reason


@pytest.mark.parametrize("threshold", [None, 0.0, 0.8])
def test_a_model_as_sure_as_the_company_asks_is_believed(threshold: float | None) -> None:
    assert read(Head(0.8), threshold)[:2] == ("HR", 80.0)


def test_a_model_less_sure_than_the_company_asks_leaves_it_to_a_person_and_says_so() -> None:
    assert read(Head(0.8), 0.9) == ("General", 30.0, "HR is 80% likely, the company asks for 90%")


def test_a_model_that_doubts_is_not_believed_however_little_the_company_asks() -> None:
    assert read(Head(0.8, "it resembles no ticket"), 0.1) == ("General", 30.0, "it resembles no ticket")
