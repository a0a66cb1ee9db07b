"""A question is put into the words of tables that mean the same, and only if one cell alone does."""

from collections.abc import Sequence

from rag_service.domain.answering.tables.table_words import Reworded, cells_of, is_english, reworded

DEVICES = """\
Device: LD-016; Name: pH meter; Location: Room 2.11
Device: LD-018; Name: Freezer -80; Location: Basement K3"""
NEAR = {("Gefrierschrank", "Freezer"): 0.76, ("Ort", "Location"): 0.7, ("Ort", "Room"): 0.65}


def cosines(words: Sequence[str], cells: Sequence[str]) -> list[list[float]]:
    return [[NEAR.get((word, cell), 0.1) for cell in cells] for word in words]


def test_a_word_becomes_the_cell_of_the_same_meaning() -> None:
    found = reworded("Wo steht der Gefrierschrank?", [DEVICES], cosines)
    assert found is not None
    assert found.question == "Wo steht der Freezer?"
    assert found.fits_row(DEVICES.splitlines()[1], "devices.csv")
    assert not found.fits_row(DEVICES.splitlines()[0], "devices.csv")


def test_a_word_stays_that_is_as_near_to_two_cells_or_to_none() -> None:
    assert reworded("Ort", [DEVICES], cosines) is None
    assert reworded("Was wiegt die Waage?", [DEVICES], cosines) is None


def test_a_word_that_a_table_has_needs_no_other() -> None:
    assert reworded("Freezer", [DEVICES], cosines) is None


def test_cells_are_compared_without_figures() -> None:
    assert cells_of([DEVICES]) == ["Device", "Name", "pH meter", "Location", "Room", "Freezer", "Basement"]


def test_a_table_is_english_if_most_of_its_words_are() -> None:
    known = {"device", "name", "meter", "location", "room", "freezer", "basement"}
    assert is_english(DEVICES, known.__contains__)
    assert not is_english("Gerät: Waage; Standort: Keller; Name: Zentrifuge", known.__contains__)


PRICES = (
    "Artikel: Helm; 1 Tag: 6 €; Kaution: 20 €; Kinder: 4 €\nArtikel: Schlitten; 1 Tag: 9 €; Kaution: 30 €; Kinder: 5 €"
)


def test_days_groups_of_people_and_states_stay_as_they_are() -> None:
    near = {("casque", "Helm"): 0.8, ("enfants", "Artikel"): 0.9, ("ouvert", "Kaution"): 0.9, ("lundi", "Tag"): 0.9}

    def other(words: Sequence[str], cells: Sequence[str]) -> list[list[float]]:
        return [[near.get((word, cell), 0.1) for cell in cells] for word in words]

    found = reworded("casque enfants ouvert lundi caution", [PRICES], other)
    assert found is not None
    assert found.question == "Helm enfants ouvert lundi caution"


def test_a_row_has_a_word_in_another_language() -> None:
    found = Reworded("What is the deposit for a Helm for children?", ("Helm",))
    first, second = PRICES.splitlines()
    assert found.fits_row(first, "")
    assert not found.fits_row(second, "")
    assert not Reworded("Which colour and brand has the Helm?", ("Helm",)).fits_row(first, "")
