"""Concurrent uploads and deletions, and processes killed between two steps: no bytes are lost or left over."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import pytest
from flask import Flask
from service_kit.testing.postgres import ServiceDatabase
from ticket_service import service
from ticket_service.adapters.storage import storage_of
from ticket_service.adapters.storage.folder import Folder
from ticket_service.ports import ByteStream, StorageDown
from ticket_service.settings import Settings
from ticket_service.usecases.delete_orphaned_blobs import orphan_deletion

from ..conftest import Api

Rows = Callable[..., list[tuple[Any, ...]]]
OnDisk = Callable[[], list[bytes]]
TEXT = b"Open the VPN client and choose Forget this connection."
BLOBS = "select state, count(*) from blobs group by state order by state"


class Killed(BaseException):
    """Simulates the end of the process: nothing after it is cleaned up."""


class Hooked(Folder):
    """A folder that calls something before or after its steps."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.before_put: Callable[[], None] = lambda: None
        self.after_put: Callable[[], None] = lambda: None
        self.before_remove: Callable[[], None] = lambda: None
        self.puts = 0

    def put(self, company: int, key: UUID, content: BinaryIO, size: int) -> None:
        self.puts += 1
        self.before_put()
        super().put(company, key, content, size)
        self.after_put()

    def remove(self, company: int, key: UUID) -> None:
        self.before_remove()
        super().remove(company, key)

    def open(self, company: int, key: UUID) -> ByteStream:
        return super().open(company, key)


@pytest.fixture
def hooked(read: Callable[..., Settings], files_dir: Path, api: Api) -> Iterator[tuple[Api, Hooked]]:
    """A service with hooks between its steps."""
    storage = Hooked(files_dir)
    process = service.SERVICE.instance(read(), replace=lambda deps: replace(deps, storage=storage))
    yield Api(process.create_app().test_client()), storage
    process.close()


@pytest.fixture
def maintain(made: ServiceDatabase, read: Callable[..., Settings]) -> Callable[[], None]:
    """The worker's maintenance job."""
    return orphan_deletion(made.database, storage_of(read().files))


def age_promises(made: ServiceDatabase) -> None:
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute("update blobs set changed_at = changed_at - interval '16 minutes'")


def at_once(app: Flask, number: int, send: Callable[[Api, int], Any]) -> list[Any]:
    start = threading.Barrier(number)

    def one(index: int) -> Any:
        start.wait()
        return send(Api(app.test_client()), index)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def test_twenty_equal_uploads_at_once_make_one_file_and_one_blob(
    app: Flask, api: Api, rows: Rows, on_disk: OnDisk
) -> None:
    answers = at_once(app, 20, lambda client, _: client.upload(TEXT))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json["item"]["id"] for answer in answers}) == 1
    assert on_disk() == [TEXT]
    assert rows(BLOBS) == [("stored", 1)]
    assert rows("select type from outbox") == [("file.uploaded",)]


def test_different_uploads_of_one_name_at_once_become_versions_one_after_another(
    app: Flask, api: Api, rows: Rows, on_disk: OnDisk
) -> None:
    answers = at_once(app, 10, lambda client, index: client.upload(b"%d" % index))
    assert sorted(answer.json["item"]["version"] for answer in answers) == list(range(1, 11))
    (item,) = api.get("/api/files")["items"]
    (last,) = [answer for answer in answers if answer.json["item"]["version"] == 10]
    assert on_disk() == [api.call("GET", f"/api/files/{item['id']}/content").data]
    assert last.json["item"] == item
    revisions = rows("select revision from outbox where type = 'file.uploaded' order by seq")
    assert [revision for (revision,) in revisions] == list(range(1, 11))


