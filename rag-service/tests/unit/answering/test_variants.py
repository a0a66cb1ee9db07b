"""A follow-up without a verb is answered only with what holds the thing that it names."""

import pytest
from rag_service.domain.answering.message.variants import about_variant
from rag_service.usecases.assess_passages import assess

from .passages import by_words
from .test_extraction import extracted, table

ROW = "Ticket: Adult, yearly; Price: 410"


@pytest.mark.parametrize(
    ("message", "is_told"),
    [
        ("And for a yearly one?", True),
        ("and for an adult?", True),
        ("and for a monthly ticket?", False),
        ("And on Saturdays?", False),
        ("What does it cost?", True),
    ],
)
def test_the_variant_is_in_what_is_told(message: str, is_told: bool) -> None:
    question, rows = "What does a yearly ticket for an adult cost?", [table(ROW)]
    answer = extracted(question, rows)
    assert [each.text for each in answer.cited] == [ROW]
    told = about_variant(message, assess(question, rows, by_words), answer)
    assert bool(told.cited) == is_told


def test_a_rota_names_the_days_of_a_variant_by_abbreviations() -> None:
    row = "Week 9: Sat; Day: Mats; Night: Vilde"
    question, rows = "who is on the night shift on Saturday?", [table(row)]
    answer = extracted(question, rows)
    assert [each.text for each in answer.cited] == [row]
    for message, is_told in (("and on Saturday?", True), ("and the night shift?", True), ("and on Sunday?", False)):
        told = about_variant(message, assess(question, rows, by_words), answer)
        assert bool(told.cited) == is_told


def test_ages_above_a_column_are_the_group_that_a_follow_up_names() -> None:
    row = "Ticket: Year ticket; Adults: £40; 65+: £30"
    question, rows = "What does a year ticket for seniors cost?", [table(row)]
    answer = extracted(question, rows)
    assert about_variant("and for seniors?", assess(question, rows, by_words), answer) == answer
    assert not about_variant("and for dogs?", assess(question, rows, by_words), answer).cited
