"""A question's words in another language."""

import pytest
from rag_service.domain.answering.language.glossary import LANGUAGES, in_other_languages, translations


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("¿Qué día se paga el sueldo en Bristol?", "when day paid salary Bristol?"),
        (
            "Combien de temps les fichiers supprimés restent-ils dans TarnBox ?",
            "how long time file deleted stay TarnBox?",
        ),
        ("Wie viele Urlaubstage bekommen die Mitarbeiter im Jahr?", "how much holiday employee year?"),
        ("Hoe lang is de garantie op een printer?", "how long warranty printer?"),
    ],
)
def test_a_question_is_said_in_english(question: str, said: str) -> None:
    assert list(in_other_languages(question, {"english"})) == [said]


def test_an_english_question_is_said_in_each_other_language() -> None:
    found = list(in_other_languages("What is the maximum speed of a forklift?"))
    assert len(found) == len(LANGUAGES) - 1
    assert "velocidad" in found[2]
    assert "carretilla" in found[2]


@pytest.mark.parametrize(
    "question",
    ["Was gilt für Quarzsand beim Umfüllen der Behälter?", "What does the VPN cost?", "何時に閉まりますか", "AB-12"],
)
def test_a_question_of_mostly_unknown_words_is_not_said_otherwise(question: str) -> None:
    assert list(in_other_languages(question)) == []


def test_a_question_is_put_into_a_third_language() -> None:
    assert list(in_other_languages("Was kostet eine Dusche?", {"dutch"})) == ["hoeveel prijs douche?"]
    assert list(in_other_languages("Quanto costa il parcheggio?", {"german"})) == ["wie viel Preis Parkplatz?"]


def test_a_compound_is_not_its_beginning() -> None:
    assert not list(in_other_languages("Wer leitet den Betriebsrat?", {"english"}))


def test_a_word_that_means_two_things_in_two_languages_has_no_translation() -> None:
    assert not translations("camera")
    assert "chambr" in translations("stanza")


def test_a_word_has_its_translations_and_not_its_neighbours() -> None:
    assert "kaution" in translations("deposit")
    assert "deposit" in translations("kaution")
    assert "card" not in translations("badg")
    assert not translations("tag")
    assert not translations("quarzsand")
