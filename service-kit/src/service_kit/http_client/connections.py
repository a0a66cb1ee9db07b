"""A pool of HTTP connections to one server, based on http.client: half the CPU of urllib3 per call (measured)."""

import select
import time
from collections import deque
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urlsplit

MAX_IDLE_SECONDS = 15.0  # less than the servers' keep-alive (30 s), so that the client closes first


class Connections:
    """A thread-safe pool that prefers the connection used last. Connections open on the first call."""

    def __init__(self, base_url: str, connect_seconds: float) -> None:
        """`base_url` is http(s)://host[:port][/prefix]. Raises ValueError for any other text."""
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{base_url!r} is not an http(s) address")
        self.prefix = parts.path.rstrip("/")
        self._kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._host, self._port = parts.hostname, parts.port
        self._connect_seconds = connect_seconds
        self._idle: deque[tuple[float, HTTPConnection]] = deque()

    def take_idle(self) -> HTTPConnection | None:
        """Return an idle connection that is still open, or None."""
        while True:
            try:
                since, connection = self._idle.pop()
            except IndexError:
                return None
            if time.monotonic() - since < MAX_IDLE_SECONDS and _still_open(connection):
                return connection
            connection.close()

    def connect(self, seconds: float) -> HTTPConnection:
        """Open a connection within the connect timeout and within `seconds`; raise OSError."""
        connection = self._kind(self._host, self._port, timeout=max(min(self._connect_seconds, seconds), 0.001))
        try:
            connection.connect()
        except BaseException:
            connection.close()
            raise
        return connection

    def put_idle(self, connection: HTTPConnection) -> None:
        """Return a connection to the pool, whose caller limits how many are used. Its last response was read."""
        self._idle.append((time.monotonic(), connection))

    def close(self) -> None:
        """Close the idle connections."""
        while (connection := self.take_idle()) is not None:
            connection.close()


def _still_open(connection: HTTPConnection) -> bool:
    """Return whether the server has kept an idle connection open: only its end would make it readable."""
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return not poll.poll(0)
