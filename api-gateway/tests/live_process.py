"""A live process that tests play, and gateways in front of it."""

import base64
import contextlib
import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from api_gateway.gateway import Gateway
from http_server.server import HttpServer
from service_kit.identity import HEADER, TokenVerifier, public_key
from service_kit.service_settings import development_signing_key
from werkzeug.test import Client

Make = Callable[..., Client]
WAIT_SECONDS = 120
PRODUCTION = {
    "SMARTTICKET_ENV": "production",
    "INTERNAL_SIGNING_KEY": "/AZdKcp0xqpf9LLLFRQS/ijoxq7ejwnImt0cnYQG7Z4=",
    "RATE_LIMITS": "off",
}
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)


@dataclass
class Played:
    """A live process: it greets, sends back what it receives, and remembers."""

    heads: list[dict[str, str]] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    goodbyes: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    open: int = 0

    def __post_init__(self) -> None:
        played = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                played.goodbyes.append(json.loads(body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                played.heads.append({name.lower(): value for name, value in self.headers.items()})
                played.targets.append(self.path)
                self.close_connection = True
                if played.status != 200:
                    self.send_response(played.status)
                    self.send_header("Content-Length", "2")
                    self.end_headers()
                    self.wfile.write(b"{}")
                    return
                if "upgrade" in self.headers:
                    key = self.headers["Sec-WebSocket-Key"].encode()
                    self.send_response(101)
                    self.send_header("Connection", "Upgrade")
                    self.send_header("Upgrade", "websocket")
                    self.send_header(
                        "Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
                    )
                else:
                    self.send_response(200)
                    self.send_header("Content-Type", "text/event-stream")
                    self.send_header("X-Accel-Buffering", "no")
                    self.send_header("X-Secret", "1")
                self.end_headers()
                played.open += 1
                self.wfile.write(b"hello.")
                self.wfile.flush()
                with contextlib.suppress(OSError):
                    while piece := self.connection.recv(65536):
                        self.connection.sendall(piece)
                played.open -= 1

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False
            request_queue_size = 256

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Served:
    """A gateway on a socket."""

    server: HttpServer
    gateway: Gateway
    port: int

    @contextlib.contextmanager
    def open(self, path: str, *lines: str, until: bytes = b"hello.") -> Iterator[tuple[socket.socket, bytes]]:
        """Send a request; yield the connection and all that came up to `until`."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=WAIT_SECONDS) as connection:
            head = [f"GET {path} HTTP/1.1", "Host: localhost", *lines, "", ""]
            connection.sendall("\r\n".join(head).encode())
            yield connection, read(connection, until)

    def status(self, path: str, *lines: str) -> tuple[int, dict[str, Any]]:
        """Return the status and the problem of a refused request."""
        with self.open(path, *lines, until=b"}") as (_, received):
            head, _, body = received.partition(b"\r\n\r\n")
            return int(head.split()[1]), json.loads(body)


def read(connection: socket.socket, until: bytes) -> bytes:
    received = b""
    while until not in received:
        piece = connection.recv(65536)
        assert piece, received
        received += piece
    return received


def eventually(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def caller_in(head: dict[str, str], seed: str = development_signing_key("api-gateway")) -> Any:
    return TokenVerifier("notification-service", {"api-gateway": public_key(seed)}).verify(head[HEADER.lower()])
