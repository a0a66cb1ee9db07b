"""Refused uploads, which leave nothing behind."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from ticket_service import service
from ticket_service.settings import Settings

from ..conftest import Api
from ..packages import COMPOUND, DOCX_TYPES, compound, office

OnDisk = Callable[[], list[bytes]]
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + bytes(64)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
BOUNDARY = {"content_type": "multipart/form-data; boundary=b"}

REFUSED = {
    "an exe": (EXE, "setup.exe", None, "file"),
    "an exe that calls itself a pdf": (EXE, "report.pdf", None, "file"),
    "an exe that calls itself text": (EXE, "report.txt", None, "file"),
    "a drawing": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", None, "file"),
    "a drawing that calls itself a page": (b"<?xml version='1.0'?><!-- x --><svg/>", "a.html", None, "file"),
    "an old Word document": (compound("WordDocument"), "a.doc", None, "file"),
    "an old Word document that calls itself a workbook": (compound("WordDocument"), "a.xls", None, "file"),
    "a workbook with macros": (compound("Workbook", "_VBA_PROJECT_CUR"), "a.xls", None, "file"),
    "a document with macros": (office("word", macros=True), "a.docm", None, "file"),
    "a document with macros that calls itself one without": (office("word", macros=True), "a.docx", None, "file"),
    "a workbook that calls itself a document": (office("excel"), "a.docx", None, "file"),
    "an archive that calls itself a document": (office("none"), "a.docx", None, "file"),
    "a pdf that calls itself text": (PDF, "a.txt", None, "file"),
    "a page that is none": (b"just words", "a.html", None, "file"),
    "no ending": (b"words", "README", None, "file"),
    "a name of nothing but dots": (b"words", "...", None, "file"),
    "an ending behind which another hides": (PDF, "a.pdf\u202etxt.exe", None, "file"),
    "an empty file": (b"", "a.txt", None, "file"),
    "another kind than it is": (PDF, "a.pdf", "word", "kind"),
    "a kind that there is not": (PDF, "a.pdf", "malware", "kind"),
    "a name that is too long": (b"words", "x" * 252 + ".txt", None, "file"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_files_name_the_field(api: Api, on_disk: OnDisk, case: str) -> None:
    content, name, kind, field = REFUSED[case]
    answered = api.upload(content, name, kind)
    assert answered.status_code == 400, answered.text
    assert [error["field"] for error in answered.json["errors"]] == [field]
    assert on_disk() == []


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (PDF, "a.PDF", "pdf"),
        (office("word"), "a.docx", "word"),
        (office("excel"), "a.xlsx", "excel"),
        (compound("Workbook"), "a.xls", "excel"),
        (compound("Book"), "a.xls", "excel"),
        (b"a,b\n1,2\n", "a.csv", "csv"),
        ("\ufeffa;b\n".encode("utf-16"), "a.csv", "csv"),
        ("Gr\u00f6\u00dfe\r\n".encode("cp1252"), "a.txt", "text"),
        (b"<!doctype html><p>hello", "a.htm", "html"),
        (b"# Title\n", "a.md", "markdown"),
    ],
)
def test_every_kind_is_accepted(api: Api, content: bytes, name: str, kind: str) -> None:
    assert api.stored(content, name)["kind"] == kind


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\\\temp\\\\notes.txt", "notes.txt"),
        ("../../etc/notes.txt", "notes.txt"),
        ("no\u200btes\u202e.txt", "notes.txt"),
        ("\uff0e\uff0e\uff0fetc\uff0fnotes.txt", "notes.txt"),
        ("  two   blanks .txt", "two blanks .txt"),
    ],
)
def test_a_name_is_sanitised(api: Api, given: str, kept: str) -> None:
    assert api.stored(b"words", given)["name"] == kept


def test_the_limit_is_the_last_size_that_passes(api: Api, on_disk: OnDisk, read: Callable[..., Settings]) -> None:
    process = service.SERVICE.instance(read(FILES_MAX_BYTES="100000"))
    small = Api(process.create_app().test_client())
    assert small.upload(b"x" * 100_000).status_code == 201
    for size in (100_001, 300_000):
        refused = small.upload(b"x" * size, "b.txt")
        assert (refused.status_code, refused.json["code"]) == (413, "too_large")
    assert on_disk() == [b"x" * 100_000]
    process.close()


def part(name: str, content: str, filename: str | None = None) -> bytes:
    named = f'; filename="{filename}"' if filename is not None else ""
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n{content}\r\n'.encode()


FILE = part("file", "words", "a.txt")
END = b"--b--\r\n"
FORMS = {
    "no file": (END, "file"),
    "a file that is a field": (part("file", "words") + END, "file"),
    "two files": (FILE + FILE + END, "file"),
    "an unknown field": (FILE + part("color", "red") + END, "color"),
    "an unknown file": (part("other", "words", "a.txt") + END, "other"),
    "two kinds": (FILE + part("kind", "text") + part("kind", "csv") + END, "kind"),
    "a part without a name": (FILE + b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + END, "form"),
    "an end that never comes": (FILE, "body"),
    "a file that breaks off": (FILE[:-4], "body"),
    "no form": (b"words", "body"),
}


@pytest.mark.parametrize("case", FORMS)
def test_an_invalid_form_is_refused(api: Api, on_disk: OnDisk, case: str) -> None:
    body, field = FORMS[case]
    answered = api.send("POST", "/api/files", data=body, **BOUNDARY)
    assert answered.status_code == 400, answered.text
    assert field in [error["field"] for error in answered.json["errors"]]
    assert on_disk() == []


def test_another_content_type_is_415(api: Api) -> None:
    assert api.send("POST", "/api/files", data=b"{}", content_type="application/json").status_code == 415
    assert api.send("POST", "/api/files").status_code == 415


def test_a_body_that_breaks_while_it_is_read_leaves_nothing(api: Api, on_disk: OnDisk) -> None:
    class Breaking(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            piece = super().read(size)
            if not piece:
                raise OSError("reset")
            return piece

    body = FILE + END
    environ: dict[str, Any] = {"input_stream": Breaking(body[:-8]), "content_length": len(body), **BOUNDARY}
    assert api.send("POST", "/api/files", **environ).status_code == 400
    assert on_disk() == []


def test_the_packages_of_these_tests_open_as_documents() -> None:
    assert compound("Workbook").startswith(COMPOUND)
    assert DOCX_TYPES in office("word", packed=False)
