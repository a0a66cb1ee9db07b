"""Letters as the search compares them. The only place that decides which letters are the same."""

import re
import unicodedata

_UNSEEN = re.compile("[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+")
_NUMBER = re.compile(r"#?([0-9]{1,18})")
_MARKS = re.compile("[\u0300-\u036f]+")


def folded(text: str) -> str:
    """Return a text in small letters of ordinary width, without accents and characters that nobody sees.

    `ＶＰＮ` is `vpn`, `Straße` is `strasse`, `ΟΔΟΣ` is `οδος` whatever its sigma, and the Turkish `I`, `ı`, `İ` and `i`
    are one letter. For ASCII it is what PostgreSQL's `lower(… collate "C")` makes.
    """
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).replace("ı", "i").casefold()
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFKD", plain)))


def search_text(title: str, description: str) -> str | None:
    """Return the text to search a ticket by; None where both are ASCII, which PostgreSQL folds in the same way."""
    if title.isascii() and description.isascii():
        return None
    return f"{folded(title)}\n{folded(description)}"


def search_number(q: str) -> int | None:
    """Return the ticket's number that a search consists of, with or without `#`; None where it is something else."""
    found = _NUMBER.fullmatch(folded(q).strip())
    return int(found[1]) if found else None


def search_words(q: str, most: int) -> tuple[str, ...]:
    """Return the different words of a search, folded: the first `most` of them."""
    return tuple(dict.fromkeys(folded(q).split()))[:most]
