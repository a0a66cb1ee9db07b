"""Of the files of several houses, those about another one than the question's do not answer."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from rag_service.domain.answering.exclusions.other_places import of_other_places
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.passage import Passage
from rag_service.usecases.assess_passages import assess

from .passages import by_words, passage

CINEMA = passage("A ticket for adults costs 11 EUR. Dogs stay outside.", "Kino Astoria.md")
LIBRARY = passage("A card for adults costs 25 EUR a year. Bags go into the lockers.", "Stadtbibliothek.md")
RULES = replace(
    passage("Quiet hours begin at 10 pm. The restaurant is on the first floor.", "rules.txt"),
    beginning="GUESTHOUSE LINDEN – RULES\n\nQuiet hours begin at 10 pm.",
)
WORKSHOP = passage("Machines are cleaned on Fridays.", "Workshop.md")
OFFICE = passage("Desks are cleaned on Mondays.", "Office.md")


def units(question: str, passages: Sequence[Passage]) -> list[FoundUnit]:
    return [FoundUnit(one, unit) for one in assess(question, passages, by_words) for unit in one.units]


def left(question: str, *passages: Passage) -> set[str]:
    every = units(question, passages)
    others = of_other_places(question, every)
    return {each.assessed.passage.title for each in every if each not in others}


@pytest.mark.parametrize(
    ("question", "files"),
    [
        ("How much is a ticket for adults at the swimming pool?", set()),
        ("Was kostet die Karte in der Bücherei?", {"Stadtbibliothek.md"}),
        ("Can I take my dog to the cinema?", {"Kino Astoria.md"}),
        ("When does the guesthouse get quiet?", {"rules.txt"}),
        ("Where is the restaurant?", {"rules.txt"}),
    ],
)
def test_a_file_about_another_kind_of_house_does_not_answer(question: str, files: set[str]) -> None:
    assert left(question, CINEMA, LIBRARY, RULES) == files


def test_nor_does_one_without_the_place_that_another_ones_name_has() -> None:
    assert left("When is cleaning in the workshop?", WORKSHOP, OFFICE) == {"Workshop.md"}


def test_without_a_named_place_or_another_file_all_may_answer() -> None:
    assert left("How much is it for adults?", CINEMA, LIBRARY) == {"Kino Astoria.md", "Stadtbibliothek.md"}
    assert left("How much is it at the pool?", CINEMA) == {"Kino Astoria.md"}
    assert left("Are desks in the attic cleaned?", WORKSHOP, OFFICE) == {"Workshop.md", "Office.md"}
