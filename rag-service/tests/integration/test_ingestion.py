"""Files become passages that are found, once, in their newest version; deleted ones are gone from everywhere."""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event
from uuid import uuid4

from eventbus.retry.policy import RetryLater
from rag_service.adapters.vectors.factory import vector_store
from rag_service.ports import Point
from rag_service.settings import Settings
from rag_service.usecases.rebuild import rebuild
from service_kit.database.engine import Database
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api, Kept, Rows, World, eventually

VPN = "# VPN\n\nOpen the client and choose **Forget this connection**, then sign in again.\n"
PRINTER = "# Printer\n\nTurn the printer off, wait for ten seconds, and turn it on again.\n"


def test_an_uploaded_file_is_found_with_its_place(world: World, api: Api) -> None:
    file = world.upload("vpn.md", VPN)
    (published,) = world.announced("document.ingested")
    assert (published["document_id"], published["name"], published["chunks"]) == (str(file), "vpn.md", 1)
    (first, *_) = api.found("my vpn connection asks for the password again")
    assert "Forget this connection" in first["text"]
    assert (first["source_type"], first["source_id"]) == ("file", str(file))
    assert first["metadata"]["title"] == "vpn.md"
    assert first["metadata"]["heading"] == ["VPN"]
    assert 0 < first["score"] <= 1


def test_documents_tell_how_far_they_are_and_why_one_failed(world: World, api: Api) -> None:
    world.upload("vpn.md", VPN)
    broken = world.upload("broken.pdf", b"%PDF-1.7\nnothing of a pdf", kind="pdf")
    world.announced("document.ingested")
    (published,) = world.announced("document.failed")
    listed = {item["name"]: item for item in api.get("/api/documents")["items"]}
    assert (listed["vpn.md"]["state"], listed["vpn.md"]["chunks"], listed["vpn.md"]["progress"]) == ("ready", 1, 1.0)
    assert (listed["broken.pdf"]["state"], listed["broken.pdf"]["reason_code"]) == ("failed", published["reason_code"])
    assert api.get(f"/api/documents/{broken}")["reason"] == published["reason"]
    assert [item["name"] for item in api.get("/api/documents?state=failed")["items"]] == ["broken.pdf"]


def test_the_same_event_twice_makes_the_same_chunks(world: World, api: Api, rows: Rows) -> None:
    file = uuid4()
    message_of = world.upload("vpn.md", VPN, file=file)
    world.announced("document.ingested")
    before = rows("select id from chunks")
    # Another event about the same version, as a producer that lost its memory would send it.
    world.upload("vpn.md", VPN, file=file)
    world.announced("document.ingested", 2)
    assert rows("select id from chunks") == before
    assert len(api.found("vpn client connection")) == 1
    assert message_of == file


def test_a_new_version_replaces_the_old_one(world: World, api: Api, rows: Rows) -> None:
    file = world.upload("guide.md", VPN)
    world.announced("document.ingested")
    world.upload("guide.md", PRINTER, file=file, version=2)
    world.announced("document.ingested", 2)
    assert rows("select distinct version from chunks") == [(2,)]
    assert [item["text"] for item in api.found("forget this connection vpn client")] != []
    assert all("Forget this connection" not in item["text"] for item in api.found("forget this connection vpn client"))
    # A late event about the first version changes nothing.
    world.upload("guide.md", VPN, file=file, version=1)
    world.upload("other.md", VPN)
    world.announced("document.ingested", 3)
    assert rows("select version from documents where id = '" + str(file) + "'") == [(2,)]


def test_two_versions_at_once_leave_the_newer_one_found(world: World, api: Api, rows: Rows) -> None:
    file, reading, both = uuid4(), Event(), Event()

    def before() -> None:
        reading.set()
        assert both.wait(30)

    world.kept.before = before
    world.upload("other.md", VPN.replace("VPN", "Other"))
    assert reading.wait(30)
    # Both wait, and come in one batch: the events of the second version must survive those of the first.
    world.upload("guide.md", VPN, file=file)
    world.upload("guide.md", PRINTER, file=file, version=2)
    both.set()
    world.announced("document.ingested", 3)
    last = world.upload("last.md", "# Last\n\nSomething else.\n")
    world.announced("document.ingested", 4)
    cleared = "select count(*) from inbox where queue = 'rag-service.clear-vectors'"
    eventually(lambda: rows(cleared) == [(4,)])
    assert last
    assert [item["source_id"] for item in api.found("turn the printer off for ten seconds")][:1] == [str(file)]


def test_a_deleted_file_is_gone_from_answers_rows_vectors_and_disk(
    world: World, api: Api, rows: Rows, read_settings: Callable[..., Settings]
) -> None:
    import numpy as np

    file = world.upload("vpn.md", VPN)
    kept = world.upload("printer.md", PRINTER)
    world.announced("document.ingested", 2)
    (raw,) = rows(f"select vector from chunks where document_id = '{file}'")[0]
    vector = np.frombuffer(bytes(raw), np.float16).astype(np.float32)
    folder = Path(read_settings().vectors_dir)
    world.delete(file)
    world.announced("document.deleted")
    assert api.found("forget this connection vpn client password") == [] or all(
        item["source_id"] == str(kept) for item in api.found("forget this connection vpn client password")
    )
    assert rows(f"select 1 from chunks where document_id = '{file}'") == []
    assert rows(f"select 1 from documents where id = '{file}'") == []
    eventually(lambda: not _on_disk(folder, vector[:16].tobytes()))


