"""A receiver of webhooks on a real socket: keeps what it is sent, answers as a test says."""

import base64
import hashlib
import hmac
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

PATIENCE_SECONDS = 120


@dataclass
class Received:
    """A request that a receiver got."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """Return the message's id."""
        return self.headers["webhook-id"]

    @property
    def content(self) -> Any:
        """Return the body's JSON."""
        return orjson.loads(self.body)

    @property
    def ticket(self) -> Any:
        """Return the ticket that the message is about."""
        return self.content["data"].get("ticket_id")

    def is_signed_by(self, secret: str) -> bool:
        """Verify the message as docs/webhooks.md shows."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        given = [each.partition(",")[2] for each in self.headers["webhook-signature"].split()]
        return any(hmac.compare_digest(each, expected) for each in given)


@dataclass
class Receiver:
    """What a receiver answers, and what it got."""

    url: str = ""
    status: int | Callable[[Received], int] = 204
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b""
    hangs: bool = False
    """Whether it holds requests until `released` is set."""
    received: list[Received] = field(default_factory=list)
    hanging: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    most_at_once: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, request: Received) -> int:
        """Keep a request and return the status of its answer."""
        with self._lock:
            self.received.append(request)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        try:
            if self.hangs:
                self.hanging.set()
                assert self.released.wait(PATIENCE_SECONDS)
            return self.status if isinstance(self.status, int) else self.status(request)
        finally:
            with self._lock:
                self._now -= 1

    @property
    def ids(self) -> list[str]:
        """Return the ids of the messages, in the order of their arrival."""
        return [each.id for each in self.received]

    def of_ticket(self, ticket: int) -> list[str]:
        """Return the kinds of the messages about a ticket, in the order of their arrival."""
        return [each.content["type"] for each in self.received if each.ticket == ticket]


class Handler(BaseHTTPRequestHandler):
    """Hands each request to the receiver."""

    receiver: Receiver

    def do_POST(self) -> None:
        """Read the request and answer it."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status = self.receiver.take(Received(headers, body))
        self.send_response(status)
        for name, value in self.receiver.headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(self.receiver.answer)))
        self.end_headers()
        if status != 204:
            self.wfile.write(self.receiver.answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Does not complain of clients that are killed."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def hook_server(**options: Any) -> Iterator[Receiver]:
    """Serve a receiver on a free port of this machine."""
    receiver = Receiver(**options)
    handler = type("OneReceiver", (Handler,), {"receiver": receiver})
    with Server(("127.0.0.1", 0), handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}/hook?from=desk"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield receiver
        finally:
            receiver.released.set()
            server.shutdown()
