"""HTTP to one neighbour: kept connections, a deadline, one retry where it is safe, a breaker, a bulkhead."""

import random
import threading
import time
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import urlencode

from service_kit.calls.breaker import Breaker, BreakerOpen
from service_kit.calls.connections import Connections

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
RETRY_SHARE = 0.1
RETRY_PAUSE_SECONDS = (0.05, 0.15)
MARGIN_SECONDS = 0.05
CHUNK_BYTES = 64 * 1024
GATEWAY_ERRORS = frozenset({502, 504})


class NeighbourDown(Exception):
    """The neighbour can't be reached, broke off, or is left alone for now; `retry_after` is in seconds."""

    def __init__(self, name: str, reason: str, retry_after: float = 2.0) -> None:
        super().__init__(f"{name}: {reason}")
        self.name, self.reason, self.retry_after = name, reason, retry_after


class NeighbourSlow(Exception):
    """The neighbour did not answer before the deadline; whether it did what was asked is not known."""

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__(f"{name}: no answer within {seconds:.1f} s")
        self.name, self.seconds = name, seconds


class Answer:
    """What a neighbour answered. `body` holds all of it, unless it was asked for as a stream: then iterate `chunks()`.

    A stream must be read to its end or closed.
    """

    def __init__(self, response: HTTPResponse, body: bytes, call: "_Call | None") -> None:
        self.status = response.status
        self.headers: list[tuple[str, str]] = response.getheaders()
        self.body = body
        self._response, self._call = response, call

    @property
    def streamed(self) -> bool:
        """Tell whether the body is still to be read by `chunks()`."""
        return self._call is not None

    def header(self, name: str, default: str = "") -> str:
        """Return one header, `default` where it is missing."""
        return self._response.getheader(name, default)

    def chunks(self, size: int = CHUNK_BYTES) -> Iterator[bytes]:
        """Yield the body as it comes; raise NeighbourDown or NeighbourSlow (nothing came for the idle time)."""
        if self._call is None:
            yield self.body
            return
        try:
            while chunk := self._call.read_some(self._response, size):
                yield chunk
            self._call.finish(self._response)
        finally:
            self.close()

    def close(self) -> None:
        """Give a stream up; harmless afterwards."""
        call, self._call = self._call, None
        if call is not None:
            call.abandon()


