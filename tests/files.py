"""Files as people send them, and what becomes of them on their way through the system."""

import random
import zipfile
import zlib
from io import BytesIO

import requests
from openpyxl import Workbook

KIB = 1024
SECONDS = 180


def pdf(length: int) -> bytes:
    """Make a PDF with one stream of random bytes."""
    packed = zlib.compress(random.Random(length).randbytes(length), 0)
    head = b"%%PDF-1.7\r\n1 0 obj\r\n<</Length %d>>\r\nstream\r\n" % len(packed)
    return head + packed + b"\r\nendstream\r\nendobj\r\n%%EOF\r\n"


def workbook() -> bytes:
    """Make a workbook with some thousand rows."""
    book, target, chance = Workbook(), BytesIO(), random.Random(1)
    for number in range(4_000):
        book.active.append([number, chance.random(), f"{chance.getrandbits(128):032x}"])
    book.save(target)
    return target.getvalue()


def document(length: int) -> bytes:
    """Make a Word document with a picture of random bytes that are not packed."""
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    space = "http://schemas.openxmlformats.org/package/2006/content-types"
    override = f'<Override PartName="/word/document.xml" ContentType="{kind}"/>'
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("[Content_Types].xml", f'<?xml version="1.0"?><Types xmlns="{space}">{override}</Types>')
        package.writestr("word/document.xml", "<x/>")
        package.writestr("word/media/image1.png", b"\x89PNG\r\n\x1a\n" + random.Random(length).randbytes(length))
    return target.getvalue()


CONTENTS = {
    "lines": ("lines.txt", b"a line of text that is harmless\n" * 8_000),
    "lines of Windows": ("windows.csv", b"number,name\r\n" + b"1,harmless\r\n" * 20_000),
    "line ends alone": ("ends.txt", b"\n" * 1_000 * KIB),
    "rulers": ("rulers.md", (b"\r\n" + b"-" * 76) * 4_000),
    "a PDF": ("a.pdf", pdf(700 * KIB)),
    "a workbook": ("a.xlsx", workbook()),
    "a document with a picture": ("a.docx", document(300 * KIB)),
}


def pass_whole(url: str, name: str, content: bytes) -> None:
    """Upload a file, download it, delete it; raise AssertionError where it is refused or isn't what it was."""
    sent = requests.post(url + "/api/files", files={"file": (name, content)}, timeout=SECONDS)
    assert sent.status_code == 201, sent.text
    path = url + sent.headers["Location"]
    try:
        assert requests.get(path + "/content", timeout=SECONDS).content == content
    finally:
        assert requests.delete(path, timeout=SECONDS).status_code == 204
