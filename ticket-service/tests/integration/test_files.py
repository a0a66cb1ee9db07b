"""Files over HTTP: stored once, shown, replaced, downloaded as what they are, deleted for good."""

import hashlib
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from service_kit.identity import REQUESTER, SERVICE
from service_kit.testing.postgres import ServiceDatabase
from service_kit.testing.row_level_security import unprotected_tables
from sqlalchemy import func, select
from ticket_service import service
from ticket_service.settings import Settings
from ticket_service.store.tables import blobs, files

from ..conftest import Api

Rows = Callable[..., list[tuple[Any, ...]]]
OnDisk = Callable[[], list[bytes]]
TEXT = b"Open the VPN client and choose Forget this connection."
BLOBS = "select state, count(*) from blobs group by state order by state"


def events(rows: Rows) -> list[tuple[str, int]]:
    return [(kind, revision) for kind, revision in rows("select type, revision from outbox order by seq")]


def test_a_file_is_stored_shown_and_published(api: Api, rows: Rows, on_disk: OnDisk) -> None:
    answered = api.upload(TEXT, "handbook.md", "markdown")
    assert answered.status_code == 201
    item = answered.json["item"]
    assert {key: item[key] for key in ("name", "kind", "sizeBytes", "companyId", "version")} == {
        "name": "handbook.md",
        "kind": "markdown",
        "sizeBytes": len(TEXT),
        "companyId": 1,
        "version": 1,
    }
    assert set(item) == {"id", "name", "kind", "sizeBytes", "companyId", "uploadedAt", "version"}
    assert answered.headers["Location"] == f"/api/files/{item['id']}"
    assert api.get(f"/api/files/{item['id']}") == {"item": item}
    assert api.get("/api/files") == {"count": 1, "items": [item], "next": None}
    assert on_disk() == [TEXT]
    ((body, subject),) = rows("select body::json, subject from outbox where type = 'file.uploaded'")
    assert subject == body["file_id"] == item["id"]
    assert (body["original_name"], body["kind"], body["version"]) == ("handbook.md", "markdown", 1)
    assert (body["sha256"], body["size_bytes"]) == (hashlib.sha256(TEXT).hexdigest(), len(TEXT))
    assert (body["content_type"], body["file_relative_path"]) == ("text/markdown", None)


def test_the_same_name_again_is_the_next_version_of_the_same_file(api: Api, rows: Rows, on_disk: OnDisk) -> None:
    first = api.stored(TEXT)
    second = api.stored(b"other words")
    assert (second["id"], second["version"], second["sizeBytes"]) == (first["id"], 2, 11)
    assert on_disk() == [b"other words"]
    assert events(rows) == [("file.uploaded", 1), ("file.uploaded", 2)]
    assert rows(BLOBS) == [("stored", 1)]


def test_the_very_same_file_again_is_nothing_new(api: Api, rows: Rows, on_disk: OnDisk) -> None:
    first = api.stored(TEXT)
    again = api.upload(TEXT)
    assert (again.status_code, again.json["item"]) == (200, first)
    assert events(rows) == [("file.uploaded", 1)]
    assert on_disk() == [TEXT]


def test_equal_bytes_are_stored_once_per_company_and_stay_while_a_file_uses_them(api: Api, on_disk: OnDisk) -> None:
    one, two = api.stored(TEXT, "one.txt"), api.stored(TEXT, "two.txt")
    assert one["id"] != two["id"]
    assert on_disk() == [TEXT]
    Api(api.client, company=2).stored(TEXT, "one.txt")
    assert on_disk() == [TEXT, TEXT], "one company's files must not be visible in another's responses"
    api.call("DELETE", f"/api/files/{one['id']}")
    assert api.call("GET", f"/api/files/{two['id']}/content").data == TEXT
    api.call("DELETE", f"/api/files/{two['id']}")
    assert on_disk() == [TEXT]


def test_a_deleted_file_is_gone_everywhere_and_its_name_is_free(api: Api, rows: Rows, on_disk: OnDisk) -> None:
    file = api.stored(TEXT, "secret plan.txt")
    assert api.call("DELETE", f"/api/files/{file['id']}").status_code == 204
    for path in ("", "/content"):
        assert api.call("GET", f"/api/files/{file['id']}{path}").status_code == 404
    assert api.call("DELETE", f"/api/files/{file['id']}").status_code == 404
    assert on_disk() == []
    assert rows(BLOBS) == []
    ((kind, revision, body),) = rows("select type, revision, body::json from outbox")
    assert (kind, revision, body["file_id"]) == ("file.deleted", 2, file["id"])
    again = api.stored(TEXT, "secret plan.txt")
    assert (again["id"] != file["id"], again["version"]) == (True, 1)


