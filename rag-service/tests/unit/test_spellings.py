"""A name is found however its letters are written, by the search and by the choice of the row that answers."""

import pytest
from rag_service.adapters.vectors import bm25
from rag_service.domain.answering.language.identifiers import identifiers
from rag_service.domain.answering.language.word_match import Words, asked_words
from rag_service.domain.answering.tables.columns import without_identifiers

PAIRS = [
    ("Yilmaz", "Yılmaz"), ("Schaefer", "Schäfer"), ("Oeztuerk", "Öztürk"), ("Ozturk", "Öztürk"),
    ("Muellerhaus", "Müllerhaus"), ("Schlosshof", "Schloßhof"), ("Soerensen", "Sørensen"), ("Sorensen", "Sørensen"),
    ("Aase", "Åse"), ("Ase", "Åse"), ("Lodz", "Łódź"), ("Djordjevic", "Đorđević"), ("Dordevic", "Đorđević"),
    ("Coeurville", "Cœurville"), ("Aeroe", "Ærø"), ("Ibrahim", "İbrahim"), ("Dvorak", "Dvořák"),
]  # fmt: skip
BOTH_WAYS = [*PAIRS, *((second, first) for first, second in PAIRS)]


@pytest.mark.parametrize(("asked", "written"), BOTH_WAYS)
@pytest.mark.parametrize("question", ["{}", "What is the phone number of {}?", "Wie ist die Nummer von {}?"])
def test_the_search_finds_a_name_in_another_spelling(question: str, asked: str, written: str) -> None:
    stored = set(bm25.passage_terms(f"Name: {written}; Room: 12").words)
    forms = bm25.query_terms(question.format(asked))
    assert any(not stored.isdisjoint(form.required) for form in forms)
    assert all(set(bm25.passage_terms("Name: Bo; Room: 12").words).isdisjoint(form.required) for form in forms)


@pytest.mark.parametrize(("asked", "written"), BOTH_WAYS)
def test_a_row_with_the_name_in_another_spelling_is_the_one_that_is_named(asked: str, written: str) -> None:
    question = f"which phone number does {asked} have in the office today"
    row = Words(f"Name: {written}; Phone: 1009")
    assert identifiers(question).names
    assert identifiers(question).named_in(row.raw)
    assert not identifiers(question).named_in(Words("Name: Keller; Phone: 1010").raw)
    assert asked not in without_identifiers(question)
    assert any(row.holds(word) == 1 for word in asked_words(question))
