"""Requests to addresses that anybody may have entered: none reaches the inside, each ends in time."""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from outbound_kit.addresses import Network
from outbound_kit.client import AddressRefused, CallFailed, OutboundHttp, Permissions

PATIENCE_SECONDS = 60
LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"),)
INSIDE = [
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "0", "0.0.0.0", "localhost", "10.0.0.1",
    "172.16.0.1", "192.168.0.1", "169.254.169.254", "0xa9fea9fe", "2852039166", "100.64.0.1", "198.18.0.1",
    "192.0.0.8", "224.0.0.1", "240.0.0.1", "255.255.255.255", "[::1]", "[::]", "[::ffff:127.0.0.1]",
    "[::ffff:169.254.169.254]", "[::ffff:0a00:0001]", "[::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::a00:1]",
    "[2002:7f00:1::]", "[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "[fe80::1]", "[fc00::1]", "[fec0::1]", "[ff02::1]",
    "[5f00::1]", "[2001:db8::1]",
]  # fmt: skip


class Server(ThreadingHTTPServer):
    """Answers with what a test chose, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        """Listen on a free port of this machine."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str, str | None]] = []
        self.answer: Callable[[Any], None] = lambda handler: handler.give(200, b"{}")

    @property
    def url(self) -> str:
        """Return the server's address by a name."""
        return f"http://hook.example:{self.server_port}/path?q=1"


class Handler(BaseHTTPRequestHandler):
    """Hands each request to the server's answer."""

    server: Server

    def do_POST(self) -> None:
        """Read the body and answer."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.command, self.path, self.headers["Host"]))
        self.server.answer(self)

    def give(self, status: int, body: bytes, **headers: str) -> None:
        """Send an answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that every name leads to."""
    with Server() as made:
        threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        resolving_to(monkeypatch, "127.0.0.1")
        yield made
        made.shutdown()


def resolving_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let each look-up give the next of some addresses, the last one for good; return the names that are asked."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        address = addresses[min(len(asked), len(addresses)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def send(url: str, *allowed: Network, seconds: float = PATIENCE_SECONDS, max_bytes: int = 1000) -> Any:
    client = OutboundHttp(Permissions(allowed), max_lookups=2)
    return client.send("POST", url, until=time.monotonic() + seconds, max_bytes=max_bytes, body=b"{}")


@pytest.mark.parametrize("host", INSIDE)
def test_no_spelling_of_an_inside_address_is_connected_to(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("connected"))
    with pytest.raises((AddressRefused, CallFailed)):
        send(f"https://{host}/x")


def test_a_name_that_changes_its_address_after_the_check_is_resolved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = resolving_to(monkeypatch, "93.184.216.34", "127.0.0.1")
    connected: list[Any] = []

    def connect(_socket: socket.socket, place: Any) -> None:
        connected.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(CallFailed, match="ConnectionRefusedError"):
        send("https://rebinding.example/x")
    assert (asked, connected) == (["rebinding.example"], [("93.184.216.34", 443)])


def test_the_operator_allows_a_network_and_the_host_stays_that_of_the_url(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A proxy of the environment would connect for us, to wherever it likes.
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert send(server.url, *LOOPBACK)[:1] == (200,)
    assert server.asked == [("POST", "/path?q=1", f"hook.example:{server.server_port}")]
    with pytest.raises(AddressRefused, match=r"hook\.example is at the private address 127\.0\.0\.1"):
        send(server.url)


def test_a_redirect_is_an_answer_and_is_not_followed(server: Server) -> None:
    server.answer = lambda handler: handler.give(302, b"", Location=server.url)
    answer = send(server.url, *LOOPBACK)
    assert (answer.status, len(server.asked)) == (302, 1)


def test_of_a_large_answer_the_beginning_is_read(server: Server) -> None:
    server.answer = lambda handler: handler.give(200, b"x" * 5000)
    answer = send(server.url, *LOOPBACK)
    assert (answer.status, answer.is_whole, answer.body) == (200, False, b"x" * 1000)


def test_a_server_that_answers_byte_by_byte_ends_at_the_deadline(server: Server) -> None:
    stopped = threading.Event()

    def drip(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not stopped.wait(0.05):
            handler.wfile.write(b"x")
            handler.wfile.flush()

    server.answer = lambda handler: quietly(drip, handler)
    begun = time.monotonic()
    with pytest.raises(CallFailed, match="too slow"):
        send(server.url, *LOOPBACK, seconds=0.5, max_bytes=10**6)
    assert time.monotonic() - begun < PATIENCE_SECONDS / 2
    stopped.set()


def quietly(act: Callable[[Any], None], handler: Any) -> None:
    """Act until the client is gone."""
    try:
        act(handler)
    except OSError:
        handler.close_connection = True
