"""The company's threshold for its trained model."""

from dataclasses import dataclass
from typing import Any

import pytest
from ai_service.adapters.local.classifier.head import Candidate, Classification
from ai_service.adapters.local.model import LocalModel
from ai_service.domain.cascade_settings import CascadeSettings
from ai_service.domain.company import Company
from ai_service.domain.departments import Departments, current
from ai_service.domain.ticket_text import TicketText


@dataclass
class Head:
    """Classifies every text as HR, with a given probability and abstain reason."""

    probability: float
    abstention_reason: str = ""
    version: str = "m1"

    def classify(self, texts: list[str], vectors: Any) -> list[Classification]:
        return [Classification((Candidate("HR", self.probability),), (), self.abstention_reason)] * len(texts)

    def trained(self, company: int, version: str) -> "Head":
        return self

    def zero_shot(self, departments: Departments) -> None:
        return None


class Encoder:
    def ready(self) -> bool:
        return True

    def embed(self, texts: list[str]) -> list[list[float]]:
        return [[0.0]] * len(texts)


def read(head: Head, threshold: float | None) -> tuple[object, object, object]:
    company = Company(current([]), model="m1", cascade=CascadeSettings(local_threshold=threshold))
    model: Any = LocalModel(Encoder(), head)  # type: ignore[arg-type]
    [classifier], _ = model.classifiers(1, company)
    proposal = classifier.classify(TicketText("leave", ""), company.departments)
    return proposal.department, proposal.confidence, proposal.reason


@pytest.mark.parametrize("threshold", [None, 0.0, 0.8])
def test_a_model_at_the_companys_threshold_is_accepted(threshold: float | None) -> None:
    assert read(Head(0.8), threshold)[:2] == ("HR", 80.0)


def test_a_model_below_the_companys_threshold_abstains_with_the_reason() -> None:
    assert read(Head(0.8), 0.9) == ("General", 30.0, "HR is 80% likely, the company asks for 90%")


def test_a_model_that_abstains_is_not_accepted_at_any_threshold() -> None:
    assert read(Head(0.8, "it resembles no ticket"), 0.1) == ("General", 30.0, "it resembles no ticket")
