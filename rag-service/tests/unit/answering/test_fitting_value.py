"""A text answers whose range holds the asked amount, and the likeliest text if it tells the asked deadline or age."""

import pytest
from rag_service.domain.answering.matches.fitting_value import with_fitting_value
from rag_service.domain.answering.units.assessed_passage import AssessedPassage, AssessedUnit
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.answering.units.units import units_of
from rag_service.usecases.assess_passages import safe_sentences_of

from .passages import passage

RULES = passage(
    "Spending above £300 is approved by Omar Haddad. "
    "Children under 16 do not enter the sauna. "
    "Adults over 18 may use the sauna alone. "
    "Groups of 8 to 12 people book the hall with Ida Berg.",
    "rules.md",
)
KITCHEN = passage(
    "Orders that come by 11:00 are cooked the same day. "
    "Allergies must be named before the first lunch on 3 May. "
    "Guests are named two days ahead, for Easter by 20 March.",
    "kitchen.md",
)


def answer_to(question: str, probabilities: tuple[float, ...], text: str = "rules") -> str:
    """Return what answers, where the sentences of a text are so likely."""
    given = {"rules": RULES, "kitchen": KITCHEN, "ages": AGES}[text]
    sentences = safe_sentences_of(given)
    one = AssessedPassage(given, sentences, (), 0.1)
    units = units_of(sentences, given.kind, given.text)
    found = [FoundUnit(one, AssessedUnit(unit, each)) for unit, each in zip(units, probabilities, strict=True)]
    answer = with_fitting_value(question, sorted(found, key=lambda each: -each.probability))
    return answer.quoted if answer else ""


def test_a_text_with_the_amount_in_its_range_and_another_word_answers() -> None:
    assert answer_to("may my 12 year old son use the sauna", (0.0, 0.1, 0.3, 0.0)).startswith("Children under 16")
    assert answer_to("Who books the hall for 10 people?", (0.3, 0.0, 0.0, 0.1)).startswith("Groups of 8 to 12")
    assert answer_to("Who books the hall for 10 people?", (0.3, 0.0, 0.0, 0.05)) == ""


def test_without_another_word_it_must_be_the_likeliest() -> None:
    assert answer_to("Who signs off a purchase of £450?", (0.2, 0.1, 0.0, 0.0)).startswith("Spending above £300")
    assert answer_to("Who signs off a purchase of £450?", (0.1, 0.2, 0.0, 0.0)) == ""
    assert answer_to("Who signs off a purchase of £450?", (0.05, 0.0, 0.0, 0.0)) == ""


def test_another_amount_is_in_no_range() -> None:
    assert answer_to("Who signs off a purchase of £250?", (0.2, 0.1, 0.0, 0.0)) == ""
    assert answer_to("Who books the hall for 20 people?", (0.0, 0.0, 0.0, 0.3)) == ""


def test_the_likeliest_text_tells_the_asked_deadline_if_it_has_a_word_of_the_question() -> None:
    assert answer_to("By when do I have to order for today?", (0.3, 0.1, 0.1), "kitchen").startswith(
        "Orders that come by"
    )
    assert answer_to("By when do I have to ring up?", (0.3, 0.1, 0.1), "kitchen") == ""


AGES = passage(
    "# Driving the bus\n\n"
    "You need to be 21 or older and a member. Tell us ten days ahead if you want to swap. The garage is 12 m long.",
    "ages.md",
)


def test_an_age_and_a_time_in_advance_come_from_the_likeliest_text_that_has_one() -> None:
    assert answer_to("How old must I be to drive the bus?", (0.2, 0.1, 0.0), "ages").startswith("You need to be 21")
    assert answer_to("How far in advance can I swap?", (0.1, 0.2, 0.0), "ages").startswith("Tell us ten days ahead")
    assert answer_to("How old must I be to drive the bus?", (0.1, 0.2, 0.0), "ages") == ""
    assert answer_to("How far in advance can I swap?", (0.0, 0.1, 0.2), "ages") == ""
    assert answer_to("How old must I be to row?", (0.2, 0.1, 0.0), "ages") == ""
    assert answer_to("How old is the bus?", (0.2, 0.1, 0.0), "ages") == ""


@pytest.mark.parametrize(
    ("question", "probabilities"),
    [
        ("By when do I have to order for today?", (0.3, 0.25, 0.1)),
        ("By when do I have to order for today?", (0.1, 0.0, 0.0)),
        ("By when do I have to order for today?", (0.2, 0.0, 0.3)),
        ("What can I order for today?", (0.3, 0.1, 0.1)),
        ("By when must guests be named?", (0.1, 0.0, 0.3)),
    ],
    ids=[
        "another deadline is nearly as likely",
        "it is unlikely",
        "another text is likelier",
        "no deadline is asked",
        "the text tells two",
    ],
)
def test_no_deadline_is_given_otherwise(question: str, probabilities: tuple[float, ...]) -> None:
    assert answer_to(question, probabilities, "kitchen") == ""
