"""Large files are read in a queue of their own, and small ones don't wait for them."""

from collections.abc import Callable
from pathlib import Path
from threading import Event
from uuid import uuid4

import numpy as np
import pytest
from rag_service.adapters.parsing.limited import LimitedParser
from rag_service.adapters.vectors.factory import vector_store
from rag_service.domain.document import Parsed, PassageKind, Section
from rag_service.settings import Settings

from ..conftest import Api, Rows, World, eventually

VPN = "# VPN\n\nOpen the client and choose **Forget this connection**, then sign in again.\n"
PARAGRAPH = "The {0}th rule of the house says that lamp number {0} is switched off by whoever leaves last.\n\n"
COLOURS = ("red", "green", "blue", "grey")


def parts(number: int) -> str:
    """Return rows of a table of spare parts."""
    return "\n".join(
        f"Part: ZK-{n * 7 + 1000}; Description: bracket of size {n % 9}; Colour: {COLOURS[n % 4]}; Grams: {n % 500}"
        for n in range(number)
    )


def test_a_small_file_is_found_while_a_large_one_is_read(make_world: Callable[..., World], api: Api) -> None:
    world = make_world(INGEST_THREADS="1")
    reading, goes_on = Event(), Event()
    large = uuid4()

    def before() -> None:
        if world.kept.files.get((1, large, 1)) is not None and not reading.is_set():
            reading.set()
            assert goes_on.wait(30)

    world.kept.before = before
    try:
        # By its size: it isn't even fetched before its turn.
        world.upload("rules.md", "".join(PARAGRAPH.format(n) for n in range(4_000)), file=large)
        assert reading.wait(30)
        assert api.get(f"/api/documents/{large}")["state"] == "reading"
        waiting = world.upload("more.md", "".join(PARAGRAPH.format(n) for n in range(4_000)))
        eventually(lambda: api.call("GET", f"/api/documents/{waiting}").status_code == 200)
        eventually(lambda: api.get(f"/api/documents/{waiting}")["state"] == "waiting")
        assert "files that are read faster come first" in api.get(f"/api/documents/{waiting}")["reason"]
        world.upload("vpn.md", VPN)
        world.upload("vpn.md", VPN, company=2)
        world.announced("document.ingested", 2)
        assert "Forget this connection" in api.found("vpn client connection")[0]["text"]
    finally:
        goes_on.set()
    world.delete(large)
    world.delete(waiting)
    world.announced("document.deleted", 2)


def test_a_file_that_turns_out_to_be_large_is_handed_over_once_and_found(
    make_world: Callable[..., World], api: Api, rows: Rows
) -> None:
    world = make_world(EMBEDDINGS_MODEL="none")
    # 190 KB: small as a file, but more passages than small files may have.
    text = "".join(PARAGRAPH.format(n) for n in range(1_900))
    file = world.upload("rules.txt", text, kind="text")
    (done,) = world.announced("document.ingested")
    assert done["document_id"] == str(file)
    assert done["chunks"] > 100
    assert rows("select queue, count(*) from inbox where queue ~ 'ingest' group by queue order by queue") == [
        ("rag-service.ingest", 1),
        ("rag-service.ingest-large", 1),
    ]
    assert rows("select count(*) from outbox where type = 'document.postponed'") == [(1,)]
    found = api.get(f"/api/documents/{file}")
    assert (found["state"], found["reason"]) == ("ready", None)


