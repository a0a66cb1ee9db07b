"""Decides which failures of a call are transient, and which pause the server requests."""

from collections.abc import Mapping

from service_kit.circuit_breaker import Health
from service_kit.http_client import retry_after_seconds

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
    milliseconds = retry_after_seconds(headers.get("retry-after-ms"), now=now)
    if milliseconds is not None:
        return milliseconds / 1_000
    return retry_after_seconds(headers.get("retry-after"), now=now)
