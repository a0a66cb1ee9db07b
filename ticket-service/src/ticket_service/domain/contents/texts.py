"""Checks that content is plain text or markup."""

import codecs
import re
from typing import BinaryIO

from ticket_service.domain.files import BadFile

SAMPLE_BYTES = 4096
CHUNK_BYTES = 64 * 1024
ESCAPE_BYTES = 3
# The mark of UTF-32 begins with that of UTF-16.
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Encodings of 8 bits and those of East Asia have no such bytes; those of 7 bits (ISO-2022) change alphabets by escapes.
CONTROL_BYTE = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]|\x1b(?![$(].)")
NOT_TEXT = "The content is not text, although the name says so; if it is text, save it as UTF-8 and upload it again."
CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
"""Control characters that text doesn't contain: all but tab, line feed, form feed and carriage return."""
MARKUP = re.compile(r"<(?:[A-Za-z!/]|\?xml)")
DRAWING = re.compile(r"<!doctype\s+svg|<(?:\w+:)?svg[\s>/]", re.IGNORECASE)
PROLOGUE = (("<?", "?>"), ("<!--", "-->"))
RICH_TEXT = "{\\rtf"


def check_text(content: BinaryIO) -> None:
    """Raise BadFile unless the content is text: UTF-8, UTF-16 or UTF-32 with a byte order mark, or an older encoding.

    Which of the older ones (Windows, DOS, Mac, Shift-JIS, GB18030 …) is found out by who reads the file.
    """
    content.seek(0)
    begins = content.read(SAMPLE_BYTES)
    encoding = next((name for mark, name in BOMS if begins.startswith(mark)), "utf-8")
    if not _decodes(content, encoding) and (encoding != "utf-8" or not _is_plain(content)):
        raise BadFile(NOT_TEXT)
    text = begins.decode(encoding, "replace").removeprefix("\ufeff")
    if DRAWING.match(_without_prologue(text)):
        raise BadFile("The content is an SVG drawing, which is not accepted.")
    if text.lstrip().startswith(RICH_TEXT):
        raise BadFile("The content is RTF, which is not accepted; save it as docx.")


def check_markup(begins: bytes) -> None:
    """Raise BadFile unless the first bytes of a text contain a tag."""
    # UTF-16 interleaves the characters with zeros.
    if not MARKUP.search(begins.replace(b"\x00", b"").decode("latin-1")):
        raise BadFile("The content is not HTML, although the name says so.")


def _without_prologue(text: str) -> str:
    """Return the text after the declarations and comments at the beginning of XML."""
    rest = text.lstrip()
    while ends := [last for first, last in PROLOGUE if rest.startswith(first)]:
        rest = rest.partition(ends[0])[2].lstrip()
    return rest


def _is_plain(content: BinaryIO) -> bool:
    """Return whether the bytes may be text of an encoding without zeros."""
    content.seek(0)
    before = b""
    while chunk := content.read(CHUNK_BYTES):
        looked_at = before + chunk
        found = CONTROL_BYTE.search(looked_at)
        # The last bytes are looked at once more, because an escape may span two chunks.
        if found and found.start() < len(looked_at) - ESCAPE_BYTES:
            return False
        before = looked_at[-ESCAPE_BYTES:]
    return not CONTROL_BYTE.search(before)


def _decodes(content: BinaryIO, encoding: str) -> bool:
    content.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := content.read(CHUNK_BYTES):
            if CONTROL.search(decoder.decode(chunk)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
