"""A document answers from its last readable version, and says so where a later one can't be read."""

from collections.abc import Callable, Iterator
from threading import Event

import pytest
from eventbus.retry.policy import RetryLater
from rag_service.adapters.vectors.factory import vector_store
from rag_service.service import SERVICE
from rag_service.settings import Settings
from rag_service.usecases.reread import rereading
from sqlalchemy import text

from ..conftest import Api, Kept, Rows, World, eventually

GUIDE = "# Badge\n\nA lost badge is blocked at the porter's lodge in building C.\n"
LATER = "# Badge\n\nA lost badge is blocked by calling extension 4411.\n"
ASKED = "where is a lost badge blocked"
CLEARED = "select count(*) from inbox where queue = 'rag-service.clear-vectors'"

UNREADABLE = [
    pytest.param(b"  \n \t \n", "markdown", id="blanks"),
    pytest.param(b"", "text", id="nothing"),
    pytest.param(b"\x00\x01\x02", "pdf", id="no pdf"),
    pytest.param(b"PK\x03\x04 cut off", "word", id="half a docx"),
]


def texts(api: Api) -> list[str]:
    return [item["text"] for item in api.found(ASKED)]


@pytest.mark.parametrize(("data", "kind"), UNREADABLE)
def test_a_version_that_cannot_be_read_leaves_the_old_one_answering(
    world: World, api: Api, rows: Rows, data: bytes, kind: str
) -> None:
    file = world.upload("badge.md", GUIDE)
    world.announced("document.ingested")
    before = api.get(f"/api/documents/{file}")
    world.upload("badge.md", data, kind=kind, file=file, version=2)
    (failed,) = world.announced("document.failed")
    eventually(lambda: rows(CLEARED) == [(2,)])
    assert "porter's lodge" in texts(api)[0]
    found = api.get(f"/api/documents/{file}")
    assert (found["state"], found["version"], found["searchable_version"]) == ("ready", 2, 1)
    assert (failed["version"], failed["kind"], failed["reason_code"]) == (2, kind, found["reason_code"])
    assert found["reason"] == f"Version 2 can't be read, so version 1 still answers. {failed['reason']}"
    unchanged = ("kind", "chunks", "chunks_processed", "pages", "report", "progress")
    assert {name: found[name] for name in unchanged} == {name: before[name] for name in unchanged}


def test_the_next_readable_version_replaces_the_old_one_and_its_reason(world: World, api: Api, rows: Rows) -> None:
    file = world.upload("badge.md", GUIDE)
    world.announced("document.ingested")
    for version in (2, 3):
        world.upload("badge.md", b" ", file=file, version=version)
        world.announced("document.failed", version - 1)
    assert api.get(f"/api/documents/{file}")["version"] == 3
    world.upload("badge.md", LATER, file=file, version=4)
    world.announced("document.ingested", 2)
    found = api.get(f"/api/documents/{file}")
    assert (found["state"], found["version"], found["searchable_version"]) == ("ready", 4, 4)
    assert (found["reason"], found["reason_code"]) == (None, None)
    assert rows("select distinct version from chunks") == [(4,)]
    assert all("4411" in text for text in texts(api))


def test_a_first_version_that_cannot_be_read_fails(world: World, api: Api) -> None:
    file = world.upload("badge.md", b" ")
    world.announced("document.failed")
    found = api.get(f"/api/documents/{file}")
    assert (found["state"], found["version"], found["searchable_version"]) == ("failed", 1, None)
    assert found["report"] is None
    world.upload("badge.md", GUIDE, file=file, version=2)
    world.announced("document.ingested")
    assert api.get(f"/api/documents/{file}")["searchable_version"] == 2


def test_the_old_version_answers_while_the_new_one_is_read_or_waits(world: World, kept: Kept, api: Api) -> None:
    file = world.upload("badge.md", GUIDE)
    world.announced("document.ingested")
    reading, goes_on = Event(), Event()

    def before() -> None:
        reading.set()
        if not goes_on.wait(0.2):
            raise RetryLater("ticket-service can't give the file now")

    kept.before = before
    world.upload("badge.md", LATER, file=file, version=2)
    assert reading.wait(30)
    found = api.get(f"/api/documents/{file}")
    assert found["state"] in ("reading", "waiting")
    assert (found["version"], found["searchable_version"], found["chunks"]) == (1, 1, 1)
    assert "porter's lodge" in texts(api)[0]
    goes_on.set()
    world.announced("document.ingested", 2)
    assert "4411" in texts(api)[0]


