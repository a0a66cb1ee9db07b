"""Which failures of a call may be tried again, and how long to wait before."""

import email.utils
import random
import time
from collections.abc import Mapping

from model_kit.claude.failure import Health
from model_kit.claude.reply import PASSING_ERRORS

PASSING_STATUSES = frozenset({408, 409, 429})
REFUSED_QUESTION_STATUSES = frozenset({413, 422})
"""Answers that speak of this question alone. 400 is none of them: an account without credit is answered so."""


class Trouble(Exception):
    """One try failed.

    `passing` says that another may succeed; `retry_after` how long the other side asked to wait; `health` whether the
    failure counts for a breaker.
    """

    def __init__(self, kind: str, *, passing: bool, retry_after: float | None = None, health: Health = "ill") -> None:
        super().__init__(kind)
        self.kind = kind
        self.passing = passing
        self.retry_after = retry_after
        self.health: Health = health


def of_status(status: int, error: str | None, headers: Mapping[str, str]) -> Trouble:
    """Judge an error answer by its status and the type of error that its body names."""
    passing = status in PASSING_STATUSES or status >= 500 or error in PASSING_ERRORS
    health: Health = "well" if status in REFUSED_QUESTION_STATUSES else "ill"
    return Trouble(error or f"http_{status}", passing=passing, retry_after=retry_after(headers), health=health)


def retry_after(headers: Mapping[str, str], *, now: float | None = None) -> float | None:
    """Return the seconds that `Retry-After` (seconds or a date) or `retry-after-ms` asks for, None without."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1_000
    text = headers.get("retry-after")
    seconds = _number(text)
    if seconds is not None or text is None:
        return seconds
    date = email.utils.parsedate_tz(text)
    if date is None:
        return None
    try:
        return max(0.0, email.utils.mktime_tz(date) - (time.time() if now is None else now))
    except (ValueError, OverflowError):
        return None


def wait_seconds(tries: int, asked: float | None, *, first: float) -> float:
    """Return how long to wait after so many tries: what was asked for, else about `first`, doubled with each try.

    With jitter, so that calls that failed together don't come back together.
    """
    if asked is not None:
        return asked
    return first * 2.0 ** (tries - 1) * random.uniform(0.75, 1.25)


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else None
    except ValueError:
        return None
    return value if value is not None and 0 <= value < 1e9 else None
