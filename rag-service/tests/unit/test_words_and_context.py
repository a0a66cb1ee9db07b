"""Texts as words with weights, and passages' vectors in their document."""

import numpy as np
import pytest
from rag_service.adapters.vectors import words
from rag_service.usecases.context import in_context


def test_endings_and_little_words_don_t_count() -> None:
    assert set(words.of_question("the printers")) == set(words.of_question("printer"))
    assert words.of_question("the of and") == []


def test_a_word_said_again_counts_more_but_never_as_much_as_the_strongest() -> None:
    [once] = words.of_passage("printer").values
    [often] = words.of_passage("printer " * 50).values
    assert once < often < words.STRONGEST


def test_the_words_that_a_passage_begins_with_count_more() -> None:
    rest = "\nTurn it off, wait for ten seconds, and turn it on again. The lamp shows green."
    [headed] = [dict(words.of_passage(f"Printers{rest}"))[word] for word in words.of_question("printer")]
    [inside] = [dict(words.of_passage(f"Machines{rest} Printers"))[word] for word in words.of_question("printer")]
    assert inside < headed < words.STRONGEST


@pytest.mark.parametrize("text", ["", "\n", "printer", "printer\n", "printer\nlamp", "\n\nprinter"])
def test_where_there_is_little_else_nothing_stands_out(text: str) -> None:
    assert words.of_passage(text) == words.of_passage(text.replace("\n", " "))


def test_question_and_passage_in_a_language_meet() -> None:
    passage = dict(words.of_passage("Die Kündigungsfristen der Verträge stehen in dem Anhang und gelten für alle."))
    assert set(words.of_question("Wo ist die Kündigungsfrist für den Vertrag?")) & passage.keys()
    assert set(words.of_question("Anhang")) <= passage.keys()


def test_a_long_question_is_asked_by_its_first_words() -> None:
    assert len(words.of_question(" ".join(f"word{number}" for number in range(5_000)))) == words.ASKED_WORDS


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