def test_an_error_while_a_new_version_is_read_does_not_fail_the_document(
    world: World, kept: Kept, api: Api, rows: Rows
) -> None:
    file = world.upload("badge.md", GUIDE)
    world.announced("document.ingested")

    def before() -> None:
        raise RuntimeError("not foreseen")

    kept.before = before
    world.upload("badge.md", LATER, file=file, version=2)
    eventually(lambda: api.get(f"/api/documents/{file}")["reason_code"] == "not_read")
    found = api.get(f"/api/documents/{file}")
    assert found["state"] in ("ready", "reading")  # it is tried again
    assert found["reason"].startswith("A newer version can't be read yet, so version 1 still answers. ")
    assert "porter's lodge" in texts(api)[0]


def test_a_document_with_an_unreadable_version_is_deleted_as_a_whole(
    world: World, api: Api, rows: Rows, read_settings: Callable[..., Settings]
) -> None:
    file = world.upload("badge.md", GUIDE)
    world.announced("document.ingested")
    world.upload("badge.md", b" ", file=file, version=2)
    world.announced("document.failed")
    world.delete(file)
    world.announced("document.deleted")
    assert texts(api) == []
    assert rows("select 1 from documents") == rows("select 1 from chunks") == []
    store = vector_store(read_settings())
    eventually(lambda: store.count(1) == 0)


def test_a_rebuild_makes_the_vectors_of_the_version_that_answers(
    world: World, api: Api, read_settings: Callable[..., Settings]
) -> None:
    file = world.upload("badge.md", GUIDE)
    world.announced("document.ingested")
    world.upload("badge.md", b" ", file=file, version=2)
    world.announced("document.failed")
    vector_store(read_settings()).delete_company(1)
    assert texts(api) == []
    api.call("POST", "/rag/rebuild", {})
    eventually(lambda: api.get("/rag/rebuild")["state"] == "done")
    assert "porter's lodge" in texts(api)[0]
    assert api.get(f"/api/documents/{file}")["searchable_version"] == 1


@pytest.fixture(autouse=True)
def _free_the_fetcher(kept: Kept) -> Iterator[None]:
    yield
    kept.before = lambda: None


def test_the_same_content_under_two_names_is_two_documents(world: World, api: Api) -> None:
    first, second = world.upload("badge.md", GUIDE), world.upload("copy of badge.md", GUIDE)
    world.announced("document.ingested", 2)
    assert {item["source_id"] for item in api.found(ASKED)} == {str(first), str(second)}
    world.delete(first)
    world.announced("document.deleted")
    assert {item["source_id"] for item in api.found(ASKED)} == {str(second)}


def test_a_file_that_an_earlier_release_read_is_read_again_once(
    world: World, api: Api, rows: Rows, read_settings: Callable[..., Settings]
) -> None:
    process = SERVICE.instance(read_settings())
    file = world.upload("prices.csv", b"Part,Price\nKX-17,40 EUR\nKX-18,41 EUR\n", kind="csv")
    world.announced("document.ingested")
    with process.database.session(1) as session, session.begin():
        session.execute(text("update chunks set kind = 'prose', text = 'KX-17 40 EUR KX-18 41 EUR'"))
        session.execute(text("update documents set report = null"))
    again = rereading(process.database)
    again()
    world.announced("document.ingested", 2)
    found = api.get(f"/api/documents/{file}")
    assert (found["state"], found["version"], found["report"]["read"]["rows"]) == ("ready", 1, 2)
    assert rows("select kind, text from chunks") == [("rows", "Part: KX-17; Price: 40 EUR\nPart: KX-18; Price: 41 EUR")]
    again()
    assert rows("select count(*) from outbox where type = 'document.postponed'") == [(1,)]
    process.close()
