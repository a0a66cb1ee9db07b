"""Texts as words with weights, and passages' vectors in their document."""

import time

import numpy as np
import pytest
from rag_service.adapters.vectors import bm25
from rag_service.usecases.context import in_context

DECOMPOSED = "Ja\u0308ger Hu\u0308tte"


def found(question: str, passage: str) -> float:
    """Return the share of a question's terms that a passage has, in the form in which it has more."""
    terms = dict(bm25.passage_terms(passage))
    return max(
        (sum(term in terms for term in form.required) / len(form.required) for form in bm25.query_terms(question)),
        default=0.0,
    )


def whole(question: str, passage: str) -> bool:
    """Return whether a passage has an identifier of the question as a whole."""
    terms = dict(bm25.passage_terms(passage))
    return any(term in terms for form in bm25.query_terms(question) for term in form.optional)


def test_endings_and_little_words_don_t_count() -> None:
    assert bm25.query_terms("the printers") == bm25.query_terms("printer")
    assert bm25.query_terms("the of and") == []


def test_a_repeated_term_weighs_more_but_less_than_the_maximum() -> None:
    once = max(bm25.passage_terms("printer").values)
    often = max(bm25.passage_terms("printer " * 50).values)
    assert once < often < bm25.MAX_TERM_WEIGHT


def test_the_words_that_a_passage_begins_with_count_more() -> None:
    rest = "\nTurn it off, wait for ten seconds, and turn it on again. The lamp shows green."
    [[word]] = [form.required for form in bm25.query_terms("printer")]
    headed = dict(bm25.passage_terms(f"Printers{rest}"))[word]
    inside = dict(bm25.passage_terms(f"Machines{rest} Printers"))[word]
    assert inside < headed < bm25.MAX_TERM_WEIGHT


@pytest.mark.parametrize("text", ["", "\n", "printer", "printer\n", "printer\nlamp", "\n\nprinter"])
def test_where_there_is_little_else_nothing_stands_out(text: str) -> None:
    assert bm25.passage_terms(text) == bm25.passage_terms(text.replace("\n", " "))


def test_question_and_passage_in_a_language_meet() -> None:
    passage = "Die Kündigungsfristen der Verträge stehen in dem Anhang und gelten für alle."
    assert found("Wo ist die Kündigungsfrist für den Vertrag?", passage) == 1
    assert found("Anhang", passage) == 1


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("Was kostet der Münchner Krug?", "Ware: Münchner Krüge; Preis: 14 EUR"),
        ("Ist das Böhmische Glas auf Lager?", "Ware: Böhmische Gläser; Lager: ja"),
        ("Combien coûte la théière Nîmes ?", "Article: Théière Nîmes; Prix: 31 EUR"),
        ("¿Cuánto cuesta la instalación de Málaga?", "Servicio: Instalaciones Málaga; Precio: 90 EUR"),
        ("Quanto costa la pentola di Forlì?", "Articolo: Pentole Forlì; Prezzo: 20 EUR"),
        ("Hoeveel kost een lamp uit Coëvorden?", "Artikel: Lampen Coëvorden; Prijs: 12 EUR"),
        ("Quanto custa a sandália São João?", "Artigo: Sandálias São João; Preço: 25 EUR"),
    ],
)
def test_a_question_in_sentences_finds_the_words_of_a_row(question: str, row: str) -> None:
    assert found(question, row) == 1


@pytest.mark.parametrize("question", ["Jäger Hütte", "Jager Hutte", "Jaeger Huette", "JÄGER HÜTTE", DECOMPOSED])
@pytest.mark.parametrize("passage", ["Jäger | Hütte", "Jager | Hutte", "Jaeger | Huette", DECOMPOSED])
def test_umlauts_are_found_however_they_are_written(question: str, passage: str) -> None:
    assert found(question, passage) == 1


@pytest.mark.parametrize(
    "question", ["Welche Straße hat die Nummer im Hof?", "strasse nummer hof", "STRASSE Nummer Hof"]
)
def test_sharp_s_is_two(question: str) -> None:
    assert found(question, "Straße | Nummer | Hof") == 1


def test_a_name_is_found_by_questions_in_other_languages() -> None:
    row = "Artikel: Würzburger Schüssel; Preis: 24 EUR"
    for question in (
        "¿Cuánto es la Würzburger Schüssel?",
        "Quelle est la Würzburger Schüssel ?",
        "is the Würzburger Schüssel in?",
    ):
        assert found(question, row) == 1


@pytest.mark.parametrize(
    ("question", "passage"),
    [
        ("price of QT-118", "Item: QT-118; Price: 4"),
        ("price of qt 118", "Item: QT-118; Price: 4"),
        ("price of QT118", "Item: QT 118; Price: 4"),
        ("a plug of 2.5 mm", "Plug 2.5mm"),
        ("a plug of 2.5mm", "Plug 2.5 mm"),
        ("a plug of 2,5mm", "Plug 2.5mm"),
        ("host 10.1.0.7", "10.1.0.7 | mail"),
        ("Was gilt ab 2031-04-01 für uns?", "Beginn: 2031-04-01"),
    ],
)
def test_identifiers_are_terms_as_a_whole(question: str, passage: str) -> None:
    assert whole(question, passage) or found(question, passage) == 1


@pytest.mark.parametrize(
    ("question", "passage"),
    [("QT-118", "QT-119 | 118"), ("2.5mm", "25mm"), ("room 12", "12 rooms"), ("in 2031", "2031")],
)
def test_other_identifiers_are_other_terms(question: str, passage: str) -> None:
    assert not whole(question, passage)


def test_a_passage_of_english_sentences_has_no_needless_terms() -> None:
    text = "The printer on the second floor is reset with the red button, and you can ask for the key at the desk."
    assert len(bm25.passage_terms(text).words) <= 9


def test_a_long_question_is_asked_by_its_first_words() -> None:
    [form] = bm25.query_terms(" ".join(f"word{number}" for number in range(5_000)))
    assert len(form.required) == bm25.MAX_QUERY_WORDS


@pytest.mark.parametrize("text", ["a" * 200_000, "a-" * 100_000, "1." * 100_000, "a 1 " * 50_000, "ä" * 100_000])
def test_hostile_texts_take_linear_time(text: str) -> None:
    begun = time.process_time()
    bm25.passage_terms(text)
    bm25.query_terms(text)
    assert time.process_time() - begun < 3


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


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Wie lautet die Telefonnummer der Buchhaltung?", 2),
        ("Wer arbeitet in der Poststelle?", 1),
        ("Qui travaille à la comptabilité ?", 1),
        ("¿Quién trabaja en el almacén?", 1),
        ("Chi lavora nel magazzino?", 1),
        ("Wie werkt er in de postkamer?", 1),
        ("Who works in the mailroom?", 2),
    ],
)
def test_a_row_need_not_hold_the_verb_of_a_question(question: str, words: int) -> None:
    assert {len(form.required) for form in bm25.query_terms(question)} == {words}
