"""Questions that are not English are read by the multilingual encoder, and English ones are not."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from rag_service.adapters.multilingual import MultilingualEncoder
from rag_service.domain.answering.extraction import extract
from rag_service.usecases.answer import Answerer
from rag_service.usecases.finding import Finder
from rag_service.usecases.further_attempts import from_other_languages
from rag_service.usecases.readers import Readers
from rag_service.usecases.translated import Attempt

from .passages import by_words, passage
from .test_answerer import final

GERMAN = [
    passage("Haustiere sind in der Halle untersagt. Das gilt auch für Besucher.", "Mietvertrag.md"),
    passage("Die Miete ist am dritten Werktag eines Monats zu zahlen.", "Mietvertrag.md", ordinal=1),
    passage("Der Aufzug wird jedes Jahr im Mai gewartet.", "Hausordnung.md"),
]
FRENCH = passage("Le télétravail est possible deux jours par semaine.", "reglement.md")
ENGLISH = passage("The lift is inspected every May by the firm that built it.", "rules.md")
MULTILINGUAL = MultilingualEncoder()


def never(_texts: Sequence[str]) -> Any:
    raise AssertionError("the multilingual encoder was asked")


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Wie hoch ist die Miete für die Halle?", "german"),
        ("Combien coûte le repas pour un stagiaire ?", "french"),
        ("¿Cuánto cuesta el alquiler de la oficina?", "spanish"),
        ("Wat kost het onderhoud per maand?", "dutch"),
        ("How much is the rent of the hall?", "english"),
        ("Где находится принтер в офисе?", "english"),
    ],
)
def test_the_question_chooses_the_reader(question: str, language: str) -> None:
    readers = Readers(by_words, by_words)
    reader = readers.of(question, [])
    assert reader.language == language
    assert reader.model.multilingual == (language != "english")


def test_key_words_are_in_the_language_of_the_best_passage() -> None:
    readers = Readers(by_words, by_words)
    assert readers.of("Kaution Halle", GERMAN).language == "german"
    assert readers.of("deposit hall", [ENGLISH, *GERMAN]).language == "english"


def test_without_a_second_encoder_the_english_one_reads_all() -> None:
    assert not Readers(by_words, None).of("Wie hoch ist die Miete?", GERMAN).model.multilingual
    assert not Readers(None, None).of("Wie hoch ist die Miete?", GERMAN).model.encoder


def test_passages_of_the_meaning_come_first_however_low_they_were_found() -> None:
    low = [replace(each, score=0.3 - 0.1 * place) for place, each in enumerate(reversed(GERMAN))]
    finder = Finder(lambda _query, number: low[:number], Readers(by_words, MULTILINGUAL.embed), 2, 0.15)
    found, reader = finder.found("Darf ich meinen Hund mit in die Halle nehmen?")
    assert reader.language == "german"
    assert found[0].text == GERMAN[0].text
    assert len(found) == 2


def test_a_passage_in_the_language_of_the_question_is_preferred() -> None:
    twins = [passage("The fee is 12 EUR a month.", "fees.md"), passage("Die Gebühr ist 12 EUR im Monat.", "g.md")]
    finder = Finder(lambda _query, number: twins[:number], Readers(by_words, MULTILINGUAL.embed), 2, 0.15)
    assert finder.found("Wie hoch ist die Gebühr im Monat?")[0][0].title == "g.md"


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Darf ich meinen Hund mit in die Halle nehmen?", "Haustiere"),
        ("Combien de jours puis-je travailler depuis chez moi ?", "télétravail"),
    ],
)
def test_a_sentence_answers_that_shares_hardly_a_word_with_the_question(question: str, told: str) -> None:
    made = Answerer(lambda _query, number: [*GERMAN, FRENCH][:number], by_words, embed_others=MULTILINGUAL.embed)
    assert told in final(made, question).answer


def test_nothing_is_told_where_nothing_answers() -> None:
    made = Answerer(lambda _query, number: GERMAN[:number], by_words, embed_others=MULTILINGUAL.embed)
    assert not final(made, "Wer hat die Fußballweltmeisterschaft gewonnen?").sources


@pytest.mark.parametrize(
    ("question", "text", "file"),
    [
        ("Wie hoch ist das Weihnachtsgeld bei Norwede?", "Das Essensgeld bei Norwede beträgt 38 EUR.", "norwede_de.md"),
        ("Quelle est la prime de fin d'année chez Falois ?", "Chez Falois, l'essai dure 22 semaines.", "Falois.txt"),
    ],
)
def test_the_name_of_the_document_alone_is_no_answer(question: str, text: str, file: str) -> None:
    made = Answerer(lambda _query, number: [passage(text, file)], by_words, embed_others=MULTILINGUAL.embed)
    assert not final(made, question).sources


def test_an_english_question_does_not_load_it() -> None:
    made = Answerer(lambda _query, number: [ENGLISH], by_words, embed_others=never)
    assert final(made, "When is the lift inspected?").answer


def test_an_answer_in_another_language_is_less_sure_than_one_in_the_own() -> None:
    reader = Readers(by_words, MULTILINGUAL.embed).others("german")
    question = "In which month is the Aufzug maintained?"

    def answered(least: float) -> Attempt | None:
        return from_other_languages(
            question, lambda: (GERMAN, reader), lambda each, by: by.assess(question, each), least
        )

    found = answered(0.05)
    assert found is not None
    sure = extract(question, found[0], reader.model, 0.05).confidence
    assert 0 < found[1].confidence < sure
    assert answered(0.999) is None
