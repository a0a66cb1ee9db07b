"""The services behind the gateway: how each is called, and how much of the gateway it may hold up."""

import contextlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from service_kit.calls import Breaker, Neighbour
from service_kit.http.problems import NotFound, Unavailable

from api_gateway.settings import Settings

WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 10.0
"""What a caller may ask for by `Prefer: wait=n`, on top of the usual deadline."""
QUEUE_SHARE = 0.5
UPLOAD_SHARE = 0.25
"""Of a service's places, for those who send it files."""
UPLOAD_WAIT_SECONDS = 60.0
LONGEST_REST = 4
"""A failing service is left alone for so many times the first rest at most, so that its return is soon noticed."""
CHECK_SECONDS = 1.3


class Bulkhead:
    """Lets so many calls through at once, and so many more wait a moment, so that a burst isn't refused.

    A service that hangs thus holds a part of the threads and never all of them.
    """

    def __init__(self, slots: int, queue: int, wait_seconds: float = WAIT_SECONDS) -> None:
        self._slots = threading.BoundedSemaphore(slots)
        self._queue = threading.BoundedSemaphore(queue)
        self._wait_seconds = wait_seconds

    @contextlib.contextmanager
    def slot(self, name: str) -> Iterator[None]:
        """Hold a place; raise Unavailable (503) where too many hold one."""
        if not self._slots.acquire(blocking=False):
            self._wait(name)
        try:
            yield
        finally:
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
    """One service. `calls` carries requests; `checks` asks how it is, whatever the breaker of `calls` thinks."""

    name: str
    url: str
    calls: Neighbour
    checks: Neighbour
    bulkhead: Bulkhead
    uploads: Bulkhead
    """The places of those who send files: each is held for as long as its client takes."""


class Upstreams:
    """All deployed services by name, in the order of the settings."""

    def __init__(self, settings: Settings) -> None:
        threads = settings.http_threads
        slots, queue = max(int(threads * settings.upstream_share), 1), max(int(threads * QUEUE_SHARE), 1)
        self._by_name = {
            name: Upstream(
                name=name,
                url=url,
                calls=Neighbour(
                    name,
                    url,
                    connect_seconds=settings.connect_seconds,
                    deadline_seconds=settings.deadline_seconds,
                    max_in_flight=threads,
                    breaker=Breaker(
                        failures=settings.breaker_failures,
                        open_seconds=settings.breaker_reset_seconds,
                        longest_open_seconds=settings.breaker_reset_seconds * LONGEST_REST,
                    ),
                ),
                checks=Neighbour(
                    name,
                    url,
                    connect_seconds=1.0,
                    deadline_seconds=CHECK_SECONDS,
                    max_in_flight=threads,
                    breaker=Breaker(failures=1_000_000_000),
                ),
                bulkhead=Bulkhead(slots, queue),
                uploads=Bulkhead(max(int(slots * UPLOAD_SHARE), 1), max(queue // 2, 1), UPLOAD_WAIT_SECONDS),
            )
            for name, url in settings.upstreams.items()
        }

    def __iter__(self) -> Iterator[Upstream]:
        return iter(self._by_name.values())

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> Upstream:
        """Return a service; raise NotFound where none of that name is deployed."""
        found = self._by_name.get(name)
        if found is None:
            raise NotFound("There is no such service here.")
        return found

    def of(self, service: str, params: Mapping[str, str]) -> Upstream:
        """Return the service of a route: named outright, or by a parameter up to its first dot."""
        if service.startswith("{"):
            service = params[service[1:-1]].partition(".")[0]
        return self[service]

    def close(self) -> None:
        """Close idle connections."""
        for upstream in self:
            upstream.calls.close()
            upstream.checks.close()
