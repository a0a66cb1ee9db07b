"""Statuses that count as failures of a server, and the pause in `Retry-After`."""

import time
from email.utils import parsedate_to_datetime

GATEWAY_ERRORS = frozenset({502, 504})
"""The default: a proxy reached no server."""
RETRIED_STATUSES = frozenset({502, 503, 504})
SERVER_ERRORS = frozenset({500, 502, 503, 504})
"""For servers whose 500 and 503 concern the whole server and not a single resource."""


def retry_after_seconds(text: str | None, *, now: float | None = None) -> float | None:
    """Return the pause of a `Retry-After` header in seconds, None without one; the header holds seconds or a date."""
    try:
        seconds = float(text or "")
    except ValueError:
        try:
            seconds = max(0.0, parsedate_to_datetime(text or "").timestamp() - (time.time() if now is None else now))
        except (ValueError, OverflowError):
            return None
    return seconds if 0 <= seconds < float("inf") else None
