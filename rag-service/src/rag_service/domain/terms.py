"""The further forms under which a text's words are indexed: other spellings, and identifiers as a whole.

The same word must become the same term in question and passage, whatever language either is taken for. A stem depends
on the language; the forms here do not.
"""

import re
import unicodedata
from collections.abc import Iterator

from rag_service.domain.languages import BY_WORD

WORD = re.compile(r"[^\W_]+")
MAX_WHOLE_CHARACTERS = 40

# The look-behind lets a match begin only where a word begins, so that a long word is read once.
_IDENTIFIER = re.compile(r"(?<![^\W_])[^\W_]+(?:[-‐‑–./_:+#,][^\W_]+)+")
_LETTERS_THEN_DIGITS = re.compile(r"(?<![^\W_])([^\W\d_]{1,5}) ?(?=\d)((?:[^\W_]|[-‐‑./,](?=[^\W_])){1,40})(?![^\W_])")
_DIGITS_THEN_UNIT = re.compile(r"(?<![^\W_])(\d(?:[^\W_]|[./,](?=\d)){0,40}) ([^\W\d_]{1,3})(?![^\W_])")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[^0-9A-Za-z]+(?=\d)")
_SIGNS = re.compile(r"[\W_]+")
BETWEEN_DIGITS = "ǀ"
"""Stands in for the sign between two digits. It counts as a letter, so that 3.5 stays one term that isn't 35."""

_PLAIN = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "đ": "dj"})
_DIGRAPH = re.compile(r"([aou])e|(a)a|(d)j")
SPELT_OUT = ("ae", "oe", "ue", "aa", "dj")
"""Letters that may stand for one letter with a mark: ä, ö, ü, æ, œ, å, đ."""


def folded(word: str) -> str:
    """Return a word in lower case without accents and umlauts; ß is ss."""
    if word.isascii():
        return word.lower()
    apart = unicodedata.normalize("NFD", word.lower().translate(_PLAIN))
    # Marks are dropped from Latin letters only: elsewhere they make another letter.
    kept, last = [], ""
    for character in apart:
        if not (unicodedata.combining(character) and last.isascii()):
            kept.append(character)
            last = character
    return unicodedata.normalize("NFC", "".join(kept))


def plainest(word: str) -> str:
    """Return a word as all its spellings are written at their shortest: jager for Jäger, Jaeger and Jager."""
    return _DIGRAPH.sub(r"\1\2\3", folded(word))


def spellings(word: str) -> set[str]:
    """Return how else a word may be written: folded, with umlauts written out, and at its shortest."""
    lower = word.lower()
    return {folded(lower), folded(lower.translate(_WRITTEN_OUT)), plainest(lower)} - {lower}


def wholes(text: str) -> Iterator[str]:
    """Return the identifiers and measures of a text, each as one term: jx017 for JX-017, kb103 for KB 103, 3ǀ5mm for
    3.5mm and 3.5 mm."""
    for match in _IDENTIFIER.finditer(text):
        yield from _whole(match[0])
    for match in _LETTERS_THEN_DIGITS.finditer(text):
        if " " in match[0] and match[1].lower() not in BY_WORD:
            yield from _whole(match[1] + match[2])
    for match in _DIGITS_THEN_UNIT.finditer(text):
        if match[2].lower() not in BY_WORD:
            yield from _whole(match[1] + match[2])


def _whole(written: str) -> Iterator[str]:
    if len(written) <= MAX_WHOLE_CHARACTERS and any(character.isdigit() for character in written):
        yield _SIGNS.sub("", _BETWEEN_DIGITS.sub(BETWEEN_DIGITS, folded(written)))
