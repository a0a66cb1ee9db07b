"""Answers from documents in another language than the question."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from rag_service.domain.answering.citation import Cited
from rag_service.domain.answering.extraction import Extracted
from rag_service.domain.answering.units.assessed_passage import AssessedPassage
from rag_service.domain.document import PassageKind
from rag_service.usecases.answer import Answerer
from rag_service.usecases.answer_options import Options
from rag_service.usecases.results import ChatAnswer
from rag_service.usecases.translated import Attempt, answered_in_other_words, answered_in_words_of_texts

from .passages import by_words, passage
from .test_answerer import final

HANDBOOK = passage("The salary is paid on day 26 of the month.", "Handbook Bristol.pdf")
GUIDE = passage("La velocidad máxima de la carretilla en el almacén es de 8 km/h.", "guia_valencia.txt")


def _answer(question: str) -> str:
    known = [HANDBOOK, GUIDE]
    made = Answerer(lambda _query, top_k: known[:top_k], by_words, options=Options(min_probability=0.4))
    return final(made, question).answer


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("¿Qué día se paga el salario en Bristol?", "day 26"),
        ("What is the maximum speed of a forklift in the Valencia warehouse?", "8 km/h"),
    ],
)
def test_a_text_in_another_language_answers(question: str, told: str) -> None:
    assert told in _answer(question)


SHOWERS = "De douches werken op muntjes, die voor 1 € bij het kantoor te koop zijn."


@pytest.mark.parametrize(
    ("text", "confidence", "answers"),
    [
        (SHOWERS, 0.8, True),
        (SHOWERS, 0.5, False),
        ("De douches zijn elke dag open en worden op dinsdag gereinigd.", 0.8, False),
    ],
)
def test_a_text_in_a_third_language_answers_with_the_asked_value_if_it_is_surer_than_the_own(
    text: str, confidence: float, answers: bool
) -> None:
    read = AssessedPassage(replace(GUIDE, text=text, title="haven.md"), (), (), 1.0)
    own = Extracted((Cited("Der Eintritt ist frei.", (read.passage.chunk_id,)),), 0.6)

    def attempt(query: str, least: float | None = None, instead: Sequence[str] = ()) -> Attempt:
        found = query == "hoeveel prijs douche?"
        return [read], Extracted((Cited(text, (read.passage.chunk_id,)),) if found else (), confidence)

    first: Attempt = [], own
    _, found = answered_in_other_words("Was kostet eine Dusche?", first, lambda: [read.passage], attempt)
    assert (found.cited != own.cited) is answers


@pytest.mark.parametrize(
    ("question", "reworded", "text", "kind", "answers"),
    [
        (
            "What does a car cost?",
            "wie viel Auto Preis?",
            "Wer mit dem Auto fährt, bekommt 30 Cent je Kilometer.",
            "prose",
            True,
        ),
        ("How many cars do we have?", "wie viel Auto?", "Wer mit dem Auto fährt, bekommt 30 Cent.", "prose", False),
        (
            "What does the lamp 75 W cost?",
            "wie viel Lampe 75 W Preis?",
            "Lamp: UV lamp 75 W; Price: 118 EUR",
            "rows",
            False,
        ),
        (
            "What does the lamp 75 W cost?",
            "wie viel Lampe 75 W Preis?",
            "Artikel: Lampe 75 W; Preis: 118 EUR",
            "rows",
            True,
        ),
    ],
)
def test_neither_any_number_nor_a_row_of_the_own_language_answers(
    question: str, reworded: str, text: str, kind: str, answers: bool
) -> None:
    read = AssessedPassage(replace(GUIDE, text=text, title="liste", kind=PassageKind(kind)), (), (), 1.0)
    german = replace(GUIDE, text="Die Liste der Preise ist nicht für Gäste und gilt ab Mai.")

    def attempt(query: str, least: float | None = None, instead: Sequence[str] = ()) -> Attempt:
        found = query == reworded
        return [read], Extracted((Cited(text, (read.passage.chunk_id,)),) if found else (), 0.9)

    _, found = answered_in_other_words(question, ([], Extracted()), lambda: [german], attempt)
    assert bool(found.cited) is answers


def test_not_where_the_document_lacks_the_name_that_is_asked_about() -> None:
    assert "8 km/h" not in _answer("What is the maximum speed of a forklift in the Tarholm warehouse?")


def test_a_text_of_the_own_language_is_not_taken_by_words_of_another() -> None:
    german = replace(GUIDE, text="Die Pause dauert dreißig Minuten, und sie ist nicht bezahlt.")
    made = Answerer(lambda _query, _top_k: [german], by_words, options=Options(min_probability=0.4))
    assert not final(made, "Wie viele Urlaubstage haben die Mitarbeiter im Jahr?").sources


def test_no_row_that_has_nothing_in_the_asked_column() -> None:
    people = "Name: Ursula Haug; Phone: 07556 5550\nName: Petra Wulf; Mail: jugend@rcu.example"
    rows = replace(GUIDE, text=people, title="contacts.xlsx", kind=PassageKind.ROWS)
    made = Answerer(lambda _query, _top_k: [rows], by_words)
    assert not final(made, "phone number of Petra Wulf").sources
    assert "07556 5550" in final(made, "phone number of Ursula Haug").answer


FARES = "\n".join(
    [
        "Category: Foot passenger; Single: 4.80; Return: 8.50",
        "Category: Motorcycle with rider; Single: 11.50; Return: 20.00",
        "Category: Goods vehicle per metre; Single: 6.20; Return: 11.40",
    ]
)
RULES = "Sickness must be reported to Orla Finn before 9 am. Wages are transferred on the 27th. The kiosk sells soup."


def _in_other_words(question: str) -> ChatAnswer:
    known = [replace(GUIDE, text=FARES, title="fares.csv", kind=PassageKind.ROWS), passage(RULES, "Handbook.docx")]
    return final(Answerer(lambda _query, top_k: known[:top_k], by_words), question)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("What is the single price for a pedestrian?", "Foot passenger"),
        ("What is the return price for a motorbike?", "Motorcycle"),
        ("What does a lorry set me back, single?", "Goods vehicle"),
        ("When do I get my salary?", "27th"),
    ],
)
def test_a_text_with_another_word_of_the_same_meaning_answers(question: str, told: str) -> None:
    found = _in_other_words(question)
    assert told in found.answer
    assert 0 < found.confidence < 1


@pytest.mark.parametrize(
    "question",
    [
        "What is the single price for a caravan?",
        "What is the return price for a pony?",
        "How much is my salary?",
        "When do I get my salary in Leeds?",
        "When does the IT team get its salary?",
    ],
)
def test_no_text_answers_that_lacks_the_asked_thing_value_or_name(question: str) -> None:
    assert not _in_other_words(question).sources


@pytest.mark.parametrize(
    ("question", "text", "confidence", "answers"),
    [
        ("Do you board rabbits?", "We board small pets too.", 0.8, True),
        ("Do you board rabbits?", "We board small pets too.", 0.7, False),
        ("Do you board rabbits?", "Pet boarding - questions we are often asked", 0.8, False),
        ("Do you groom rabbits?", "We board small pets too.", 0.7, False),
        ("When can I collect my rabbit?", "Pets are collected in the evening.", 0.8, False),
        ("When can I collect my rabbit?", "Pets are collected after 5 pm.", 0.8, True),
        ("What if my rabbit bites?", "Pets are welcome.", 0.85, False),
        ("Is my rabbit welcome in the café?", "Pets are welcome.", 0.85, True),
    ],
)
def test_what_an_answer_in_other_words_must_hold(question: str, text: str, confidence: float, answers: bool) -> None:
    read = AssessedPassage(replace(GUIDE, text=text, title="faq.txt"), (), (), 1.0)

    def attempt(query: str, least: float | None = None, instead: Sequence[str] = ()) -> Attempt:
        cited = Cited(text, (read.passage.chunk_id,))
        return [read], Extracted((cited,) if instead else (), confidence)

    _, found = answered_in_words_of_texts(question, ([], Extracted()), lambda: [read.passage], attempt)
    assert bool(found.cited) is answers
    assert found.confidence < confidence