def test_a_postponed_file_that_was_deleted_or_replaced_meanwhile_is_not_stored(
    make_world: Callable[..., World], api: Api, rows: Rows
) -> None:
    world = make_world(EMBEDDINGS_MODEL="none")
    text = "".join(PARAGRAPH.format(n) for n in range(4_000))
    reading, goes_on = Event(), Event()

    def before() -> None:
        if not reading.is_set():
            reading.set()
            assert goes_on.wait(30)

    world.kept.before = before
    world.upload("first.txt", text, kind="text")
    assert reading.wait(30)
    replaced, deleted = world.upload("a.txt", text, kind="text"), world.upload("b.txt", text, kind="text")
    handed = "select count(*) from inbox where queue = 'rag-service.ingest'"
    eventually(lambda: rows(handed) == [(3,)])
    world.delete(deleted)
    world.upload("a.txt", "The newest rule: no lamps at all.", kind="text", file=replaced, version=2)
    world.announced("document.ingested")
    goes_on.set()
    eventually(lambda: rows("select count(*) from inbox where queue = 'rag-service.ingest-large'") == [(3,)])
    assert rows(f"select version from chunks where document_id = '{replaced}'") == [(2,)]
    assert rows(f"select 1 from documents where id = '{deleted}'") == []
    assert {item["state"] for item in api.get("/api/documents")["items"]} == {"ready"}


def test_an_external_producers_large_file_is_read_from_its_folder(
    make_world: Callable[..., World], make_api: Callable[..., Api], tmp_path: Path
) -> None:
    folder = tmp_path / "producers"
    folder.mkdir()
    (folder / "rules.txt").write_text("".join(PARAGRAPH.format(n) for n in range(4_000)))
    more = {"RAG_FILES_BASE_PATH": str(folder), "EMBEDDINGS_MODEL": "none"}
    world, api, file = make_world(**more), make_api(**more), uuid4()
    asked = {"event": "file.uploaded", "file_id": str(file), "company_id": 1, "file_relative_path": "rules.txt"}
    answer = api.call("POST", "/rag/events", {**asked, "original_name": "rules.txt", "kind": "text"})
    assert answer.status_code == 202, answer.text
    (done,) = world.announced("document.ingested")
    assert done["document_id"] == str(file)
    assert api.get(f"/api/documents/{file}")["source_type"] == "outside"


def test_each_row_of_a_long_table_is_found_by_its_number_and_shares_a_vector(
    make_world: Callable[..., World],
    api: Api,
    rows: Rows,
    read_settings: Callable[..., Settings],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parse = LimitedParser.parse

    def tables(parser: LimitedParser, data: bytes, kind: str, name: str) -> Parsed:
        if kind != "csv":
            return parse(parser, data, kind, name)
        return Parsed("Spare parts", (Section(data.decode(), kind=PassageKind.ROWS),))

    monkeypatch.setattr(LimitedParser, "parse", tables)
    world = make_world(MAX_ROW_VECTORS="20")
    table = world.upload("parts.csv", parts(600), kind="csv")
    world.upload("vpn.md", VPN)
    world.announced("document.ingested", 2)
    own = rows(f"select count(*) from chunks where document_id = '{table}' and vector is not null")
    assert own == [(20,)]
    for number in (1000, 1000 + 7 * 311, 1000 + 7 * 599):
        assert f"ZK-{number};" in api.found(f"What does part ZK-{number} weigh?")[0]["text"]
    # Another document is not pushed out by hundreds of rows with one vector.
    assert "Forget this connection" in api.found("vpn client sign in again")[0]["text"]
    before = [(item["chunk_id"], item["score"]) for item in api.found("which bracket is grey?", top_k=20)]
    vector_store(read_settings()).delete_company(1)
    api.call("POST", "/rag/rebuild", {})
    eventually(lambda: api.get("/rag/rebuild")["state"] == "done")
    after = [(item["chunk_id"], item["score"]) for item in api.found("which bracket is grey?", top_k=20)]
    assert [chunk for chunk, _ in after] == [chunk for chunk, _ in before]
    assert np.allclose([score for _, score in after], [score for _, score in before], atol=1e-6)


def test_the_document_reports_what_was_read_and_left_out(world: World, api: Api) -> None:
    file = world.upload("vpn.md", VPN + "\nDer Zugang wird jeden Montag um acht Uhr gewartet und ist dann weg.\n")
    world.announced("document.ingested")
    report = api.get(f"/api/documents/{file}")["report"]
    assert report["read"]["passages"] == 1
    assert (report["read"]["rows"], report["read"]["questions"]) == (0, 0)
    assert report["read"]["characters"] > 100
    assert report["left_out"] == []
    assert api.get("/api/documents")["items"][0]["report"] == report
