"""Tells whether a unit speaks of another year, week or month than the question names."""

import re
from collections.abc import Iterable, Sequence
from itertools import chain

from rag_service.domain.answering.language.identifiers import identifiers
from rag_service.domain.answering.language.text_features import plain

_YEAR = re.compile(
    r"(?<![\w.,/€$£+-])((?:19[5-9]|20[0-9])\d)(?![\w%€$£]|[.,]\d)"
    r"(?! ?(?:eur|euro|usd|gbp|chf|mm|cm|m|kg|g|ml|l|w|kw|v|rpm)\b)"
    r"|(?<![\w.])\d{1,2}[./-]\d{1,2}[./-]((?:19|20)\d\d)(?!\w)",
    re.IGNORECASE,
)
_WEEK = re.compile(
    r"(?i)\b(?:(?:calendar )?week|kalenderwoche|kw|woche|semaine|semana|settimana)"
    r"(?: no\.?| nr\.?)?[ \u00a0:._]*(\d{1,2})\b"
)
_MONTHS = (
    "january januar janvier enero gennaio januari", "february februar février febrero febbraio februari",
    "march märz mars marzo maart", "april avril abril aprile", "may mai mayo maggio mei", "june juni juin junio giugno",
    "july juli juillet julio luglio", "august août agosto augustus", "september septembre septiembre settembre",
    "october oktober octobre octubre ottobre", "november novembre noviembre",
    "december dezember décembre diciembre dicembre",
)  # fmt: skip
_MONTH_OF = {word: str(number) for number, names in enumerate(_MONTHS, 1) for word in names.split()}
_MONTH = re.compile(r"(?i)(?<![^\W_])(" + "|".join(_MONTH_OF) + r")(?![^\W_])")
_ASKED_MONTH = re.compile(r"(?i)\b(?:in|im|en|for|für|pour|during|for the month of) (" + "|".join(_MONTH_OF) + r")\b")
_OPEN = re.compile(
    r"(?i)\b(?:from|since|as of|valid|until|till|by|before|after|to|ab|seit|stand|gültig|bis|vor|nach|depuis"
    r"|jusqu\w*|desde|hasta|dal|fino|vanaf|sinds|tot|edition|ausgabe)\b"
)
"""Words with which a period goes on before or behind what is written."""


def speaks_of_another_period(question: str, text: str, heads: Sequence[str] = ()) -> bool:
    """Return whether a unit is about another year, week or month than the one that the question names.

    `heads`: what stands above a row, the nearest first. The first text that names such a period decides; where none
    does, nothing speaks against the unit.
    """
    question = plain(question)
    if (weeks := _weeks(question)) and _differs(weeks, [_weeks(each) for each in (text, *heads)]):
        return True
    if (years := _asked_years(question)) and _other_years(years, (text, *heads)):
        return True
    months = {_MONTH_OF[each.casefold()] for each in _ASKED_MONTH.findall(question)}
    return bool(months) and not _OPEN.search(text) and _differs(months, [_months(text)])


def is_of_another_month(question: str, values: Iterable[str]) -> bool:
    """Return whether a cell of a row is a month, and the question names other ones: "revenue March"."""
    asked = {_MONTH_OF[each.casefold()] for each in _MONTH.findall(plain(question)) if each[0].isupper()}
    own = {_MONTH_OF[each[1].casefold()] for each in map(_MONTH.fullmatch, map(str.strip, values)) if each}
    return bool(asked and own) and asked.isdisjoint(own) and not _OPEN.search(question)


def _differs(asked: set[str], found: Sequence[set[str]]) -> bool:
    there = next((each for each in found if each), None)
    return there is not None and len(there) == 1 and asked.isdisjoint(there)


def _weeks(text: str) -> set[str]:
    return {str(int(each)) for each in _WEEK.findall(text.replace("_", " "))}


def _months(text: str) -> set[str]:
    return {_MONTH_OF[each.casefold()] for each in _MONTH.findall(text)}


def _years(text: str) -> set[str]:
    return set(chain.from_iterable(filter(None, each) for each in _YEAR.findall(text.replace("_", " "))))


def _asked_years(question: str) -> set[str]:
    codes = identifiers(question).codes
    return {each for each in _years(question) if not any(code.search(each) for code in codes)}


def _other_years(asked: set[str], texts: Sequence[str]) -> bool:
    for text in texts:
        if there := _years(text):
            if asked & there or any(min(there) <= each <= max(there) for each in asked):
                return False
            # "Valid from 1 March 2024" holds in 2026, too; a list for 2024 to 2025 doesn't.
            return len(_YEAR.findall(text)) > 1 or min(asked) < min(there) or not _OPEN.search(text)
    return False
