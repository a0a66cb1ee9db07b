"""One request and its answer: runs the application in a thread and frames what it returns (RFC 9112)."""

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

MAX_PIECE_BYTES = 64 * 1024
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "date", "server", "upgrade", "trailer"}
BODILESS = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
Headers = list[tuple[str, str]]
ErrorInfo = tuple[type[BaseException], BaseException, TracebackType]
log = logging.getLogger(__name__)


class ClientGone(Exception):
    """The client has closed its connection, or reads too slowly."""


class Sink(Protocol):
    """Where the bytes of an answer go. The methods are called from the application's thread."""

    @property
    def reusable(self) -> bool:
        """Tell whether the connection may be used for a further request."""

    def send(self, data: bytes) -> None:
        """Send a part of the answer and wait until there is room for more; raise ClientGone."""

    def finish(self, data: bytes, *, keep_alive: bool, complete: bool) -> None:
        """Send the last part. `complete`: the answer is whole; otherwise the connection is cut off."""


class Exchange:
    """Answers one request."""

    def __init__(self, request: Request, addresses: Addresses, sink: Sink) -> None:
        self._request, self._addresses, self._sink = request, addresses, sink
        self._keep_alive = request.keep_alive and not request.too_large
        self._status = 0
        self._reason = ""
        self._headers: Headers = []
        self._head_sent = False
        self._chunked = False
        self._length: int | None = None
        self._written = 0
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0

    def run(self, application: Application) -> None:
        """Run the application and send its answer; log errors and answer them with 500."""
        try:
            self._answer(application)
        except ClientGone:
            self._sink.finish(b"", keep_alive=False, complete=False)
        except Refusal as refusal:
            self._refuse(refusal)
        except Exception:
            log.exception("the application failed")
            self._refuse(Refusal(500, "Something went wrong here."))

    def refuse(self, refusal: Refusal) -> None:
        """Answer with a refusal without asking the application."""
        self._refuse(refusal)

    def _answer(self, application: Application) -> None:
        environ = environ_of(self._request.head, self._addresses)
        environ["wsgi.input"] = input_of(self._request)
        # A chunked body is complete here; the application sees its length.
        if self._request.declared or "CONTENT_LENGTH" in environ:
            environ["CONTENT_LENGTH"] = str(self._request.declared)
        result = application(environ, self._start_response)
        try:
            self._measure(result)
            for piece in result:
                if piece:
                    self._write(piece)
            self._end()
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()

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
                raise ValueError("a header holds a line end")
            if name.lower() == "content-length":
                self._length = int(value)
            if name.lower() == "connection" and "close" in value.lower():
                self._keep_alive = False
        return self._write

    def _measure(self, result: Iterable[bytes]) -> None:
        """Declare the length of an answer that is there as a whole."""
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
            # The length is unknown: a stream, whose pieces must not wait for each other.
            self._sink.send(self._head() + self._framed(piece))
            return
        if self._written > self._length:
            raise ValueError("the answer is longer than its Content-Length")
        self._waiting.append(piece)
        self._waiting_bytes += len(piece)
        if self._waiting_bytes >= MAX_PIECE_BYTES and self._written < self._length:
            self._sink.send(self._head() + self._take_waiting())

    def _end(self) -> None:
        if not self._status:
            raise ValueError("the application gave no status")
        if self._has_body and self._length is not None and self._written < self._length:
            raise ValueError("the answer is shorter than its Content-Length")
        last = b"0\r\n\r\n" if self._chunked else b""
        if not self._head_sent and self._has_body and self._length is None:
            self._length = 0
            self._headers.append(("Content-Length", "0"))
        head = self._head()
        self._sink.finish(head + self._take_waiting() + last, keep_alive=self._keep_alive, complete=True)

    def _take_waiting(self) -> bytes:
        data, self._waiting, self._waiting_bytes = b"".join(self._waiting), [], 0
        return data

    def _framed(self, piece: bytes) -> bytes:
        return b"%x\r\n%b\r\n" % (len(piece), piece) if self._chunked else piece

    def _head(self) -> bytes:
        """Return the status line and header fields once, b'' after that."""
        if self._head_sent:
            return b""
        self._head_sent = True
        self._keep_alive = self._keep_alive and self._sink.reusable
        old = self._request.head.version == "1.0"
        lines = [f"HTTP/1.1 {self._status} {self._reason}", f"Date: {http_date()}"]
        lines += [f"{name}: {value}" for name, value in self._headers]
        if self._has_body and self._length is None:
            if old:
                self._keep_alive = False
            else:
                self._chunked = True
                lines.append("Transfer-Encoding: chunked")
        if not self._keep_alive:
            lines.append("Connection: close")
        elif old:
            lines.append("Connection: keep-alive")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _refuse(self, refusal: Refusal) -> None:
        """Answer with a problem; cut the connection off where another answer has begun."""
        if self._head_sent:
            self._sink.finish(b"", keep_alive=False, complete=False)
            return
        self._headers, body = refusal.content()
        self._status, self._reason = refusal.status, HTTPStatus(refusal.status).phrase
        self._length, self._keep_alive = len(body), False
        head = self._head()
        self._sink.finish(head + (body if self._has_body else b""), keep_alive=False, complete=True)


_date = (0, "")


def http_date() -> str:
    """Return the time for a Date header, made once a second."""
    global _date
    now = int(time.time())
    if _date[0] != now:
        _date = (now, formatdate(now, usegmt=True))
    return _date[1]
