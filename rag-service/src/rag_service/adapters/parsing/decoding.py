"""Decodes the bytes of a text file."""

import codecs
import re

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
SAMPLE = 1 << 16
MAX_CONTROL_SHARE = 0.02


def decoded(data: bytes, declared: str | None = None) -> str:
    """Return the text; `declared`: the encoding that the file declares, used if the bytes fit it. Raises Unreadable."""
    if data.startswith(_BINARY):
        raise Unreadable("wrong_kind", "The file is not the text its name says; upload it under its own kind.")
    text = _text(data, declared)
    sample = text[:SAMPLE]
    if sample and len(_CONTROL.findall(sample)) > MAX_CONTROL_SHARE * len(sample) + 1:
        raise Unreadable("wrong_kind", "The file is not text.")
    return text


def _text(data: bytes, declared: str | None) -> str:
    for mark, code in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(code, "replace")
    if (guessed := _wide(data[:SAMPLE])) is not None:
        return data.decode(guessed, "replace")
    for name in filter(None, ("utf-8", declared)):
        try:
            return data.decode(name)
        except (UnicodeError, LookupError):
            continue
    return data.decode("cp1252", "replace")


def _wide(sample: bytes) -> str | None:
    """Return which UTF-16 it is where every other byte of Latin text is zero."""
    half = len(sample) // 2
    if half < 2 or b"\0" not in sample:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.7 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 * half and odd < 0.1 * half else None
