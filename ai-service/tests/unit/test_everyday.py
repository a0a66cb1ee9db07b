"""Everyday tickets show whether a model makes answers worse."""

from collections import Counter
from dataclasses import dataclass, replace

import pytest
from ai_service.classifier.everyday import everyday_tickets
from ai_service.domain.answer import Answer, DecidedBy, Proposal
from ai_service.domain.departments import SEEDED, Department, Departments, current
from ai_service.domain.everyday import Comparison, Read, read_all
from ai_service.domain.ticket_text import TicketText

DEPARTMENTS = current([])
TICKETS = everyday_tickets()


@dataclass
class Claims:
    """Sends every ticket that contains a word to one department, and abstains otherwise."""

    department: str
    word: str = ""
    name: DecidedBy = "bert"

    def read(self, ticket: TicketText, departments: Departments) -> Proposal:
        if self.word in f"{ticket.title} {ticket.description}".casefold():
            return Proposal(self.department, 99)
        return Proposal(departments.fallback(), 30)


def compared(*rungs: Claims, departments: Departments = DEPARTMENTS) -> Comparison:
    return Comparison(read_all(TICKETS, departments, [], None), read_all(TICKETS, departments, rungs, None))


def test_there_are_sixty_of_all_seeded_departments_in_several_languages() -> None:
    assert Counter(each.department for each in TICKETS) == dict.fromkeys(SEEDED, 12)
    assert len({each.language for each in TICKETS}) >= 5
    assert len({each.text.fingerprint for each in TICKETS}) == 60


def test_without_a_trained_model_most_are_answered_rightly_and_none_of_a_department_is_forgotten() -> None:
    told = compared().to_json()
    assert told["before"]["right"] >= 45
    assert told["before"]["wrong"] == 0
    # General is where a ticket goes that nothing is known about, so most of its tickets are left to a person.
    fewest = {"General": 3}
    assert all(row["before"]["right"] >= fewest.get(row["department"], 10) for row in told["departments"])
    assert (told["changed"], told["worse"]) == ([], [])


def test_a_model_that_claims_every_ticket_is_worse_and_each_department_is_named() -> None:
    worse = compared(Claims("HR")).worse
    for department in set(SEEDED) - {"HR"}:
        assert any(f"of {department} 0 are answered rightly" in each for each in worse)
    assert not any("of HR " in each for each in worse)
    assert "are misrouted" in worse[-1]


def test_a_model_that_abstains_changes_nothing() -> None:
    assert compared(Claims("HR", "no ticket says this")).to_json()["changed"] == []


def test_a_model_that_finds_more_is_not_worse_and_its_answers_are_shown() -> None:
    told = compared(Claims("Finance", "rechnung")).to_json()
    assert told["worse"] == []
    assert told["after"]["right"] >= told["before"]["right"]
    for change in told["changed"]:
        assert (change["after"]["department"], change["after"]["outcome"]) == ("Finance", "right")
        assert change["before"]["outcome"] == "person"


def test_a_model_that_sends_everything_to_one_department_may_be_replaced_by_a_better_one() -> None:
    untrained = read_all(TICKETS, DEPARTMENTS, [], None)
    greedy = read_all(TICKETS, DEPARTMENTS, [Claims("Finance")], None)
    assert Comparison(greedy, untrained, untrained).worse == ()
    assert Comparison(untrained, greedy, untrained).worse


def test_one_ticket_that_is_lost_is_one_too_many() -> None:
    before = read_all(TICKETS, DEPARTMENTS, [], None)
    right = next(place for place, each in enumerate(before) if each.outcome == "right")
    [moved] = read_all([TICKETS[right]], DEPARTMENTS, [Claims(_another(TICKETS[right].department))], None)
    after = (*before[:right], moved, *before[right + 1 :])
    [reason] = Comparison(before, after).worse
    assert "are answered rightly, where" in reason


def test_a_person_who_is_asked_instead_is_no_wrong_answer_but_a_lost_right_one() -> None:
    before = read_all(TICKETS, DEPARTMENTS, [], None)
    abstained = tuple(Read(each.ticket, _unsure(each)) for each in before)
    worse = Comparison(before, abstained).worse
    assert worse
    assert not any("misrouted" in each for each in worse)


def _another(department: str) -> str:
    return next(name for name in SEEDED if name != department)


def _unsure(read: Read) -> Answer:
    return replace(read.answer, confidence=30.0)


@pytest.mark.parametrize(
    ("names", "number"), [(("it support", "Legal"), 12), (("Legal", "Hardware"), 0), (("HR", "Finance", "General"), 36)]
)
def test_only_tickets_of_departments_that_the_company_has_count(names: tuple[str, ...], number: int) -> None:
    departments = Departments(tuple(Department(name) for name in names))
    told = compared(Claims(names[0]), departments=departments).to_json()
    assert told["tickets"] == sum(row["tickets"] for row in told["departments"]) == number
