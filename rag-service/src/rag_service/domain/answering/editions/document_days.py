"""Reads from which day a document applies and which version it is, by its own words and by its name."""

import re
from collections.abc import Iterator
from datetime import date

from rag_service.domain.answering.language.text_features import plain
from rag_service.domain.passage import Passage

MAX_DATE_CHARACTERS = 4_000
_LOOKED_AT = 28
"""Characters behind a word such as `valid from` in which its date begins."""

_MONTHS = """\
jan feb mar apr may jun jul aug sep oct nov dec
jan feb mär apr mai jun jul aug sep okt nov dez
janv févr mars avr mai juin juil août sept oct nov déc
ene feb mar abr may jun jul ago sep oct nov dic
gen feb mar apr mag giu lug ago set ott nov dic
jan feb maa apr mei jun jul aug sep okt nov dec"""
"""The beginnings of the months' names, a language a line."""
_MONTH_NUMBERS = {name: number for names in _MONTHS.splitlines() for number, name in enumerate(names.split(), 1)}
_MONTH_NAME = r"[^\W\d_]{3,10}"
_DATE = re.compile(
    r"(?i)\b(?:(\d{4})-(\d{2})-(\d{2})|(\d{1,2})[./](\d{1,2})[./](\d{4})|(\d{1,2})\.?(?:st|nd|rd|th"
    rf"|er)? (?:de )?({_MONTH_NAME})\.? (?:de )?(\d{{4}})"
    rf"|({_MONTH_NAME})\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}}))\b"
)
_MONTH = re.compile(
    rf"(?i)(?:(?:in|im|de|en|of)\b\W{{0,2}})?(?:({_MONTH_NAME})\.?,?(?: de)? (\d{{4}})|(\d{{1,2}})/(\d{{4}})"
    r"|(\d{4})-(\d{2}))\b(?![-/.]\d)"
)
_YEAR = re.compile(r"(?<![\w.,/-])((?:19|20)\d\d)(?![\w/]|[.,-]\d)")
_VALID = re.compile(
    r"(?i)\b(?:valid|effective|in force|applies|as of|as from|from|since|updated?|revised|version|edition|issued"
    r"|dated?|last change\w*|stand|gültig|ab|seit"
    r"|geändert|ausgabe|fassung|vom|valable|en vigueur|à partir du|mise? à jour|édition|du|válido|vigente|desde"
    r"|actualizado|edición"
    r"|valido|aggiornato|edizione|dal|geldig|vanaf|bijgewerkt)\b"
    r"\W{0,4}(?:(?:on|from|of|vom|am|ab|le|du|el|dal|op)\b)?\W{0,3}"
)
_VERSION = re.compile(
    r"(?i)(?<![^\W_])(?:v|vers?\.?|version|versión|versione|versie|rev\.?|revision|release|edition|ed\.|ausgabe|auflage"
    r"|fassung|édition|edición)[ ._-]{0,3}(\d{1,3}(?:\.\d{1,3}){0,3})(?![^\W_])"
)

_COPY = re.compile(r"\s*\(\d{1,2}\)\s*$")


def own_day(passage: Passage) -> date | None:
    """Return the day from which a document applies by its name, its headings or its first lines; None if unknown."""
    texts = (_named(passage.title), " ".join(passage.heading), passage.beginning)
    for read in (_days, _months):
        for text in texts:
            if (day := next(read(text), None)) is not None:
                return day
    years = [int(each) for each in _YEAR.findall(_named(passage.title))]
    return date(max(years), 1, 1) if years else None


def says_from(text: str) -> date | None:
    """Return the first whole date from which a text says that something applies."""
    return next(_days(text[:MAX_DATE_CHARACTERS]), None)


def saved_day(passage: Passage) -> date | None:
    """Return the day on which a passage's file was last saved, by the file's properties; None if unknown."""
    return _of_metadata(passage, "saved")


def stored_day(passage: Passage) -> date | None:
    """Return the day on which a passage's file was stored here; None if unknown."""
    return _of_metadata(passage, "updated_at")


def _of_metadata(passage: Passage, name: str) -> date | None:
    try:
        return date.fromisoformat(str(passage.metadata.get(name, ""))[:10])
    except ValueError:
        return None


def version_of(passage: Passage) -> tuple[int, ...]:
    """Return a document's version, such as (3, 0), by its name or its first lines; empty if it has none."""
    for text in (_named(passage.title), passage.beginning):
        if found := _VERSION.search(plain(text)):
            return tuple(int(each) for each in found[1].split("."))
    return ()


def without_edition(name: str) -> str:
    """Return a document's name without version, dates and the number that a second download of a file gets."""
    text = _COPY.sub("", plain(_named(name)))
    for pattern in (_VERSION, _DATE, re.compile(r"\b\d{4}-\d{2}(?:-\d{2})?\b"), _YEAR):
        text = pattern.sub(" ", text)
    return _without_months(text)


def _without_months(text: str) -> str:
    return " ".join(
        word for word in text.split() if word.casefold().strip("().,") not in _MONTH_NUMBERS or len(word) < 3
    )


def _named(title: str) -> str:
    return re.sub(r"_", " ", re.sub(r"\.[A-Za-z0-9]{1,5}$", "", title))


def _days(text: str) -> Iterator[date]:
    for rest in _behind_valid(text):
        if (dated := _DATE.match(rest)) and (day := _day(dated)):
            yield day


def _months(text: str) -> Iterator[date]:
    for rest in _behind_valid(text):
        if (found := _MONTH.match(rest)) and (day := _first_of_month(found)):
            yield day


def _behind_valid(text: str) -> Iterator[str]:
    text = plain(text)
    return (text[found.end() : found.end() + _LOOKED_AT] for found in _VALID.finditer(text))


def _day(found: re.Match[str]) -> date | None:
    year, month, day, d2, m2, y2, d3, name3, y3, name4, d4, y4 = found.groups()
    try:
        if year:
            return date(int(year), int(month), int(day))
        if y2:
            return date(int(y2), int(m2), int(d2))
        name, of, in_ = (name3, d3, y3) if y3 else (name4, d4, y4)
        number = _month_number(name)
        return date(int(in_), number, int(of)) if number else None
    except ValueError:
        return None


def _first_of_month(found: re.Match[str]) -> date | None:
    name, year, number, year2, year3, number3 = found.groups()
    try:
        if name:
            month = _month_number(name)
            return date(int(year), month, 1) if month else None
        return date(int(year2 or year3), int(number or number3), 1)
    except ValueError:
        return None


def _month_number(name: str) -> int | None:
    return next((number for prefix, number in _MONTH_NUMBERS.items() if name.casefold().startswith(prefix)), None)
