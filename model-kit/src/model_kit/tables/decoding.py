"""Decodes bytes: the encoding is named by the caller, marked by a BOM, evident from the bytes, or guessed."""

import codecs
import re
from dataclasses import dataclass

from model_kit.tables.table import BadTable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BINARY = (
    (b"PK\x03\x04", "an archive or a workbook (XLSX, ODS)"),
    (b"\xd0\xcf\x11\xe0", "an old Office file (XLS)"),
    (b"%PDF-", "a PDF"),
    (b"\x1f\x8b", "compressed (gzip)"),
    (b"\x89PNG", "a picture"),
)
_UNDECODABLE = re.compile("[\udc80-\udcff]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_WORD = re.compile(r"\S*[^\x00-\x7f]\S*")
_INSIDE_A_WORD = re.compile(r"[A-Za-z]([^\x00-\x7f])(?=[A-Za-z])")
_ICELANDIC = re.compile("[ÐÝÞðýþ]")
_LATIN = ("cp1252", "cp1254", "cp1250")
"""The Windows code pages for Western, Turkish and Central European languages, the most frequent first."""
_OTHERS = ("cp1251", "cp1253", "cp1255", "cp1256", "cp932", "gb18030", "big5", "euc_kr", "euc_jp", "koi8_r")
SAMPLE_BYTES = 1 << 16
MAX_NON_LATIN_SHARE = 0.35
"""A text in a Latin alphabet has a smaller share of non-ASCII bytes among its letters."""
MAX_WORD_CHARACTERS = 40


@dataclass(frozen=True)
class Decoded:
    """A text and its encoding. Undecodable bytes are kept as lone surrogates (U+DC80 to U+DCFF)."""

    text: str
    encoding: str
    guessed: str = ""
    """A word of the text as an example of a guessed encoding; empty if the encoding is certain."""


def decode(data: bytes, encoding: str = "") -> Decoded:
    """Return the text of a file; `encoding` is any of Python's names of text encodings. Raises BadTable."""
    for mark, what in _BINARY:
        if data.startswith(mark):
            raise BadTable(f"This is {what}, not a table as text; export it as CSV.")
    found = _named(data, encoding) if encoding else _found(data)
    if "\0" in found.text:
        line = found.text.count("\n", 0, found.text.index("\0")) + 1
        raise BadTable(f"Line {line} holds NUL characters, so the file is no text, or of another encoding.")
    return found


def has_undecodable_bytes(text: str) -> bool:
    """Return whether a text holds bytes that its encoding could not decode."""
    return _UNDECODABLE.search(text) is not None


def _named(data: bytes, encoding: str) -> Decoded:
    try:
        known = codecs.lookup(encoding.strip())
        "".encode(encoding.strip())
    except (LookupError, ValueError):
        raise BadTable(f"There is no text encoding {encoding[:50]!r}; utf-8 or cp1252 are some.") from None
    name = known.name
    marked = _marked(data)
    # A BOM of the named encoding is not part of the text.
    if marked is not None and marked.encoding.startswith(name.removesuffix("-sig")):
        return marked
    return Decoded(_utf8(data) if name in ("utf-8", "utf-8-sig") else _strict(data, name), name)


def _found(data: bytes) -> Decoded:
    if marked := _marked(data):
        return marked
    if (wide := _wide(data[:SAMPLE_BYTES])) is not None:
        return Decoded(_strict(data, wide), wide)
    text = _utf8(data)
    undecodable = len(_UNDECODABLE.findall(text))
    # Multi-byte letters hardly ever occur by chance: with more of them than undecodable bytes the text is UTF-8.
    if not undecodable or len(_NOT_ASCII.findall(text)) - undecodable > undecodable:
        return Decoded(text, "utf-8")
    return _guessed(data)


def _marked(data: bytes) -> Decoded | None:
    for mark, code in _BOMS:
        if data.startswith(mark):
            content = data[len(mark) :]
            return Decoded(_utf8(content) if code == "utf-8" else _strict(content, code), code)
    return None


def _utf8(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        line = data.count(b"\n", 0, start) + 1
        raise BadTable(f"Line {line} holds bytes that are not {encoding}.") from None


def _wide(sample: bytes) -> str | None:
    """Return the kind of UTF-16 if every other byte is zero, as in text of Latin letters; else None."""
    half = len(sample) // 2
    if half < 2 or b"\0" not in sample:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.5 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.5 * half and odd < 0.1 * half else None


def _guessed(data: bytes) -> Decoded:
    encoding = _latin(data) if _is_latin(data) else _other(data)
    text = data.decode(encoding, "replace")
    word = _WORD.search(text)
    return Decoded(text, encoding, word.group()[:MAX_WORD_CHARACTERS] if word else encoding)


def _is_latin(data: bytes) -> bool:
    high = sum(byte > 0x7F for byte in data[: SAMPLE_BYTES * 4])
    letters = sum(65 <= byte <= 90 or 97 <= byte <= 122 for byte in data[: SAMPLE_BYTES * 4])
    return high <= MAX_NON_LATIN_SHARE * (high + letters)


def _latin(data: bytes) -> str:
    """Return the encoding that yields the fewest signs inside words and the fewest Icelandic letters, as rare ones."""

    def oddities(encoding: str) -> int:
        text = data.decode(encoding, "replace")
        signs = sum(not sign.isalpha() for sign in _INSIDE_A_WORD.findall(text))
        return signs + (len(_ICELANDIC.findall(text)) if encoding == "cp1252" else 0) + text.count("\ufffd")

    return min(_LATIN, key=oddities)


def _other(data: bytes) -> str:
    # Imported here, because few files need it.
    from charset_normalizer import from_bytes

    best = from_bytes(data[: SAMPLE_BYTES * 4], cp_isolation=list(_OTHERS)).best()
    if best is None:
        raise BadTable("The file is not UTF-8, and what else it is can't be guessed; name its encoding.")
    try:
        data.decode(best.encoding)
    except UnicodeDecodeError:
        raise BadTable("The file is not UTF-8, and what else it is can't be guessed; name its encoding.") from None
    return best.encoding
