"""Folds text for the search. This is the only module that decides which letters are equal."""

import re
import unicodedata

_UNSEEN = re.compile("[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+")
_NUMBER = re.compile(r"#?([0-9]{1,18})")
MAX_NAME_CHARACTERS = 100
_MARKS = re.compile("[\u0300-\u036f]+")


def folded(text: str) -> str:
    """Return a text in lower case and normal width, without accents and invisible characters.

    `ＶＰＮ` becomes `vpn`, `Straße` becomes `strasse`, `ΟΔΟΣ` becomes `οδος` whatever its sigma, and the Turkish `I`,
    `ı`, `İ` and `i` become one letter. For ASCII the result equals PostgreSQL's `lower(… collate "C")`.
    """
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).replace("ı", "i").casefold()
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFKD", plain)))


def search_text(title: str, description: str) -> str | None:
    """Return a ticket's folded text for the search; None where both are ASCII, which PostgreSQL folds equally."""
    if title.isascii() and description.isascii():
        return None
    return f"{folded(title)}\n{folded(description)}"


def search_number(q: str) -> int | None:
    """Return the ticket number of a search that is nothing but a number, with or without `#`; else None."""
    found = _NUMBER.fullmatch(folded(q).strip())
    return int(found[1]) if found else None


def search_name(q: str) -> str | None:
    """Return a search that may be a ticket's external id or its TX number, a single word; else None."""
    name = q.strip()
    return name if name and len(name) <= MAX_NAME_CHARACTERS and not any(map(str.isspace, name)) else None


def search_words(q: str, max_words: int) -> tuple[str, ...]:
    """Return the first `max_words` distinct words of a search, folded."""
    return tuple(dict.fromkeys(folded(q).split()))[:max_words]
