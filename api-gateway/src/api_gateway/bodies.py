"""Reading a request's body, whole or piece by piece: never more than the limit, never longer than is its due."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from service_kit.http.problems import Invalid, Problem

MAX_BODY_BYTES = 1024 * 1024
MAX_UPLOAD_BYTES = 25 * 1024 * 1024 + 64 * 1024
"""A file of 25 MiB and the form around it."""
BODY_SECONDS = 15.0
UPLOAD_SECONDS = 60.0
CHUNK_BYTES = 64 * 1024
PASSED_ON_BYTES = 16 * 1024
"""So few at once that a client as slow as servers bear (2 KB/s) keeps the service from waiting for too long."""
BODYLESS = frozenset({"GET", "HEAD", "OPTIONS"})


class TooLarge(Problem):
    """413: the body is larger than it may be."""

    status, code = 413, "too_large"


def read_body(environ: Mapping[str, Any], watch: "SlowBodies", limit: int = MAX_BODY_BYTES) -> bytes:
    """Return the body; raise TooLarge (413) or Invalid (400) where it is cut off or malformed.

    A declared length over the limit is refused before a byte is read; a chunked body is cut at the limit.
    """
    length = declared_length(environ, limit)
    if length == 0:
        return b""
    with watch.over(environ.get("gunicorn.socket")):
        parts = list(_pieces(environ["wsgi.input"], length, limit, CHUNK_BYTES))
    return parts[0] if len(parts) == 1 else b"".join(parts)


def body_in_pieces(environ: Mapping[str, Any], watch: "SlowBodies", limit: int) -> Iterator[bytes]:
    """Yield the body as it comes; raise as `read_body`, what is too long or cut off after its first pieces."""
    with watch.over(environ.get("gunicorn.socket")):
        yield from _pieces(environ["wsgi.input"], declared_length(environ, limit), limit, PASSED_ON_BYTES)


def declared_length(environ: Mapping[str, Any], limit: int) -> int | None:
    """Return how long the body says it is, None where it comes in chunks; raise TooLarge or Invalid."""
    declared = environ.get("CONTENT_LENGTH") or ""
    if not declared:
        return None if environ.get("HTTP_TRANSFER_ENCODING") else 0
    if not (declared.isascii() and declared.isdigit()):
        raise Invalid("Content-Length isn't a number.", code="bad_body")
    if int(declared) > limit:
        raise _too_large(limit)
    return int(declared)


def _pieces(stream: Any, length: int | None, limit: int, at_once: int) -> Iterator[bytes]:
    size = 0
    # One byte more than the limit tells a body that is too large from one that just fits.
    wanted = limit + 1 if length is None else length
    while size < wanted:
        try:
            part = stream.read(min(at_once, wanted - size))
        except Exception as error:
            # Each server has errors of its own for a stream that breaks or is no proper chunked encoding.
            raise Invalid("The body is cut off or not properly encoded.", code="bad_body") from error
        if not part:
            break
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        yield part
    if length is not None and size < length:
        raise Invalid("The body is shorter than Content-Length says.", code="bad_body")


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than {limit} bytes.")


class SlowBodies:
    """Ends bodies that take too long: a client that drips one byte a second must not hold a thread for an hour.

    The server reads with blocking calls; shutting the socket's reading side down from another thread ends them.
    """

    def __init__(self, seconds: float = BODY_SECONDS) -> None:
        self._seconds = seconds
        self._reading: dict[int, tuple[float, socket.socket]] = {}
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def over(self, connection: socket.socket | None) -> Any:
        """Watch one body being read; does nothing where the server doesn't show its socket (it has a time-out then)."""
        if connection is None:
            yield
            return
        me = threading.get_ident()
        self._reading[me] = (time.monotonic() + self._seconds, connection)
        if self._thread is None:
            self._begin()
        try:
            yield
        finally:
            self._reading.pop(me, None)

    def _begin(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="slow-bodies", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            time.sleep(min(1.0, self._seconds / 4))
            now = time.monotonic()
            for ends, connection in list(self._reading.values()):
                if ends < now:
                    with contextlib.suppress(OSError):
                        connection.shutdown(socket.SHUT_RD)
