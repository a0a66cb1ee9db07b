"""Texts as words with weights, and passages' vectors in their document."""

import numpy as np
import pytest
from rag_service.adapters.vectors import bm25
from rag_service.usecases.context import in_context


def test_endings_and_little_words_don_t_count() -> None:
    assert set(bm25.query_terms("the printers")) == set(bm25.query_terms("printer"))
    assert bm25.query_terms("the of and") == []


def test_a_repeated_term_weighs_more_but_less_than_the_maximum() -> None:
    [once] = bm25.passage_terms("printer").values
    [often] = bm25.passage_terms("printer " * 50).values
    assert once < often < bm25.MAX_TERM_WEIGHT


def test_the_words_that_a_passage_begins_with_count_more() -> None:
    rest = "\nTurn it off, wait for ten seconds, and turn it on again. The lamp shows green."
    [headed] = [dict(bm25.passage_terms(f"Printers{rest}"))[word] for word in bm25.query_terms("printer")]
    [inside] = [dict(bm25.passage_terms(f"Machines{rest} Printers"))[word] for word in bm25.query_terms("printer")]
    assert inside < headed < bm25.MAX_TERM_WEIGHT


@pytest.mark.parametrize("text", ["", "\n", "printer", "printer\n", "printer\nlamp", "\n\nprinter"])
def test_where_there_is_little_else_nothing_stands_out(text: str) -> None:
    assert bm25.passage_terms(text) == bm25.passage_terms(text.replace("\n", " "))


def test_question_and_passage_in_a_language_meet() -> None:
    passage = dict(bm25.passage_terms("Die Kündigungsfristen der Verträge stehen in dem Anhang und gelten für alle."))
    assert set(bm25.query_terms("Wo ist die Kündigungsfrist für den Vertrag?")) & passage.keys()
    assert set(bm25.query_terms("Anhang")) <= passage.keys()


def test_a_long_question_is_asked_by_its_first_words() -> None:
    assert len(bm25.query_terms(" ".join(f"word{number}" for number in range(5_000)))) == bm25.MAX_QUERY_WORDS


def test_vectors_are_drawn_to_their_document_and_stay_of_length_one() -> None:
    rows = np.eye(3, 384, dtype=np.float32)
    drawn = in_context(rows)
    assert np.linalg.norm(drawn, axis=1) == pytest.approx(np.ones(3), abs=1e-6)
    assert (drawn @ drawn.T)[0, 1] > 0
    assert (drawn * rows).sum(1) == pytest.approx(np.full(3, drawn[0, 0]))
    assert drawn[0, 0] > 0.9


def test_a_passage_without_neighbours_stays_as_it_is() -> None:
    row = np.eye(1, 384, dtype=np.float32)
    assert (in_context(row) == row).all()
    assert in_context(row[:0]).shape == (0, 384)
