"""What a question asks of a whole table."""

import pytest
from rag_service.domain.answering.tables.table_questions import table_question


@pytest.mark.parametrize(
    ("question", "dimension", "highest"),
    [
        ("What is our cheapest product?", "money", False),
        ("Which chair is the most expensive?", "money", True),
        ("which room is the biggest", "size", True),
        ("What is the heaviest desk?", "weight", True),
        ("Which product has the highest stock?", "named", True),
        ("Was ist der billigste Bohrer?", "money", False),
        ("Welcher Raum ist der größte?", "size", True),
        ("Quelle est la salle la plus petite ?", "size", False),
        ("¿Cuál es la silla más barata?", "money", False),
        ("Qual è la camera più grande?", "size", True),
        ("Wat is de goedkoopste boot?", "money", False),
    ],
)
def test_a_superlative_compares_a_column(question: str, dimension: str, highest: bool) -> None:
    found = table_question(question)
    assert found is not None
    assert (found.asked, found.dimension, found.highest) == ("extreme", dimension, highest)


@pytest.mark.parametrize(
    "question", ["Wie viele Personen sind höchstens erlaubt?", "Combien de personnes au maximum dans la salle ?"]
)
def test_a_limit_is_no_superlative(question: str) -> None:
    found = table_question(question)
    assert found is None or found.asked != "extreme"


@pytest.mark.parametrize("question", ["How many rooms do we have?", "Wie viele Lampen gibt es?", "¿Cuántas salas hay?"])
def test_how_many_counts_rows(question: str) -> None:
    found = table_question(question)
    assert found is not None
    assert found.asked == "count"


@pytest.mark.parametrize(
    "question", ["What is the average price of a chair?", "Which is the cheapest of the largest rooms?"]
)
def test_a_sum_or_two_comparisons_are_asked_of_no_single_row(question: str) -> None:
    found = table_question(question)
    assert found is not None
    assert found.asked == "total"


@pytest.mark.parametrize(
    "question", ["When do I have to be there at the latest?", "What does CH-100 cost?", "I need at least two days."]
)
def test_other_questions_ask_nothing_of_a_whole_table(question: str) -> None:
    assert table_question(question) is None


@pytest.mark.parametrize(
    "question", ["how many days off do we get", "How many days may I carry over?", "Wie viele Tage bekomme ich?"]
)
def test_what_each_person_gets_is_no_number_of_rows(question: str) -> None:
    assert table_question(question) is None
