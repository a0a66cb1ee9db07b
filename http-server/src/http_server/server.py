"""The server: listening sockets, the event loop, the thread pool, and a check of all deadlines every second."""

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from http_server.connection import Connection
from http_server.exchange import Application, Exchange
from http_server.limits import Limits
from http_server.reader import Request
from http_server.spool import Spool
from http_server.tunnel import Tunnel
from http_server.uploads import Uploads

SWEEP_PERIOD_SECONDS = 1.0
DRAIN_PERIOD_SECONDS = 0.05
MIN_UNREAD_SECONDS = 1.0
"""A younger response is not aborted: its client may read at full speed."""
BACKLOG = 1024


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return uvloop's event loop where uvloop is installed (not on Windows), else the standard library's."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


class HttpServer:
    """Serves one WSGI application. `serve` runs in an event loop; `stop` may be called from any thread."""

    def __init__(
        self,
        application: Application,
        listeners: Sequence[socket.socket],
        *,
        threads: int,
        limits: Limits | None = None,
        graceful_seconds: float = 20.0,
        drain_seconds: float = 0.0,
    ) -> None:
        """`drain_seconds`: how long `stop` goes on accepting connections, so that load balancers see it first.

        They are a part of `graceful_seconds`, the time limit of the whole stop.
        """
        self._application, self._listeners = application, listeners
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="http")
        self._graceful_seconds = graceful_seconds
        self._drain_seconds = min(drain_seconds, graceful_seconds)
        self.limits = limits or Limits()
        self.spool = Spool(self.limits.max_spooled_bytes, self.limits.spool_margin_bytes, self.limits.max_form_bytes)
        self.uploads = Uploads(self.spool, self.limits.grace_seconds, self.now)
        self.stopping = False
        self._unsent_bytes = 0
        self._connections: dict[Connection, None] = {}
        self.tunnels: dict[Tunnel, None] = {}
        self.watched_tunnels: dict[Tunnel, None] = {}
        """Those that may have to be ended. A check of all quiet ones every second would be most of their cost."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._stop_requested = threading.Event()

    async def serve(self, tick: Callable[[], bool] = lambda: True) -> None:
        """Serve until `stop` is called or `tick` (called once a second) returns False; finish requests in progress."""
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        if self._stop_requested.is_set():
            self._stop.set()
        servers = [
            await self._loop.create_server(lambda: Connection(self), sock=listener, backlog=BACKLOG)
            for listener in self._listeners
        ]
        while not self._stop.is_set():
            try:
                await asyncio.wait_for(self._stop.wait(), SWEEP_PERIOD_SECONDS)
            except TimeoutError:
                self._sweep()
                if not tick():
                    break
        self.stopping = True
        deadline = self.now() + self._graceful_seconds
        began = self.now()
        while self.now() < began + self._drain_seconds:
            await asyncio.sleep(DRAIN_PERIOD_SECONDS)
            self._sweep()
            tick()
        for server in servers:
            server.close()
        await self._finish_requests(deadline, tick)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def stop(self) -> None:
        """Stop accepting connections after the drain time, finish requests in progress, then end.

        A second call ends the drain time.
        """
        if self.stopping:
            self._drain_seconds = 0.0
        self._stop_requested.set()
        loop, stop = self._loop, self._stop
        if loop is not None and stop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(stop.set)

    # Called by connections.

    def now(self) -> float:
        """Return the event loop's clock, in seconds."""
        assert self._loop is not None
        return self._loop.time()

    def add(self, connection: Connection) -> None:
        """Add a connection. Beyond `max_connections`, abort the oldest one that waits for its client."""
        self._connections[connection] = None
        if len(self._connections) > self.limits.max_connections:
            oldest = next((other for other in self._connections if other.waits_for_client), connection)
            self.remove(oldest)
            oldest.shed()

    def remove(self, connection: Connection) -> None:
        """Remove a connection."""
        self._connections.pop(connection, None)

    def open_tunnel(self, tunnel: Tunnel, client: asyncio.Transport, head: bytes, early: bytes) -> None:
        """Let a tunnel take a client's connection over."""
        self.tunnels[tunnel] = None
        tunnel.open(client, head, early)

    def call(self, function: Callable[..., None], *arguments: Any) -> None:
        """Call a function in the event loop, from any thread."""
        assert self._loop is not None
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *arguments)

    def submit(self, request: Request, exchange: Exchange) -> None:
        """Submit a request to the thread pool."""
        self._pool.submit(exchange.run, self._application)

    def idle_seconds(self, seconds: float) -> float:
        """Return the time limit of an idle connection: shorter while the server stops."""
        return min(seconds, self.limits.close_wait_seconds) if self.stopping else seconds

    def count_unsent(self, size: int) -> None:
        """Count `size` unread bytes of a response. Beyond `max_unsent_bytes`, abort the slowest readers."""
        self._unsent_bytes += size
        if self._unsent_bytes <= self.limits.max_unsent_bytes:
            return
        unsent = {connection: connection.unsent_bytes for connection in self._connections}
        self._unsent_bytes = sum(unsent.values())
        for connection in sorted(unsent, key=lambda connection: connection.writing_seconds, reverse=True):
            if self._unsent_bytes <= self.limits.max_unsent_bytes or connection.writing_seconds < MIN_UNREAD_SECONDS:
                break
            self._unsent_bytes -= unsent[connection]
            connection.shed()

    def _sweep(self) -> None:
        now = self.now()
        for connection in list(self._connections):
            connection.check(now)
        for tunnel in list(self.watched_tunnels):
            tunnel.check(now)
        self.uploads.sweep()
        self._unsent_bytes = sum(connection.unsent_bytes for connection in self._connections)

    async def _finish_requests(self, deadline: float, tick: Callable[[], bool]) -> None:
        """Wait for responses in progress. Clients of idle connections may have sent a request already."""
        for connection in list(self._connections):
            connection.retire(self.limits.close_wait_seconds)
        while self.now() < deadline and (self.tunnels or any(not each.closing for each in self._connections)):
            for tunnel in list(self.tunnels):
                tunnel.stop()
            await asyncio.sleep(DRAIN_PERIOD_SECONDS)
            self._sweep()
            tick()
        for connection in list(self._connections):
            connection.shed()
        for tunnel in list(self.tunnels):
            tunnel.abort()
        await asyncio.sleep(0)


def run_in_thread(server: HttpServer, name: str, on_exit: Callable[[], None] = lambda: None) -> threading.Thread:
    """Serve in a thread with its own event loop; `on_exit` is called at the thread's end, also after an error."""

    def run() -> None:
        try:
            with asyncio.Runner(loop_factory=new_event_loop) as runner:
                runner.run(server.serve())
        finally:
            on_exit()

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread
