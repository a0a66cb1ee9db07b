"""The name in a follow-up replaces the one in the question before, and never stands beside it."""

import pytest
from rag_service.domain.answering.message.conversation import Turn, standalone_question


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


TILLER = "Machine: Garden tiller; Per day: 48; Deposit: 150 [hire.csv:text#1]"
PASSES = "Halle; Gruppe: Rentner; Tageskarte: 4 €; Monatskarte: 30 € [preise.csv:text#1]"
KLETTERN = "Kurs: Klettern Einsteiger; Preis: 64 €; Leitung: Udo Ernst [kurse.csv:text#1]"


@pytest.mark.parametrize(
    ("previous", "question", "answer", "whole"),
    [
        ("How much is a garden tiller?", "and a wood chipper?", TILLER, "How much is a wood chipper?"),
        ("How much is a garden tiller?", "and a night lamp?", TILLER, "How much is a night lamp?"),
        ("How much is a garden tiller?", "and hedge trimmer hire?", TILLER, "How much is a hedge trimmer hire?"),
        ("Monatskarte Rentner Halle", "und für die Sauna?", PASSES, "Monatskarte Rentner Sauna?"),
        ("Monatskarte Rentner Halle", "und Kinder?", PASSES, "Monatskarte Kinder Halle?"),
        ("price of garden tillers", "what about the hedge trimmer?", TILLER, "price of hedge trimmer?"),
        ("How much is a garden tiller?", "and the deposit?", TILLER, "deposit garden tiller?"),
        ("Was kostet Klettern?", "und ein Bogenkurs?", KLETTERN, "Was kostet Bogenkurs?"),
        ("Was kostet Klettern?", "und das große Trampolin?", KLETTERN, "Was kostet große Trampolin?"),
        ("When does the sauna close?", "and the steam room?", "At 9 pm.", "When does the steam room close?"),
        ("What does the guided tour cost?", "and an audio guide?", "9 euros.", "What does an audio guide cost?"),
    ],
)  # fmt: skip
def test_a_thing_takes_the_place_of_the_thing_before(previous: str, question: str, answer: str, whole: str) -> None:
    assert standalone_question(question, [Turn("user", previous), Turn("assistant", answer)]) == whole


PLANS = "Guest passes; Basic: 1; Plus: 2; Premium: 10 [plans.csv:text#1]"
RIDES = "Strecke: Rundfahrt; Erwachsene: 9 €; Hunde: 3 € [preise.csv:text#1]"


@pytest.mark.parametrize(
    ("previous", "question", "answer", "whole"),
    [
        ("How many guest passes are in plus?", "and premium?", PLANS, "How many guest passes are in premium?"),
        ("Guest passes with the Plus plan?", "and for basic?", PLANS, "Guest passes with the basic plan?"),
        ("Was kostet die Rundfahrt für Katzen?", "und für Hunde?", RIDES, "Was kostet die Rundfahrt für Hunde?"),
        ("Was kostet die Rundfahrt für Erwachsene?", "und für Hunde?", RIDES, "Was kostet die Rundfahrt für Hunde?"),
    ],
)
def test_a_column_takes_the_place_of_another_one(previous: str, question: str, answer: str, whole: str) -> None:
    assert standalone_question(question, [Turn("user", previous), Turn("assistant", answer)]) == whole


@pytest.mark.parametrize("question", ["and the weekend?", "and a child?", "and an adult?", "and for a wood chipper?"])
def test_a_time_and_a_group_of_people_keep_the_thing(question: str) -> None:
    turns = [Turn("user", "How much is a garden tiller?"), Turn("assistant", TILLER)]
    assert standalone_question(question, turns).startswith("How much is a garden tiller")
