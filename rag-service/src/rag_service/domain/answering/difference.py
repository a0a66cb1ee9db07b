"""Compares what two documents say about one thing: alike, alike but for a figure, or different."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from rag_service.domain.answering.text_features import COMMON, numbers, plain, stem, stems, tokens
from rag_service.domain.passage import Passage

SAME_WORDS = 0.8
SAME_BUT_FIGURES = 0.6
"""Of the words of both that are no figures."""
MIN_SHARED_WORDS = 2
MAX_DATE_CHARACTERS = 4_000
MIN_COPY_CHARACTERS = 200
"""Shorter passages may be equal in documents about different things."""

_MONTHS = """\
jan feb mar apr may jun jul aug sep oct nov dec
jan feb mär apr mai jun jul aug sep okt nov dez
janv févr mars avr mai juin juil août sept oct nov déc
ene feb mar abr may jun jul ago sep oct nov dic
gen feb mar apr mag giu lug ago set ott nov dic
jan feb maa apr mei jun jul aug sep okt nov dec"""
"""The beginnings of the months' names, a language a line."""
_MONTH_NUMBERS = {name: number for names in _MONTHS.splitlines() for number, name in enumerate(names.split(), 1)}
_DATE = re.compile(
    r"(?i)\b(?:(\d{4})-(\d{2})-(\d{2})|(\d{1,2})[./](\d{1,2})[./](\d{4})|(\d{1,2})\.?(?:st|nd|rd|th"
    r"|er)? (?:de )?([^\W\d_]{3,10})\.? (?:de )?(\d{4})"
    r"|([^\W\d_]{3,10})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4}))\b"
)
_VALID = re.compile(
    r"(?i)\b(?:valid|effective|in force|applies|as of|as from|from|since|updated?|revised|version|edition|issued"
    r"|dated?|last change\w*|stand|gültig|ab|seit"
    r"|geändert|ausgabe|vom|valable|en vigueur|à partir du|mise? à jour|du|válido|vigente|desde|actualizado"
    r"|valido|aggiornato|dal|geldig|vanaf|bijgewerkt)\b"
    r"\W{0,4}(?:(?:on|from|of|vom|am|ab|le|du|el|dal|op)\b)?\W{0,3}"
)
_FIGURE = re.compile(
    r"(?i)\d|^(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|monday|tuesday|wednesday|thursday"
    r"|friday|saturday|sunday|january|february|march"
    r"|april|may|june|july|august|september|october|november|december|montag|dienstag|mittwoch|donnerstag|freitag"
    r"|samstag|sonntag|januar|februar|märz|mai"
    r"|juni|juli|oktober|dezember|not|never|nicht|kein\w*|no|yes|ja|nein)$"
)


def is_copy(one: Passage, other: Passage) -> bool:
    """Return whether two passages are one text in two copies, as of a file that was uploaded under two names."""
    return (
        one.document_id != other.document_id
        and one.text == other.text
        and len(one.text) >= MIN_COPY_CHARACTERS
        and (one.heading, one.locator) == (other.heading, other.locator)
    )


def alike(one: str, other: str) -> bool:
    """Return whether two texts say the same, in other words at most."""
    return _overlap(_words(one), _words(other)) >= SAME_WORDS and not _figures_differ(one, other)


def contradict(one: str, other: str, question: str = "") -> bool:
    """Return whether two texts say the same but for a figure, a date, a name or a negation.

    Texts that differ in a name of the question are about two things.
    """
    names = {stem(name.casefold()) for name in _names(one) ^ _names(other)}
    if names & stems(question):
        return False
    first, second = ({each for each in _words(text) - names if not _FIGURE.search(each)} for text in (one, other))
    if _overlap(first, second) < SAME_BUT_FIGURES or len(first & second) < MIN_SHARED_WORDS:
        return False
    return bool(names) or _figures_differ(one, other)


def valid_from(passage: Passage, text: str = "") -> date | None:
    """Return the date from which a document applies, by its own words, else the day it was stored; None if "
    "unknown."""
    for source in (passage.title, " ".join(passage.heading), f"{passage.text}\n{text}"[:MAX_DATE_CHARACTERS]):
        for found in _VALID.finditer(plain(source)):
            rest = plain(source)[found.end() : found.end() + 24]
            if (dated := _DATE.match(rest)) and (day := _day(dated)):
                return day
    return _stored(passage.metadata)


def _stored(metadata: Mapping[str, Any]) -> date | None:
    try:
        return date.fromisoformat(str(metadata.get("updated_at", ""))[:10])
    except ValueError:
        return None


def _day(found: re.Match[str]) -> date | None:
    year, month, day, d2, m2, y2, d3, name3, y3, name4, d4, y4 = found.groups()
    try:
        if year:
            return date(int(year), int(month), int(day))
        if y2:
            return date(int(y2), int(m2), int(d2))
        name, of, in_ = (name3, d3, y3) if y3 else (name4, d4, y4)
        number = next((n for prefix, n in _MONTH_NUMBERS.items() if name.casefold().startswith(prefix)), None)
        return date(int(in_), number, int(of)) if number else None
    except ValueError:
        return None


def _words(text: str) -> set[str]:
    return {stem(word) for word in tokens(text) if word not in COMMON or _FIGURE.search(word)}


def _names(text: str) -> set[str]:
    return set(re.findall(r"(?<=[^.!?:] )[^\W\d_a-z][\w'’-]+", text))


def _figures_differ(one: str, other: str) -> bool:
    if numbers(one) != numbers(other):
        return True
    first = {word for word in tokens(one) if _FIGURE.search(word)}
    return first != {word for word in tokens(other) if _FIGURE.search(word)}


def _overlap(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0