def test_equal_contents_uploaded_and_deleted_at_once_keep_their_bytes(
    app: Flask, api: Api, rows: Rows, on_disk: OnDisk, maintain: Callable[[], None]
) -> None:
    def churn(client: Api, index: int) -> list[int]:
        codes = []
        for _ in range(6):
            answer = client.upload(TEXT, f"{index}.txt")
            codes.append(answer.status_code)
            file = answer.json["item"]["id"]
            codes.append(client.call("GET", f"/api/files/{file}/content").status_code)
            codes.append(client.call("DELETE", f"/api/files/{file}").status_code)
        codes.append(client.upload(TEXT, f"{index}.txt").status_code)
        return codes

    for codes in at_once(app, 8, churn):
        assert codes == [201, 200, 204] * 6 + [201]
    maintain()
    assert on_disk() == [TEXT]
    assert rows(BLOBS) == [("stored", 1)]
    for item in api.get("/api/files")["items"]:
        assert api.call("GET", f"/api/files/{item['id']}/content").data == TEXT


def test_maintenance_without_a_reservation_ttl_loses_no_file_and_leaves_nothing(
    app: Flask, api: Api, made: ServiceDatabase, rows: Rows, on_disk: OnDisk, maintain: Callable[[], None]
) -> None:
    over = threading.Event()

    def distrust() -> None:
        while not over.wait(0.005):
            age_promises(made)
            maintain()

    def churn(client: Api, index: int) -> set[int]:
        codes = set()
        for number in range(10):
            answer = client.upload(b"%d" % (number % 3), f"{index}-{number}.txt")
            codes.add(answer.status_code)
            if answer.status_code == 201:
                file = answer.json["item"]["id"]
                assert client.call("GET", f"/api/files/{file}/content").data == b"%d" % (number % 3)
                if number % 2:
                    client.call("DELETE", f"/api/files/{file}")
        return codes

    distrusting = threading.Thread(target=distrust)
    distrusting.start()
    try:
        for codes in at_once(app, 6, churn):
            assert 201 in codes
            assert codes <= {201, 503}, "all attempts may have failed"
    finally:
        over.set()
        distrusting.join()
    age_promises(made)
    maintain()
    for item in api.get("/api/files?limit=100")["items"]:
        assert api.call("GET", f"/api/files/{item['id']}/content").status_code == 200
    assert len(on_disk()) == len(rows("select distinct storage_key from files"))
    assert rows("select count(*) from blobs where state <> 'stored'") == [(0,)]


