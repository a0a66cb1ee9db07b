"""The two ways from an exchange to its connection: from the application's thread, and from the event loop itself."""

import threading
from typing import TYPE_CHECKING

from http_server.exchange import ClientGone

if TYPE_CHECKING:
    from http_server.connection import Connection


class ThreadSink:
    """Implements `Sink` for an application's thread: the event loop writes, the thread waits for slow readers."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._flushed = threading.Event()

    @property
    def reusable(self) -> bool:
        """Tell whether the client may send a further request."""
        return self._connection.reusable

    def send(self, data: bytes) -> None:
        """Send a part of an answer; wait until the client has room for more. Raises ClientGone."""
        connection = self._connection
        self._flushed.clear()
        if connection.lost:
            raise ClientGone
        connection.server.call(connection.write_part, data)
        if not self._flushed.wait(connection.server.limits.transfer_seconds(len(data))) or connection.lost:
            raise ClientGone

    def finish(self, data: bytes, *, keep_alive: bool, complete: bool) -> None:
        """Send the last part of an answer."""
        self._connection.server.call(self._connection.finish, data, keep_alive, complete)

    def flushed(self) -> None:
        """Let the thread go on. The event loop calls this when the client has room, or has gone."""
        self._flushed.set()


class LoopSink:
    """Implements `Sink` for the server's own refusals, which are one piece and come from the event loop."""

    reusable = False

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    def send(self, data: bytes) -> None:
        """Never called: a refusal is one piece."""
        raise AssertionError("a refusal is one piece")

    def finish(self, data: bytes, *, keep_alive: bool, complete: bool) -> None:
        """Send the refusal."""
        self._connection.finish(data, keep_alive, complete)
