"""One call of a partner: a deadline for the whole of it, a limit of the answer's size, no redirects, no retries.

service-kit's client serves for neighbours: it repeats a call that broke off, which the table of requests does here, and
it doesn't end an answer that comes byte by byte.
"""

import contextlib
import http.client
import socket
import threading
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

import orjson
from service_kit.circuit_breaker import CircuitBreaker, CircuitOpen
from service_kit.http_client import retry_after_seconds

from workflow_service.ports import PartnerClosed

CHUNK_BYTES = 16 * 1024
MAX_ANSWER_BYTES = 64 * 1024
FAILURE_STATUSES = frozenset({429, 500, 502, 503, 504})


class NotSent(Exception):
    """The partner can't be reached: it has not received the request."""


class NoAnswer(Exception):
    """The request was sent and no whole answer came: it may have taken effect."""


class Reply(NamedTuple):
    """An answer. `body` is None where it is too large."""

    status: int
    body: bytes | None
    retry_after: float | None


class PartnerHttp:
    """Posts JSON to one partner; threads share it."""

    def __init__(self, name: str, url: str, headers: Mapping[str, str], *, seconds: float, breaker: CircuitBreaker):
        """`url` is http(s)://host[:port][/prefix], `seconds` the time for a whole call. Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not an http(s) address")
        self.name, self.breaker = name, breaker
        self._headers, self._seconds = dict(headers), seconds
        self._kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port, self._prefix = parts.hostname, parts.port, parts.path.rstrip("/")

    def post(self, path: str, body: Mapping[str, object], idempotency_key: str) -> Reply:
        """Send a request and return the answer. Raises PartnerClosed, NotSent, NoAnswer.

        The breaker counts as failures: no connection, a broken one, no answer in time, and `FAILURE_STATUSES`.
        """
        try:
            self.breaker.admit()
        except CircuitOpen as error:
            raise PartnerClosed(self.name, error.retry_after) from error
        try:
            reply = self._exchange(path, orjson.dumps(body), idempotency_key)
        except Exception:
            self.breaker.failed()
            raise
        if reply.status in FAILURE_STATUSES:
            self.breaker.failed(reply.retry_after)
        else:
            self.breaker.succeeded()
        return reply

    def _exchange(self, path: str, body: bytes, idempotency_key: str) -> Reply:
        connection = self._kind(self._host, self._port, timeout=self._seconds)
        late = threading.Event()
        # A socket's timeout limits each read: a partner that sends a byte a second would hold the thread for hours.
        timer = threading.Timer(self._seconds, self._end, (connection, late))
        timer.daemon = True
        timer.start()
        try:
            self._connect(connection, late)
            try:
                headers = {"Content-Type": "application/json", "Accept": "application/json", "Connection": "close"}
                headers |= {**self._headers, "Idempotency-Key": idempotency_key}
                connection.request("POST", f"{self._prefix}{path}", body=body, headers=headers)
                reply = self._read(connection.getresponse())
            except (OSError, http.client.HTTPException, ValueError) as error:
                slow = late.is_set() or isinstance(error, TimeoutError)
                raise NoAnswer("no answer in time" if slow else type(error).__name__) from error
            if late.is_set():
                raise NoAnswer("no answer in time")
            return reply
        finally:
            timer.cancel()
            connection.close()

    def _connect(self, connection: http.client.HTTPConnection, late: threading.Event) -> None:
        try:
            connection.connect()
        except (OSError, UnicodeError) as error:
            slow = late.is_set() or isinstance(error, TimeoutError)
            raise NotSent(
                "can't be reached in time" if slow else f"can't be reached: {type(error).__name__}"
            ) from error
        if late.is_set():
            raise NotSent("can't be reached in time")

    @staticmethod
    def _read(response: http.client.HTTPResponse) -> Reply:
        retry_after = retry_after_seconds(response.getheader("Retry-After"))
        pieces: list[bytes] = []
        size = 0
        while piece := response.read1(CHUNK_BYTES):
            size += len(piece)
            if size > MAX_ANSWER_BYTES:
                return Reply(response.status, None, retry_after)
            pieces.append(piece)
        if response.length:
            raise http.client.IncompleteRead(b"")
        return Reply(response.status, b"".join(pieces), retry_after)

    @staticmethod
    def _end(connection: http.client.HTTPConnection, late: threading.Event) -> None:
        late.set()
        if connection.sock is not None:
            with contextlib.suppress(OSError):
                # The base class's: that of a TLS socket takes it apart while another thread reads.
                socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
