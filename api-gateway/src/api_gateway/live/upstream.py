"""Connects to the live process: sends a request's head and reads the head of the response."""

import random
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, parse_headers
from io import BytesIO
from urllib.parse import urlsplit

from service_kit.circuit_breaker import CircuitOpen
from service_kit.http.problems import Unavailable
from service_kit.telemetry.logs import get_logger

from api_gateway.breaker import ShareBreaker
from api_gateway.settings import Settings
from api_gateway.upstreams import QUEUE_SHARE, Bulkhead

MAX_HEAD_BYTES = 16 * 1024
MAX_BODY_BYTES = 64 * 1024
SPREAD_SECONDS = 3
"""Clients that are refused at the same time come back within so many seconds of each other, rather than all at once."""
NAME = "real time"
log = get_logger(__name__)


@dataclass(frozen=True)
class Opened:
    """The answer of the live process. `connection` is open and has sent `rest` behind its head."""

    connection: socket.socket
    status: int
    headers: list[tuple[str, str]]
    rest: bytes

    @property
    def peer(self) -> tuple[str, int]:
        """Return the address of the process that answered: one of several replicas, perhaps."""
        host, port = self.connection.getpeername()[:2]
        return host, port

    def body(self) -> bytes:
        """Return the body of a refusal, and close the connection."""
        with self.connection:
            length = next((int(value) for name, value in self.headers if name.lower() == "content-length"), 0)
            body = self.rest
            while len(body) < min(length, MAX_BODY_BYTES) and (piece := self.connection.recv(65536)):
                body += piece
            return body[:MAX_BODY_BYTES]


class LiveUpstream:
    """The live process, with a breaker and a bulkhead of its own: its failures are nobody else's."""

    def __init__(self, settings: Settings) -> None:
        parts = urlsplit(settings.live_url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._connect_seconds, self._deadline_seconds = settings.connect_seconds, settings.deadline_seconds
        threads = settings.http_threads
        slots, queue = max(int(threads * settings.upstream_share), 1), max(int(threads * QUEUE_SHARE), 1)
        self._bulkhead = Bulkhead(slots, queue)
        self._breaker = ShareBreaker(
            failures=settings.breaker_failures,
            min_calls=settings.breaker_calls,
            open_seconds=settings.breaker_reset_seconds,
            # Never longer: a thousand clients wait for the process, and a probe of a closed port costs little.
            max_open_seconds=settings.breaker_reset_seconds,
        )

    def open(self, target: str, headers: Mapping[str, str]) -> Opened:
        """Send a GET request and return its answer; raise Unavailable (503)."""
        with self._bulkhead.slot(NAME):
            try:
                self._breaker.admit()
                opened = self._open(target, headers)
            except CircuitOpen as error:
                raise _down(max(round(error.retry_after), 1)) from error
            except (OSError, HTTPException, ValueError) as error:
                self._breaker.failed()
                log.warning("upstream down", upstream=NAME, reason=str(error) or type(error).__name__)
                raise _down() from error
            if opened.status >= 500:
                self._breaker.failed()
            else:
                self._breaker.succeeded()
            return opened

    def _open(self, target: str, headers: Mapping[str, str]) -> Opened:
        lines = [f"GET {target} HTTP/1.1", f"Host: {self._host}:{self._port}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        connection = socket.create_connection((self._host, self._port), self._connect_seconds)
        try:
            connection.settimeout(self._deadline_seconds)
            connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
            received = b""
            while b"\r\n\r\n" not in received:
                piece = connection.recv(65536)
                if not piece or len(received) > MAX_HEAD_BYTES:
                    raise HTTPException("no response")
                received += piece
            head, _, rest = received.partition(b"\r\n\r\n")
            first, _, fields = head.partition(b"\r\n")
            return Opened(connection, _status(first), parse_headers(BytesIO(fields + b"\r\n\r\n")).items(), rest)
        except BaseException:
            connection.close()
            raise


def _status(line: bytes) -> int:
    words = line.split(b" ", 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
        raise HTTPException("no HTTP")
    return int(words[1])


def _down(retry_after: int = 1) -> Unavailable:
    spread = random.randint(0, SPREAD_SECONDS)
    return Unavailable(
        f"{NAME} can't be reached at the moment.", retry_after=retry_after + spread, code="upstream_down"
    )
