"""The sinks of an exchange: one for the application's thread, one for the event loop."""

import threading
from typing import TYPE_CHECKING

from http_server.exchange import ClientGone
from http_server.tunnel import HandOver

if TYPE_CHECKING:
    from http_server.connection import Connection


class ThreadSink:
    """Implements `Sink` for the application's thread: the event loop writes, the thread waits for a slow client."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._flushed = threading.Event()

    @property
    def reusable(self) -> bool:
        """Return whether the client may send a further request."""
        return self._connection.reusable

    @property
    def stopping(self) -> bool:
        """Return whether the server stops."""
        return self._connection.server.stopping

    def send(self, data: bytes) -> None:
        """Send a part of a response and wait for buffer space. Raises ClientGone."""
        connection = self._connection
        self._flushed.clear()
        if connection.lost:
            raise ClientGone
        connection.server.call(connection.write_part, data)
        if not self._flushed.wait(connection.server.limits.transfer_seconds(len(data))) or connection.lost:
            raise ClientGone

    def finish(self, data: bytes, *, keep_alive: bool, complete: bool) -> None:
        """Send the last part of a response."""
        self._connection.server.call(self._connection.finish, data, keep_alive, complete)

    def hand_over(self, head: bytes, hand_over: HandOver) -> None:
        """Leave the connection to a tunnel."""
        self._connection.server.call(self._connection.hand_over, head, hand_over)

    def flushed(self) -> None:
        """Wake the thread. The event loop calls this when the buffer has space or the client is gone."""
        self._flushed.set()


class LoopSink:
    """Implements `Sink` for the server's refusals, which have one piece and come from the event loop."""

    reusable = False
    stopping = False

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    def send(self, data: bytes) -> None:
        """Raise AssertionError: a refusal has one piece."""
        raise AssertionError("a refusal has one piece")

    def finish(self, data: bytes, *, keep_alive: bool, complete: bool) -> None:
        """Send the refusal."""
        self._connection.finish(data, keep_alive, complete)

    def hand_over(self, head: bytes, hand_over: HandOver) -> None:
        """Raise AssertionError: a refusal has one piece."""
        raise AssertionError("a refusal has one piece")
