"""Alike, alike but for a figure, or different; and from when a document applies."""

from dataclasses import replace
from datetime import date

import pytest
from rag_service.domain.answering.editions.difference import alike, contradict, valid_from

from .passages import passage

ALLOWANCE = "The Tarholm meal allowance is 31 EUR per day."


@pytest.mark.parametrize(
    "other",
    [
        "The Tarholm meal allowance is 27 EUR per day.",
        "Per day the Tarholm meal allowance is 27.50 EUR.",
        "The Tarholm meal allowance is not 31 EUR per day.",
    ],
)
def test_a_figure_or_a_negation_makes_two_sentences_contradict(other: str) -> None:
    assert contradict(ALLOWANCE, other)
    assert not alike(ALLOWANCE, other)


def test_another_name_or_day_contradicts_too() -> None:
    assert contradict("Visitors register with Ida Horn at the gate.", "Visitors register with Paul Vogel at the gate.")
    assert contradict("Der Rest verfällt am 31. März 2031.", "Der Rest verfällt am 30. Juni 2031.")


def test_the_same_words_are_alike_and_other_subjects_are_neither() -> None:
    assert alike(ALLOWANCE, "The meal allowance of Tarholm is 31 EUR per day.")
    assert not contradict(ALLOWANCE, "The meal allowance of Tarholm is 31 EUR per day.")
    assert not contradict(ALLOWANCE, "The depot closes at 17:40.")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Valid from 1 March 2029.", date(2029, 3, 1)),
        ("Circular, effective 2028-05-14", date(2028, 5, 14)),
        ("Gültig ab 1. Juli 2030", date(2030, 7, 1)),
        ("Stand: 03.02.2027", date(2027, 2, 3)),
        ("Last updated on April 5, 2026", date(2026, 4, 5)),
        ("Valable à partir du 2 août 2031", date(2031, 8, 2)),
        ("It is valid from 31 February 2029.", None),
        ("In 2029 we moved.", None),
    ],
)
def test_a_document_says_from_when_it_applies(text: str, day: date | None) -> None:
    assert valid_from(passage(text, "rules.md")) == day


def test_else_the_day_counts_on_which_it_was_stored() -> None:
    stored = replace(passage(ALLOWANCE), metadata={"updated_at": "2027-11-30T08:00:00+00:00"})
    assert valid_from(stored) == date(2027, 11, 30)


def test_two_places_of_which_one_is_asked_about_do_not_contradict_each_other() -> None:
    one, other = "Visitors of Ullin park at the south gate.", "Visitors of Zenwick park at the north hall."
    assert not contradict(one, other, "Where do visitors of Ullin park?")
