"""Finds the column for the period that a price is asked for: `1 Tag`, `day` or `7 days` for "per day" or "a week"."""

import re

from rag_service.domain.answering.language.text_features import COMMON, tokens

_PERIODS = {
    "hour": "hour hours hourly stunde stunden std stündlich heure heures hora horas ora ore uur",
    "day": "day days daily tag tage tages täglich jour jours journée día días giorno giorni dag dagen",
    "week": "week weeks weekly woche wochen wöchentlich semaine semaines semana semanas settimana settimane weken",
    "month": "month months monthly monat monate monatlich mois mes meses mese mesi maand maanden",
    "year": "year years yearly annually jahr jahre jährlich an ans année año años anno anni jaar",
}
_PERIOD_OF = {word: period for period, words in _PERIODS.items() for word in words.split()}
_ADVERBS = frozenset(word for word in _PERIOD_OF if word.endswith(("ly", "lich")))
_ONE = frozenset({"1", "one", "ein", "einen", "eine", "un", "une", "una", "uno", "een", "per", "pro", "je"})
_WHOLE = frozenset({"full", "whole", "entire", "ganz", "ganzer", "ganze", "ganzen", "entier", "entière", "complète"})
"""Say of a period that it is one, as in `Full day`."""
_ASKED = re.compile(
    r"(?i)\b(?:per|pro|je|each|every|a|an|am|in der|im|par|por|al|alla|"
    r"(?:for|für|pour|para|voor)? ?(?:a|an|one|1|ein(?:en|e)?|une?|una|een))[ \u00a0]"
    r"(?:(?:full|whole|entire|ganze[nr]?)[ \u00a0])?([^\W\d_]+)(?![^\W_]|-)"
)
_SAME = {("day", "7"): "week"}
"""Numbers of one period that are another one."""


def asked_period(question: str) -> str | None:
    """Return the period of which a question asks the price: "day" for "per day", "am Tag" and "daily"."""
    for each in _ASKED.findall(question):
        if period := _PERIOD_OF.get(each.casefold()):
            return period
    return next((_PERIOD_OF[word] for word in tokens(question) if word in _ADVERBS), None)


def is_for_period(column: str, period: str) -> bool:
    """Return whether a column's name is one such period and nothing else."""
    words = [word for word in tokens(column) if word not in COMMON - _ONE]
    named = [_PERIOD_OF[word] for word in words if word in _PERIOD_OF]
    rest = [word for word in words if word not in _PERIOD_OF and word not in _ONE | _WHOLE]
    if len(named) != 1 or len(rest) > 1:
        return False
    return named[0] == period if not rest else _SAME.get((named[0], rest[0])) == period


def is_a_period(column: str) -> bool:
    """Return whether a column's name is a length of time, such as `1 day` and `3 weeks`."""
    words = tokens(column)
    return any(word.isdigit() for word in words) and all(word.isdigit() or word in _PERIOD_OF for word in words)
