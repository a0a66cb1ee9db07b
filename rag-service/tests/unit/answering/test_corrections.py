"""A sentence that another one of its document takes back is not told alone."""

import pytest

from .passages import passage
from .test_extraction import texts

FIRST = "The racking will be delivered on 2 June and takes eight days to put up."


@pytest.mark.parametrize(
    ("question", "first", "later"),
    [
        ("When will the racking be delivered?", FIRST, "The racking will be delivered on 9 June, not on the 2nd."),
        ("When will the racking be delivered?", FIRST, "The racking was moved from 2 June to 9 June."),
        ("Wann kommt das Regal?", "Das Regal kommt am 2. Juni.", "Das Regal kommt am 9. Juni statt am 2. Juni."),
        ("How much is the rent?", "The rent is 400 EUR.", "Correction: the rent is 450 EUR instead of 400 EUR."),
    ],
)
def test_a_correction_is_told_instead_of_what_it_takes_back(question: str, first: str, later: str) -> None:
    for order in ((first, later), (later, first)):
        told = texts(question, *(passage(text, "mail.txt", ordinal=at) for at, text in enumerate(order)), least=0.05)
        assert any(later.endswith(each) for each in told)
        assert first not in told


def test_a_change_that_names_no_old_value_is_told_first_and_the_other_behind_it() -> None:
    later = "The rent has been raised to 450 EUR."
    told = texts("How much is the rent?", passage(f"The rent is 400 EUR.\n\n{later}", "mail.txt"), least=0.05)
    assert told == [later, "The rent is 400 EUR."]


def test_a_change_of_something_else_or_in_another_document_corrects_nothing() -> None:
    other = "The lift inspection was moved from 2 June to 9 June."
    elsewhere = passage("The racking of Ostra was moved from 2 June to 9 June.", "other.txt")
    question = "When will the racking be delivered?"
    assert FIRST in texts(question, passage(f"{FIRST}\n\n{other}", "mail.txt"), least=0.05)
    assert FIRST in texts(question, passage(FIRST, "mail.txt"), elsewhere, least=0.05)


def test_not_on_without_a_figure_takes_nothing_back() -> None:
    best = "If the storage used is above 500 GB but below 2 TB, 16 EUR are billed per month."
    other = "Costs are passed on, but not on a 1-to-1 basis. This covers storage between 500 GB and 2 TB."
    question = "How much is billed per month if the storage is above 500 GB but below 2 TB?"
    assert best in texts(question, passage(f"{best}\n\n{other}", "model.txt"), least=0.05)
