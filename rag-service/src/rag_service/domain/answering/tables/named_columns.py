"""Finds the columns that a question names in full: `Q1`, `Friday`, and `Mon–Thu` for a question about Tuesday."""

import re
from collections.abc import Sequence
from functools import lru_cache

from rag_service.domain.answering.answer_kind import asked_kind
from rag_service.domain.answering.language.text_features import COMMON, stem, tokens
from rag_service.domain.answering.language.word_match import fold
from rag_service.domain.answering.tables.columns import cells, column_names

_WEEKDAYS = """\
monday mon mo montag lundi lun lunes lunedì maandag ma
tuesday tue tues di dienstag mardi mar martes martedì dinsdag
wednesday wed mi mittwoch mercredi mer miércoles mié mercoledì woensdag wo
thursday thu thur thurs do donnerstag jeudi jeu jueves jue giovedì gio donderdag
friday fri fr freitag vendredi ven viernes vie venerdì vrijdag vr
saturday sat sa samstag sonnabend samedi sam sábado sáb sabato zaterdag za
sunday sun so sonntag sonn dimanche dim domingo dom domenica zondag zo"""
_DAY = {name: number for number, line in enumerate(_WEEKDAYS.splitlines()) for name in line.split()}
_FULL_DAY = frozenset(name for name in _DAY if len(name) > 4)
_DAY_STEMS = frozenset(fold(stem(name)) for name in _FULL_DAY)
_RANGE = re.compile(r"^\s*([^\W\d_]{2,10})\.?\s*(?:[-–—]|to|bis|à|a|t/m)\s*([^\W\d_]{2,10})\.?\s*$")
_FULL_RANGE = re.compile(r"([^\W\d_]{2,10})\.?\s*(?:[-–—]|\bto\b|\bbis\b|\bà\b|\ba\b|\bt/m\b)\s*([^\W\d_]{2,10})")
_WEEKEND = re.compile(r"(?i)\b(?:week-?ends?|wochenenden?|fin(?:es)? de semana|fine settimana)\b")
_IN_THE_WEEK = re.compile(
    r"(?i)(?<!which )(?<!what )\bweekdays?\b|\b(?:during|in) the week\b(?! of)|\b(?:werktags|wochentags|unter der woche"
    r"|en semaine|entre semana|doordeweeks)\b"
)
_BESIDE_DAYS = "and und et y e en public bank holiday holidays feiertag feiertage feiertags jours fériés festivos"
_WITH_DAYS = frozenset(_BESIDE_DAYS.split())
"""Words that stand in a name beside days of the week: `Sundays and public holidays`."""
_BESIDE = re.compile(r"\([^)]*\)|[\[\]]")
MIN_CHARACTERS = 2
_GAP = re.compile(r"(?i)[\W_]*|n/?a|tb[ac]|tbd")
"""Stands in a cell for nothing."""


def named_columns(question: str, names: Sequence[str]) -> list[str]:
    """Return those columns of which every word stands in the question, or whose days hold the day of the question."""
    asked = _words(question)
    days = asked_days(question)
    return [name for name in names if _is_named(name, asked, days)]


@lru_cache(maxsize=64)
def columns_of(table: str) -> tuple[str, ...]:
    """Return the names of the columns of a text of rows, each of which leaves out its empty cells."""
    return tuple(dict.fromkeys(name for row in table.split("\n") for name in column_names(row)))


def lacks_named_cell(question: str, row: str, table: str) -> bool:
    """Return whether a row has nothing, or a dash, in each column that a question names: "Ruth's mobile number".

    `table`: the text of rows. A question for yes or no may be answered by a dash.
    """
    named = [] if asked_kind(question) == "decision" else named_columns(question, columns_of(table))
    if not named:
        return False
    values = dict(cells(row))
    return all(_GAP.fullmatch(values.get(name, "")) for name in named)


def asked_days(question: str) -> set[int]:
    """Return the days of the week that a question names in full, Monday being 0; a weekend is Saturday and Sunday."""
    found = {_DAY[word] for word in _plain(question) if word in _FULL_DAY}
    if _WEEKEND.search(question):
        found |= {5, 6}
    return found | set(range(5)) if _IN_THE_WEEK.search(question) else found


def is_day(word: str) -> bool:
    """Return whether a word of `word_match.asked_words` is a day of the week."""
    return word in _DAY_STEMS


def days_of(name: str) -> set[int]:
    """Return the days of the week that a name consists of, such as `Wed`, or a range such as `Thu–Fri`.

    Holidays may stand beside them, and a weekend for its two days.
    """
    return _days_of(name)


def days_in(text: str) -> set[int]:
    """Return the days of the week that a text names in full, with those between the ends of a range."""
    found = asked_days(text)
    for first, last in _FULL_RANGE.findall(text):
        ends = [_DAY.get(each.casefold().removesuffix("s")) for each in (first, last)]
        if ends[0] is not None and ends[1] is not None:
            found |= _between(ends[0], ends[1])
    return found


def _between(first: int, last: int) -> set[int]:
    return set(range(first, last + 1)) if first <= last else {*range(first, 7), *range(last + 1)}


def _is_named(name: str, asked: frozenset[str], days: set[int]) -> bool:
    if days and (own := _days_of(name)):
        return days <= own
    words = _words(_BESIDE.sub(" ", name))
    return bool(words) and sum(map(len, words)) >= MIN_CHARACTERS and words <= asked


def _days_of(name: str) -> set[int]:
    if found := _RANGE.match(name):
        first, last = (_DAY.get(each) for each in _plain(" ".join(found.groups())))
        if first is not None and last is not None:
            return _between(first, last)
    for pattern in (_WEEKEND, _IN_THE_WEEK):
        if pattern.fullmatch(name.strip()):
            return asked_days(name)
    words = [word for word in _plain(name) if word not in _WITH_DAYS]
    return {_DAY[word] for word in words} if words and all(word in _DAY for word in words) else set()


@lru_cache(maxsize=512)
def _words(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in tokens(text) if word not in COMMON)


def _plain(text: str) -> list[str]:
    return [word.removesuffix("s") if word.removesuffix("s") in _FULL_DAY else word for word in tokens(text)]
