"""Decodes the bytes of a text file."""

import codecs
import re

from rag_service.adapters.parsing.encodings import guessed
from rag_service.domain.document import Unreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BINARY = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x7fELF", b"MZ\x90", b"\x89PNG", b"GIF8", b"\xff\xd8\xff",
           b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"BZh", b"{\\rtf")  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_BROKEN = re.compile("[\udc80-\udcff]")
_ESCAPES = re.compile(r"\x1b\$[@B]|\x1b\(J")
_ALPHABETS = (0x03, 0x04, 0x05, 0x06, 0x0E)
"""Upper bytes of Greek, Cyrillic, Hebrew, Arabic and Thai letters in UTF-16."""
NOT_TEXT = "The file is not text, or of a rare encoding; if it is text, save it as UTF-8 and upload it again."
SAMPLE = 1 << 16
MAX_CONTROL_SHARE = 0.02


def decoded(data: bytes, declared: str | None = None) -> str:
    """Return the text; `declared`: the encoding that the file declares, used if the bytes fit it. Raises Unreadable."""
    if data.startswith(_BINARY):
        raise Unreadable("wrong_kind", "The file is not the text its name says; upload it under its own kind.")
    text = _text(data, declared)
    sample = text[:SAMPLE]
    if sample and len(_CONTROL.findall(sample)) > MAX_CONTROL_SHARE * len(sample) + 1:
        raise Unreadable(
            "wrong_kind",
            NOT_TEXT,
        )
    return text


def _text(data: bytes, declared: str | None) -> str:
    for mark, code in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(code, "replace")
    if (wide := _wide(data[:SAMPLE])) is not None:
        return data.decode(wide, "replace")
    for name in filter(None, ("utf-8", declared)):
        try:
            return _checked(data.decode(name), name)
        except (UnicodeError, LookupError):
            continue
    text = data.decode("utf-8", "surrogateescape")
    broken = len(_BROKEN.findall(text))
    # Several bytes make a letter of UTF-8 hardly ever by chance: a few broken ones are damage.
    if len(_NOT_ASCII.findall(text)) > 2 * broken:
        return data.decode("utf-8", "replace")
    return data.decode(guessed(data), "replace")


def _checked(text: str, name: str) -> str:
    """Return text in UTF-8; raise UnicodeError where it holds the escapes of an older encoding of seven bits."""
    if name == "utf-8" and "\x1b$" in text[:SAMPLE] and _ESCAPES.search(text[:SAMPLE]):
        raise UnicodeError
    return text


def _wide(sample: bytes) -> str | None:
    """Return which UTF-16 or UTF-32 it is: most of its letters share their upper byte, or it is zero."""
    half, quarter = len(sample) // 2, len(sample) // 4
    if half < 2 or b"\0" not in sample:
        return None
    first, second, third, fourth = (sample[at::4].count(0) for at in range(4))
    if quarter > 1 and fourth == quarter and third > 0.9 * quarter and first < 0.1 * quarter:
        return "utf-32-le"
    if quarter > 1 and first >= quarter and second > 0.9 * quarter and fourth < 0.1 * quarter:
        return "utf-32-be"
    even, odd = sample[0::2], sample[1::2]
    if odd.count(0) > 0.7 * half and even.count(0) < 0.1 * half:
        return "utf-16-le"
    if even.count(0) > 0.7 * half and odd.count(0) < 0.1 * half:
        return "utf-16-be"
    # Cyrillic or Greek: the upper bytes are those of one alphabet and of ASCII.
    for name, upper in (("utf-16-le", odd), ("utf-16-be", even)):
        alphabet = max(_ALPHABETS, key=upper.count)
        if upper.count(alphabet) > 0.5 * half and upper.count(alphabet) + upper.count(0) > 0.9 * half:
            return name
    return None
