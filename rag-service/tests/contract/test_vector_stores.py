"""The contract of every vector store: embedded, in the client's memory, and on a server if there is one.

A real server is named by TEST_QDRANT_URL.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import numpy as np
import pytest
from rag_service.adapters.vectors.server import ServerVectors
from rag_service.ports import Point, VectorStore

from .points import ACME, HOLIDAY, OTHER, PRINTER, VPN, ask, ids, point, vector

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant")


def test_an_empty_store_finds_nothing_and_deletes_nothing(store: VectorStore) -> None:
    assert store.search(ACME, ask("printer", 1)) == []
    assert store.count(ACME) == 0
    store.upsert(ACME, [])
    store.delete_older_versions(ACME, uuid4(), 1)
    store.delete_document(ACME, uuid4())
    store.delete_company(ACME)
    assert store.search(ACME, ask("printer", 1)) == []


def test_the_passage_with_the_best_bm25_and_cosine_comes_first(store: VectorStore) -> None:
    printer, holiday, vpn = point(PRINTER, seed=1), point(HOLIDAY, seed=2), point(VPN, seed=3)
    store.upsert(ACME, [printer, holiday, vpn])
    [first, *_] = store.search(ACME, ask("how do I reset the printer?", 1))
    assert first.chunk_id == printer.chunk_id
    assert first.cosine == pytest.approx(1, abs=0.01)
    assert 0.6 < first.score <= 1
    # By meaning alone, and by words alone.
    assert ids(store.search(ACME, ask("nobody wrote this", 2)))[0] == holiday.chunk_id
    assert ids(store.search(ACME, ask("printers", 99)))[0] == printer.chunk_id


def test_without_an_encoder_words_alone_decide(store: VectorStore) -> None:
    printer, holiday = point(PRINTER, seed=1), point(HOLIDAY, seed=2)
    store.upsert(ACME, [printer, holiday])
    [only] = store.search(ACME, ask("printer button"))
    assert (only.chunk_id, only.cosine) == (printer.chunk_id, None)
    assert 0 < only.score <= 1
    assert store.search(ACME, ask("the of and")) == []


def test_half_of_a_question_scores_less_than_all_of_it(store: VectorStore) -> None:
    store.upsert(ACME, [point(PRINTER, seed=1), point(HOLIDAY, seed=2)])
    [whole] = store.search(ACME, ask("printer button"))
    [half] = store.search(ACME, ask("printer elephants"))
    assert half.score < 0.7 * whole.score


def test_other_languages_are_found_by_other_forms_of_their_words(store: VectorStore) -> None:
    store.upsert(ACME, [point(PRINTER, seed=1), point(VPN, seed=3)])
    for question in ("Wie ist das mit den Gästen und der VPN?", "Gäste", "Zertifikat"):
        [hit] = store.search(ACME, ask(question))
        assert hit.score > 0, question


def test_any_text_is_stored_and_asked(store: VectorStore) -> None:
    strange = [
        "",
        "\x00",
        "\ud83d halves \udc00",
        "日本語のテキスト",
        "パスワード 🔑",
        "a" * 50_000,
        "' OR 1=1 --",
        "؟",
        "\n" * 99,
    ]
    store.upsert(ACME, [point(text, seed=number) for number, text in enumerate(strange)])
    assert store.count(ACME) == len(strange)
    for number, text in enumerate(strange):
        assert len(store.search(ACME, ask(text, number))) == len(strange), text
    assert len(store.search(ACME, ask("パスワード"))) == 1


def test_the_same_id_again_takes_the_others_place(store: VectorStore) -> None:
    chunk = uuid4()
    store.upsert(ACME, [point(PRINTER, seed=1, chunk=chunk)])
    store.upsert(ACME, [point(HOLIDAY, seed=2, chunk=chunk)])
    assert store.count(ACME) == 1
    assert store.search(ACME, ask("printer")) == []
    assert ids(store.search(ACME, ask("holidays", 2))) == [chunk]


def test_a_new_version_drives_the_old_one_out_and_no_other_document(store: VectorStore) -> None:
    document = uuid4()
    store.upsert(ACME, [point(PRINTER, seed=1, document=document), point(HOLIDAY, seed=2)])
    new = point(VPN, seed=3, document=document, version=2)
    store.upsert(ACME, [new])
    assert store.count(ACME) == 3
    store.delete_older_versions(ACME, document, 2)
    assert store.count(ACME) == 2
    assert store.search(ACME, ask("printer")) == []
    assert new.chunk_id in ids(store.search(ACME, ask("VPN", 3)))


def test_a_late_deletion_of_an_old_version_keeps_the_newer_one(store: VectorStore) -> None:
    document = uuid4()
    newest = point(VPN, seed=3, document=document, version=3)
    store.upsert(ACME, [point(PRINTER, seed=1, document=document), newest])
    store.delete_older_versions(ACME, document, 2)
    assert ids(store.search(ACME, ask("VPN", 3))) == [newest.chunk_id]
    assert store.count(ACME) == 1


def test_a_deleted_document_is_not_found(store: VectorStore) -> None:
    document = uuid4()
    store.upsert(
        ACME, [point(PRINTER, seed=number, document=document) for number in range(5)] + [point(HOLIDAY, seed=9)]
    )
    store.delete_document(ACME, document)
    store.delete_document(ACME, document)
    assert store.count(ACME) == 1
    assert len(store.search(ACME, ask("printer", 1))) == 1


def test_only_named_documents_are_searched(store: VectorStore) -> None:
    points = [point(PRINTER, seed=number) for number in range(4)]
    store.upsert(ACME, points)
    wanted = [points[1].document_id, points[3].document_id]
    assert set(ids(store.search(ACME, ask("printer", 0, documents=wanted)))) == {points[1].chunk_id, points[3].chunk_id}
    assert store.search(ACME, ask("printer", 0, documents=[])) == []
    assert store.search(ACME, ask("printer", 0, documents=[uuid4()])) == []


def test_scores_fall_and_the_limit_holds(store: VectorStore) -> None:
    store.upsert(ACME, [point(f"{PRINTER} {number}", seed=number) for number in range(80)])
    hits = store.search(ACME, ask("printer", 5, limit=60))
    assert len(hits) == 60
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert ids(store.search(ACME, ask("printer", 5, limit=3))) == ids(hits)[:3]


def test_companies_see_nothing_of_each_other(store: VectorStore) -> None:
    document = uuid4()
    mine, theirs = point(PRINTER, seed=1, document=document), point(PRINTER, seed=1, document=document)
    store.upsert(ACME, [mine])
    store.upsert(OTHER, [theirs])
    assert ids(store.search(ACME, ask("printer", 1))) == [mine.chunk_id]
    assert ids(store.search(OTHER, ask("printer", 1, documents=[document]))) == [theirs.chunk_id]
    store.delete_document(ACME, document)
    assert (store.count(ACME), store.count(OTHER)) == (0, 1)
    store.upsert(ACME, [mine])
    store.delete_older_versions(ACME, document, 2)
    assert (store.count(ACME), store.count(OTHER)) == (0, 1)
    store.upsert(ACME, [mine])
    store.delete_company(ACME)
    assert (store.count(ACME), store.count(OTHER)) == (0, 1)


def test_idf_does_not_depend_on_other_companies(store: VectorStore) -> None:
    store.upsert(ACME, [point(PRINTER, seed=1), point(HOLIDAY, seed=2)])
    before = store.search(ACME, ask("printer", 1))
    store.upsert(OTHER, [point(PRINTER, seed=number) for number in range(30)])
    after = store.search(ACME, ask("printer", 1))
    assert ids(after) == ids(before)
    assert [hit.score for hit in after] == pytest.approx([hit.score for hit in before])


@pytest.mark.parametrize("company", [0, -1, None, "7", True, 7.0])
def test_without_a_company_there_is_nothing(store: VectorStore, company: object) -> None:
    with pytest.raises(ValueError, match="company"):
        store.search(company, ask("printer", 1))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="company"):
        store.upsert(company, [point(PRINTER, seed=1)])  # type: ignore[arg-type]
    for call in (store.count, store.delete_company, store.outdated):
        with pytest.raises(ValueError, match="company"):
            call(company)  # type: ignore[arg-type]
    for change in (
        lambda: store.delete_document(company, uuid4()),
        lambda: store.delete_older_versions(company, uuid4(), 1),
    ):  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="company"):
            change()


def test_a_vector_of_another_model_is_refused(store: VectorStore) -> None:
    short = Point(uuid4(), uuid4(), 1, np.ones(3, np.float32), PRINTER)
    with pytest.raises(ValueError, match="384"):
        store.upsert(ACME, [short])


def test_threads_store_search_and_forget_at_once(store: VectorStore) -> None:
    if isinstance(store, ServerVectors) and "TEST_QDRANT_URL" not in os.environ:
        pytest.skip("the client's memory knows no threads")
    documents = [uuid4() for _ in range(8)]

    def live(number: int) -> int:
        company, document = 1 + number % 3, documents[number]
        mine = [point(f"{PRINTER} {number}", seed=number * 100 + each, document=document) for each in range(20)]
        store.upsert(company, mine)
        found = store.search(company, ask("printer", number * 100, documents=[document], limit=50))
        if number % 2:
            store.delete_document(company, document)
        return len(found)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(live, range(8))) == [20] * 8
    assert [store.count(company) for company in (1, 2, 3)] == [40, 20, 20]


def test_points_that_share_a_vector_are_found_by_their_terms_and_displace_no_other(store: VectorStore) -> None:
    table, others = uuid4(), [point(text, seed=seed) for text, seed in ((PRINTER, 1), (HOLIDAY, 2), (VPN, 3))]
    rows = [
        Point(uuid4(), table, 1, vector(50), f"Part: KX-{number}; Colour: teal", shared=True) for number in range(80)
    ]
    store.upsert(ACME, [point("Part: KX-900; Colour: teal", seed=50, document=table), *rows])
    store.upsert(ACME, others)
    # By meaning alone: of eighty equal vectors none is in the list.
    assert {each.chunk_id for each in others} <= set(ids(store.search(ACME, ask("nobody wrote this", 50))))
    [first, *_] = store.search(ACME, ask("which colour has KX-17?", 50))
    assert first.chunk_id == rows[17].chunk_id
    assert first.cosine == pytest.approx(1, abs=0.01)
    # Restricted to the table, too.
    assert ids(store.search(ACME, ask("which colour has KX-17?", 50, documents=[table])))[0] == rows[17].chunk_id
    store.delete_document(ACME, table)
    assert store.count(ACME) == len(others)
    assert ids(store.search(ACME, ask("reset the printer", 1)))[0] == others[0].chunk_id
