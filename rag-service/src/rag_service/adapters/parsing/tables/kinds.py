"""The kind of value that a cell holds; it tells names of columns from the values below them."""

import re
from enum import StrEnum
from functools import lru_cache

MAX_VALUE_CHARACTERS = 48
"""Longer cells hold words."""
MAX_UNIT_LETTERS = 14
MAX_KEPT_KINDS = 4_096
"""A cell is asked for its kind several times while its table is read."""


class Kind(StrEnum):
    """The kind of a cell's value."""

    EMPTY = "empty"
    FIGURE = "figure"
    """A number, with a currency, a unit or a percent sign or without."""
    DATE = "date"
    TIME = "time"
    DAY = "day"
    """A weekday or month by its name."""
    CODE = "code"
    """Letters with digits: `KB-101`, `Room 12`."""
    ADDRESS = "address"
    """An e-mail or web address."""
    CHOICE = "choice"
    """Yes, no, and the like."""
    GAP = "gap"
    """A word in a value's place: `free`, `n/a`, `on request`."""
    WORDS = "words"


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_CHOICES = _set(
    "yes no true false ja nein wahr falsch oui non vrai faux sí si verdadero falso sì vero falso nee sim não tak nie "
    "x ✓ ✔ ✗ ✘ ✕ ● ○ ☑ ☐ ☒ – - — on off y n"
)
_GAPS = frozenset({
    "free", "included", "include", "none", "n/a", "na", "tbd", "tba", "on request", "closed", "unlimited", "open",
    "kostenlos", "inklusive", "enthalten", "gratis", "keine", "keiner", "kein", "auf anfrage", "geschlossen",
    "unbegrenzt", "entfällt", "frei", "gratuit", "inclus", "sur demande", "fermé", "illimité", "aucun", "incluido",
    "a consultar", "cerrado", "ilimitado", "ninguno", "incluso", "su richiesta", "chiuso", "nessuno", "inbegrepen",
    "op aanvraag", "gesloten", "geen", "nvt", "n.v.t.", "geschl.", "bezpłatnie", "brak", "zamknięte", "ruhetag",
})  # fmt: skip
_DAYS = _set(
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun "
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr sa so "
    "lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo "
    "lunedì martedì mercoledì giovedì venerdì sabato domenica maandag dinsdag woensdag donderdag vrijdag zaterdag "
    "zondag january february march april may june july august september october november december jan feb mar apr "
    "jun jul aug sep sept oct nov dec januar februar märz mai juni juli oktober dezember janvier février mars avril "
    "juin juillet août septembre octobre novembre décembre enero febrero marzo abril mayo junio julio agosto "
    "septiembre octubre noviembre diciembre gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre "
    "januari februari maart mei augustus poniedziałek wtorek środa czwartek piątek sobota niedziela"
)
_TIME = re.compile(r"(?:\D{0,12}?)\d{1,2}[:.h]\d{2}(?!\d|[.,]\d)(?:\D{0,14}\d{1,2}[:.h]\d{2}(?![\d.]))*\D{0,10}")
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}(?:[ T,].{0,20})?")
_YEAR = re.compile(r"(?:19|20|21)\d\d(?:[/–-]\d\d(?:\d\d)?)?")
_FIGURE = re.compile(
    r"[-+(~≈<>≤≥±−]*\s?(?:[A-Z]{2,3}|[^\w\s]{1,2}|(?:ca|approx|Fr|Rs|kr|zł|max|min|ab|from|bis|up to)\.?\s)?\s?[-+−]?\d"
)
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")


def kind_of(text: str) -> Kind:
    """Return the kind of a cell's value."""
    text = text.strip()
    if not text:
        return Kind.EMPTY
    return Kind.WORDS if len(text) > MAX_VALUE_CHARACTERS else _kind_of(text)


@lru_cache(maxsize=MAX_KEPT_KINDS)
def _kind_of(text: str) -> Kind:
    low = text.lower().rstrip(":")
    if low in _CHOICES:
        return Kind.CHOICE
    if low in _GAPS:
        return Kind.GAP
    if low.rstrip(".") in _DAYS:
        return Kind.DAY
    if "@" in text or "://" in text or low.startswith("www."):
        return Kind.ADDRESS
    if not _DIGIT.search(text):
        return Kind.WORDS
    if _DATE.fullmatch(text):
        return Kind.DATE
    words = text.split()
    letters = len(_LETTER.findall(text))
    if any(word.lower().strip(".,") in _DAYS for word in words) and len(words) <= 4:
        return Kind.DATE
    if letters <= MAX_UNIT_LETTERS and _TIME.fullmatch(text):
        return Kind.TIME
    if letters <= MAX_UNIT_LETTERS and _FIGURE.match(text) and not _glued(words[0]):
        return Kind.FIGURE
    return Kind.CODE if len(words) <= 3 else Kind.WORDS


def is_year(text: str) -> bool:
    """Return whether a text is a year, or two: `2025/26`."""
    return bool(_YEAR.fullmatch(text.strip()))


def unit_of(text: str) -> str:
    """Return what stands beside the digits: `EUR`, `%`, ``."""
    return "".join(_LETTER.findall(text) or [sign for sign in text if sign in "%‰€$£¥°"]).lower()


def _glued(word: str) -> bool:
    """Return whether letters and digits alternate in a word, as in `KB101` or `7b-12`."""
    head = word.lstrip("-+(~≈<>≤≥±−")
    return bool(_LETTER.match(head)) and bool(_DIGIT.search(head)) and not re.match(r"[A-Z]{3}\d", head)
