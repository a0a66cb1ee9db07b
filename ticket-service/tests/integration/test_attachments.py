"""Files of comments: whoever sees the comment reads them, nobody else, and no answer is made from them."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from service_kit.testing.postgres import ServiceDatabase
from ticket_service.adapters.storage import storage_of
from ticket_service.settings import Settings
from ticket_service.usecases.delete_orphaned_blobs import orphan_deletion
from ticket_service.usecases.upload_attachment import remove_unused_attachments

from ..conftest import Api
from .discussion import ANN, LEA, Discussion

Rows = Callable[..., list[tuple[Any, ...]]]
OnDisk = Callable[[], list[bytes]]
LOG = b"connection lost at 10:45"


@pytest.fixture
def desk(api: Api, made: ServiceDatabase) -> Discussion:
    return Discussion(api, made)


def test_the_requester_and_agents_read_the_file_of_a_public_comment(desk: Discussion) -> None:
    for author, reader in ((desk.ann, desk.lea), (desk.lea, desk.ann)):
        file = desk.attachment(author, LOG, "../log.txt")
        assert (file["name"], file["kind"], file["size_bytes"], file["ticket_id"]) == (
            "log.txt", "text", len(LOG), desk.ticket,
        )  # fmt: skip
        made = desk.add(author, "see the log", file_ids=[file["id"]])
        assert made["files"] == [file]
        assert desk.ann.get(desk.path)["items"][-1]["files"] == [file]
        path = f"/api/comments/{made['id']}/files/{file['id']}/content"
        with reader.call("GET", path) as content:
            assert content.data == LOG
            assert content.headers["Content-Disposition"].startswith("attachment;")
            assert content.headers["Content-Security-Policy"].startswith("sandbox")
        for other in (desk.ben, desk.foreign):
            assert other.call("GET", path).status_code == 404
        assert reader.call("GET", f"/api/comments/{made['id']}/files/{uuid4()}/content").status_code == 404


def test_no_answer_is_made_from_an_attachment(desk: Discussion, rows: Rows) -> None:
    file = desk.attachment(desk.lea, LOG)
    desk.add(desk.lea, "x", file_ids=[file["id"]])
    assert rows("select count(*) from outbox where type like 'file.%%'") == [(0,)]
    assert desk.lea.get("/api/files")["items"] == []
    for path in (f"/api/files/{file['id']}", f"/api/files/{file['id']}/content"):
        assert desk.lea.call("GET", path).status_code == 404
    assert desk.lea.call("DELETE", f"/api/files/{file['id']}").status_code == 404


def test_a_comment_gets_unused_files_that_its_author_sent_to_the_same_ticket(desk: Discussion) -> None:
    own, other = desk.attachment(desk.lea, LOG), desk.attachment(desk.max, LOG)
    elsewhere = int(desk.ann.create()["id"])
    path, desk.path = desk.path, f"/api/tickets/{elsewhere}/comments"
    refused = desk.send(desk.lea, "x", file_ids=[own["id"]])
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "file_ids.0")
    desk.path = path
    for file_ids in ([other["id"]], [str(uuid4())]):
        refused = desk.send(desk.lea, "x", file_ids=[own["id"], *file_ids])
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "file_ids.1")
    for file_ids in ([own["id"]] * 2, [str(uuid4()) for _ in range(21)]):
        refused = desk.send(desk.lea, "x", file_ids=file_ids)
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "file_ids")
    assert desk.texts(desk.lea) == []
    desk.add(desk.lea, "x", file_ids=[own["id"]])
    refused = desk.send(desk.lea, "y", file_ids=[own["id"]])
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "file_ids.0")


def test_only_those_who_see_the_ticket_send_files_to_it(desk: Discussion) -> None:
    assert desk.upload(desk.ben, LOG).status_code == 404
    assert desk.upload(desk.foreign, LOG).status_code == 404
    assert desk.upload(desk.ann, b"MZ\x00\x01", "run.exe").status_code == 400


def test_the_same_content_is_stored_once_and_a_repeated_upload_is_one_file(
    desk: Discussion, rows: Rows, on_disk: OnDisk
) -> None:
    first, again = (desk.upload(desk.lea, LOG, Idempotency_Key="k") for _ in range(2))
    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)
    assert desk.attachment(desk.ann, LOG, "other.txt")["id"] != first.json["item"]["id"]
    desk.lea.stored(LOG, "knowledge.txt")
    assert on_disk() == [LOG]
    assert rows("select count(*) from attachments") == [(2,)]


def test_files_go_with_their_comment_and_their_bytes_with_the_last_of_them(
    desk: Discussion, rows: Rows, on_disk: OnDisk
) -> None:
    files = [desk.upload(desk.lea, LOG, f"hunter{n}.txt", Idempotency_Key=f"k{n}").json["item"] for n in (1, 2)]
    first, second = (desk.add(desk.lea, "x", file_ids=[file["id"]]) for file in files)
    assert desk.lea.call("DELETE", f"/api/comments/{first['id']}").status_code == 204
    assert desk.lea.get(f"/api/comments/{first['id']}")["files"] == []
    assert on_disk() == [LOG]
    assert desk.lea.call("GET", f"/api/comments/{first['id']}/files/{files[0]['id']}/content").status_code == 404
    assert desk.upload(desk.lea, LOG, "hunter1.txt", Idempotency_Key="k1").status_code == 410
    assert not rows("select response from idempotency_keys where response like '%%hunter1%%'")
    assert desk.lea.call("DELETE", f"/api/comments/{second['id']}").status_code == 204
    assert on_disk() == []


def test_bytes_that_are_knowledge_too_outlive_the_comment(desk: Discussion, on_disk: OnDisk) -> None:
    kept = desk.lea.stored(LOG)
    made = desk.add(desk.lea, "x", file_ids=[desk.attachment(desk.lea, LOG)["id"]])
    desk.lea.call("DELETE", f"/api/comments/{made['id']}")
    assert on_disk() == [LOG]
    made = desk.add(desk.lea, "x", file_ids=[desk.attachment(desk.lea, LOG)["id"]])
    desk.lea.call("DELETE", f"/api/files/{kept['id']}")
    assert on_disk() == [LOG]
    desk.lea.call("DELETE", f"/api/comments/{made['id']}")
    assert on_disk() == []


def test_files_go_with_the_ticket_and_with_a_comment_that_is_taken_back(
    desk: Discussion, rows: Rows, on_disk: OnDisk
) -> None:
    soon = desk.add(desk.lea, "x", file_ids=[desk.attachment(desk.lea, b"soon")["id"]], delay_seconds=30)
    assert desk.max.call("GET", f"/api/comments/{soon['id']}/files/{soon['files'][0]['id']}/content").status_code == 404
    assert desk.lea.call("DELETE", f"/api/comments/{soon['id']}").status_code == 204
    assert on_disk() == []
    desk.upload(desk.lea, b"hunter2", Idempotency_Key="k")
    desk.add(desk.lea, "x", file_ids=[desk.attachment(desk.lea, LOG)["id"]])
    assert desk.lea.call("DELETE", f"/api/tickets/{desk.ticket}").status_code == 204
    assert on_disk() == []
    assert rows("select count(*) from attachments") == [(0,)]
    assert not rows("select response from idempotency_keys where response like '%%log.txt%%'")


def test_a_file_that_no_comment_gets_is_deleted_after_a_day(
    desk: Discussion, made: ServiceDatabase, read: Callable[..., Settings], rows: Rows, on_disk: OnDisk
) -> None:
    young, old = desk.attachment(desk.ann, b"young"), desk.attachment(desk.ann, b"old")
    used = desk.attachment(desk.ann, b"used")
    desk.add(desk.ann, "x", file_ids=[used["id"]])
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute(
            "update attachments set uploaded_at = uploaded_at - interval '25 hours' where id <> %s", (young["id"],)
        )
    remove_unused_attachments(made.database)
    orphan_deletion(made.database, storage_of(read().files))()
    assert sorted(on_disk()) == [b"used", b"young"]
    refused = desk.send(desk.ann, "x", file_ids=[old["id"]])
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "file_ids.0")


def test_equal_contents_that_come_and_go_at_once_keep_their_bytes(
    app: Flask, desk: Discussion, rows: Rows, on_disk: OnDisk
) -> None:
    """Every file that is there at the end has its bytes, and no others are left."""
    failures: list[Any] = []

    def come_and_go(author: Api, keep: bool) -> None:
        for _ in range(6):
            sent = desk.upload(author, LOG)
            if sent.status_code != 201:
                failures.append(sent.text)
                continue
            made = desk.send(author, "x", file_ids=[sent.json["item"]["id"]])
            deleted = None if keep else author.call("DELETE", f"/api/comments/{made.json['id']}")
            failures.extend(each.text for each in (made, deleted) if each is not None and each.status_code >= 300)

    callers = [Api(app.test_client(), role=desk.lea.role, subject=f"{LEA}{n}") for n in range(4)]
    threads = [
        threading.Thread(target=come_and_go, args=(caller, number == 0)) for number, caller in enumerate(callers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert on_disk() == [LOG]
    assert rows("select state from blobs where state = 'stored'") == [("stored",)]
    for item in desk.lea.every(f"{desk.path}?limit=100"):
        for file in item["files"]:
            with desk.lea.call("GET", f"/api/comments/{item['id']}/files/{file['id']}/content") as content:
                assert content.data == LOG


def test_the_audit_names_who_attached_a_file_and_not_its_name(desk: Discussion, rows: Rows) -> None:
    file = desk.attachment(desk.ann, LOG, "salary.txt")
    desk.add(desk.ann, "x", file_ids=[file["id"]])
    found = rows(
        "select action, actor, record_id, changes::text from audit where record = 'attachment' order by at, id"
    )
    assert [each[:3] for each in found] == [
        ("attachment.created", ANN, file["id"]),
        ("attachment.updated", ANN, file["id"]),
    ]
    assert not [changes for *_, changes in found if "salary" in changes]
