"""Real little services for the gateway to talk to, an auth-service among them, and gateways to talk to them."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from api_gateway.gateway import Gateway
from api_gateway.service import SERVICE
from msgspec import structs
from service_kit.identity import ADMIN, Caller
from service_kit.testing.access_tokens import access_token, private_jwk, public_part
from smartticket_contracts.services import services_behind_the_gateway
from werkzeug.test import Client

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 180.0
Behaviour = Callable[[BaseHTTPRequestHandler, bytes], None]


@dataclass
class Seen:
    """A request as a service received it."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return one header."""
        return next((value for known, value in self.headers if known.lower() == name.lower()), None)


@dataclass
class Upstream:
    """A service on a real socket. `behave` answers; the default echoes the request."""

    behave: Behaviour | None = None
    seen: list[Seen] = field(default_factory=list)

    def __post_init__(self) -> None:
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                upstream.seen.append(Seen(self.command, self.path, list(self.headers.items()), body))
                (upstream.behave or echo)(self, body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = handle_any

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False
            request_queue_size = 256

            def handle_error(self, *_: Any) -> None:
                """A client that goes away is part of these tests."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop and close all connections."""
        self.server.shutdown()
        self.server.server_close()


def reply(handler: BaseHTTPRequestHandler, value: Any, status: int = 200, headers: Any = ()) -> None:
    """Answer with JSON."""
    body = json.dumps(value).encode()
    handler.send_response(status)
    for name, text in headers:
        handler.send_header(name, text)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)


def echo(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    """Answer with the request as JSON."""
    reply(handler, {"method": handler.command, "target": handler.path, "body": body.decode("latin-1")})


@pytest.fixture
def upstream() -> Iterator[Callable[..., Upstream]]:
    """Return a function that starts a service with a behaviour."""
    started: list[Upstream] = []

    def start(behave: Behaviour | None = None) -> Upstream:
        started.append(Upstream(behave))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def replied() -> Callable[..., None]:
    """Return the function by which a behaviour answers JSON."""
    return reply


@pytest.fixture
def closed_port() -> str:
    """Return the address of a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def urls_of(given: dict[str, Any]) -> dict[str, str]:
    """Remove the services from the arguments; return their addresses by name."""
    names = {each.name: each.prefix.lower() for each in services_behind_the_gateway()}
    return {name: given.pop(short).url for name, short in names.items() if short in given}


def settings_of(closed: str, upstreams: dict[str, str], settings: dict[str, str]) -> dict[str, str]:
    """Return a mapping for a gateway in front of these services; the others are down."""
    urls = {each.url_setting: upstreams.get(each.name, closed) for each in services_behind_the_gateway()}
    return {"SMARTTICKET_ENV": "development", **urls, **settings}


@pytest.fixture
def gateway(closed_port: str) -> Iterator[Callable[..., Client]]:
    """Return a function that makes a gateway in this process: gateway(ticket=…, ai=…, SETTING="…") → client."""

    def make(**given: Any) -> Client:
        upstreams = urls_of(given)
        settings = SERVICE.read_settings(settings_of(closed_port, upstreams, given))
        made.append(SERVICE.instance(settings).create_app())
        return Client(made[-1])

    made: list[Gateway] = []
    yield make
    for one in made:
        one.close()


@dataclass
class Running:
    """A gateway as a process of its own, as operators run it."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"

    def raw(self, data: bytes, seconds: float = 5.0) -> bytes:
        """Send bytes over one connection; return all that comes back until the end, or until it is silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as connection:
            connection.sendall(data)
            received = b""
            with contextlib.suppress(TimeoutError, ConnectionResetError):
                while chunk := connection.recv(65536):
                    received += chunk
            return received


@pytest.fixture
def running(closed_port: str, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Return a function that starts a gateway as a process of its own; settings as for `gateway`."""
    started: list[Running] = []

    def start(**given: Any) -> Running:
        upstreams = urls_of(given)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = settings_of(closed_port, upstreams, given) | {
            "PORT": str(port), "RUNTIME_DIR": str(tmp_path), "PATH": os.environ["PATH"],
        }  # fmt: skip
        log = (tmp_path / "gateway.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "api-gateway" / "src" / "app.py")],
            env=environment, stdout=log, stderr=log, cwd=tmp_path,
        )  # fmt: skip
        log.close()
        one = Running(port, process)
        started.append(one)
        wait_listening(one, tmp_path / "gateway.log")
        return one

    yield start
    for one in started:
        one.process.send_signal(signal.SIGTERM)
        try:
            one.process.wait(10)
        except subprocess.TimeoutExpired:
            one.process.kill()
            one.process.wait(5)


def wait_listening(one: Running, log: Path) -> None:
    """Wait until the gateway answers /health."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        with contextlib.suppress(OSError):
            if b" 200 " in one.raw(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"):
                return
        assert one.process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


ADA = Caller(7, ADMIN, "user:1", "Ada", session="session-1")


@dataclass
class AuthService:
    """Published keys, revocations and API keys; `server` is the service on a socket."""

    private: dict[str, Any] = field(default_factory=private_jwk)
    keys: list[dict[str, Any]] = field(default_factory=list)
    revoked: list[dict[str, str]] = field(default_factory=list)
    api_keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    down: bool = False
    server: Any = None

    def __post_init__(self) -> None:
        self.keys = [public_part(self.private)]

    def token(self, caller: Caller = ADA, *, seconds_ago: float = 0, **changes: Any) -> str:
        """Return an access token."""
        return access_token(structs.replace(caller, **changes), self.private, now=time.time() - seconds_ago)

    def rotate(self) -> None:
        """Sign with a new key, which is published beside the old one."""
        self.private = private_jwk()
        self.keys.append(public_part(self.private))

    def revoke(self, kind: str, name: str, seconds_ago: float = 0) -> None:
        """Revoke a session, user or key."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds_ago + 1))
        self.revoked.append({"kind": kind, "id": name, "revoked_at": moment})

    def asked(self, path: str) -> int:
        """Return how often the gateway asked for a path."""
        return sum(seen.target.partition("?")[0] == path for seen in self.server.seen)

    def answer(self, handler: BaseHTTPRequestHandler, body: bytes, reply: Callable[..., None]) -> None:
        """Answer one request."""
        path = handler.path.partition("?")[0]
        if self.down:
            reply(handler, {}, 503)
        elif path == "/.well-known/jwks.json":
            reply(handler, {"keys": self.keys})
        elif path == "/internal/revocations":
            reply(handler, {"items": self.revoked})
        elif path == "/internal/api-keys/verify":
            owner = self.api_keys.get(json.loads(body)["key"])
            reply(handler, owner or {"code": "unauthorized"}, 200 if owner else 401)
        else:
            reply(handler, {"path": path, "body": body.decode()})


@pytest.fixture
def auth_service(upstream: Callable[..., Any], replied: Callable[..., None]) -> AuthService:
    """Return a running auth-service."""
    service = AuthService()
    service.server = upstream(lambda handler, body: service.answer(handler, body, replied))
    return service
