"""The server: listening sockets, the event loop, a pool of threads, and once a second a look at every deadline."""

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
from http_server.uploads import Uploads

SWEEP_SECONDS = 1.0
MIN_WRITING_SECONDS = 1.0
"""An answer younger than this is not cut off: its client may be reading at full speed."""
BACKLOG = 1024


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return an event loop: uvloop's where it is installed (it isn't on Windows), else the standard library's."""
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
    ) -> None:
        self._application, self._listeners = application, listeners
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="http")
        self._graceful_seconds = graceful_seconds
        self.limits = limits or Limits()
        self.spool = Spool(self.limits.max_spooled_bytes, self.limits.spool_margin_bytes)
        self.uploads = Uploads(self.spool, self.limits.grace_seconds, self.now)
        self.stopping = False
        self._unsent_bytes = 0
        self._connections: dict[Connection, None] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._stop_asked = threading.Event()

    async def serve(self, tick: Callable[[], bool] = lambda: True) -> None:
        """Serve until `stop` is called or `tick` (called once a second) returns False; answer what is under way."""
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        if self._stop_asked.is_set():
            self._stop.set()
        servers = [
            await self._loop.create_server(lambda: Connection(self), sock=listener, backlog=BACKLOG)
            for listener in self._listeners
        ]
        while not self._stop.is_set():
            try:
                await asyncio.wait_for(self._stop.wait(), SWEEP_SECONDS)
            except TimeoutError:
                self._sweep()
                if not tick():
                    break
        self.stopping = True
        for server in servers:
            server.close()
        await self._drain(tick)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def stop(self) -> None:
        """Stop serving: answer what is under way, then end."""
        self._stop_asked.set()
        loop, stop = self._loop, self._stop
        if loop is not None and stop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(stop.set)

    # Called by connections.

    def now(self) -> float:
        """Return the event loop's clock, in seconds."""
        assert self._loop is not None
        return self._loop.time()

    def opened(self, connection: Connection) -> None:
        """Count a connection; where there are too many, close the one that has waited for its client the longest."""
        self._connections[connection] = None
        if len(self._connections) > self.limits.max_connections:
            waiting = next((found for found in self._connections if found.waits), connection)
            self.closed(waiting)
            waiting.shed()

    def closed(self, connection: Connection) -> None:
        """Forget a connection."""
        self._connections.pop(connection, None)

    def call(self, function: Callable[..., None], *arguments: Any) -> None:
        """Call a function in the event loop, from any thread."""
        assert self._loop is not None
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *arguments)

    def submit(self, request: Request, exchange: Exchange) -> None:
        """Let a thread answer a request."""
        self._pool.submit(exchange.run, self._application)

    def idle_seconds(self, seconds: float) -> float:
        """Return how long an idle connection is kept: less where the server stops."""
        return min(seconds, self.limits.linger_seconds) if self.stopping else seconds

    def count_unsent(self, size: int) -> None:
        """Count an answer that waits for its client; where all take too much room, cut off the slowest reader."""
        self._unsent_bytes += size
        if self._unsent_bytes <= self.limits.max_unsent_bytes:
            return
        unsent = {found: found.unsent_bytes for found in self._connections}
        self._unsent_bytes = sum(unsent.values())
        for connection in sorted(unsent, key=lambda found: found.writing_seconds, reverse=True):
            if self._unsent_bytes <= self.limits.max_unsent_bytes or connection.writing_seconds < MIN_WRITING_SECONDS:
                break
            self._unsent_bytes -= unsent[connection]
            connection.shed()

    def _sweep(self) -> None:
        now = self.now()
        for connection in list(self._connections):
            connection.check(now)
        self.uploads.sweep()
        self._unsent_bytes = sum(connection.unsent_bytes for connection in self._connections)

    async def _drain(self, tick: Callable[[], bool]) -> None:
        """Wait for answers under way; clients of idle connections may have a request on its way already."""
        for connection in list(self._connections):
            connection.retire(self.limits.linger_seconds)
        ends = self.now() + self._graceful_seconds
        while self.now() < ends and any(not found.closing for found in self._connections):
            await asyncio.sleep(0.05)
            self._sweep()
            tick()
        for connection in list(self._connections):
            connection.shed()
        await asyncio.sleep(0)


def run_in_thread(server: HttpServer, name: str, ended: Callable[[], None] = lambda: None) -> threading.Thread:
    """Serve in a thread with an event loop of its own; `ended` is called when it ends, for whatever reason."""

    def run() -> None:
        try:
            with asyncio.Runner(loop_factory=new_event_loop) as runner:
                runner.run(server.serve())
        finally:
            ended()

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread
