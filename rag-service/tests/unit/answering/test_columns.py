"""The columns of rows, and which of them a question asks for."""

from types import MappingProxyType

from rag_service.domain.answering.language.word_match import Words, asked_words
from rag_service.domain.answering.tables.columns import cells, column_names, without_identifiers
from rag_service.domain.answering.units.row_features import row_features

ROW = "Plan: Tervale; Monthly fee: 12.50 EUR; Opens: 9:30"
NO_WORDS = Words("")


def test_a_row_has_names_and_values() -> None:
    assert list(cells(ROW)) == [("Plan", "Tervale"), ("Monthly fee", "12.50 EUR"), ("Opens", "9:30")]
    assert list(cells("Tervale | 12.50 EUR | 9:30")) == [("", "Tervale"), ("", "12.50 EUR"), ("", "9:30")]
    assert column_names(ROW) == ["Plan", "Monthly fee", "Opens"]


def test_the_group_or_label_in_front_of_a_row_has_no_name() -> None:
    assert list(cells("Harbour; Mon: 9–18; Tue: closed")) == [("", "Harbour"), ("Mon", "9–18"), ("Tue", "closed")]
    assert list(cells("Garden; Tools; Article: Rake; Price: 9 EUR")) == [
        ("", "Garden"), ("", "Tools"), ("Article", "Rake"), ("Price", "9 EUR"),
    ]  # fmt: skip
    assert list(cells("Ring 4100 | then; note: wait")) == [("", "Ring 4100"), ("", "then; note: wait")]


def test_what_names_the_row_is_no_part_of_what_is_asked() -> None:
    assert without_identifiers("What does RB-12 cost?") == "What does cost"
    assert without_identifiers("What is the extension of Carla Quist?") == "What is the extension of"


def test_a_column_that_is_asked_for_is_told_from_one_that_is_not_there() -> None:
    there = row_features(ROW, "What is the monthly fee of the Tervale plan?", NO_WORDS, MappingProxyType({}))
    half = row_features(ROW, "What is the setup fee of the Tervale plan?", NO_WORDS, MappingProxyType({}))
    missing = row_features(ROW, "What colour is the Tervale?", NO_WORDS, MappingProxyType({}))
    assert there[0] == 1.0
    assert (there[5], half[5], missing[5]) == (0.0, 1.0, 0.0)
    assert (there[4], missing[4]) == (0.0, 1.0)


def test_words_are_held_in_other_forms_inside_others_and_by_their_meaning() -> None:
    held = Words("Der Resturlaub kostet nichts; die Türen sind offen.")
    for question in ("Urlaub?", "Turen?", "Preis?"):
        [word] = asked_words(question)
        assert held.holds(word) > 0, question
    [word] = asked_words("Garten?")
    assert held.holds(word) == 0
