"""How a service listens and serves: `http_server` with this service's settings."""

import errno
import resource
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any

from http_server.gunicorn_app import Server
from http_server.limits import MIB, Limits
from http_server.server import BACKLOG, HttpServer
from prometheus_client import multiprocess

from service_kit.service_settings import ServiceSettings

PATIENCE_SECONDS = 4.0
MAX_FILES = 65_536
SPARE_FILES = 256
"""File descriptors that are kept for databases, brokers and calls to other services."""


class PortTaken(Exception):
    """Another process listens on the port."""


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket; raise PortTaken where it is taken for longer than a dying process would keep it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return socket.create_server((host, port), backlog=BACKLOG)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise PortTaken(f"can't listen on {host}:{port} ({error.strerror}); free it or set PORT") from error
            time.sleep(0.1)


def limits_of(settings: ServiceSettings) -> Limits:
    """Return the server's limits that the settings ask for, connections bounded by the files a process may open."""
    return Limits(
        keepalive_seconds=settings.keepalive_seconds,
        head_seconds=settings.head_seconds,
        min_bytes_per_second=settings.min_bytes_per_second,
        max_connections=min(settings.max_connections, max(_open_files() - SPARE_FILES, 64)),
        max_spooled_bytes=settings.spool_mb * MIB,
    )


def http_processes(
    settings: ServiceSettings,
    listeners: Sequence[socket.socket],
    make_app: Callable[[], Any],
    at_end: Callable[[], None] = lambda: None,
) -> Server:
    """Return the service's HTTP processes. `make_app` runs in each after the fork, `at_end` when one ends."""
    return Server(
        listeners,
        make_app,
        workers=settings.http_workers,
        threads=settings.http_threads,
        limits=limits_of(settings),
        graceful_seconds=settings.graceful_seconds,
        hooks={"child_exit": forget_metrics, "worker_exit": lambda _arbiter, _worker: at_end()},
    )


def http_server(
    settings: ServiceSettings, listeners: Sequence[socket.socket], app: Any, *, threads: int, graceful_seconds: float
) -> HttpServer:
    """Return a server for a thread of this process; see `http_server.server.run_in_thread`."""
    return HttpServer(app, listeners, threads=threads, limits=limits_of(settings), graceful_seconds=graceful_seconds)


def forget_metrics(_arbiter: Any, worker: Any) -> None:
    """Forget the gauges of an HTTP process that ended; its counters stay."""
    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def _open_files() -> int:
    """Return how many files this process may open, after asking for as many as the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return MAX_FILES if soft == resource.RLIM_INFINITY else soft
