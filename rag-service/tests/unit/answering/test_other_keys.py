"""A line about another thing, and a price that stands before the asked thing, do not answer."""

import pytest
from rag_service.domain.answering.exclusions.other_keys import is_price_before, of_other_keys
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.usecases.assess_passages import assess

from .passages import by_words, passage

SERVICES = (
    "# Services\n\n- **Full service**: gears and bearings. £70. Takes a day.\n"
    "- **Winter service**: full service and new cables. £110. Takes three days.\n"
)
DOGS = "Dogs are £6 a night. They may not go into the breakfast room. The ferry is white. It costs £8."


def units(question: str, text: str) -> list[FoundUnit]:
    return [FoundUnit(one, unit) for one in assess(question, [passage(text)], by_words) for unit in one.units]


def test_a_line_about_another_thing_is_left_out_where_one_is_about_the_asked_thing() -> None:
    question = "How much is the full service?"
    assert {each.quoted.split(":")[0] for each in of_other_keys(question, units(question, SERVICES))} == {
        "**Winter service**"
    }


@pytest.mark.parametrize("question", ["How much are new cables?", "How much are the services?"])
def test_where_no_line_is_about_it_alone_all_may_answer(question: str) -> None:
    assert of_other_keys(question, units(question, SERVICES)) == []


@pytest.mark.parametrize(
    ("question", "left_out"),
    [
        ("How much is breakfast?", True),
        ("How much is a dog?", False),
        ("When is breakfast?", False),
        ("How much is the ferry?", False),
    ],
)
def test_the_price_of_the_thing_before_is_none(question: str, *, left_out: bool) -> None:
    found = [each for each in units(question, DOGS) if len(each.sentences) > 1]
    assert any(is_price_before(question, each) for each in found) is left_out
