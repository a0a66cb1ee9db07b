"""Attributes that a table lacks."""

import pytest
from rag_service.domain.answering.language.word_match import Words
from rag_service.domain.answering.tables.asked_cell import asked_cell

CHAIR = (
    "SKU: CH-100; Product: Oslo chair; Price: 249.00 EUR; Delivery: 3 days; Owner: Mira Holm;"
    " Next inspection: 2031-09-15"
)
WITH_WARRANTY = "SKU: CH-100; Price: 249.00 EUR; Garantiedauer: 3 Jahre"
CLERK = "Name: Frieda Kuhn; Extension: 102; Deputy: Max Peters"


def fits(question: str, row: str) -> float:
    return asked_cell(row, question, Words("list"), {}).fits


@pytest.mark.parametrize(
    "question",
    [
        "How long is the warranty of CH-100?",
        "When was CH-100 bought?",
        "Who is the supplier of CH-100?",
        "Who makes CH-100?",
        "What colour is CH-100?",
        "Wie lange ist die Garantie von CH-100?",
        "Combien de temps dure la garantie du CH-100 ?",
    ],
)
def test_a_row_does_not_answer_with_another_attribute(question: str) -> None:
    assert fits(question, CHAIR) == 0


def test_a_column_of_the_attribute_answers_in_another_language_too() -> None:
    assert fits("How long is the warranty of CH-100?", WITH_WARRANTY) == 1


def test_a_row_is_not_about_the_deputy_that_it_names() -> None:
    assert fits("What is the extension of Max Peters?", CLERK) == 0
    assert fits("What is the extension of Frieda Kuhn?", CLERK) == 1
    assert fits("Whose deputy is Max Peters?", CLERK) > 0
