"""Rows for other groups of people than the question names do not answer."""

import pytest
from rag_service.domain.answering.tables.people_groups import group_of, groups_in

from .test_row_matches import said

ROWS = """\
Area: Ice rink; Visitors: Children; Day ticket: 4.00
Area: Ice rink; Visitors: Adults; Day ticket: 7.50
Area: Ice rink; Visitors: Family (2 adults, 3 children); Day ticket: 18.00
Area: Curling; Visitors: Adults; Day ticket: 9.00
Area: Curling; Visitors: Seniors from 65; Day ticket: 6.00"""


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("day ticket ice rink children", [0]),
        ("How much is the ice rink for a family?", [2]),
        ("How much is curling for pensioners?", [4]),
        ("How much is curling for children?", []),
        ("How much is a day ticket curling for kids?", []),
        ("day ticket curling pupils", []),
        ("day ticket curling", [3, 4]),
    ],
)
def test_a_row_for_other_people_does_not_answer(question: str, rows: list[int]) -> None:
    assert said(question, ROWS) == [ROWS.splitlines()[each] for each in rows]


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        ("Kinder", True), ("Senioren ab 65", True), ("Familie (2 Erw. + 3 Kinder)", True), ("Adults 18–64", True),
        ("Senior manager", False), ("Kraulkurs Erwachsene", False), ("Student card", False), ("", False),
    ],
)  # fmt: skip
def test_a_value_is_a_group_only_if_it_names_nothing_else(value: str, is_one: bool) -> None:
    assert (group_of(value) is not None) is is_one


def test_groups_are_the_same_in_each_language() -> None:
    assert groups_in("for my kids") == groups_in("für Kinder") == groups_in("pour les enfants")


@pytest.mark.parametrize(
    ("ages", "group"),
    [
        ("65+", "pensioner"),
        ("60 and over", "pensioner"),
        ("ab 60", "pensioner"),
        ("Under 16", "child"),
        ("U12", "child"),
    ],
)
def test_ages_name_a_group(ages: str, group: str) -> None:
    assert {group_of(ages)} == groups_in(group)


@pytest.mark.parametrize("text", ["12", "18+", "under 25", "4–6"])
def test_other_numbers_name_none(text: str) -> None:
    assert group_of(text) is None