def test_an_upload_puts_its_bytes_again_when_the_stored_ones_are_deleted_meanwhile(
    hooked: tuple[Api, Hooked], api: Api, rows: Rows, on_disk: OnDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, storage = hooked
    first = client.stored(TEXT, "first.txt")
    from ticket_service.usecases import upload_file as module

    enter, met = module._enter, []

    def delete_first(*arguments: Any) -> Any:
        if not met:
            met.append(api.call("DELETE", f"/api/files/{first['id']}").status_code)
        return enter(*arguments)

    monkeypatch.setattr(module, "_enter", delete_first)
    second = client.stored(TEXT, "second.txt")
    assert (met, storage.puts) == ([204], 2)
    assert client.call("GET", f"/api/files/{second['id']}/content").data == TEXT
    assert on_disk() == [TEXT]
    assert rows(BLOBS) == [("stored", 1)]


def kill() -> None:
    raise Killed


@pytest.mark.parametrize("moment", ["before_put", "after_put"])
def test_a_process_killed_around_the_put_leaves_nothing_after_the_ttl(
    hooked: tuple[Api, Hooked], made: ServiceDatabase, rows: Rows, on_disk: OnDisk, maintain: Callable[[], None],
    moment: str, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    client, storage = hooked
    # A killed process cleans nothing up.
    monkeypatch.setattr("ticket_service.usecases.store_bytes.delete_failed_upload", lambda *_: None)
    setattr(storage, moment, kill)
    with pytest.raises(Killed):
        client.upload(TEXT)
    assert rows(BLOBS) == [("arriving", 1)]
    assert on_disk() == ([TEXT] if moment == "after_put" else [])
    maintain()
    assert rows(BLOBS) == [("arriving", 1)], "the upload might still be running"
    age_promises(made)
    maintain()
    assert (rows(BLOBS), on_disk()) == ([], [])
    assert client.get("/api/files")["items"] == []


@pytest.mark.parametrize("moment", ["before_put", "after_put"])
def test_a_cancelled_reservation_can_not_be_used_by_a_late_upload(
    hooked: tuple[Api, Hooked], made: ServiceDatabase, rows: Rows, on_disk: OnDisk, maintain: Callable[[], None],
    moment: str,
) -> None:  # fmt: skip
    client, storage = hooked

    def stand_still() -> None:
        setattr(storage, moment, lambda: None)
        age_promises(made)
        maintain()

    setattr(storage, moment, stand_still)
    file = client.stored(TEXT)
    assert client.call("GET", f"/api/files/{file['id']}/content").data == TEXT
    assert storage.puts == 2
    assert (on_disk(), rows(BLOBS)) == ([TEXT], [("stored", 1)])


def test_a_cancelled_reservation_stays_cancelled_while_its_bytes_exist(
    hooked: tuple[Api, Hooked], made: ServiceDatabase, on_disk: OnDisk, maintain: Callable[[], None]
) -> None:
    client, storage = hooked

    def cancel_reservation() -> None:
        storage.after_put = lambda: None
        with made.admin() as connection, connection.cursor() as cursor:
            # Another process marked the bytes as unused and stopped: they may be deleted at any moment.
            cursor.execute("update blobs set state = 'unused'")

    storage.after_put = cancel_reservation
    file = client.stored(TEXT)
    assert storage.puts == 2
    maintain()
    assert on_disk() == [TEXT]
    assert client.call("GET", f"/api/files/{file['id']}/content").data == TEXT


def test_maintenance_removes_the_bytes_that_a_killed_process_left(
    hooked: tuple[Api, Hooked], rows: Rows, on_disk: OnDisk, maintain: Callable[[], None]
) -> None:
    client, storage = hooked
    file = client.stored(TEXT)
    storage.before_remove = kill
    with pytest.raises(Killed):
        client.call("DELETE", f"/api/files/{file['id']}")
    assert client.call("GET", f"/api/files/{file['id']}").status_code == 404
    assert (on_disk(), rows(BLOBS)) == ([TEXT], [("unused", 1)])
    again = client.stored(TEXT)
    maintain()
    assert (on_disk(), rows(BLOBS)) == ([TEXT], [("stored", 1)]), "a new upload has a new key"
    assert client.call("GET", f"/api/files/{again['id']}/content").data == TEXT


def test_a_storage_that_is_down_refuses_uploads_and_delays_removals(
    hooked: tuple[Api, Hooked], rows: Rows, on_disk: OnDisk, maintain: Callable[[], None]
) -> None:
    client, storage = hooked
    file = client.stored(TEXT)

    def down() -> None:
        raise StorageDown("down")

    storage.before_put = storage.before_remove = down
    refused = client.upload(b"other", "other.txt")
    assert (refused.status_code, refused.json["code"]) == (503, "storage_down")
    assert client.call("DELETE", f"/api/files/{file['id']}").status_code == 204
    assert rows(BLOBS) == [("unused", 2)]
    maintain()
    assert (rows(BLOBS), on_disk()) == ([], [])


def test_twenty_equal_uploads_with_one_key_make_one_file(app: Flask, api: Api, rows: Rows, on_disk: OnDisk) -> None:
    answers = at_once(app, 20, lambda client, _: client.upload(TEXT, Idempotency_Key="k-1"))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json["item"]["id"] for answer in answers if answer.status_code == 201}) == 1
    assert on_disk() == [TEXT]
    assert rows(BLOBS) == [("stored", 1)]
