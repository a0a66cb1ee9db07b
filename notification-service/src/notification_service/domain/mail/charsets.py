"""Decodes the bytes of mails, whose charsets are often misnamed, and removes what a database can't store."""

import codecs
import re
from collections.abc import Callable

Guess = Callable[[bytes], str | None]
"""Returns the text of bytes by statistics, None where it doesn't know."""

ALIASES = {
    "ansi_x3.4-1968": "ascii",
    "cp-850": "cp850",
    "cp-1252": "cp1252",
    "gb2312": "gb18030",  # its superset; mails that name the older one use signs of the newer
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "iso-8859-8-i": "iso8859_8",
    "iso-8859-8-e": "iso8859_8",
    "iso-8859-1": "cp1252",  # as browsers read it
    "latin1": "cp1252",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "windows-31j": "cp932",
    "x-sjis": "cp932",
    "unicode-1-1-utf-7": "utf-7",
    "utf-8mb4": "utf-8",
    "x-mac-roman": "mac_roman",
    "x-windows-949": "cp949",
    "windows-874": "cp874",
}
MIN_GUESSED_BYTES = 24
"""So many bytes beyond ASCII are needed for a guess: statistics about fewer name any charset."""
_NOT_TEXT = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "unicode-escape", "undefined"}
MAX_CHARSET_CHARACTERS = 40
_ASCII = bytes(range(128))
# Controls but tabs and line feeds, lone surrogates, and the noncharacters that XML refuses.
_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\ud800-\udfff\ufffe\uffff]")


def decode(content: bytes, charset: str | None, guess: Guess) -> tuple[str, bool]:
    """Return the text of bytes, and whether it is the text for certain; never fails."""
    for name in (_codec(charset), "utf-8"):
        if name is not None:
            try:
                return clean(content.decode(name)), True
            except (UnicodeError, ValueError, LookupError):
                continue
    guessed = guess(content) if len(content.translate(None, _ASCII)) >= MIN_GUESSED_BYTES else None
    return clean(content.decode("cp1252", "replace") if guessed is None else guessed), False


def clean(text: str) -> str:
    """Return a text with line feeds as its only line ends and without characters that can't be stored."""
    return _UNSTORABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n"))


def _codec(charset: str | None) -> str | None:
    name = (charset or "").strip().strip("\"'").lower()[:MAX_CHARSET_CHARACTERS]
    name = ALIASES.get(name, name)
    if not name or name in _NOT_TEXT or not name.isascii():
        return None
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    return found.name if getattr(found, "_is_text_encoding", False) and found.name not in _NOT_TEXT else None
