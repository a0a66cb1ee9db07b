"""A connection that the application has handed over: bytes pass in both directions, and no thread waits for them."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from http_server.server import HttpServer

BUFFER_BYTES = 64 * 1024
"""So many unsent bytes of one direction stop the reading of the other end."""


def nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True)
class HandOver:
    """The result of an application in place of a body: from now on the connection is a tunnel to `upstream`.

    The server sends the head that the application gave, with `fields` (such as `Connection` and `Upgrade`, which an
    application can't set otherwise), then `first`, which has arrived from upstream already. It owns the socket from
    now on. The event loop calls the functions, which must not wait: `on_stop` where the server stops, so that the ends
    can part; `on_close` at the end, in any case and once.
    """

    upstream: socket.socket
    fields: tuple[tuple[str, str], ...]
    first: bytes = b""
    on_stop: Callable[[], None] = nothing
    on_close: Callable[[], None] = nothing
    on_open: Callable[[Callable[[], None]], None] = lambda _abort: None
    """Gets a function that ends the tunnel at once; any thread may call it."""

    def __iter__(self) -> Iterator[bytes]:
        raise TypeError("only http-server can hand a connection over")

    def abandon(self) -> None:
        """Close the upstream: the client is gone already."""
        self.upstream.close()
        self.on_close()


class End(asyncio.Protocol):
    """One end of a tunnel: the other end sends what this one receives."""

    other: "End"

    def __init__(self, tunnel: "Tunnel") -> None:
        self._tunnel = tunnel
        self.transport: asyncio.Transport | None = None
        self.lost = self.eof = False
        self.full_since: float | None = None
        self._paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection over."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(BUFFER_BYTES)

    def data_received(self, data: bytes) -> None:
        """Pass bytes on."""
        self.other.write(data)

    def eof_received(self) -> bool:
        """Pass the end on. What is on its way to this end may still arrive."""
        self._tunnel.ended()
        self.eof = True
        self.other.write_eof()
        if self.other.eof:
            self.close()
            self.other.close()
        return True

    def connection_lost(self, _error: Exception | None) -> None:
        """End the tunnel; what the other end has not received yet is still sent."""
        self.lost = True
        self._tunnel.ended()
        self.other.close()
        self._tunnel.lost()

    def pause_writing(self) -> None:
        """Stop reading from the other end: this one receives more slowly."""
        self.full_since = self._tunnel.now()
        self._tunnel.watch()
        self.other.pause()

    def resume_writing(self) -> None:
        """Continue: this end has received."""
        self.full_since = None
        self.other.resume()

    def write(self, data: bytes) -> None:
        """Send bytes."""
        if self.transport is not None and not self.lost:
            self.transport.write(data)

    def write_eof(self) -> None:
        """Say that nothing more comes."""
        if self.transport is not None and not self.transport.is_closing():
            with suppress(OSError, RuntimeError):
                self.transport.write_eof()

    def close(self) -> None:
        """Close after everything is sent."""
        if self.transport is not None:
            self.transport.close()

    def pause(self) -> None:
        """Read no further."""
        if self.transport is not None and not self._paused and not self.transport.is_closing():
            self._paused = True
            self.transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if self.transport is not None and self._paused and not self.transport.is_closing():
            self._paused = False
            self.transport.resume_reading()


class Tunnel:
    """The two ends. Only the event loop calls its methods."""

    def __init__(self, server: "HttpServer", hand_over: HandOver) -> None:
        self._server, self._hand_over = server, hand_over
        self._client, self._upstream = End(self), End(self)
        self._client.other, self._upstream.other = self._upstream, self._client
        self._ended_at: float | None = None
        self._is_stopping = False

    def open(self, client: asyncio.Transport, head: bytes, early: bytes) -> None:
        """Take the client's connection over; `early` are bytes that it has sent after its request."""
        client.set_protocol(self._client)
        self._client.connection_made(client)
        # Until the upstream's end stands, the kernel keeps what the client sends.
        client.pause_reading()
        _end_when_nobody_answers(client, self._server.limits.tunnel_stall_seconds)
        self._hand_over.on_open(lambda: self._server.call(self.abort))
        client.write(head)
        self._connecting = asyncio.ensure_future(self._connect(early))

    async def _connect(self, early: bytes) -> None:
        loop = asyncio.get_running_loop()
        try:
            self._hand_over.upstream.setblocking(False)
            await loop.create_connection(lambda: self._upstream, sock=self._hand_over.upstream)
        except OSError:
            self._hand_over.upstream.close()
            self._upstream.lost = True
            self.abort()
            return
        if self._client.lost:
            self.abort()
            return
        self._upstream.write(early)
        if self._client.transport is not None and not self._client.transport.is_closing():
            self._client.transport.resume_reading()

    def now(self) -> float:
        """Return the event loop's clock, in seconds."""
        return self._server.now()

    def stop(self) -> None:
        """Let the ends part: the server stops. Every call but the first does nothing."""
        if not self._is_stopping:
            self._is_stopping = True
            self._hand_over.on_stop()

    def ended(self) -> None:
        """Record that one end sends nothing more."""
        if self._ended_at is None:
            self._ended_at = self.now()
            self.watch()

    def watch(self) -> None:
        """Let the server check the tunnel every second, until `check` finds no reason to."""
        self._server.watched_tunnels[self] = None

    def lost(self) -> None:
        """Release the tunnel where both ends are gone."""
        # Without a transport `_connect` is under way, and it finds the client gone.
        if self._client.lost and self._upstream.lost and self in self._server.tunnels:
            del self._server.tunnels[self]
            self._server.watched_tunnels.pop(self, None)
            self._hand_over.on_close()

    def abort(self) -> None:
        """Close both ends at once."""
        for end in (self._client, self._upstream):
            if end.transport is not None and not end.lost:
                end.transport.abort()
        self.lost()

    def check(self, now: float) -> None:
        """End a tunnel that stands still. The server calls this once a second for those that are watched."""
        limits = self._server.limits
        full = [end.full_since for end in (self._client, self._upstream) if end.full_since is not None]
        stalled = any(now - since > limits.tunnel_stall_seconds for since in full)
        over = self._ended_at is not None and now - self._ended_at > limits.close_wait_seconds
        if stalled or (over and not full):
            self.abort()
        elif not full and self._ended_at is None:
            self._server.watched_tunnels.pop(self, None)


def _end_when_nobody_answers(transport: asyncio.Transport, seconds: float) -> None:
    """Let the kernel end a connection whose other end acknowledges nothing: it vanished without a word."""
    connection = transport.get_extra_info("socket")
    if connection is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, max(int(seconds / 2), 1))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, max(int(seconds / 6), 1))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))
