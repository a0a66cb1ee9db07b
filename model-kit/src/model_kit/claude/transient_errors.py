"""Decides which failures of a call are transient, and how long to wait before the next attempt."""

import email.utils
import random
import time
from collections.abc import Mapping

from model_kit.claude.failure import Health
from model_kit.claude.reply import TRANSIENT_ERRORS

TRANSIENT_STATUSES = frozenset({408, 409, 429})
REQUEST_SPECIFIC_STATUSES = frozenset({413, 422})
"""Statuses that concern this request alone. 400 is not among them: an account without credit gets it, too."""


class FailedAttempt(Exception):
    """One attempt failed.

    `is_transient`: the next attempt may succeed. `retry_after`: seconds the server asked to wait. `health`:
    whether the failure counts for a circuit breaker.
    """

    def __init__(
        self, kind: str, *, is_transient: bool, retry_after: float | None = None, health: Health = "ill"
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.is_transient = is_transient
        self.retry_after = retry_after
        self.health: Health = health


def from_status(status: int, error: str | None, headers: Mapping[str, str]) -> FailedAttempt:
    """Return the failure for an error response, given its status and the type of error in its body."""
    is_transient = status in TRANSIENT_STATUSES or status >= 500 or error in TRANSIENT_ERRORS
    health: Health = "well" if status in REQUEST_SPECIFIC_STATUSES else "ill"
    return FailedAttempt(
        error or f"http_{status}", is_transient=is_transient, retry_after=retry_after(headers), health=health
    )


def retry_after(headers: Mapping[str, str], *, now: float | None = None) -> float | None:
    """Return the seconds that `Retry-After` (seconds or a date) or `retry-after-ms` requests, None without either."""
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


def backoff_seconds(attempts: int, requested: float | None, *, first: float) -> float:
    """Return the seconds to wait after `attempts` attempts: `requested`, else about `first`, doubled each time.

    Jitter spreads the retries of calls that failed together.
    """
    if requested is not None:
        return requested
    return first * 2.0 ** (attempts - 1) * random.uniform(0.75, 1.25)


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else None
    except ValueError:
        return None
    return value if value is not None and 0 <= value < 1e9 else None
