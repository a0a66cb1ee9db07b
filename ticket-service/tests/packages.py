"""Hand-made Office documents, as small as they can be, so that tests can break them anywhere."""

import struct
import zipfile
from io import BytesIO

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DOCX_TYPES = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
XLSX_TYPES = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MAIN = {
    "word": ("word/document.xml", DOCX_TYPES.decode()),
    "excel": ("xl/workbook.xml", XLSX_TYPES.decode()),
    "none": ("readme.xml", "application/xml"),
}
SECTOR = 512
FREE, LAST = 0xFFFFFFFF, 0xFFFFFFFE


def types(part: str, kind: str) -> str:
    """Write the table of contents of a package with one part."""
    space = "http://schemas.openxmlformats.org/package/2006/content-types"
    return f'<?xml version="1.0"?><Types xmlns="{space}"><Override PartName="/{part}" ContentType="{kind}"/></Types>'


def office(what: str, *, macros: bool = False, packed: bool = True, contents: str | None = None) -> bytes:
    """Make a docx or xlsx."""
    part, kind = MAIN[what]
    if macros:
        kind = "application/vnd.ms-word.document.macroEnabled.main+xml"
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as package:
        package.writestr("[Content_Types].xml", types(part, kind) if contents is None else contents)
        package.writestr(part, "<x/>")
    return target.getvalue()


def compound(*names: str) -> bytes:
    """Make an OLE compound file with streams of these names: a header, one table sector, one directory sector."""
    header = bytearray(SECTOR)
    header[:8] = COMPOUND
    struct.pack_into("<HHHHH", header, 0x18, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<L", header, 0x2C, 1)
    struct.pack_into("<LLLLLLL", header, 0x30, 1, 0, 4096, LAST, 0, LAST, 0)
    struct.pack_into("<109L", header, 0x4C, 0, *[FREE] * 108)
    table = struct.pack("<128L", 0xFFFFFFFD, LAST, *[FREE] * 126)
    directory = b"".join(entry(name, 5 if not at else 2) for at, name in enumerate(("Root Entry", *names)))
    return bytes(header) + table + directory.ljust(SECTOR, b"\0")


def entry(name: str, kind: int) -> bytes:
    """Make one entry of a directory."""
    coded = name.encode("utf-16-le") + b"\0\0"
    return (coded.ljust(64, b"\0") + struct.pack("<HBB", len(coded), kind, 1)).ljust(128, b"\0")
