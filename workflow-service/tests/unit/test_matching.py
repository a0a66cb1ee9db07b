"""Which workflow takes a ticket."""

from workflow_service.domain.matching import ANY_DEPARTMENT, DEFAULT, EXACT, Candidate, Match, match
from workflow_service.domain.workflow import Scope

TICKET = Scope("IT Support", None, "IT Support")
DEFAULT_WORKFLOW = Candidate(9, 1, Scope(None, None, None), "deployed", True)


def candidate(
    number: int, category: str, sub: str | None, department: str | None, state: str = "deployed"
) -> Candidate:
    return Candidate(number, 3, Scope(category, sub, department), state, False)


def test_category_sub_category_and_department_come_first() -> None:
    any_department = candidate(1, "IT Support", None, None)
    exact = candidate(2, "it support", None, "it SUPPORT")
    assert match([any_department, exact], TICKET) == Match(2, 3, EXACT)


def test_category_and_sub_category_come_next() -> None:
    other_department = candidate(1, "IT Support", None, "HR")
    assert match([other_department, candidate(2, "IT Support", None, None)], TICKET) == Match(2, 3, ANY_DEPARTMENT)


def test_a_category_alone_or_a_department_alone_is_no_match() -> None:
    assert match([candidate(1, "IT Support", "laptop", "IT Support")], TICKET) is None
    assert match([candidate(2, "HR", None, "IT Support")], TICKET) is None
    assert match([candidate(3, "IT Support", None, "HR")], TICKET) is None


def test_a_paused_workflow_takes_nothing_and_still_counts_as_the_companys_own() -> None:
    paused = candidate(1, "IT Support", None, "IT Support", state="paused")
    assert match([paused, DEFAULT_WORKFLOW], TICKET) is None


def test_a_company_without_a_workflow_of_its_own_has_the_default_one() -> None:
    assert match([DEFAULT_WORKFLOW], TICKET) == Match(9, 1, DEFAULT)
    assert match([], TICKET) is None
