"""The services behind the gateway: a client, a circuit breaker and bulkheads for each."""

import contextlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from service_kit.circuit_breaker import CircuitBreaker
from service_kit.http.problems import NotFound, Unavailable
from service_kit.http_client import ServiceClient

from api_gateway.breaker import ShareBreaker
from api_gateway.settings import Settings

QUEUE = "{queue}"
"""The service of a route whose parameter is a queue: that which consumes the queue."""
WAIT_SECONDS = 0.5
MAX_WAIT_SECONDS = 10.0
"""The longest `Prefer: wait=n` that is honoured; it is added to the usual deadline."""
QUEUE_SHARE = 0.5
UPLOAD_SHARE = 0.25
"""Share of a service's slots that uploads may take."""
UPLOAD_WAIT_SECONDS = 60.0
MAX_OPEN_FACTOR = 4
"""The breaker stays open for at most so many times its first pause: a recovered service is soon used again."""
CHECK_SECONDS = 1.3
NEVER = 1_000_000_000
"""Failures in a row that open the breaker of `checks`: none in practice. Health checks must see every recovery."""


class Bulkhead:
    """Limits the concurrent calls of one service; `queue` further calls wait up to `wait_seconds` for a slot.

    A service that hangs can thus hold a share of the threads, never all of them.
    """

    def __init__(self, slots: int, queue: int, wait_seconds: float = WAIT_SECONDS) -> None:
        self._slots = threading.BoundedSemaphore(slots)
        self._queue = threading.BoundedSemaphore(queue)
        self._wait_seconds = wait_seconds

    @contextlib.contextmanager
    def slot(self, name: str) -> Iterator[None]:
        """Hold a slot; raise Unavailable (503) if none is free in time."""
        self.acquire(name)
        try:
            yield
        finally:
            self.release()

    def acquire(self, name: str) -> None:
        """Take a slot, which `release` returns; raise Unavailable (503) if none is free in time."""
        if not self._slots.acquire(blocking=False):
            self._wait(name)

    def release(self) -> None:
        """Return a slot."""
        self._slots.release()

    def _wait(self, name: str) -> None:
        if not self._queue.acquire(blocking=False):
            raise Unavailable(f"Too many requests wait for {name}.", retry_after=1, code="overloaded")
        try:
            if not self._slots.acquire(timeout=self._wait_seconds):
                raise Unavailable(f"Too many requests wait for {name}.", retry_after=1, code="overloaded")
        finally:
            self._queue.release()


@dataclass(frozen=True)
class Upstream:
    """One service. `calls` forwards requests; `checks` reads its health, metrics and documents without a breaker."""

    name: str
    url: str
    calls: ServiceClient
    checks: ServiceClient
    bulkhead: Bulkhead
    uploads: Bulkhead
    """The bulkhead of uploads, which last as long as their clients need."""
    streams: Bulkhead
    """The bulkhead of streamed responses, which hold a thread after the call's own slot is free again."""


class Upstreams:
    """All deployed services by name, in the order of the settings."""

    def __init__(self, settings: Settings) -> None:
        threads = settings.http_threads
        slots, queue = max(int(threads * settings.upstream_share), 1), max(int(threads * QUEUE_SHARE), 1)
        self._by_name = {
            name: Upstream(
                name=name,
                url=url,
                calls=ServiceClient(
                    name,
                    url,
                    connect_seconds=settings.connect_seconds,
                    deadline_seconds=settings.deadline_seconds,
                    max_in_flight=threads,
                    breaker=ShareBreaker(
                        failures=settings.breaker_failures,
                        min_calls=settings.breaker_calls,
                        open_seconds=settings.breaker_reset_seconds,
                        max_open_seconds=settings.breaker_reset_seconds * MAX_OPEN_FACTOR,
                    ),
                ),
                checks=ServiceClient(
                    name,
                    url,
                    connect_seconds=1.0,
                    deadline_seconds=CHECK_SECONDS,
                    max_in_flight=threads,
                    breaker=CircuitBreaker(failures=NEVER),
                ),
                bulkhead=Bulkhead(slots, queue),
                uploads=Bulkhead(max(int(slots * UPLOAD_SHARE), 1), max(queue // 2, 1), UPLOAD_WAIT_SECONDS),
                streams=Bulkhead(slots, queue=0),
            )
            for name, url in settings.upstreams.items()
        }

    def __iter__(self) -> Iterator[Upstream]:
        return iter(self._by_name.values())

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> Upstream:
        """Return a service by name; raise NotFound (404) if it is not deployed."""
        found = self._by_name.get(name)
        if found is None:
            raise NotFound("There is no such service here.", code="service_not_found")
        return found

    def find(self, name: str) -> Upstream | None:
        """Return a service by name, None if it is not deployed."""
        return self._by_name.get(name)

    def of(self, service: str, params: Mapping[str, str]) -> Upstream:
        """Return the service of a route: `service` is its name, or the parameter that names it or a queue of it."""
        if service == QUEUE:
            # Its name begins with that of its service.
            found = self.find(params["queue"].partition(".")[0])
            if found is None:
                raise NotFound("There is no such queue.", code="queue_not_found")
            return found
        return self[params[service[1:-1]] if service.startswith("{") else service]

    def close(self) -> None:
        """Close idle connections."""
        for upstream in self:
            upstream.calls.close()
            upstream.checks.close()