def test_a_file_deleted_while_it_is_read_leaves_nothing(world: World, rows: Rows, api: Api) -> None:
    reading, deleted = Event(), Event()

    def before() -> None:
        reading.set()
        assert deleted.wait(30)

    world.kept.before = before
    file = world.upload("vpn.md", VPN)
    assert reading.wait(30)
    world.delete(file)
    world.announced("document.deleted")
    deleted.set()
    world.kept.before = lambda: None
    world.upload("printer.md", PRINTER)
    world.announced("document.ingested")
    assert rows(f"select 1 from documents where id = '{file}'") == []
    assert rows(f"select 1 from chunks where document_id = '{file}'") == []
    assert api.get("/rag/health")["vectors"] == "ok"


def test_a_late_upload_after_the_deletion_brings_nothing_back(world: World, rows: Rows) -> None:
    file = uuid4()
    world.delete(file)
    world.announced("document.deleted")
    world.upload("vpn.md", VPN, file=file)
    world.upload("printer.md", PRINTER)
    world.announced("document.ingested")
    assert rows(f"select 1 from documents where id = '{file}'") == []


def test_a_document_waits_while_its_file_cannot_be_fetched(world: World, kept: Kept, api: Api) -> None:
    calls = []

    def before() -> None:
        calls.append(1)
        if len(calls) < 3:
            raise RetryLater("ticket-service can't give the file now")

    kept.before = before
    file = world.upload("vpn.md", VPN)
    world.announced("document.ingested")
    assert api.get(f"/api/documents/{file}")["state"] == "ready"
    assert len(calls) == 3


def test_a_file_that_always_fails_is_marked_and_delays_no_other(world: World, kept: Kept, api: Api) -> None:
    def before() -> None:
        raise RuntimeError("not foreseen")

    kept.before = before
    file = world.upload("vpn.md", VPN)
    eventually(lambda: api.call("GET", f"/api/documents/{file}").status_code == 200)
    eventually(lambda: api.get(f"/api/documents/{file}")["state"] == "failed")
    assert api.get(f"/api/documents/{file}")["reason_code"] == "not_read"
    kept.before = lambda: None
    world.upload("printer.md", PRINTER)
    world.announced("document.ingested")


def test_vectors_that_a_killed_process_left_of_a_deleted_file_are_taken_away(
    world: World, read_settings: Callable[..., Settings]
) -> None:
    import numpy as np

    store, file = vector_store(read_settings()), uuid4()
    world.delete(file)
    world.announced("document.deleted")
    world.upload("printer.md", PRINTER)
    world.announced("document.ingested")
    eventually(lambda: store.count(1) == 1)
    # Put when the file was gone already, by a process that ended before it saw that; its event comes again.
    store.upsert(1, [Point(uuid4(), file, 1, np.ones(384, np.float32), VPN)])
    world.upload("vpn.md", VPN, file=file)
    eventually(lambda: store.count(1) == 1)


def test_without_an_encoder_words_alone_are_searched(
    make_world: Callable[..., World], make_api: Callable[..., Api]
) -> None:
    world, api = make_world(EMBEDDINGS_MODEL="none"), make_api(EMBEDDINGS_MODEL="none")
    world.upload("vpn.md", VPN)
    world.announced("document.ingested")
    assert "Forget this connection" in api.found("vpn connection")[0]["text"]
    assert api.get("/rag/health")["encoder"] is None


def test_all_vectors_can_be_rebuilt(world: World, api: Api, read_settings: Callable[..., Settings]) -> None:
    world.upload("vpn.md", VPN)
    world.upload("printer.md", PRINTER)
    world.announced("document.ingested", 2)
    before = api.found("turn the printer off")
    vector_store(read_settings()).delete_company(1)
    assert api.found("turn the printer off") == []
    asked = api.call("POST", "/rag/rebuild", {})
    assert asked.status_code == 202
    eventually(lambda: api.get("/rag/rebuild")["state"] == "done")
    assert api.get("/rag/rebuild")["done"] == 2
    assert api.found("turn the printer off") == before


def test_a_document_ingested_during_a_rebuild_is_found(
    world: World, api: Api, read_settings: Callable[..., Settings]
) -> None:
    """A rebuild empties the company's vectors between a document's being put and its commit."""
    store = vector_store(read_settings())
    world.upload("vpn.md", VPN)
    world.announced("document.ingested")
    api.call("POST", "/rag/rebuild", {})
    eventually(lambda: api.get("/rag/rebuild")["state"] == "done")
    put, emptied = store.upsert, []

    def put_and_lose(company: int, points: Sequence[Point]) -> None:
        put(company, points)
        if not emptied:
            emptied.append(1)
            store.delete_company(company)

    store.upsert = put_and_lose  # type: ignore[method-assign]
    try:
        file = world.upload("printer.md", PRINTER)
        world.announced("document.ingested", 2)
        eventually(lambda: [item["source_id"] for item in api.found("turn the printer off")] == [str(file)])
    finally:
        del store.upsert


def test_a_document_deleted_during_a_rebuild_leaves_no_vectors(
    world: World, made: ServiceDatabase, rows: Rows, read_settings: Callable[..., Settings]
) -> None:
    store = vector_store(read_settings())
    file = world.upload("vpn.md", VPN)
    world.announced("document.ingested")
    put, published = store.upsert, "select count(*) from inbox where type = 'document.deleted'"

    def late(company: int, points: Sequence[Point]) -> None:
        world.delete(file)
        eventually(lambda: rows(published) == [(1,)])
        put(company, points)

    store.upsert = late  # type: ignore[method-assign]
    database = Database(made.url, schema="rag", relay_url=made.relay_url)
    try:
        rebuild(database, store, None, 1)
    finally:
        del store.upsert
        database.dispose()
    assert store.count(1) == 0


def _on_disk(folder: Path, needle: bytes) -> bool:
    try:
        return any(needle in path.read_bytes() for path in folder.rglob("*") if path.is_file())
    except FileNotFoundError:
        return True  # they are being swept at this moment: look again
