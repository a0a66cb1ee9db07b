"""gunicorn as we want it: threads, no word about itself, problems instead of pages, slow clients cut off."""

import errno
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import orjson
from gunicorn import util
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.http import parser, wsgi
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers import gthread
from prometheus_client import multiprocess

from service_kit.service_settings import ServiceSettings

BACKLOG = 1024
SOCKET_SECONDS = 10
SLOWEST_BYTES_PER_SECOND = 2_000
MAX_HEADER_BYTES = 16 * 1024
PATIENCE_SECONDS = 4.0
SILENT_SECONDS = 1.0
LARGEST_PIECE = 64 * 1024
"""Read of a body at once. gunicorn's own 1 MiB, of a hundred uploads and copied about, is memory that others need."""
STAY_MILLISECONDS = (1, 2, 4)


class PortTaken(Exception):
    """Somebody else listens there already."""


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket; raise PortTaken where somebody keeps it for longer than a dying process would."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            listener = socket.create_server((host, port), backlog=BACKLOG)
            break
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise PortTaken(f"can't listen on {host}:{port} ({error.strerror}); free it or set PORT") from error
            time.sleep(0.1)
    # Accepted sockets inherit these. gthread itself waits for a client's bytes for ever, with a thread each.
    seconds = struct.pack("ll", SOCKET_SECONDS, 0)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, seconds)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, seconds)
    return listener


