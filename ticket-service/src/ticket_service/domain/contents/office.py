"""Reads the content types of Office ZIP packages (docx, xlsx), with limits on sizes before decompression."""

import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO
from xml.parsers import expat

from ticket_service.domain.contents import compound
from ticket_service.domain.files import BadFile

MAGIC = b"PK\x03\x04"
END = b"PK\x05\x06"
CENTRAL = b"PK\x01\x02"
MAX_COMMENT_BYTES = 0xFFFF
MAX_ENTRIES = 10_000
MAX_DIRECTORY_BYTES = 2 * 1024 * 1024
MAX_CONTENT_TYPES_BYTES = 1024 * 1024
TYPES = "[Content_Types].xml"
MAIN = {
    "word": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "excel": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
}
DEFAULT_PART = {"word": "word/document.xml", "excel": "xl/workbook.xml"}
DESCRIPTIONS = {"word": "a Word document (docx)", "excel": "an Excel workbook (xlsx)"}
PROGRAMS = {"word": "Word", "excel": "Excel"}
PROTECTED = "The file is protected by a password; save it without one and upload it again."
MACROS = ("macroenabled", "vbaproject")


@dataclass(frozen=True)
class Entry:
    """An entry of the archive's central directory."""

    name: str
    method: int
    packed: int
    offset: int


def check_document(content: BinaryIO, wanted: str) -> None:
    """Raise BadFile unless the content is a document of the `wanted` kind ("word" or "excel") without macros."""
    wrong = BadFile(f"The content is not {DESCRIPTIONS[wanted]}, although the name says so.")
    content.seek(0)
    begins = content.read(len(compound.MAGIC))
    if begins == compound.MAGIC:
        raise _compound(content, wanted) or wrong
    if not begins.startswith(MAGIC):
        raise wrong
    try:
        entries = directory(content)
        names = [entry.name for entry in entries]
        if names.count(TYPES) != 1:
            raise wrong
        types = content_types(unpacked(content, entries[names.index(TYPES)]))
    except (struct.error, zlib.error, expat.ExpatError, ValueError) as error:
        program = PROGRAMS[wanted]
        raise BadFile(
            f"The file is damaged or incomplete; open it in {program}, save it again and upload that."
        ) from error
    declared = " ".join((*names, *(kind for _, kind in types))).lower()
    if any(word in declared for word in MACROS):
        raise BadFile("The document holds macros; save it without them.")
    # Some packages name the main part, others only declare a default type for .xml; part names are case-insensitive.
    mains = {(name.lstrip("/").lower() or DEFAULT_PART[wanted], kind) for name, kind in types if kind in MAIN.values()}
    if len(mains) != 1 or not any(kind == MAIN[wanted] and name in map(str.lower, names) for name, kind in mains):
        raise wrong


def _compound(content: BinaryIO, wanted: str) -> BadFile | None:
    """Return why an older container is refused: it holds an encrypted document, or one of an older format."""
    names = compound.entry_names(content)
    if "encryptedpackage" in names:
        return BadFile(PROTECTED)
    if wanted == "word" and "worddocument" in names:
        return BadFile("The file is an older Word document (doc); save it as docx and upload that.")
    if wanted == "excel" and names & {"workbook", "book"}:
        return BadFile("The file is an older Excel workbook; name it .xls, or save it as xlsx and upload that.")
    return None


def directory(content: BinaryIO) -> list[Entry]:
    """Return the entries of an archive; raise ValueError or struct.error for no archive, or one beyond the limits."""
    size = content.seek(0, 2)
    tail_at = max(0, size - MAX_COMMENT_BYTES - 22)
    content.seek(tail_at)
    tail = content.read()
    end = tail.rfind(END)
    if end < 0:
        raise ValueError("no directory")
    disk, first, _, entries, length, start, comment = struct.unpack_from("<4H2LH", tail, end + 4)
    # ZIP64 fields are ignored: such archives exceed the upload limit.
    if disk or first or end + 22 + comment != len(tail) or entries > MAX_ENTRIES or length > MAX_DIRECTORY_BYTES:
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
            raise BadFile(PROTECTED)
        found.append(Entry(raw[at + 46 : at + 46 + name].decode("cp437"), method, packed, offset))
        at += 46 + name + extra + comment
    if at != len(raw):
        raise ValueError("a directory with more than its entries")
    return found


def unpacked(content: BinaryIO, entry: Entry) -> bytes:
    """Return an entry's data; raise ValueError where it is too large, zlib.error where it is broken."""
    content.seek(entry.offset)
    header = content.read(30)
    if header[:4] != MAGIC or entry.packed > MAX_CONTENT_TYPES_BYTES:
        raise ValueError("no such entry")
    name, extra = struct.unpack_from("<2H", header, 26)
    content.seek(name + extra, 1)
    packed = content.read(entry.packed)
    if entry.method == 0:
        return packed
    if entry.method != 8:
        raise ValueError("packed in an unusual way")
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    data = inflating.decompress(packed, MAX_CONTENT_TYPES_BYTES)
    if inflating.unconsumed_tail or not inflating.eof:
        raise ValueError("larger than a table of contents")
    return data


def content_types(xml: bytes) -> list[tuple[str, str]]:
    """Return pairs (part, content type) of a package; the part is "" for the default of an extension.

    Raises ValueError for a document type declaration, because it allows entity expansion and external files.
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
