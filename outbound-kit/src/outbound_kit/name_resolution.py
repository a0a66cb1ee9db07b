"""Resolves names with a deadline: `getaddrinfo` has none, and a silent name server holds it for half a minute."""

import socket
import threading
import time
from concurrent.futures import Future

Place = tuple[socket.AddressFamily, tuple[object, ...]]


class ResolverBusy(Exception):
    """As many names are being resolved as are allowed."""


class Resolver:
    """Resolves names in threads of its own; threads share it.

    A look-up can't be stopped. One that is late goes on without its callers, and later callers for the same name wait
    for it rather than begin another, so that a silent name server holds one thread per name.
    """

    def __init__(self, max_lookups: int) -> None:
        """`max_lookups` limits the names that are resolved at once, late ones included."""
        self._max_lookups = max_lookups
        self._lookups: dict[tuple[str, int], Future[list[Place]]] = {}
        self._lock = threading.Lock()

    def resolve(self, host: str, port: int, *, until: float) -> list[Place]:
        """Return the addresses of a name; `until` is in the seconds of `time.monotonic`.

        Raises TimeoutError at the deadline, OSError or UnicodeError for a name without an address, and ResolverBusy.
        """
        return self._lookup(host, port).result(max(until - time.monotonic(), 0))

    def _lookup(self, host: str, port: int) -> Future[list[Place]]:
        with self._lock:
            running = self._lookups.get((host, port))
            if running is not None:
                return running
            if len(self._lookups) >= self._max_lookups:
                raise ResolverBusy
            begun = self._lookups[host, port] = Future()
        threading.Thread(target=self._run, args=(host, port, begun), name="resolve", daemon=True).start()
        return begun

    def _run(self, host: str, port: int, lookup: "Future[list[Place]]") -> None:
        found: list[Place] = []
        failure: Exception | None = None
        try:
            places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found = [(family, place) for family, _, _, _, place in places]
        except Exception as error:
            # Raised where somebody waits for the result; a thread of its own has no caller.
            failure = error
        # First the place, then the result: who has the result finds the place free.
        with self._lock:
            del self._lookups[host, port]
        if failure is None:
            lookup.set_result(found)
        else:
            lookup.set_exception(failure)
