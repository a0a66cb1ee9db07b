"""The circuit breaker around Claude, so that consecutive questions don't each wait for a timeout."""

import time
from collections.abc import Callable
from typing import TypeVar

from service_kit.circuit_breaker import ILL, CircuitBreaker, CircuitOpen, Outcome

from model_kit.claude.failure import ClaudeFailed

MAX_FAILURES = 5
OPEN_SECONDS = 30.0

Result = TypeVar("Result")


def claude_breaker(clock: Callable[[], float] = time.monotonic) -> CircuitBreaker:
    """Return a breaker that opens for half a minute after five failures in a row."""
    # A constant pause: with several calls in flight, the later failures of one outage would double it.
    return CircuitBreaker(failures=MAX_FAILURES, open_seconds=OPEN_SECONDS, max_open_seconds=OPEN_SECONDS, clock=clock)


def ask_through(breaker: CircuitBreaker, ask: Callable[[], Result]) -> Result:
    """Return what `ask` returns; raise ClaudeFailed, at once with the kind `breaker_open` while the breaker is open."""
    try:
        return breaker.call(ask, outcome_of=_outcome)
    except CircuitOpen:
        raise ClaudeFailed("breaker_open", "unknown") from None


def _outcome(error: Exception) -> Outcome:
    return Outcome(error.health, error.retry_after) if isinstance(error, ClaudeFailed) else ILL
