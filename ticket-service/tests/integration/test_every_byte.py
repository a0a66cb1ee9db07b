"""Files of every kind and length arrive as they were sent, up to the limit and not a byte beyond it."""

import random
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from itertools import product

import pytest
from openpyxl import Workbook
from service_kit.http.forms import FORM
from ticket_service.settings import MAX_FILE_BYTES
from werkzeug.test import TestResponse

from ..conftest import Api
from ..packages import MAIN, types

OnDisk = Callable[[], list[bytes]]
KIB = 1024
LENGTHS = [128 * KIB - 1, 128 * KIB, 128 * KIB + 428, 256 * KIB + 1, 1024 * KIB + 17]
TEXTS = {
    "lines": b"The quick printer jams.\n",
    "lines of Windows": b"The quick printer jams.\r\n",
    "short lines": b"ab\r\n",
    "line ends alone": b"\n",
    "line ends of Windows alone": b"\r\n",
    "old line ends alone": b"\r",
    "dashes": b"-",
    "rulers": b"\r\n" + b"-" * 76,
    "what could begin a delimiter": b"\r\n--",
    "one long line": b"x",
}


def pdf(length: int) -> bytes:
    """Make a PDF with one packed stream of random bytes, as photographs are packed."""
    packed = zlib.compress(random.Random(length).randbytes(length), 0)
    body = b"%%PDF-1.7\r\n1 0 obj\r\n<</Length %d>>\r\nstream\r\n" % len(packed) + packed
    return body + b"\r\nendstream\r\nendobj\r\n%%EOF\r\n"


def workbook(length: int) -> bytes:
    """Make a workbook as Excel would open it."""
    book, target, chance = Workbook(), BytesIO(), random.Random(length)
    for number in range(length // 40):
        book.active.append([number, chance.random(), f"{chance.getrandbits(128):032x}"])
    book.save(target)
    return target.getvalue()


def document(length: int) -> bytes:
    """Make a Word document that holds a picture of random bytes, not packed."""
    part, kind = MAIN["word"]
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("[Content_Types].xml", types(part, kind))
        package.writestr(part, "<x/>")
        package.writestr("word/media/image1.png", b"\x89PNG\r\n\x1a\n" + random.Random(length).randbytes(length))
    return target.getvalue()


BOUNDARIES = [  # as requests, browsers and curl choose them
    b"0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    b"----WebKitFormBoundary7MA4YWxkTrZu0gW",
    b"-" * 24 + b"uyFpBZ3xVnYFtEHkaaY0Wo",
]


def send(api: Api, content: bytes, name: str, boundary: bytes = BOUNDARIES[0]) -> TestResponse:
    head = f'--%s\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode() % boundary
    body = head + content + b"\r\n--%s--\r\n" % boundary
    return api.send("POST", "/api/files", data=body, content_type=f"{FORM}; boundary={boundary.decode()}")


@pytest.mark.parametrize("filling", TEXTS.values(), ids=TEXTS)
def test_a_text_arrives_as_it_was_sent(api: Api, on_disk: OnDisk, filling: bytes) -> None:
    for boundary, length in product(BOUNDARIES, LENGTHS):
        content = (filling * (length // len(filling) + 1))[:length]
        answered = send(api, content, "notes.txt", boundary)
        assert answered.status_code == 201, (length, answered.text)
        assert on_disk() == [content], length


@pytest.mark.parametrize(("make", "name"), [(pdf, "a.pdf"), (workbook, "a.xlsx"), (document, "a.docx")])
@pytest.mark.parametrize("length", LENGTHS)
def test_a_binary_arrives_as_it_was_sent(
    api: Api, on_disk: OnDisk, make: Callable[[int], bytes], name: str, length: int
) -> None:
    content = make(length)
    assert len(content) > 100 * KIB
    answered = send(api, content, name)
    assert answered.status_code == 201, answered.text
    assert on_disk() == [content]


@pytest.mark.parametrize("filling", [b"ab\r\n", b"\n", b"x"])
def test_the_largest_file_passes_and_one_byte_more_does_not(api: Api, on_disk: OnDisk, filling: bytes) -> None:
    content = (filling * MAX_FILE_BYTES)[:MAX_FILE_BYTES]
    assert send(api, content, "large.txt").status_code == 201
    refused = send(api, content + b"x", "larger.txt")
    assert (refused.status_code, refused.json["code"]) == (413, "too_large")
    assert on_disk() == [content]


def test_a_pdf_of_25_mib_passes(api: Api, on_disk: OnDisk) -> None:
    content = pdf(MAX_FILE_BYTES)[:MAX_FILE_BYTES]
    assert send(api, content, "large.pdf").status_code == 201
    assert on_disk() == [content]
