"""Folds letters for comparison: one form for all spellings of a word."""

import re
import unicodedata

_MARKS = re.compile("[\u0300-\u036f]+")
_WORD = re.compile(r"[^\W_]+")


def folded(text: str) -> str:
    """Return a text in small letters of ordinary width, without accents.

    `ＶＰＮ` is `vpn`, `Straße` is `strasse`, `congé` is `conge`, and the Turkish `I`, `ı`, `İ` and `i` are one letter,
    because many people type without accents, and capitals lose theirs.
    """
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKC", text).replace("ı", "i").casefold()
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFKD", plain)))


def composed(text: str) -> str:
    """Return a text with letters of ordinary width, each composed with its accents into one character."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def words_in(text: str) -> list[str]:
    """Return the words of a text, folded, in order."""
    return _WORD.findall(folded(text))


def words_of_list(text: str) -> frozenset[str]:
    """Return the words of a list in this package, folded."""
    return frozenset(folded(text).split())


def phrases(text: str) -> list[tuple[str, ...]]:
    """Return the phrases of a list in this package, which commas separate, each as its words, folded."""
    return [tuple(words_in(phrase)) for phrase in text.split(",")]
