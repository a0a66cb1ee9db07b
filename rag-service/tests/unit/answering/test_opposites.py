"""A sentence about the opposite of what is asked is no answer."""

import pytest
from rag_service.domain.answering.language.opposites import says_the_opposite


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("When does the garage close?", "The garage opens at 5:30."),
        ("When does the library open on Saturday?", "It closes at noon on Saturday."),
        ("When was the mail server sold?", "The mail server was bought in 2021."),
        ("When does the backup end?", "The backup starts at 22:00."),
        ("Wann schließt die Kantine?", "Die Kantine öffnet um 8 Uhr."),
        ("Wann endet die Probezeit?", "Die Probezeit beginnt mit dem ersten Arbeitstag."),
        ("À quelle heure ferme la piscine ?", "La piscine ouvre à 9 h."),
        ("¿Cuándo cierra la tienda?", "La tienda abre a las 10."),
        ("What is the maximum order?", "The minimum order is 25 EUR."),
        ("How long do part-time staff work?", "Full-time staff work 38 hours."),
        ("What is the net price?", "The gross price is 25 EUR."),
        ("Who is the deputy head?", "The head of the depot is Ida Horn."),
        ("Wer ist der stellvertretende Vorsitzende?", "Den Betriebsrat vertritt die Vorsitzende Ida Horn."),
    ],
)
def test_the_opposite_alone_answers_nothing(question: str, text: str) -> None:
    assert says_the_opposite(question, text)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("When does the garage close?", "The garage is open from 5:30 to 22:00."),
        ("When does the garage close?", "It opens at 5:30 and closes late."),
        ("When does the garage close?", "The last car leaves at 22:00."),
        ("When does the garage open?", "The garage opens at 5:30."),
        ("Is the shop open or closed on Sundays?", "The shop is closed on Sundays."),
        ("Was kostet ein Verkaufsschild?", "Ein Kauf kostet 3 EUR."),
        ("Who is the deputy head?", "The head is Ida Horn, her deputy is Paul Vogel."),
        ("Who is the head?", "The deputy head is Paul Vogel, the head is Ida Horn."),
    ],
)
def test_other_sentences_may_answer(question: str, text: str) -> None:
    assert not says_the_opposite(question, text)
