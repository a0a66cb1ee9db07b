"""Durations of business time, such as `PT8H` or `PT1H30M`; days and months have no fixed length."""

import re
from datetime import timedelta

MAX_HOURS = 8_760
"""One year."""
MAX_DURATION = timedelta(hours=MAX_HOURS)

_TIME = re.compile(r"PT(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?")
_WITH_DAYS = re.compile(r"P(?=[0-9])(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+W)?(?:[0-9]+D)?(?:T[0-9HMS]*)?")


class BadDuration(ValueError):
    """A text is no duration of business time; the message says what to write."""


def parse_duration(text: str) -> timedelta:
    """Return the duration of a text of ISO 8601; raise BadDuration."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise BadDuration(_reason(text))
    hours, minutes, seconds = (int(group or 0) for group in found.groups())
    if not hours and not minutes and not seconds:
        raise BadDuration("Must be longer than zero.")
    total = hours * 3600 + minutes * 60 + seconds
    if total > MAX_HOURS * 3600:
        raise BadDuration(f"At most one year: PT{MAX_HOURS}H.")
    return timedelta(seconds=total)


def format_duration(duration: timedelta) -> str:
    """Return a duration as text of ISO 8601, in hours, minutes and whole seconds."""
    minutes, seconds = divmod(int(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if number]
    return f"PT{''.join(parts) or '0S'}"


def _reason(text: str) -> str:
    if text.startswith(("-", "+")):
        return "No sign: a target is never negative."
    if _WITH_DAYS.fullmatch(text):
        return "Only hours, minutes and seconds: a working day has no fixed length. Write PT16H for two of eight hours."
    return "Must be a duration in whole hours, minutes and seconds, such as PT8H or PT1H30M."
