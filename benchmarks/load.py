"""A closed-loop HTTP client that costs little: one thread, non-blocking sockets, requests written beforehand."""

import itertools
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import orjson


@dataclass
class Outcome:
    """What a load brought: seconds per answer, answers by status."""

    seconds: float
    took: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    bodies: list[bytes] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    """When the requests of `bodies` were sent, by the clock on the wall."""

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.took) / self.seconds


class _Connection:
    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def answer(self) -> tuple[int, bytes] | None:
        """Read what is there; return status and body when the answer is whole."""
        piece = self.socket.recv(65_536)
        if not piece:
            raise ConnectionError("the server closed the connection")
        self.received += piece
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found:
            return None
        length = next(
            int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
        )
        if len(body) < length:
            return None
        self.received = b""
        return int(head[9:12]), body


def request(url: str, method: str, path: str, headers: dict[str, str], body: object | None = None) -> bytes:
    """Write a request."""
    payload = b"" if body is None else orjson.dumps(body)
    where = urlsplit(url)
    given = {"Host": where.netloc, "Content-Length": str(len(payload)), **headers}
    if body is not None:
        given["Content-Type"] = "application/json"
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + payload


def run(
    url: str,
    make: Callable[[int], bytes],
    *,
    clients: int,
    seconds: float,
    per_second: float | None = None,
    keep: bool = False,
) -> Outcome:
    """Have so many clients ask one thing after the other for a while; `make(n)` writes the n-th request.

    With `per_second` requests begin at that rate as long as a client is free, instead of as fast as answers come.
    `keep` keeps the bodies.
    """
    where = urlsplit(url)
    address = (where.hostname or "127.0.0.1", where.port or 80)
    numbers = itertools.count()
    outcome = Outcome(seconds)
    with selectors.DefaultSelector() as selector:
        idle = deque(_Connection(address) for _ in range(clients))
        for connection in idle:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        everybody = list(idle)
        began = time.perf_counter()
        due = began
        while True:
            now = time.perf_counter()
            while idle and now - began < seconds and (per_second is None or now >= due):
                idle.popleft().send(make(next(numbers)))
                due += 1 / per_second if per_second else 0
            if now - began >= seconds and len(idle) == clients:
                break
            wait = max(due - now, 0.0) if idle and per_second and now - began < seconds else 5
            for key, _ in selector.select(wait):
                connection = key.data
                answer = connection.answer()
                if answer is None:
                    continue
                outcome.took.append(time.perf_counter() - connection.sent_at)
                outcome.statuses[answer[0]] = outcome.statuses.get(answer[0], 0) + 1
                if keep:
                    outcome.bodies.append(answer[1])
                    outcome.sent.append(time.time() - outcome.took[-1])
                idle.append(connection)
        outcome.seconds = time.perf_counter() - began
        for connection in everybody:
            connection.socket.close()
    return outcome
