"""The HTTP server of a service: `http_server` with the service's settings."""

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

MAX_BIND_WAIT_SECONDS = 4.0
MAX_OPEN_FILES = 65_536
RESERVED_FILES = 256
"""File descriptors reserved for databases, brokers and calls to other services."""


class PortTaken(Exception):
    """Another process listens on the port."""


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket; raise PortTaken where the port stays taken for MAX_BIND_WAIT_SECONDS."""
    deadline = time.monotonic() + MAX_BIND_WAIT_SECONDS
    while True:
        try:
            return socket.create_server((host, port), backlog=BACKLOG)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise PortTaken(f"can't listen on {host}:{port} ({error.strerror}); free it or set PORT") from error
            time.sleep(0.1)


def limits_of(settings: ServiceSettings) -> Limits:
    """Return the server's limits from the settings; the process's open-file limit bounds the connections."""
    return Limits(
        keepalive_seconds=settings.keepalive_seconds,
        head_seconds=settings.head_seconds,
        min_bytes_per_second=settings.min_bytes_per_second,
        max_connections=min(settings.max_connections, max(_max_open_files() - RESERVED_FILES, 64)),
        max_spooled_bytes=settings.spool_mb * MIB,
    )


def http_processes(
    settings: ServiceSettings,
    listeners: Sequence[socket.socket],
    make_app: Callable[[], Any],
    on_exit: Callable[[], None] = lambda: None,
) -> Server:
    """Return the service's HTTP processes. `make_app` runs in each after the fork, `on_exit` at the end of each."""
    return Server(
        listeners,
        make_app,
        workers=settings.http_workers,
        threads=settings.http_threads,
        limits=limits_of(settings),
        graceful_seconds=settings.graceful_seconds,
        drain_seconds=settings.drain_seconds,
        hooks={"child_exit": _mark_process_dead, "worker_exit": lambda _arbiter, _worker: on_exit()},
    )


def http_server(
    settings: ServiceSettings, listeners: Sequence[socket.socket], app: Any, *, threads: int, graceful_seconds: float
) -> HttpServer:
    """Return a server for a thread of this process; see `http_server.server.run_in_thread`."""
    return HttpServer(app, listeners, threads=threads, limits=limits_of(settings), graceful_seconds=graceful_seconds)


def _mark_process_dead(_arbiter: Any, worker: Any) -> None:
    """Remove the gauges of an ended HTTP process; its counters stay."""
    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def _max_open_files() -> int:
    """Raise the process's open-file limit as far as the system allows; return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    target = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < target:
        resource.setrlimit(resource.RLIMIT_NOFILE, (target, hard))
        soft = target
    return MAX_OPEN_FILES if soft == resource.RLIM_INFINITY else soft
