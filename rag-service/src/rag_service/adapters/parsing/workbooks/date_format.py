"""Writes a cell's date, time or duration as its number format shows it."""

import datetime as dt
import re

from rag_service.adapters.parsing.workbooks.locales import Locale

_LITERALS = re.compile(r'"[^"]*"?|\\.|[_*].', re.DOTALL)
_BRACKETS = re.compile(r"\[(?!(?:h+|m+|s+)\])[^\]]*\]?", re.IGNORECASE)
_DATE_SIGN = re.compile(r"[ymdhs]", re.IGNORECASE)
_PART = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|[_*].|\[(?P<elapsed>h+|m+|s+)\]|\[[^\]]*\]?|(?P<half>AM/PM|A/P)'
    r"|(?P<part>y+|m+|d+|h+|s+)|(?P<fraction>\.0+)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
MAX_DAYS = 2_958_465
"""The last day of 9999."""
_DAY_SECONDS = 86_400


def is_date(section: str) -> bool:
    """Return whether a section of a number format writes dates or times."""
    if section.startswith("General"):
        return False
    bare = _BRACKETS.sub("", _LITERALS.sub("", section))
    return bool(_DATE_SIGN.search(bare.replace("General", "")))


def shown_date(section: str, value: float, locale: Locale, *, since_1904: bool = False) -> str:
    """Return a number of days as the section shows it."""
    if not 0 <= value <= MAX_DAYS:
        return f"{value:.10g}"
    parts = _parts(section)
    fraction = max((len(text) - 1 for kind, text in parts if kind == "fraction"), default=0)
    seconds = round(value * _DAY_SECONDS, fraction) if fraction else round(value * _DAY_SECONDS)
    start = dt.datetime(1904, 1, 1) if since_1904 else dt.datetime(1899, 12, 30)
    if not since_1904 and value < 60:
        # The first workbook program took 1900 for a leap year.
        start += dt.timedelta(days=1)
    moment = start + dt.timedelta(seconds=float(seconds))
    kinds = {kind for kind, _ in parts}
    if value == int(value) and "day" in kinds and "hour" in kinds:
        # A date that a program stored with its midnight.
        first = next(at for at, (kind, _) in enumerate(parts) if kind in ("hour", "minute", "second"))
        parts = [part for part in parts[:first] if part[0] not in ("half", "fraction")]
    half = "half" in kinds
    out = "".join(_written(kind, text, moment, float(seconds), locale, half=half) for kind, text in parts)
    return " ".join(out.split()).rstrip(" ,T")


def _parts(section: str) -> list[tuple[str, str]]:
    """Return the parts of a format; `m` is minutes beside hours or seconds, else months."""
    found: list[tuple[str, str]] = []
    for match in _PART.finditer(section):
        kind = match.lastgroup
        if kind is None:
            continue
        text = match[kind]
        if kind == "part":
            kind = {"y": "year", "m": "month", "d": "day", "h": "hour", "s": "second"}[text[0].lower()]
            if kind == "month" and len(text) < 3 and _last_time(found) in ("hour", "elapsed"):
                kind = "minute"
            if kind == "second":
                _as_minutes(found)
        found.append((kind, text))
    return found


def _last_time(parts: list[tuple[str, str]]) -> str:
    return next((kind for kind, _ in reversed(parts) if kind not in ("quoted", "escaped", "other", "half")), "")


def _as_minutes(parts: list[tuple[str, str]]) -> None:
    for at in range(len(parts) - 1, -1, -1):
        kind, text = parts[at]
        if kind == "month" and len(text) < 3:
            parts[at] = ("minute", text)
        if kind not in ("quoted", "escaped", "other"):
            return


def _written(kind: str, text: str, moment: dt.datetime, seconds: float, locale: Locale, *, half: bool) -> str:
    size = len(text)
    if kind == "year":
        return f"{moment.year:04}" if size > 2 else f"{moment.year % 100:02}"
    if kind == "month":
        return _number_or_name(size, moment.month, locale.months[moment.month - 1])
    if kind == "day":
        return _number_or_name(size, moment.day, locale.days[moment.weekday()])
    if kind == "hour":
        hour = (moment.hour % 12 or 12) if half else moment.hour
        return f"{hour:0{min(size, 2)}}"
    if kind == "minute":
        return f"{moment.minute:0{min(size, 2)}}"
    if kind == "second":
        return f"{moment.second:0{min(size, 2)}}"
    if kind == "elapsed":
        unit = {"h": 3_600, "m": 60, "s": 1}[text[0].lower()]
        return f"{int(seconds // unit):0{size}}"
    if kind == "fraction":
        return locale.decimal + f"{moment.microsecond:06}"[: size - 1]
    if kind == "half":
        return "PM" if moment.hour >= 12 else "AM"
    return text


def _number_or_name(size: int, number: int, name: str) -> str:
    if size > 3:
        return name
    return name[:3] if size == 3 else f"{number:0{size}}"
