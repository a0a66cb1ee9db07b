"""Both stores rank alike: rows by their words, other fusions, and the form of terms."""

from dataclasses import replace

import pytest
from rag_service.adapters.vectors import bm25
from rag_service.domain.fusion import Fusion, Method
from rag_service.ports import VectorStore

from .points import ACME, HOLIDAY, OTHER, PRINTER, VPN, ask, point

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant")


def test_questions_in_sentences_find_the_right_row(store: VectorStore) -> None:
    rows = {
        name: point(f"Ware: {name}; Preis: {number} EUR", seed=number)
        for number, name in enumerate(("Rügener Becher", "Rügener Töpfe", "Théière Évian", "Cesta Cádiz", "Lampe KQ-31",
                                       "Lampe KQ-13", "Schraube 3,5 mm", "Schraube 35 mm"))
    }  # fmt: skip
    store.upsert(ACME, [point(PRINTER, seed=90), point(VPN, seed=91), *rows.values()])
    for question, name in (
        ("Was kostet der Rügener Topf?", "Rügener Töpfe"),
        ("Ruegener Becher", "Rügener Becher"),
        ("Combien coûte la theiere Evian ?", "Théière Évian"),
        ("¿Cuánto cuesta la Cesta Cadiz?", "Cesta Cádiz"),
        ("How much is KQ 13?", "Lampe KQ-13"),
        ("Wie viel kostet die Lampe KQ31?", "Lampe KQ-31"),
        ("Was kostet die Schraube 3.5mm?", "Schraube 3,5 mm"),
    ):
        [hit, *_] = store.search(ACME, ask(question))
        assert hit.chunk_id == rows[name].chunk_id, question
        assert hit.score > 0.3, question


def test_a_row_in_another_language_passes_the_lowest_score_by_its_one_word(store: VectorStore) -> None:
    rows = (
        "Name: Günther Weiß; Abteilung: Poststelle; Telefon: 1009\nName: Deniz Yılmaz; Abteilung: Lohnbüro; Telefon: 7"
    )
    store.upsert(ACME, [point(rows, seed=1)])
    for question in ("Wer arbeitet in der Poststelle?", "Wie lautet die Telefonnummer der Poststelle?",
                     "Welche Durchwahl hat das Lohnbuero?", "Wie ist die Faxnummer von Deniz Yilmaz?"):  # fmt: skip
        [hit] = store.search(ACME, ask(question))
        assert hit.score >= 0.25, question
    assert all(hit.score < 0.25 for hit in store.search(ACME, ask("Was kostet ein Flug nach Madrid?")))


def test_a_fusion_changes_the_order_and_not_the_scores(store: VectorStore) -> None:
    said, meant = point("printer button", seed=1), point("nothing of it", seed=2)
    store.upsert(ACME, [said, meant, point(HOLIDAY, seed=3)])
    question = ask("printer button", 2)
    default = store.search(ACME, question)
    for method, first in ((Method.BM25, said), (Method.DENSE, meant)):
        hits = store.search(ACME, replace(question, fusion=Fusion(method)))
        assert hits[0].chunk_id == first.chunk_id
        assert [hit.score for hit in hits] == pytest.approx([hit.score for hit in default])
    words = ask("printer button")
    assert store.search(ACME, replace(words, fusion=Fusion(Method.DENSE))) == store.search(ACME, words)


def test_candidates_are_all_that_is_ordered_with_their_figures(store: VectorStore) -> None:
    store.upsert(ACME, [point(f"{PRINTER} {number}", seed=number) for number in range(60)])
    question = ask("printer", 5, limit=3)
    found = store.candidates(ACME, question)
    assert len(found) >= 50
    assert found[:3] == store.search(ACME, question)
    assert all(hit.cosine is not None and hit.share is not None and 0 <= hit.share <= 1 for hit in found)
    assert store.candidates(OTHER, question) == []


def test_passages_know_the_form_of_their_terms(store: VectorStore, monkeypatch: pytest.MonkeyPatch) -> None:
    points = [point(PRINTER, seed=1), point(HOLIDAY, seed=2)]
    store.upsert(ACME, points)
    assert (store.outdated(ACME), store.outdated(OTHER)) == (0, 0)
    monkeypatch.setattr(bm25, "INDEX_FORM", bm25.INDEX_FORM + 1)
    assert (store.outdated(ACME), store.outdated(OTHER)) == (2, 0)
    store.upsert(ACME, points[:1])
    assert store.outdated(ACME) == 1