def test_a_file_is_downloaded_as_an_attachment_that_runs_nowhere(api: Api) -> None:
    page = b"<html><script>alert(1)</script></html>"
    file = api.stored(page, "Gr\u00f6\u00dfe; a=b'.html")
    answered = api.call("GET", f"/api/files/{file['id']}/content")
    assert (answered.status_code, answered.data) == (200, page)
    headers = answered.headers
    assert headers["Content-Disposition"] == (
        "attachment; filename=\"Gr__e_ a_b_.html\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%3B%20a%3Db%27.html"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox;")
    assert (headers["Content-Length"], headers["Content-Type"]) == (str(len(page)), "text/html")
    asked = api.call("HEAD", f"/api/files/{file['id']}/content")
    assert (asked.status_code, asked.data, asked.headers["Content-Length"]) == (200, b"", str(len(page)))
    asked.close()


def test_bytes_that_the_caller_has_are_not_sent_again(api: Api) -> None:
    file = api.stored(TEXT)
    path = f"/api/files/{file['id']}/content"
    tag = api.call("GET", path).headers["ETag"]
    for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        unchanged = api.call("GET", path, If_None_Match=known)
        assert (unchanged.status_code, unchanged.data, unchanged.headers["ETag"]) == (304, b"", tag)
    assert api.call("GET", path, If_None_Match='"other"').data == TEXT
    api.stored(b"other words")
    changed = api.call("GET", path, If_None_Match=tag)
    assert (changed.status_code, changed.data) == (200, b"other words")
    assert changed.headers["ETag"] != tag
    assert api.call("GET", f"/api/files/{uuid4()}/content", If_None_Match="*").status_code == 404


def test_files_are_listed_in_pages_latest_upload_first(api: Api) -> None:
    names = [api.stored(b"%d" % number, f"{number}.txt")["name"] for number in range(5)]
    api.stored(b"a,b", "table.csv")
    api.stored(b"anew", "0.txt")
    first = api.get("/api/files?limit=3")
    assert [item["name"] for item in first["items"]] == ["0.txt", "table.csv", "4.txt"]
    rest = api.get(f"/api/files?limit=100&cursor={first['next']}")
    assert [item["name"] for item in rest["items"]] == ["3.txt", "2.txt", "1.txt"]
    assert rest["next"] is None
    assert {item["name"] for item in api.get("/api/files?kind=text")["items"]} == set(names)
    assert api.call("GET", "/api/files?kind=exe").status_code == 400
    assert api.call("GET", "/api/files?cursor=x").status_code == 400


def test_another_companys_file_is_not_found(api: Api) -> None:
    file = api.stored(TEXT)
    other_company = Api(api.client, company=2)
    for method, path in (("GET", ""), ("GET", "/content"), ("DELETE", "")):
        assert other_company.call(method, f"/api/files/{file['id']}{path}").status_code == 404
    asking = Api(api.client, company=2, role=SERVICE)
    assert asking.call("GET", f"/internal/files/{file['id']}/content").status_code == 404
    assert other_company.get("/api/files")["items"] == []
    assert other_company.stored(b"of another company")["version"] == 1
    assert api.get(f"/api/files/{file['id']}")["item"] == file


def test_row_level_security_holds_where_a_query_forgets_the_company(api: Api, made: ServiceDatabase) -> None:
    api.stored(TEXT)
    with made.admin() as connection, connection.cursor() as cursor:
        assert unprotected_tables(cursor, service.SERVICE.schema) == []
    for table in (files, blobs):
        for company, number in ((1, 1), (2, 0)):
            with made.database.session(company) as session:
                assert session.execute(select(func.count()).select_from(table)).scalar_one() == number


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", ""), ("DELETE", "/{id}"), ("GET", ""), ("GET", "/{id}"), ("GET", "/{id}/content")],
)
def test_requesters_have_no_part_in_files(api: Api, method: str, path: str) -> None:
    file = api.stored(TEXT)
    requester = Api(api.client, role=REQUESTER)
    assert requester.call(method, f"/api/files{path.format(**file)}").status_code == 403


def test_a_service_gets_the_requested_version_or_the_reason_why_not(api: Api) -> None:
    file = api.stored(TEXT)
    path = f"/internal/files/{file['id']}/content"
    asking = Api(api.client, role=SERVICE, subject="rag-service")
    answered = asking.call("GET", f"{path}?version=1")
    assert (answered.status_code, answered.data) == (200, TEXT)
    assert answered.headers["X-Content-SHA256"] == hashlib.sha256(TEXT).hexdigest()
    assert answered.headers["Content-Length"] == str(len(TEXT))
    assert asking.call("GET", path).data == TEXT
    assert api.call("GET", path).status_code == 403, "for services alone"
    api.stored(b"newer")
    old = asking.call("GET", f"{path}?version=1")
    assert (old.status_code, old.json["code"]) == (410, "version_replaced")
    assert asking.call("GET", f"{path}?version=2").data == b"newer"
    assert asking.call("GET", f"{path}?version=3").status_code == 404
    assert asking.call("GET", f"{path}?version=0").status_code == 400
    assert asking.call("GET", f"/internal/files/{uuid4()}/content").status_code == 404


