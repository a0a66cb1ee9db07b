"""Counts in the shared store, and in this process while the store is down."""

from collections.abc import Sequence
from typing import Protocol

from prometheus_client import Counter
from service_kit.circuit_breaker import CircuitBreaker, CircuitOpen
from service_kit.telemetry.logs import get_logger

from api_gateway.rate_limits.windows import Hit, Standing

FAILURES = 3
OPEN_SECONDS = 1.0
MAX_OPEN_SECONDS = 5.0

log = get_logger(__name__)


class Store(Protocol):
    """A store of counts that several processes share."""

    errors: tuple[type[Exception], ...]
    """The exceptions of `hit` where the store can't be used."""

    def hit(self, hits: Sequence[Hit]) -> list[Standing]:
        """Count each hit up to the first one that is refused; return their standings."""

    def close(self) -> None:
        """Close its connections."""


class SharedCounts:
    """The store behind a circuit breaker: a request waits for a store that hangs once in seconds, not each time."""

    def __init__(self, store: Store, failures: Counter, breaker: CircuitBreaker | None = None) -> None:
        self._store, self._failures = store, failures
        self._breaker = breaker or CircuitBreaker(
            failures=FAILURES, open_seconds=OPEN_SECONDS, max_open_seconds=MAX_OPEN_SECONDS
        )

    def hit(self, hits: Sequence[Hit]) -> list[Standing] | None:
        """Count as the store does; return None where the store can't be used now."""
        try:
            return self._breaker.call(lambda: self._store.hit(hits))
        except CircuitOpen:
            pass
        except self._store.errors as error:
            log.warning("rate limits counted locally", reason=type(error).__name__)
        self._failures.inc()
        return None

    def close(self) -> None:
        """Close the store's connections."""
        self._store.close()
