"""Everyday tickets show the regressions of a model."""

from collections import Counter
from dataclasses import dataclass, replace

import pytest
from ai_service.adapters.local.classifier.everyday import everyday_tickets
from ai_service.domain.classification import Classification, DecidedBy, Proposal
from ai_service.domain.departments import SEEDED, Department, Departments, current
from ai_service.domain.everyday import ClassifiedTicket, Comparison, classify_all
from ai_service.domain.ticket_text import TicketText

DEPARTMENTS = current([])
TICKETS = everyday_tickets()


@dataclass
class Claims:
    """Sends every ticket that contains a word to one department, and abstains otherwise."""

    department: str
    word: str = ""
    name: DecidedBy = "bert"

    def classify(self, ticket: TicketText, departments: Departments) -> Proposal:
        if self.word in f"{ticket.title} {ticket.description}".casefold():
            return Proposal(self.department, 99)
        return Proposal(departments.fallback(), 30)


def compared(*classifiers: Claims, departments: Departments = DEPARTMENTS) -> Comparison:
    return Comparison(
        classify_all(TICKETS, departments, [], None), classify_all(TICKETS, departments, classifiers, None)
    )


def test_there_are_sixty_of_all_seeded_departments_in_several_languages() -> None:
    assert Counter(each.department for each in TICKETS) == dict.fromkeys(SEEDED, 12)
    assert len({each.language for each in TICKETS}) >= 5
    assert len({each.text.fingerprint for each in TICKETS}) == 60


def test_without_a_trained_model_most_are_classified_correctly_in_each_department() -> None:
    report = compared().to_json()
    assert report["before"]["correct"] >= 45
    assert report["before"]["misrouted"] == 0
    # General is where a ticket goes that nothing is known about, so most of its tickets are left to a person.
    minimum = {"General": 3}
    assert all(row["before"]["correct"] >= minimum.get(row["department"], 10) for row in report["departments"])
    assert (report["changed"], report["regressions"]) == ([], [])


def test_a_model_that_takes_every_ticket_has_a_regression_in_each_other_department() -> None:
    regressions = compared(Claims("HR")).regressions
    for department in set(SEEDED) - {"HR"}:
        assert any(f"of {department} 0 are classified correctly" in each for each in regressions)
    assert not any("of HR " in each for each in regressions)
    assert "are misrouted" in regressions[-1]


def test_a_model_that_abstains_changes_nothing() -> None:
    assert compared(Claims("HR", "no ticket says this")).to_json()["changed"] == []


def test_a_model_with_more_correct_tickets_has_no_regression_and_its_changes_are_listed() -> None:
    report = compared(Claims("Finance", "rechnung")).to_json()
    assert report["regressions"] == []
    assert report["after"]["correct"] >= report["before"]["correct"]
    for change in report["changed"]:
        assert (change["after"]["department"], change["after"]["outcome"]) == ("Finance", "correct")
        assert change["before"]["outcome"] == "abstained"


def test_a_model_that_sends_everything_to_one_department_may_be_replaced_by_a_better_one() -> None:
    untrained = classify_all(TICKETS, DEPARTMENTS, [], None)
    greedy = classify_all(TICKETS, DEPARTMENTS, [Claims("Finance")], None)
    assert Comparison(greedy, untrained, untrained).regressions == ()
    assert Comparison(untrained, greedy, untrained).regressions


def test_one_lost_ticket_is_a_regression() -> None:
    before = classify_all(TICKETS, DEPARTMENTS, [], None)
    right = next(place for place, each in enumerate(before) if each.outcome == "correct")
    [moved] = classify_all([TICKETS[right]], DEPARTMENTS, [Claims(_another(TICKETS[right].department))], None)
    after = (*before[:right], moved, *before[right + 1 :])
    [reason] = Comparison(before, after).regressions
    assert "are classified correctly, where" in reason


def test_an_abstention_is_not_misrouted_but_no_longer_correct() -> None:
    before = classify_all(TICKETS, DEPARTMENTS, [], None)
    abstained = tuple(ClassifiedTicket(each.ticket, _unsure(each)) for each in before)
    regressions = Comparison(before, abstained).regressions
    assert regressions
    assert not any("misrouted" in each for each in regressions)


def _another(department: str) -> str:
    return next(name for name in SEEDED if name != department)


def _unsure(ticket: ClassifiedTicket) -> Classification:
    return replace(ticket.classification, confidence=30.0)


@pytest.mark.parametrize(
    ("names", "number"), [(("it support", "Legal"), 12), (("Legal", "Hardware"), 0), (("HR", "Finance", "General"), 36)]
)
def test_only_tickets_of_departments_that_the_company_has_count(names: tuple[str, ...], number: int) -> None:
    departments = Departments(tuple(Department(name) for name in names))
    report = compared(Claims(names[0]), departments=departments).to_json()
    assert report["tickets"] == sum(row["tickets"] for row in report["departments"]) == number
