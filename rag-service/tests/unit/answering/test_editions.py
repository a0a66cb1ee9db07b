"""Which documents are editions of one, which is the newest, and which one a question asks for."""

from dataclasses import replace
from datetime import date

import pytest
from rag_service.domain.answering.editions.difference import valid_from
from rag_service.domain.answering.editions.document_days import own_day, version_of
from rag_service.domain.answering.editions.editions import asked_edition, editions, with_newest
from rag_service.domain.passage import Passage

from .passages import passage


def _begins(name: str, beginning: str = "", ordinal: int = 0) -> Passage:
    return replace(passage("Meals cost 12 EUR.", name, ordinal=ordinal), beginning=beginning)


def _names(found: list[Passage], today: date | None = None) -> list[list[str]]:
    return [[each.title for each in family] for family in editions(found, today)]


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("Fuel Policy v3 (2027).docx", "Fuel Policy v4 (2029).docx"),
        ("price_list_2027.xlsx", "Price-List 2028.csv"),
        ("Rates old.xlsx", "Rates.xlsx"),
        ("Hausordnung Stand 03.02.2027.pdf", "Hausordnung Stand 04.02.2027.pdf"),
    ],
)
def test_names_that_differ_in_version_or_date_alone_are_editions(older: str, newer: str) -> None:
    assert _names([_begins(older), _begins(newer)]) == [[newer, older]]


def test_the_first_lines_tell_which_edition_is_newer() -> None:
    old, new = (
        _begins("rules.pdf", "Version 2 – valid from 1 May 2028"),
        _begins("Rules final.pdf", "Edition June 2029"),
    )
    assert own_day(new) == date(2029, 6, 1)
    assert version_of(old) == (2,)
    assert _names([old, new]) == [["Rules final.pdf", "rules.pdf"]]


def test_an_edition_that_applies_only_later_replaces_none_yet() -> None:
    found = [_begins("Fees 2028.md"), _begins("Fees 2029.md")]
    assert _names(found, date(2028, 7, 1)) == [["Fees 2028.md", "Fees 2029.md"]]
    assert _names(found, date(2029, 7, 1)) == [["Fees 2029.md", "Fees 2028.md"]]


@pytest.mark.parametrize(
    "names",
    [
        ("Minutes 2028-05-14.docx", "Minutes 2028-05-21.docx"),
        ("Shift_Plan_Week_23.xlsx", "Shift_Plan_Week_24.xlsx"),
        ("Price list Lyon 2028.csv", "Price list Porto 2029.csv"),
        ("handbook.pdf", "handbook.docx"),
        ("2028.pdf", "2029.pdf"),
    ],
)
def test_series_other_subjects_and_copies_are_no_editions(names: tuple[str, str]) -> None:
    assert _names([_begins(each) for each in names]) == []


@pytest.mark.parametrize(
    ("question", "year"),
    [
        ("What was the fee in 2027?", 2027),
        ("What does version 2 say about fees?", 2028),
        ("What was the previous fee?", 2028),
        ("What was the fee before April 2029?", 2028),
        ("What is the fee before a trip?", None),
        ("What is the current fee?", None),
    ],
)
def test_a_question_asks_for_an_edition_by_its_year_or_version_or_for_the_one_before(
    question: str, year: int | None
) -> None:
    [family] = editions([_begins(f"Fees v{number} ({2026 + number}).md") for number in (1, 2, 3)])
    asked = asked_edition(question, family)
    assert (asked.day.year if asked and asked.day else None) == year


def test_passages_of_a_newer_edition_are_read_beside_those_of_an_old_one() -> None:
    old = [_begins("Fees 2028.md", ordinal=each) for each in range(3)]
    new = [_begins("Fees 2029.md", ordinal=each) for each in range(4)]
    assert with_newest([*old, *new], 3) == [*old, *new[:2]]
    assert with_newest([*new, *old], 3) == new[:3]


def _saved(name: str, day: str | None, beginning: str = "") -> Passage:
    found = _begins(name, beginning)
    return replace(found, metadata={**found.metadata, "saved": day})


def test_where_nothing_else_tells_the_files_properties_say_which_edition_is_newer() -> None:
    old, new = _saved("Travel rules.pdf", "2027-03-01"), _saved("Travel rules (2).docx", "2028-01-15")
    assert _names([old, new]) == [["Travel rules (2).docx", "Travel rules.pdf"]]
    same_day = _saved("Travel rules copy.pdf", "2027-03-01")
    assert not _names([old, same_day])
    assert not _names([old, _saved("Travel rules (2).docx", None)])
    # What the documents say of themselves counts more.
    first, second = (
        _saved("Fees.pdf", "2029-01-01", "valid from 1 May 2027"),
        _saved("fees (1).pdf", "2027-05-01", "valid from 1 May 2028"),
    )
    assert _names([first, second]) == [["fees (1).pdf", "Fees.pdf"]]


def test_a_document_without_a_date_applies_from_the_day_on_which_its_file_was_saved() -> None:
    found = replace(_begins("Meals.pdf"), metadata={"updated_at": "2030-06-01T10:00:00+00:00", "saved": "2028-02-03"})
    assert valid_from(found) == date(2028, 2, 3)
    assert valid_from(replace(found, beginning="valid from 2 May 2027")) == date(2027, 5, 2)
    assert valid_from(replace(found, metadata={"updated_at": "2030-06-01T10:00:00+00:00"})) == date(2030, 6, 1)
