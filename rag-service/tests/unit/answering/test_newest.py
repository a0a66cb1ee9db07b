"""Of several editions of one document the newest answers."""

from dataclasses import replace

import pytest
from rag_service.domain.passage import Passage

from .passages import passage
from .test_extraction import extracted, table

OLD, NEW = "Travel policy v3 (2027).docx", "Travel policy v4 (2029).docx"


def _both(old: str, new: str, *, rows: bool = False) -> list[Passage]:
    made = table if rows else passage
    return [replace(made(text, name), beginning=text) for text, name in ((old, OLD), (new, NEW))]


@pytest.mark.parametrize(
    ("question", "old", "new", "rows"),
    [
        ("hotel limit in Ostra", "City: Ostra; Hotel limit: 90 EUR", "City: Ostra; Hotel limit: 120 EUR", True),
        (
            "What is paid per mile?",
            "A mile by car is paid with 40p per mile.",
            "A mile by car is paid with 45p.",
            False,
        ),
        ("Who is the owner of the current travel policy?", "Owner: Ida Horn", "Owner: Paul Vogel", False),
    ],
)
def test_the_newest_edition_is_told_and_the_old_one_named(question: str, old: str, new: str, rows: bool) -> None:
    for given in (_both(old, new, rows=rows), _both(old, new, rows=rows)[::-1]):
        found = extracted(question, given, least=0.05)
        assert [each.text for each in found.cited] == [new]
        assert found.notes == (f"An older version, {OLD} (2027-01-01), says something else.",)


def test_a_successor_that_says_it_in_other_words_is_told_instead() -> None:
    old = "On flights of more than eight hours business class is allowed."
    new = "Flights are booked in economy class. Business class is no longer reimbursed on flights."
    found = extracted("Is business class still allowed on flights?", _both(old, new), least=0.05)
    assert "Business class is no longer reimbursed on flights." in [each.text for each in found.cited]
    assert old not in [each.text for each in found.cited]


def test_what_only_the_old_edition_says_is_told_with_a_note() -> None:
    old = "A parking permit costs 30 EUR a month."
    found = extracted("What does a parking permit cost?", _both(old, "Dogs stay outside."), least=0.05)
    assert [each.text for each in found.cited] == [old]
    assert found.notes == (
        f"{OLD} is an older version (2027-01-01); the newer one, {NEW}, does not seem to say anything about this.",
    )


def test_equal_sentences_of_both_need_no_note() -> None:
    same = "A parking permit costs 30 EUR a month."
    found = extracted("What does a parking permit cost?", _both(same, same), least=0.05)
    assert [each.text for each in found.cited] == [same]
    assert found.notes == ()


def test_a_question_for_an_old_edition_is_answered_by_that_one() -> None:
    given = _both("A parking permit costs 30 EUR.", "A parking permit costs 40 EUR.")
    for question in ("What did a parking permit cost in 2027?", "What did a parking permit cost in v3?"):
        assert [each.text for each in extracted(question, given, least=0.05).cited] == [
            "A parking permit costs 30 EUR."
        ]
