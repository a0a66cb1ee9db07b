"""A client for one HTTP server: connection pool, deadline, one safe retry, circuit breaker, bulkhead."""

import random
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import urlencode

from service_kit.circuit_breaker import CircuitBreaker, CircuitOpen
from service_kit.http_client.call import CHUNK_BYTES, Call, UpstreamTimeout, UpstreamUnavailable
from service_kit.http_client.connections import Connections
from service_kit.http_client.statuses import GATEWAY_ERRORS, RETRIED_STATUSES, retry_after_seconds

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
RETRY_SHARE = 0.1
RETRY_PAUSE_SECONDS = (0.05, 0.15)
Body = bytes | Iterable[bytes]


class UpstreamResponse:
    """An HTTP response. `body` holds the whole body; the body of a stream comes from `chunks()` instead.

    The caller reads a stream to its end or closes it.
    """

    def __init__(self, response: HTTPResponse, body: bytes, call: Call | None) -> None:
        self.status = response.status
        self.headers: list[tuple[str, str]] = response.getheaders()
        self.body = body
        self._response, self._call = response, call

    @property
    def streamed(self) -> bool:
        """Return whether the body comes from `chunks()`."""
        return self._call is not None

    def header(self, name: str, default: str = "") -> str:
        """Return the value of a header, `default` where the header is missing."""
        return self._response.getheader(name, default)

    def chunks(self, size: int = CHUNK_BYTES) -> Iterator[bytes]:
        """Yield the body as it arrives. Raises UpstreamUnavailable, and UpstreamTimeout after MAX_SILENCE_SECONDS."""
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
        """Abandon a stream. Has no effect on a response that was read to its end."""
        call, self._call = self._call, None
        if call is not None:
            call.abandon()


class ServiceClient:
    """Calls one server; threads share it."""

    def __init__(
        self,
        name: str,
        base_url: str,
        *,
        connect_seconds: float = 1.0,
        deadline_seconds: float = 10.0,
        max_in_flight: int = 32,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        """Raises ValueError for a bad `base_url`."""
        self.name = name
        self.breaker = breaker or CircuitBreaker()
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
        body: Body | None = None,
        query: str | Mapping[str, str] = "",
        stream: bool = False,
        deadline_seconds: float | None = None,
        max_buffered: int | None = None,
        failure_statuses: Collection[int] = GATEWAY_ERRORS,
    ) -> UpstreamResponse:
        """Send a request and return the response, redirects included. Raises UpstreamUnavailable, UpstreamTimeout.

        The call ends after `deadline_seconds` (the client's default where it is None). The server receives the limit as
        `X-Request-Deadline`.

        The retry budget allows one retry where nothing was sent. For safe methods and requests with an Idempotency-Key
        it also allows one after a broken connection, and after 502, 503 and 504 without a `Retry-After`, which would
        ask for a longer pause. With `max_buffered` (bytes), a longer response or one of unknown length is returned as
        a stream; `stream` returns every response as a stream.

        A response with one of `failure_statuses` is returned like any other, but the breaker counts it as a failure
        and stays open for at least the response's `Retry-After`. 500 and 503 count only where the caller names them
        (`SERVER_ERRORS`): most servers send them for one resource while they serve all others.

        A body that is not bytes is sent in pieces: chunked, or unchanged where `headers` hold its Content-Length. It
        is never sent twice. An error of the iterable ends the call and is raised here.
        """
        limit = time.time() + (deadline_seconds or self._deadline_seconds)
        target = self._target(path, query)
        sent_headers = {**(headers or {}), "X-Request-Deadline": f"{limit:.3f}"}
        self._retries = min(self._retries + RETRY_SHARE, 10.0)
        try:
            self.breaker.admit()
        except CircuitOpen as error:
            raise UpstreamUnavailable(self.name, str(error), error.retry_after) from error
        if not self._slots.acquire(blocking=False):
            raise UpstreamUnavailable(self.name, "too many calls at once", 1.0)
        call = Call(self.name, limit, breaker=self.breaker, release=self._release)
        try:
            response = self._send(call, method, target, sent_headers, body)
            self._record_outcome(response, failure_statuses)
            if stream or (max_buffered is not None and _exceeds(response, max_buffered)):
                call.streaming = True
                return UpstreamResponse(response, b"", call)
            data = call.read_all(response)
        except BaseException:
            call.abandon()
            raise
        call.finish(response)
        return UpstreamResponse(response, data, None)

    def close(self) -> None:
        """Close the idle connections."""
        self._connections.close()

    def _target(self, path: str, query: str | Mapping[str, str]) -> str:
        text = query if isinstance(query, str) else urlencode(query)
        return f"{self._connections.prefix}{path}?{text}" if text else f"{self._connections.prefix}{path}"

    def _send(
        self, call: Call, method: str, target: str, headers: Mapping[str, str], body: Body | None
    ) -> HTTPResponse:
        in_pieces = not isinstance(body, bytes | None)
        keyed = any(name.lower() == "idempotency-key" for name in headers)
        repeatable = not in_pieces and (method in SAFE_METHODS or keyed)
        try:
            # A pooled connection may have ended unnoticed, and a body in pieces can't be sent a second time.
            response = self._try(call, method, target, headers, body, fresh=in_pieces)
            passing = response.status in RETRIED_STATUSES and response.getheader("Retry-After") is None
            if not (passing and repeatable and self._may_retry()):
                return response
            response.close()
        except UpstreamUnavailable:
            # Nothing was sent without a connection, so any method is safe to retry.
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
        self, call: Call, method: str, target: str, headers: Mapping[str, str], body: Body | None, *, fresh: bool
    ) -> HTTPResponse:
        call.drop()
        try:
            call.connection = None if fresh else self._connections.take_idle()
            if call.connection is None:
                call.connection = self._connections.connect(call.remaining())
            call.set_timeout()
            if isinstance(body, bytes | None):
                call.connection.request(method, target, body=body, headers=dict(headers))
            else:
                call.send_pieces(method, target, body, headers)
            call.set_timeout()
            response = call.connection.getresponse()
        except TimeoutError as error:
            self.breaker.failed()
            if call.connection is None:
                raise UpstreamUnavailable(self.name, "can't be reached") from error
            raise UpstreamTimeout(self.name, call.elapsed()) from error
        except (OSError, HTTPException) as error:
            # A server that closes during the body may only have rejected a slow sender.
            if not call.cut_short:
                self.breaker.failed()
            raise UpstreamUnavailable(self.name, f"{type(error).__name__}: {error}"[:200]) from error
        return response

    def _record_outcome(self, response: HTTPResponse, failure_statuses: Collection[int]) -> None:
        if response.status in failure_statuses:
            self.breaker.failed(retry_after_seconds(response.getheader("Retry-After")))
        else:
            self.breaker.succeeded()

    def _release(self, connection: HTTPConnection | None) -> None:
        """Free a call's slot and return its connection to the pool, if it can be reused."""
        if connection is not None:
            self._connections.put_idle(connection)
        self._slots.release()


def _exceeds(response: HTTPResponse, limit: int) -> bool:
    return response.length is None or response.length > limit
