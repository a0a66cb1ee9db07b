"""Statuses that count as failures of a server, and the pause in `Retry-After`."""

import email.utils
import time

GATEWAY_ERRORS = frozenset({502, 504})
"""The default: a proxy reached no server."""
RETRIED_STATUSES = frozenset({502, 503, 504})
SERVER_ERRORS = frozenset({500, 502, 503, 504})
"""For servers whose 500 and 503 concern the whole server and not a single resource."""


def retry_after_seconds(text: str | None, *, now: float | None = None) -> float | None:
    """Return the pause of a `Retry-After` header in seconds, None without one; the header holds seconds or a date."""
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = _until(text, time.time() if now is None else now)
    return seconds if 0 <= seconds < float("inf") else None


def _until(date: str, now: float) -> float:
    try:
        parsed = email.utils.parsedate_tz(date)
        return max(0.0, email.utils.mktime_tz(parsed) - now) if parsed else -1.0
    except (ValueError, OverflowError):
        return -1.0