class Server(BaseApplication):
    """One service's HTTP processes. `make_app` is called in each of them, after the fork, `at_end` when one ends."""

    def __init__(
        self,
        settings: ServiceSettings,
        listeners: Sequence[socket.socket],
        make_app: Callable[[], Any],
        at_end: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings, self._listeners, self._make_app, self._at_end = settings, listeners, make_app, at_end
        super().__init__()  # type: ignore[no-untyped-call]

    def load_config(self) -> None:
        """Set what differs from gunicorn's defaults."""
        settings = self._settings
        for name, value in {
            "bind": [f"fd://{listener.detach()}" for listener in self._listeners],
            "workers": settings.http_workers,
            "threads": settings.http_threads,
            "worker_class": QuietWorker,
            "worker_connections": 1000,
            "keepalive": settings.keepalive_seconds,
            "graceful_timeout": settings.graceful_seconds,
            "timeout": 60,
            "limit_request_line": 8190,
            "limit_request_fields": 100,
            "limit_request_field_size": 8190,
            "pre_request": refuse_long_headers,
            "child_exit": forget_metrics,
            "worker_exit": lambda _arbiter, _worker: self._at_end(),
            "logger_class": JsonLogger,
            "loglevel": "warning",
            "control_socket_disable": True,
        }.items():
            self.cfg.set(name, value)  # type: ignore[union-attr]

    def load(self) -> Any:
        """Make the app in a process that was just forked."""
        return self._make_app()

    def run(self) -> None:
        """Serve until told to end."""
        CarefulArbiter(self).run()  # type: ignore[no-untyped-call]


class CarefulArbiter(Arbiter):
    """gunicorn's parent process; a signal that meets a process being born reaches that process."""

    def spawn_worker(self) -> Any:
        """Fork one HTTP process; in that process this never returns."""
        # Until it has handlers of its own it would hear SIGTERM with ours, and nobody would tell its main loop.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        try:
            return super().spawn_worker()  # type: ignore[no-untyped-call]
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def refuse_long_headers(_worker: Any, request: Any) -> None:
    """Refuse a request whose header fields are longer than 16 KB together."""
    if sum(len(name) + len(value) + 4 for name, value in request.headers) > MAX_HEADER_BYTES:
        raise LimitRequestHeaders("header fields are longer than 16 KB together")  # type: ignore[no-untyped-call]


def forget_metrics(_arbiter: Any, worker: Any) -> None:
    """Forget the gauges of an HTTP process that ended; its counters stay."""
    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


class QuietResponse(wsgi.Response):
    """An answer that doesn't say which server gave it."""

    def default_headers(self) -> list[str]:
        """Return gunicorn's own headers without `Server`."""
        return [line for line in super().default_headers() if not line.startswith("Server:")]  # type: ignore[no-untyped-call]


class PatientUnreader(SocketUnreader):
    """Reads from a client, but not for ever: one that drips its request would keep a thread as long as it likes."""

    patience: float = SOCKET_SECONDS
    max_body_chunk = LARGEST_PIECE

    def begin(self) -> None:
        """Begin with the next request."""
        self.patience = SOCKET_SECONDS

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Read what is there; raise BlockingIOError where the client was waited for too long, by what it has sent."""
        began = time.monotonic()
        piece: bytes = super().chunk(size_hint)  # type: ignore[no-untyped-call]
        self.patience += len(piece) / SLOWEST_BYTES_PER_SECOND - (time.monotonic() - began)
        if self.patience < 0:
            raise BlockingIOError(errno.EAGAIN, "the client is too slow")
        return piece


class QuietWorker(gthread.ThreadWorker):
    """gthread that stays with a busy connection, and answers what it refuses itself with a problem, not with a page."""

    _notified = 0.0

    def init_process(self) -> None:
        """Begin as a new process."""
        wsgi.Response = QuietResponse  # type: ignore[misc]
        parser.SocketUnreader = PatientUnreader  # type: ignore[attr-defined]
        # A connection that says nothing would keep a thread for 5 s; after this the main loop watches it for free.
        gthread.DEFAULT_WORKER_DATA_TIMEOUT = SILENT_SECONDS
        super().init_process()  # type: ignore[no-untyped-call]

    def init_signals(self) -> None:
        """Take the signals over from the arbiter's handlers."""
        super().init_signals()  # type: ignore[no-untyped-call]
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

    def notify(self) -> None:
        """Tell the arbiter that we live: once a second, not with every request."""
        now = time.monotonic()
        if now - self._notified > 1:
            self._notified = now
            super().notify()  # type: ignore[no-untyped-call]

    def handle(self, conn: Any) -> Any:
        """Serve a connection, and stay with it for a moment where no other waits for a thread.

        Giving each request's connection back to the main loop costs as much as the whole request (measured).
        """
        if conn.initialized:
            conn.parser.unreader.begin()
        kept = super().handle(conn)  # type: ignore[no-untyped-call]
        while kept is True and self.alive and self._more_comes(conn):
            conn.parser.unreader.begin()
            kept = super().handle(conn)  # type: ignore[no-untyped-call]
        return kept

    def _more_comes(self, conn: Any) -> bool:
        if conn.parser.unreader.buf.getvalue():
            return True
        threads: Any = self.tpool
        poll = select.poll()
        poll.register(conn.sock, select.POLLIN)
        for milliseconds in STAY_MILLISECONDS:
            if threads._work_queue.qsize():
                return False
            if poll.poll(milliseconds):
                return True
        return False

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer a request that could not be read, and log only what is our own fault."""
        if isinstance(exc, LimitRequestLine):
            status, reason, code = 414, "URI Too Long", "uri_too_long"
        elif isinstance(exc, LimitRequestHeaders):
            status, reason, code = 431, "Request Header Fields Too Large", "headers_too_large"
        elif type(exc).__module__.startswith("gunicorn."):
            status, reason, code = 400, "Bad Request", "bad_request"
        else:
            status, reason, code = 500, "Internal Server Error", "internal_error"
            self.log.exception("unexpected error while serving")
        body = orjson.dumps({"type": "about:blank", "title": reason, "status": status, "code": code, "request_id": ""})
        head = f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
        try:
            util.write_nonblock(client, f"{head}Content-Length: {len(body)}\r\n\r\n".encode("latin1") + body)  # type: ignore[no-untyped-call]
        except OSError:
            self.log.debug("the client had gone before it could be told")


class JsonLogger(Logger):
    """gunicorn's log through the service's own."""

    def setup(self, cfg: Any) -> None:
        """Leave formatting to the root logger."""
        super().setup(cfg)  # type: ignore[no-untyped-call]
        self.error_log.handlers.clear()
        self.error_log.propagate = True

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Log an exception; a client that was too slow (SO_RCVTIMEO) is not one."""
        if isinstance(sys.exc_info()[1], BlockingIOError):
            self.debug(msg, *args)  # type: ignore[no-untyped-call]
        else:
            super().exception(msg, *args, **kwargs)  # type: ignore[no-untyped-call]
