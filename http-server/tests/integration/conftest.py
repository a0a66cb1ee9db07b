"""A server in a thread of the test's process, on both event loops."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from http_server import server as server_module
from http_server.limits import Limits
from http_server.server import HttpServer, run_in_thread

WAIT_SECONDS = 180


@dataclass
class Served:
    """A running server."""

    server: HttpServer
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self, data: bytes = b"", *, timeout: float = WAIT_SECONDS, receive_buffer: int = 0) -> socket.socket:
        """Open a connection and send bytes."""
        connection = socket.socket()
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(timeout)
        try:
            connection.connect(("127.0.0.1", self.port))
            connection.sendall(data)
        except OSError:
            connection.close()
            raise
        return connection

    def exchange(self, data: bytes, *, timeout: float = WAIT_SECONDS) -> bytes:
        """Send bytes; return everything until the server closes."""
        with self.connect(data, timeout=timeout) as connection:
            return until_closed(connection)


def until_closed(connection: socket.socket) -> bytes:
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received


def eventually(condition: Callable[[], Any], seconds: float = WAIT_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)


Serve = Callable[..., Served]


@pytest.fixture(params=["uvloop", "asyncio"])
def serve(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Return a function that serves an application: serve(application, threads=4, head_seconds=…) → Served."""
    if request.param == "asyncio":
        monkeypatch.setattr(server_module, "new_event_loop", asyncio.new_event_loop)
    running: list[tuple[HttpServer, Any]] = []

    def start(
        application: Any,
        *,
        threads: int = 4,
        graceful_seconds: float = 5.0,
        drain_seconds: float = 0.0,
        **limits: Any,
    ) -> Served:
        listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        port = listener.getsockname()[1]
        server = HttpServer(
            application,
            [listener],
            threads=threads,
            limits=Limits(**limits),
            graceful_seconds=graceful_seconds,
            drain_seconds=drain_seconds,
        )
        running.append((server, run_in_thread(server, "served")))
        served = Served(server, port)
        with contextlib.closing(served.connect()):
            return served

    yield start
    for server, _ in running:
        server.stop()
    for _, thread in running:
        thread.join(WAIT_SECONDS)
        assert not thread.is_alive()
