"""Checks a packed file (docx, xlsx, ods) before a library unpacks it."""

import re
import stat
import zipfile
from io import BytesIO

from rag_service.adapters.parsing.limits import Limits
from rag_service.domain.document import Unreadable

READ_BYTES = 1 << 16
MEND = "Open it in the program it comes from, save it again and upload that."
SMALL_BYTES = 1 << 20
"""Parts up to here may be packed as tightly as they like: a page of empty cells is."""
_MAX_DECLARATION_BYTES = 40
_ABSOLUTE = re.compile(r"^([\\/]|[A-Za-z]:)")
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
# In the encodings that an XML parser would recognise; neither format needs a document type.
_DECLARES = re.compile(
    b"|".join(re.escape(word.encode(code)) for word in ("<!DOCTYPE", "<!ENTITY") for code in _ENCODINGS)
)
_XML = (".xml", ".rels", ".vml")


def checked_archive(data: bytes, limits: Limits) -> zipfile.ZipFile:
    """Return the packed file, after its every part was unpacked once to count it. Raises Unreadable."""
    try:
        packed = zipfile.ZipFile(BytesIO(data))
        parts = packed.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError, UnicodeError):
        raise Unreadable("broken", f"The file is damaged: it can't be unpacked. {MEND}") from None
    if len(parts) > limits.entries:
        raise Unreadable("too_large", f"The file holds more than {limits.entries:,} parts.")
    if len({part.filename for part in parts}) != len(parts):
        raise Unreadable("broken", f"The file is damaged: it holds two parts of one name. {MEND}")
    left = limits.unpacked_mb << 20
    for part in parts:
        _check_name(part)
        left -= _unpacked(packed, part, min(left, max(SMALL_BYTES, limits.ratio * part.compress_size)))
    return packed


def _check_name(part: zipfile.ZipInfo) -> None:
    name = part.filename
    if _ABSOLUTE.match(name) or ".." in re.split(r"[\\/]", name) or stat.S_ISLNK(part.external_attr >> 16):
        raise Unreadable("broken", "The file holds parts that point outside of it.")
    if part.flag_bits & 1:
        raise Unreadable("encrypted", "The file is protected by a password; save it without one.")


def _unpacked(packed: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> int:
    """Return the real size of a part in bytes; the size in the archive's directory is not trusted."""
    size, tail = 0, b""
    is_xml = part.filename.lower().endswith(_XML)
    try:
        with packed.open(part) as file:
            while read := file.read(READ_BYTES):
                size += len(read)
                if size > most:
                    raise Unreadable("too_large", "The file unpacks to more than a file may hold.")
                if is_xml and _DECLARES.search(tail + read):
                    raise Unreadable("broken", "The file declares entities, which its kind has no use for.")
                tail = read[-_MAX_DECLARATION_BYTES:]
    except Unreadable:
        raise
    except Exception as error:
        # zlib, lzma and bz2 each raise their own; an unknown method is a NotImplementedError.
        raise Unreadable(
            "broken", f"The file is damaged: a part can't be unpacked ({type(error).__name__}). {MEND}"
        ) from None
    return size
