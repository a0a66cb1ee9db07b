"""Looks into Office's ZIP packages (docx, xlsx) as far as their table of contents; bounds it before unpacking it."""

import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO
from xml.parsers import expat

from ticket_service.domain.files import BadFile

MAGIC = b"PK\x03\x04"
END = b"PK\x05\x06"
CENTRAL = b"PK\x01\x02"
LONGEST_COMMENT = 0xFFFF
MOST_ENTRIES = 10_000
LARGEST_DIRECTORY = 2 * 1024 * 1024
LARGEST_TYPES = 1024 * 1024
TYPES = "[Content_Types].xml"
MAIN = {
    "word": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "excel": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
}
USUALLY = {"word": "word/document.xml", "excel": "xl/workbook.xml"}
CALLED = {"word": "a Word document (docx)", "excel": "an Excel workbook (xlsx)"}
MACROS = ("macroenabled", "vbaproject")


@dataclass(frozen=True)
class Entry:
    """A packed file as the directory at the end describes it."""

    name: str
    method: int
    packed: int
    offset: int


def expect(content: BinaryIO, wanted: str) -> None:
    """Raise BadFile unless the content is the Office document that is `wanted`: "word" or "excel", without macros."""
    wrong = BadFile(f"The content is not {CALLED[wanted]}, although the name says so.")
    content.seek(0)
    if content.read(len(MAGIC)) != MAGIC:
        raise wrong
    try:
        entries = directory(content)
        names = [entry.name for entry in entries]
        if names.count(TYPES) != 1:
            raise wrong
        parts = content_types(unpacked(content, entries[names.index(TYPES)]))
    except (struct.error, zlib.error, expat.ExpatError, ValueError) as error:
        raise wrong from error
    said = " ".join((*names, *(kind for _, kind in parts))).lower()
    if any(word in said for word in MACROS):
        raise BadFile("The document holds macros; save it without them.")
    # Some name the main part, some only say what everything is that ends in .xml; a part's name has no case.
    mains = {(name.lstrip("/").lower() or USUALLY[wanted], kind) for name, kind in parts if kind in MAIN.values()}
    if len(mains) != 1 or not any(kind == MAIN[wanted] and name in map(str.lower, names) for name, kind in mains):
        raise wrong


def directory(content: BinaryIO) -> list[Entry]:
    """Return the entries of an archive; raise ValueError or struct.error where it is none, or an unreasonable one."""
    size = content.seek(0, 2)
    tail_at = max(0, size - LONGEST_COMMENT - 22)
    content.seek(tail_at)
    tail = content.read()
    end = tail.rfind(END)
    if end < 0:
        raise ValueError("no directory")
    disk, first, _, entries, length, start, comment = struct.unpack_from("<4H2LH", tail, end + 4)
    # Larger numbers than these stand elsewhere, in archives larger than may be sent.
    if disk or first or end + 22 + comment != len(tail) or entries > MOST_ENTRIES or length > LARGEST_DIRECTORY:
        raise ValueError("an archive that can't be a document")
    if start + length != tail_at + end:
        raise ValueError("something lies between the parts")
    content.seek(start)
    return _entries(content.read(length), entries)


def _entries(raw: bytes, number: int) -> list[Entry]:
    found, at = [], 0
    for _ in range(number):
        if raw[at : at + 4] != CENTRAL:
            raise ValueError("a directory that breaks off")
        flags, method = struct.unpack_from("<2H", raw, at + 8)
        packed, _, name, extra, comment = struct.unpack_from("<2L3H", raw, at + 20)
        (offset,) = struct.unpack_from("<L", raw, at + 42)
        if flags & 1:
            raise ValueError("encrypted")
        found.append(Entry(raw[at + 46 : at + 46 + name].decode("cp437"), method, packed, offset))
        at += 46 + name + extra + comment
    if at != len(raw):
        raise ValueError("a directory with more than its entries")
    return found


def unpacked(content: BinaryIO, entry: Entry) -> bytes:
    """Return what an entry holds; raise ValueError where it is larger than it may be, zlib.error where it is broken."""
    content.seek(entry.offset)
    header = content.read(30)
    if header[:4] != MAGIC or entry.packed > LARGEST_TYPES:
        raise ValueError("no such entry")
    name, extra = struct.unpack_from("<2H", header, 26)
    content.seek(name + extra, 1)
    packed = content.read(entry.packed)
    if entry.method == 0:
        return packed
    if entry.method != 8:
        raise ValueError("packed in an unusual way")
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    data = inflating.decompress(packed, LARGEST_TYPES)
    if inflating.unconsumed_tail or not inflating.eof:
        raise ValueError("larger than a table of contents")
    return data


def content_types(xml: bytes) -> list[tuple[str, str]]:
    """Return (part, content type) of a table of contents, ("", type) for what holds for an ending.

    Raises ValueError where it declares a document type: there lie entities that grow and files that are read.
    """
    found: list[tuple[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] in ("Override", "Default"):
            found.append((attributes.get("PartName", ""), attributes.get("ContentType", "")))

    def refuse(*_: object) -> None:
        raise ValueError("a document type")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(xml, True)
    return found
