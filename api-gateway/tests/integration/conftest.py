"""A Redis server of these tests, where its program is installed, and gateways in front of a live process."""

import contextlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from http_server.server import HttpServer, run_in_thread

from ..live_process import WAIT_SECONDS, Make, Played, Served

START_SECONDS = 180.0


@dataclass
class RedisServer:
    """A server on a socket in a folder of its own, which a test may stop, continue, kill and start again."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return its address."""
        return f"unix://{self.folder / 'redis'}"

    def client(self) -> Any:
        """Return a client for questions of the test; close it."""
        import redis

        return redis.Redis.from_url(self.url, protocol=2, decode_responses=True)

    def start(self) -> None:
        """Start it, empty."""
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", str(self.folder / "redis"), "--save", "", "--daemonize",
             "no", "--dir", str(self.folder)],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        with contextlib.closing(self.client()) as client:
            while True:
                with contextlib.suppress(Exception):
                    client.ping()
                    return
                assert time.monotonic() < deadline
                time.sleep(0.02)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """End it at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(30)


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """Return a running Redis server; skip the test where there is no redis-server or no client."""
    pytest.importorskip("redis")
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed here")
    # Not pytest's folder: the address of a socket has at most 107 characters.
    with tempfile.TemporaryDirectory(prefix="st-redis-") as folder:
        server = RedisServer(Path(folder))
        server.start()
        yield server
        server.kill()


@pytest.fixture
def live() -> Iterator[Played]:
    played = Played()
    yield played
    played.close()


@pytest.fixture
def serve(gateway: Make, live: Played) -> Iterator[Callable[..., Served]]:
    """Return a function that serves a gateway in front of the live process."""
    servers: list[tuple[HttpServer, threading.Thread]] = []

    def start(**given: Any) -> Served:
        listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        port = listener.getsockname()[1]
        app = gateway(**{"LIVE_URL": live.url, **given}).application
        server = HttpServer(app, [listener], threads=4, graceful_seconds=30)
        servers.append((server, run_in_thread(server, "gateway")))
        return Served(server, app, port)

    yield start
    for server, _ in servers:
        server.stop()
    for server, thread in servers:
        server.call(lambda: [tunnel.abort() for tunnel in list(server.tunnels)])  # noqa: B023
        thread.join(WAIT_SECONDS)
