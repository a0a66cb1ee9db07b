"""One HTTP request in progress, and the two errors that end it."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse

from attrs import define, field

from service_kit.circuit_breaker import CircuitBreaker

CHUNK_BYTES = 64 * 1024
MAX_SILENCE_SECONDS = 15.0
"""Of a stream, in either direction."""


class UpstreamUnavailable(Exception):
    """The server can't be reached, broke the connection off, or its breaker is open; `retry_after` is in seconds."""

    def __init__(self, name: str, reason: str, retry_after: float = 2.0) -> None:
        super().__init__(f"{name}: {reason}")
        self.name, self.reason, self.retry_after = name, reason, retry_after


class UpstreamTimeout(Exception):
    """The server did not respond before the deadline. The request may have taken effect nevertheless."""

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__(f"{name}: no answer within {seconds:.1f} s")
        self.name, self.seconds = name, seconds


@define(eq=False)
class Call:
    """One request in progress: its connection, its deadline and its slot of the bulkhead.

    `name` is the server's, for messages; `deadline` is in unix seconds. `release` is called once, at the end of the
    call, with the connection if it can be reused.
    """

    _name: str
    _deadline: float
    _breaker: CircuitBreaker
    _release: Callable[[HTTPConnection | None], None]
    _began: float = field(init=False, factory=time.time)
    _ended: bool = field(init=False, default=False)
    connection: HTTPConnection | None = field(init=False, default=None)
    streaming: bool = field(init=False, default=False)
    cut_short: bool = field(init=False, default=False)
    """True where the server received only a part of the body."""

    def remaining(self) -> float:
        """Return the seconds until the deadline."""
        return self._deadline - time.time()

    def elapsed(self) -> float:
        """Return the seconds since the call began."""
        return time.time() - self._began

    def set_timeout(self) -> None:
        """Limit the next read or write to the remaining time; raise TimeoutError where none remains."""
        self._wait_at_most(MAX_SILENCE_SECONDS if self.streaming else self.remaining())

    def send_pieces(self, method: str, target: str, body: Iterable[bytes], headers: Mapping[str, str]) -> None:
        """Send a request with a body in pieces. An error of the iterable is raised here."""
        assert self.connection is not None
        try:
            self.connection.request(method, target, body=self._paced(body), headers=dict(headers))
        except (BrokenPipeError, ConnectionResetError):
            # The server has responded and closed before the end of the body. The response can be read, but the
            # connection can't be reused.
            self.cut_short = True

    def _paced(self, body: Iterable[bytes]) -> Iterator[bytes]:
        for piece in body:
            # Set before each piece: the deadline limits the whole body, the silence is limited for each piece.
            self._wait_at_most(min(self.remaining(), MAX_SILENCE_SECONDS))
            yield piece

    def _wait_at_most(self, seconds: float) -> None:
        if seconds <= 0:
            raise TimeoutError
        if self.connection is not None and self.connection.sock is not None:
            self.connection.sock.settimeout(seconds)

    def read_some(self, response: HTTPResponse, size: int) -> bytes:
        """Return the next bytes of the response, b"" at its end; raise UpstreamTimeout or UpstreamUnavailable."""
        try:
            self.set_timeout()
            return response.read1(size)
        except TimeoutError as error:
            self._breaker.failed()
            raise UpstreamTimeout(self._name, self.elapsed()) from error
        except (OSError, HTTPException) as error:
            raise UpstreamUnavailable(self._name, f"broke off: {type(error).__name__}") from error

    def read_all(self, response: HTTPResponse) -> bytes:
        """Return the whole response body; raise UpstreamTimeout or UpstreamUnavailable."""
        # Read in pieces: a socket's timeout limits each read, the deadline limits all of them.
        pieces = []
        while piece := self.read_some(response, CHUNK_BYTES):
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def finish(self, response: HTTPResponse) -> None:
        """End a call whose response was read to its end, and release the connection. Raises UpstreamUnavailable."""
        if response.length:  # fewer bytes arrived than Content-Length says
            self.abandon()
            raise UpstreamUnavailable(self._name, "broke off: the answer is incomplete")
        if self._ended:
            return
        response.close()  # read1 leaves a finished response open, and the connection then refuses another request
        connection, self.connection = self.connection, None
        if (response.will_close or self.cut_short) and connection is not None:
            connection.close()
            connection = None
        self._ended = True
        self._release(connection)

    def drop(self) -> None:
        """Close the connection. The call may open another one."""
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()

    def abandon(self) -> None:
        """End the call before the end of its response. Has no effect on an ended call."""
        if not self._ended:
            self.drop()
            self._ended = True
            self._release(None)
