"""One request and its response: runs the application and frames its result (RFC 9112)."""

import logging
import time
from collections.abc import Callable, Iterable
from email.utils import formatdate
from http import HTTPStatus
from types import TracebackType
from typing import Any, Protocol

from http_server.head import Addresses, environ_of
from http_server.reader import Request, input_of
from http_server.refusal import Refusal
from http_server.tunnel import HandOver

MAX_PIECE_BYTES = 64 * 1024
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "date", "server", "upgrade", "trailer"}
BODILESS = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}

WAITED_SECONDS = "http_server.waited_seconds"
"""In the WSGI environment: how long the complete request waited for a thread, in seconds."""
STOPPING = "http_server.stopping"
"""In the WSGI environment: whether the server stops, so that a readiness check can say so."""

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
Headers = list[tuple[str, str]]
ErrorInfo = tuple[type[BaseException], BaseException, TracebackType]
log = logging.getLogger(__name__)


class ClientGone(Exception):
    """The client has closed its connection, or reads too slowly."""


class Sink(Protocol):
    """Receives the bytes of a response. The application's thread calls its methods."""

    @property
    def reusable(self) -> bool:
        """Return whether the connection may be used for a further request."""

    @property
    def stopping(self) -> bool:
        """Return whether the server stops."""

    def send(self, data: bytes) -> None:
        """Send a part of the response and wait for buffer space; raise ClientGone."""

    def finish(self, data: bytes, *, keep_alive: bool, complete: bool) -> None:
        """Send the last part. An incomplete response aborts the connection."""

    def hand_over(self, head: bytes, hand_over: HandOver) -> None:
        """Send a head and leave the connection to a tunnel."""