def test_a_service_asks_which_of_its_companys_files_are_there(api: Api) -> None:
    kept, gone = api.stored(TEXT)["id"], api.stored(b"other", "other.txt")["id"]
    assert api.call("DELETE", f"/api/files/{gone}").status_code == 204
    asking = Api(api.client, role=SERVICE, subject="rag-service")
    path = f"/internal/files?ids={kept}&ids={gone}&ids={uuid4()}"
    assert asking.get(path) == {"ids": [kept]}
    assert Api(api.client, company=2, role=SERVICE).get(path) == {"ids": []}
    assert api.call("GET", path).status_code == 403, "for services alone"
    for query in ("", "?ids=", "?ids=x", "?ids=" + "&ids=".join([kept] * 201)):
        assert asking.call("GET", f"/internal/files{query}").status_code == 400


def test_a_repeated_upload_with_a_key_gets_the_first_answer_again(api: Api, rows: Rows, on_disk: OnDisk) -> None:
    first = api.upload(TEXT, Idempotency_Key="k-1")
    api.stored(b"newer")
    again = api.upload(TEXT, Idempotency_Key="k-1")
    assert (again.status_code, again.json) == (201, first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    other = api.upload(b"other", Idempotency_Key="k-1")
    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")
    assert on_disk() == [b"newer"], "a failed upload leaves no bytes"
    assert rows(BLOBS) == [("stored", 1)]


def test_the_stored_answer_of_a_deleted_file_does_not_hold_its_name(api: Api, rows: Rows) -> None:
    file = api.upload(TEXT, "secret.txt", Idempotency_Key="k-1").json["item"]
    api.call("DELETE", f"/api/files/{file['id']}")
    answered = api.upload(TEXT, "secret.txt", Idempotency_Key="k-1")
    assert (answered.status_code, answered.json["code"]) == (410, "deleted")
    assert answered.json["request_id"] == answered.headers["X-Request-ID"]
    assert answered.headers["Idempotency-Replayed"] == "true"
    assert rows("select count(*) from idempotency_keys where response like '%%secret%%'") == [(0,)]


def test_without_a_file_storage_everything_else_works(read: Callable[..., Settings], api: Api) -> None:
    process = service.SERVICE.instance(read(FILES_DIR=""))
    homeless = Api(process.create_app().test_client())
    answered = homeless.upload(TEXT)
    assert (answered.status_code, answered.json["code"]) == (503, "storage_down")
    assert "FILES_DIR" in answered.json["detail"]
    assert answered.headers["Retry-After"]
    assert homeless.get("/api/files")["items"] == []
    process.close()


def test_missing_bytes_are_a_server_error_and_not_a_missing_file(api: Api, files_dir: Path) -> None:
    file = api.stored(TEXT)
    for path in files_dir.glob("[0-9]*/*/*"):
        path.unlink()
    answered = api.call("GET", f"/api/files/{file['id']}/content")
    assert (answered.status_code, answered.json["code"]) == (503, "bytes_missing")


def test_openapi_describes_how_to_send_a_file(app: Flask) -> None:
    paths = app.test_client().get("/openapi.json").json["paths"]
    post = paths["/api/files"]["post"]
    assert post["requestBody"]["content"]["multipart/form-data"]["schema"]["required"] == ["file"]
    assert set(post["responses"]) >= {"200", "201", "default"}
    assert list(paths["/api/files/{file_id}/content"]["get"]["responses"]["200"]["content"]) == ["*/*"]


def test_a_download_goes_on_while_its_file_is_deleted(app: Flask, api: Api) -> None:
    content = b"x" * 400_000
    file = api.stored(content)
    answered = api.send("GET", f"/api/files/{file['id']}/content", buffered=False)
    pieces = answered.iter_encoded()
    begins = next(iter(pieces))
    assert api.call("DELETE", f"/api/files/{file['id']}").status_code == 204
    assert begins + b"".join(pieces) == content


def test_a_large_file_is_held_on_disk_and_nothing_is_left_there(api: Api, files_dir: Path, tmp_path: Path) -> None:
    api.stored(TEXT)
    form = tmp_path / "form"
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    form.write_bytes(head + b"x" * 20_000_000 + b"\r\n--b--\r\n")
    with form.open("rb") as sent:
        length = form.stat().st_size
        tracemalloc.start()
        answered = api.send(
            "POST", "/api/files", input_stream=sent, content_length=length,
            content_type="multipart/form-data; boundary=b",
        )  # fmt: skip
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (answered.status_code, answered.json["item"]["sizeBytes"]) == (201, 20_000_000)
    assert peak < 4_000_000
    assert list((files_dir / "incoming").iterdir()) == []
