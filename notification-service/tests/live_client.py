"""A running live process, and clients of it as the gateway forwards them."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection, HTTPResponse
from typing import Any

from notification_service.live.server import run_live
from notification_service.settings import NAME, Settings
from service_kit.identity import ADMIN, HEADER, SERVICE, Caller, TokenSigner
from service_kit.service_settings import GATEWAY, development_signing_key
from service_kit.telemetry.metrics import Metrics
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

WAIT_SECONDS = 120
SIGNER = TokenSigner(GATEWAY, development_signing_key(GATEWAY))
"""The headers of a request of the gateway itself."""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def headers_of(user: int = 7, role: str = ADMIN, company: int = 1, **more: str) -> dict[str, str]:
    """Return the headers by which the gateway names a caller."""
    caller = Caller(company, role, f"user:{user}", "Somebody")
    return {HEADER: SIGNER.sign(caller, NAME), **{name.replace("_", "-"): value for name, value in more.items()}}


def as_gateway() -> dict[str, str]:
    """Return the headers of the gateway itself; its token lasts for a minute."""
    return {HEADER: SIGNER.sign(Caller(1, SERVICE, GATEWAY, "API gateway"), NAME)}


@dataclass
class Stream:
    """An event stream as its client reads it."""

    response: HTTPResponse
    cursor: str = ""
    heartbeats: int = 0
    start: str = ""
    """The cursor of `connection_established`."""

    def events(self) -> Iterator[tuple[str, Any]]:
        """Yield events until the stream ends; keep the last cursor."""
        kind, data = "", ""
        for raw in self.response:
            line = raw.decode().rstrip("\n")
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                data = value
            elif name == "id":
                self.cursor = value
            elif line.startswith(":"):
                self.heartbeats += 1
            elif not line and data:
                yield kind, json.loads(data)
                kind, data = "", ""

    def settle(self) -> str:
        """Return the cursor that follows what was read."""
        self.cursor = ""
        for raw in self.response:
            if raw.startswith(b"id: "):
                self.cursor = raw.decode().strip().removeprefix("id: ")
                return self.cursor
        raise AssertionError("the stream has ended")

    def next(self, kind: str) -> Any:
        """Return the content of the next event of a kind."""
        return next(content for found, content in self.events() if found == kind)


@dataclass
class Live:
    """A live process in a thread."""

    settings: Settings
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.port = self.settings.live_port
        self._thread = threading.Thread(target=run_live, args=(self.settings, Metrics(NAME), self.stop), daemon=True)
        self._thread.start()
        eventually(lambda: self.get("/health")[0] == 200)

    def get(self, path: str, headers: dict[str, str] | None = None, method: str = "GET", body: Any = None) -> Any:
        """Return status and body of a request."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=WAIT_SECONDS)) as connection:
            try:
                connection.request(method, path, json.dumps(body) if body else None, headers or {})
                response = connection.getresponse()
                return response.status, response.read()
            except ConnectionRefusedError:
                return 0, b""

    @contextmanager
    def stream(self, **caller: Any) -> Iterator[Stream]:
        """Open an event stream that is connected."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=WAIT_SECONDS)) as connection:
            connection.request("GET", "/api/changes", headers=headers_of(**caller))
            response = connection.getresponse()
            assert response.status == 200, response.read()
            stream = Stream(response)
            stream.start = stream.next("connection_established")["cursor"]
            yield stream
            response.close()

    def socket(self, path: str, *, headers: dict[str, str] | None = None, **caller: Any) -> ClientConnection:
        """Open a WebSocket."""
        found = headers if headers is not None else headers_of(**caller)
        return connect(
            f"ws://127.0.0.1:{self.port}{path}", additional_headers=found, open_timeout=WAIT_SECONDS, compression=None
        )

    def end(self) -> None:
        """Stop it."""
        self.stop.set()
        self._thread.join(WAIT_SECONDS)
        assert not self._thread.is_alive()


def heard(connection: ClientConnection, kind: str) -> Any:
    """Return the next message of a kind."""
    while True:
        message = json.loads(connection.recv(timeout=WAIT_SECONDS))
        if message["type"] == kind:
            return message


def closed(connection: ClientConnection) -> tuple[int, str]:
    """Return code and reason of the close that follows."""
    try:
        while True:
            connection.recv(timeout=WAIT_SECONDS)
    except ConnectionClosed as error:
        return (error.rcvd.code, error.rcvd.reason) if error.rcvd is not None else (1006, "")


def eventually(condition: Callable[[], Any], seconds: float = WAIT_SECONDS) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def live_settings(settings: Settings, **changes: Any) -> Settings:
    """Return the settings of a live process of these tests."""
    return replace(settings, live_port=free_port(), live_poll_ms=20, **changes)
