"""One request to a neighbour under way, and the two ways in which it can fail."""

import time
from collections.abc import Iterable, Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service_kit.http_client.client import ServiceClient

CHUNK_BYTES = 64 * 1024


class UpstreamUnavailable(Exception):
    """The neighbour can't be reached, broke off, or is left alone for now; `retry_after` is in seconds."""

    def __init__(self, name: str, reason: str, retry_after: float = 2.0) -> None:
        super().__init__(f"{name}: {reason}")
        self.name, self.reason, self.retry_after = name, reason, retry_after


class UpstreamTimeout(Exception):
    """The neighbour did not answer before the deadline; whether it did what was asked is not known."""

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__(f"{name}: no answer within {seconds:.1f} s")
        self.name, self.seconds = name, seconds


class Call:
    """One request under way: its connection, its deadline, its place in the bulkhead."""

    def __init__(self, neighbour: "ServiceClient", limit: float) -> None:
        self._neighbour, self._limit, self._began = neighbour, limit, time.time()
        self._over = False
        self.connection: HTTPConnection | None = None
        self.streaming = False
        self.cut_short = False
        """The neighbour heard only a part of the body."""

    def remaining(self) -> float:
        """Return the seconds until the deadline."""
        return self._limit - time.time()

    def elapsed(self) -> float:
        """Return the seconds since it began."""
        return time.time() - self._began

    def set_timeout(self) -> None:
        """Let the next step take what is left; raise TimeoutError where nothing is."""
        self._wait_at_most(self._neighbour.idle_seconds if self.streaming else self.remaining())

    def send_pieces(self, method: str, target: str, body: Iterable[bytes], headers: Mapping[str, str]) -> None:
        """Send a request with a body that comes piece by piece; raise what iterating it raises."""
        assert self.connection is not None
        try:
            self.connection.request(method, target, body=self._paced(body), headers=dict(headers))
        except (BrokenPipeError, ConnectionResetError):
            # Whoever has answered needn't hear the rest; the answer is there to be read, the connection is of no use.
            self.cut_short = True

    def _paced(self, body: Iterable[bytes]) -> Iterator[bytes]:
        for piece in body:
            # For each: the deadline holds for all together, and none of them waits longer than a stream may be silent.
            self._wait_at_most(min(self.remaining(), self._neighbour.idle_seconds))
            yield piece

    def _wait_at_most(self, seconds: float) -> None:
        if seconds <= 0:
            raise TimeoutError
        if self.connection is not None and self.connection.sock is not None:
            self.connection.sock.settimeout(seconds)

    def read_some(self, response: HTTPResponse, size: int) -> bytes:
        """Return what has come of the answer, empty at its end; raise UpstreamTimeout or UpstreamUnavailable."""
        try:
            self.set_timeout()
            return response.read1(size)
        except TimeoutError as error:
            self._neighbour.breaker.failed()
            raise UpstreamTimeout(self._neighbour.name, self.elapsed()) from error
        except (OSError, HTTPException) as error:
            raise UpstreamUnavailable(self._neighbour.name, f"broke off: {type(error).__name__}") from error

    def read_all(self, response: HTTPResponse) -> bytes:
        """Return the whole answer; raise UpstreamTimeout or UpstreamUnavailable."""
        # Piece by piece: the deadline holds for all of them together, a socket's time-out for each alone.
        pieces = []
        while piece := self.read_some(response, CHUNK_BYTES):
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def finish(self, response: HTTPResponse) -> None:
        """End a call whose response was read whole; keep the connection. Raises UpstreamUnavailable."""
        if response.length:  # fewer bytes came than were announced
            self.abandon()
            raise UpstreamUnavailable(self._neighbour.name, "broke off: the answer is incomplete")
        if self._over:
            return
        response.close()  # read1 leaves a finished response open, and then the connection takes no other request
        connection, self.connection = self.connection, None
        if (response.will_close or self.cut_short) and connection is not None:
            connection.close()
            connection = None
        self._over = True
        self._neighbour.end(connection)

    def drop(self) -> None:
        """Close the connection; another may follow."""
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()

    def abandon(self) -> None:
        """End without the answer's end; harmless afterwards."""
        if not self._over:
            self.drop()
            self._over = True
            self._neighbour.end(None)