class Exchange:
    """Handles one request."""

    def __init__(self, request: Request, addresses: Addresses, sink: Sink) -> None:
        self._request, self._addresses, self._sink = request, addresses, sink
        self._submitted = time.monotonic()
        self._keep_alive = request.keep_alive and not request.too_large
        self._status = 0
        self._reason = ""
        self._headers: Headers = []
        self._head_sent = False
        self._chunked = False
        self._length: int | None = None
        self._written = 0
        self._buffer: list[bytes] = []
        self._buffered_bytes = 0

    def run(self, application: Application) -> None:
        """Run the application and send its response; log an error and respond with 500."""
        try:
            self._run_application(application)
        except ClientGone:
            self._sink.finish(b"", keep_alive=False, complete=False)
        except Refusal as refusal:
            self._refuse(refusal)
        except Exception:
            log.exception("the application failed")
            self._refuse(Refusal(500, "Something went wrong here."))

    def refuse(self, refusal: Refusal) -> None:
        """Respond with a refusal without a call to the application."""
        self._refuse(refusal)

    def _run_application(self, application: Application) -> None:
        environ = environ_of(self._request.head, self._addresses)
        environ["wsgi.input"] = input_of(self._request)
        environ[WAITED_SECONDS] = time.monotonic() - self._submitted
        environ[STOPPING] = self._sink.stopping
        # A chunked body is complete here, so the application gets its length.
        if self._request.declared or "CONTENT_LENGTH" in environ:
            environ["CONTENT_LENGTH"] = str(self._request.declared)
        result = application(environ, self._start_response)
        if isinstance(result, HandOver):
            self._hand_over(result)
            return
        try:
            self._set_length(result)
            for piece in result:
                if piece:
                    self._write(piece)
            self._end()
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()

    def _hand_over(self, result: HandOver) -> None:
        if not self._status:
            result.abandon()
            raise ValueError("the application gave no status")
        self._head_sent = True
        fields = [*self._headers, *result.fields]
        lines = [f"HTTP/1.1 {self._status} {self._reason}", f"Date: {http_date()}", *map(": ".join, fields)]
        self._sink.hand_over(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + result.first, result)

    def _start_response(
        self, status: str, headers: Headers, exc_info: ErrorInfo | None = None
    ) -> Callable[[bytes], None]:
        if exc_info is not None and self._head_sent:
            raise exc_info[1]
        code, _, self._reason = status.partition(" ")
        self._status = int(code)
        self._headers = [(name, value) for name, value in headers if name.lower() not in HOP_BY_HOP]
        for name, value in headers:
            if "\r" in value or "\n" in value or "\r" in name or "\n" in name:
                raise ValueError("a header contains a line end")
            if name.lower() == "content-length":
                self._length = int(value)
            if name.lower() == "connection" and "close" in value.lower():
                self._keep_alive = False
        return self._write

    def _set_length(self, result: Iterable[bytes]) -> None:
        """Add Content-Length to a response whose pieces are all known."""
        if self._length is None and isinstance(result, list | tuple) and self._has_body:
            self._length = sum(map(len, result))
            self._headers.append(("Content-Length", str(self._length)))

    @property
    def _has_body(self) -> bool:
        return self._request.head.method != b"HEAD" and self._status not in BODILESS

    def _write(self, piece: bytes) -> None:
        if not self._status:
            raise ValueError("the application gave no status")
        if not self._has_body:
            return
        self._written += len(piece)
        if self._length is None:
            # The length is unknown: a stream, whose pieces are sent at once.
            self._sink.send(self._head() + self._framed(piece))
            return
        if self._written > self._length:
            raise ValueError("the response is longer than its Content-Length")
        self._buffer.append(piece)
        self._buffered_bytes += len(piece)
        if self._buffered_bytes >= MAX_PIECE_BYTES and self._written < self._length:
            self._sink.send(self._head() + self._take_buffer())

    def _end(self) -> None:
        if not self._status:
            raise ValueError("the application gave no status")
        if self._has_body and self._length is not None and self._written < self._length:
            raise ValueError("the response is shorter than its Content-Length")
        last = b"0\r\n\r\n" if self._chunked else b""
        if not self._head_sent and self._has_body and self._length is None:
            self._length = 0
            self._headers.append(("Content-Length", "0"))
        head = self._head()
        self._sink.finish(head + self._take_buffer() + last, keep_alive=self._keep_alive, complete=True)

    def _take_buffer(self) -> bytes:
        data, self._buffer, self._buffered_bytes = b"".join(self._buffer), [], 0
        return data

    def _framed(self, piece: bytes) -> bytes:
        return b"%x\r\n%b\r\n" % (len(piece), piece) if self._chunked else piece

    def _head(self) -> bytes:
        """Return the status line and the header fields at the first call, b'' afterwards."""
        if self._head_sent:
            return b""
        self._head_sent = True
        self._keep_alive = self._keep_alive and self._sink.reusable
        http_1_0 = self._request.head.version == "1.0"
        lines = [f"HTTP/1.1 {self._status} {self._reason}", f"Date: {http_date()}"]
        lines += [f"{name}: {value}" for name, value in self._headers]
        if self._has_body and self._length is None:
            if http_1_0:
                self._keep_alive = False
            else:
                self._chunked = True
                lines.append("Transfer-Encoding: chunked")
        if not self._keep_alive:
            lines.append("Connection: close")
        elif http_1_0:
            lines.append("Connection: keep-alive")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _refuse(self, refusal: Refusal) -> None:
        """Respond with a problem; abort the connection where a response has begun."""
        if self._head_sent:
            self._sink.finish(b"", keep_alive=False, complete=False)
            return
        self._headers, body = refusal.content()
        self._status, self._reason = refusal.status, HTTPStatus(refusal.status).phrase
        self._length, self._keep_alive = len(body), False
        head = self._head()
        self._sink.finish(head + (body if self._has_body else b""), keep_alive=False, complete=True)


_cached_date = (0, "")


def http_date() -> str:
    """Return the value of the Date header, computed once a second."""
    global _cached_date
    now = int(time.time())
    if _cached_date[0] != now:
        _cached_date = (now, formatdate(now, usegmt=True))
    return _cached_date[1]