class Neighbour:
    """One neighbour, called by many threads."""

    def __init__(
        self,
        name: str,
        base_url: str,
        *,
        connect_seconds: float = 1.0,
        deadline_seconds: float = 10.0,
        idle_seconds: float = 15.0,
        max_in_flight: int = 32,
        breaker: Breaker | None = None,
    ) -> None:
        """`idle_seconds` is how long a stream may be silent. Raises ValueError for a bad `base_url`."""
        self.name = name
        self.breaker = breaker or Breaker()
        self.idle_seconds = idle_seconds
        self._connections = Connections(base_url, connect_seconds)
        self._deadline_seconds = deadline_seconds
        self._slots = threading.BoundedSemaphore(max_in_flight)
        self._retries = 1.0

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        query: str | Mapping[str, str] = "",
        stream: bool = False,
        deadline: float | None = None,
        deadline_seconds: float | None = None,
        retry: bool | None = None,
        max_buffered: int | None = None,
    ) -> Answer:
        """Send a request and return whatever was answered (redirects too); raise NeighbourDown or NeighbourSlow.

        The neighbour has `deadline_seconds` (its own by default), less where `deadline` (unix seconds) comes sooner;
        it is told by `X-Request-Deadline`. Tried once more, at most, within the retry budget: where nothing was sent,
        and where `retry` says that it may happen twice (by default: safe methods and what has an Idempotency-Key).
        A body that is longer than `max_buffered`, or doesn't say how long it is, then comes as a stream.
        """
        limit = time.time() + (deadline_seconds or self._deadline_seconds)
        if deadline is not None:
            limit = min(limit, deadline - MARGIN_SECONDS)
        target = self._target(path, query)
        sent_headers = {**(headers or {}), "X-Request-Deadline": f"{limit:.3f}"}
        self._retries = min(self._retries + RETRY_SHARE, 10.0)
        try:
            self.breaker.admit()
        except BreakerOpen as error:
            raise NeighbourDown(self.name, str(error), error.retry_after) from error
        if not self._slots.acquire(blocking=False):
            raise NeighbourDown(self.name, "too many calls at once", 1.0)
        call = _Call(self, limit)
        try:
            response = self._send(call, method, target, sent_headers, body, retry)
            if stream or (max_buffered is not None and _longer(response, max_buffered)):
                call.streaming = True
                return Answer(response, b"", call)
            data = call.read_all(response)
        except BaseException:
            call.abandon()
            raise
        call.finish(response)
        return Answer(response, data, None)

    def close(self) -> None:
        """Close idle connections."""
        self._connections.close()

    def _target(self, path: str, query: str | Mapping[str, str]) -> str:
        text = query if isinstance(query, str) else urlencode(query)
        return f"{self._connections.prefix}{path}?{text}" if text else f"{self._connections.prefix}{path}"

    def _send(
        self,
        call: "_Call",
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes | None,
        repeatable: bool | None,
    ) -> HTTPResponse:
        if repeatable is None:
            repeatable = method in SAFE_METHODS or any(name.lower() == "idempotency-key" for name in headers)
        try:
            return self._try(call, method, target, headers, body, fresh=False)
        except NeighbourDown:
            # A connection that was never opened carried nothing, so any method may be tried again.
            if not (repeatable or call.connection is None) or not self._may_retry():
                raise
        time.sleep(min(random.uniform(*RETRY_PAUSE_SECONDS), max(call.remaining(), 0)))
        return self._try(call, method, target, headers, body, fresh=True)

    def _may_retry(self) -> bool:
        if self._retries < 1 or not self.breaker.closed:
            return False
        self._retries -= 1
        return True

    def _try(
        self, call: "_Call", method: str, target: str, headers: Mapping[str, str], body: bytes | None, *, fresh: bool
    ) -> HTTPResponse:
        call.drop()
        try:
            call.connection = None if fresh else self._connections.take_idle()
            if call.connection is None:
                call.connection = self._connections.connect(call.remaining())
            call.set_timeout()
            call.connection.request(method, target, body=body, headers=dict(headers))
            call.set_timeout()
            response = call.connection.getresponse()
        except TimeoutError as error:
            self.breaker.failed()
            if call.connection is None:
                raise NeighbourDown(self.name, "can't be reached") from error
            raise NeighbourSlow(self.name, call.elapsed()) from error
        except (OSError, HTTPException) as error:
            self.breaker.failed()
            raise NeighbourDown(self.name, f"{type(error).__name__}: {error}"[:200]) from error
        if response.status in GATEWAY_ERRORS:
            self.breaker.failed()
        else:
            self.breaker.succeeded()
        return response

    def _end(self, connection: HTTPConnection | None) -> None:
        if connection is not None:
            self._connections.give_back(connection)
        self._slots.release()


def _longer(response: HTTPResponse, limit: int) -> bool:
    return response.length is None or response.length > limit


class _Call:
    """One request under way: its connection, its deadline, its place in the bulkhead."""

    def __init__(self, neighbour: Neighbour, limit: float) -> None:
        self._neighbour, self._limit, self._began = neighbour, limit, time.time()
        self._over = False
        self.connection: HTTPConnection | None = None
        self.streaming = False

    def remaining(self) -> float:
        return self._limit - time.time()

    def elapsed(self) -> float:
        return time.time() - self._began

    def set_timeout(self) -> None:
        seconds = self._neighbour.idle_seconds if self.streaming else self.remaining()
        if seconds <= 0:
            raise TimeoutError
        if self.connection is not None and self.connection.sock is not None:
            self.connection.sock.settimeout(seconds)

    def read_some(self, response: HTTPResponse, size: int) -> bytes:
        try:
            self.set_timeout()
            return response.read1(size)
        except TimeoutError as error:
            self._neighbour.breaker.failed()
            raise NeighbourSlow(self._neighbour.name, self.elapsed()) from error
        except (OSError, HTTPException) as error:
            raise NeighbourDown(self._neighbour.name, f"broke off: {type(error).__name__}") from error

    def read_all(self, response: HTTPResponse) -> bytes:
        # Piece by piece: the deadline holds for all of them together, a socket's time-out for each alone.
        pieces = []
        while piece := self.read_some(response, CHUNK_BYTES):
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def finish(self, response: HTTPResponse) -> None:
        """The answer was read to its end: keep the connection if the neighbour does."""
        if response.length:  # fewer bytes came than were announced
            self.abandon()
            raise NeighbourDown(self._neighbour.name, "broke off: the answer is incomplete")
        if self._over:
            return
        response.close()  # read1 leaves a finished response open, and then the connection takes no other request
        connection, self.connection = self.connection, None
        if response.will_close and connection is not None:
            connection.close()
            connection = None
        self._over = True
        self._neighbour._end(connection)

    def drop(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()

    def abandon(self) -> None:
        if not self._over:
            self.drop()
            self._over = True
            self._neighbour._end(None)
