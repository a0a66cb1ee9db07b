"""The name in a follow-up replaces the one in the question before, and never stands beside it."""

import pytest
from rag_service.domain.answering.conversation import Turn, standalone_question


@pytest.mark.parametrize(
    ("previous", "question", "whole"),
    [
        ("In welchem Raum sitzt Sabine Brandt?", "Und Jörg Krüger?", "In welchem Raum sitzt Jörg Krüger?"),
        ("Which room is Jörg Krüger in?", "And Sabine Brandt?", "Which room is Sabine Brandt in?"),
        ("Where does Deniz Yılmaz sit?", "What about Ida Nowak?", "Where does Ida Nowak sit?"),
        ("Quel est le poste de Léa Martin ?", "Et Paul Petit ?", "Quel est le poste de Paul Petit?"),
        ("¿Cuál es la extensión de Ana López?", "¿Y Luis Gil?", "¿Cuál es la extensión de Luis Gil?"),
        ("Wie hoch ist das Limit in Deutschland?", "Und Frankreich?", "Wie hoch ist das Limit in Frankreich?"),
        ("What is the limit per night in Norway?", "And Sri Lanka?", "What is the limit per night in Sri Lanka?"),
    ],
)  # fmt: skip
def test_a_name_takes_the_place_of_the_name_before(previous: str, question: str, whole: str) -> None:
    assert standalone_question(question, [Turn("user", previous), Turn("assistant", "So.")]) == whole


@pytest.mark.parametrize(
    ("previous", "question", "begins"),
    [
        ("What is the hotel limit per night in Germany?", "And how much per day?", "And how much per day in Germany?"),
        ("Wie hoch ist das Limit pro Nacht in Polen?", "Und wie viel pro Tag?", "Und wie viel pro Tag in Polen?"),
    ],
)
def test_another_aspect_keeps_the_name(previous: str, question: str, begins: str) -> None:
    assert standalone_question(question, [Turn("user", previous), Turn("assistant", "So.")]).startswith(begins)
