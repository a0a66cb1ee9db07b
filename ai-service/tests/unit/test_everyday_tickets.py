"""Ordinary tickets in seven languages: the department is right, or a person decides."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from ai_service.domain.cascade import ClassifierCascade
from ai_service.domain.classification import Classification
from ai_service.domain.departments import current
from ai_service.domain.ticket_text import TicketText

LEAST_PRECISION = 0.98
"""Minimum precision of the accepted tickets."""
LEAST_FOUND = 0.9
"""Minimum recall of the tickets with a department."""


@dataclass(frozen=True)
class Everyday:
    """A ticket with its department; "" where its words are no evidence."""

    expected: str
    language: str
    title: str
    description: str

    def read(self) -> Classification:
        """Return the keywords' classification."""
        return ClassifierCascade().decide(TicketText(self.title, self.description), current([])).classification


def everyday() -> list[Everyday]:
    with (Path(__file__).parent / "everyday_tickets.csv").open(encoding="utf-8", newline="") as file:
        return [Everyday(**row) for row in csv.DictReader(file)]


def share(tickets: list[Everyday], fits: Callable[[Everyday, Classification], bool]) -> float:
    return sum(fits(each, each.read()) for each in tickets) / len(tickets)


def test_accepted_keywords_are_precise() -> None:
    sure = [each for each in everyday() if not each.read().need_admin]
    wrong = [(each.title, each.read().reason) for each in sure if each.read().department != each.expected]
    assert share(sure, lambda each, answer: answer.department == each.expected) >= LEAST_PRECISION, wrong


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "tr"])
def test_the_keywords_find_nine_of_ten_tickets_of_a_department(language: str) -> None:
    theirs = [each for each in everyday() if each.expected and each.language == language]
    missed = [(each.title, each.read().reason) for each in theirs if each.read().department != each.expected]
    assert share(theirs, lambda each, answer: answer.department == each.expected) >= LEAST_FOUND, missed


@pytest.mark.parametrize("ticket", [each for each in everyday() if not each.expected], ids=lambda each: each.title)
def test_one_ambiguous_word_is_no_evidence(ticket: Everyday) -> None:
    answer = ticket.read()
    assert (answer.department, answer.confidence, answer.need_admin) == ("General", 30, True), answer.reason


def test_the_tickets_are_many_and_of_every_department() -> None:
    tickets = everyday()
    assert len(tickets) >= 100
    assert {each.expected for each in tickets} == {"IT Support", "HR", "Facilities", "Finance", "General", ""}
