"""Reading a request's body: never more than the limit, never longer than the client deserves."""

import contextlib
import socket
import threading
import time
from collections.abc import Mapping
from typing import Any

from service_kit.http.problems import Invalid, Problem

MAX_BODY_BYTES = 1024 * 1024
MAX_UPLOAD_BYTES = 25 * 1024 * 1024
BODY_SECONDS = 15.0
UPLOAD_SECONDS = 60.0
CHUNK_BYTES = 64 * 1024
BODYLESS = frozenset({"GET", "HEAD", "OPTIONS"})


class TooLarge(Problem):
    """413: the body is larger than it may be."""

    status, code = 413, "too_large"


def read_body(environ: Mapping[str, Any], watch: "SlowBodies", limit: int = MAX_BODY_BYTES) -> bytes:
    """Return the body; raise TooLarge (413) or Invalid (400) where it is cut off or malformed.

    A declared length over the limit is refused before a byte is read; a chunked body is cut at the limit.
    """
    declared = environ.get("CONTENT_LENGTH") or ""
    chunked = not declared and bool(environ.get("HTTP_TRANSFER_ENCODING"))
    if not chunked and declared in ("", "0"):
        return b""
    if declared and not (declared.isascii() and declared.isdigit()):
        raise Invalid("Content-Length isn't a number.", code="bad_body")
    if declared and int(declared) > limit:
        raise _too_large(limit)
    with watch.over(environ.get("gunicorn.socket")):
        return _read(environ["wsgi.input"], int(declared) if declared else None, limit)


def _read(stream: Any, length: int | None, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    # One byte more than the limit tells a body that is too large from one that just fits.
    wanted = limit + 1 if length is None else length
    while size < wanted:
        try:
            part = stream.read(min(CHUNK_BYTES, wanted - size))
        except Exception as error:
            # Each server has errors of its own for a stream that breaks or is no proper chunked encoding.
            raise Invalid("The body is cut off or not properly encoded.", code="bad_body") from error
        if not part:
            break
        parts.append(part)
        size += len(part)
    if size > limit:
        raise _too_large(limit)
    if length is not None and size < length:
        raise Invalid("The body is shorter than Content-Length says.", code="bad_body")
    return parts[0] if len(parts) == 1 else b"".join(parts)


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
