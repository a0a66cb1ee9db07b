"""Files pass the gateway when they are complete: none arrives half, and slow ones hold up nothing else."""

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psutil
import pytest

Start = Callable[..., Any]
MIB = 1024 * 1024
PATIENCE_SECONDS = 180.0
HEAD = b"POST /api/files HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
ASK = b"GET /api/files HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@dataclass
class Arrived:
    """A body as the service received it."""

    whole: bool = False
    size: int = 0
    declared: str | None = None


@dataclass
class Sink:
    """A service that reads bodies without keeping them.

    `refuses` answers 403 without reading, `hangs_up` reads a little and answers nothing.
    """

    refuses: bool = False
    hangs_up: bool = False
    seen: list[Arrived] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.reply(200)

            def do_POST(self) -> None:
                arrived = Arrived(declared=self.headers.get("Content-Length"))
                sink.seen.append(arrived)
                if sink.refuses:
                    self.close_connection = True
                    return self.reply(403)
                if sink.hangs_up:
                    self.close_connection = True
                    self.rfile.read(1000)
                    return None
                if arrived.declared is None:
                    while length := int(self.rfile.readline() or b"0", 16):
                        arrived.size += len(self.rfile.read(length + 2)) - 2
                    arrived.whole = self.rfile.readline() == b"\r\n"
                else:
                    while piece := self.rfile.read1(min(65_536, int(arrived.declared) - arrived.size)):
                        arrived.size += len(piece)
                    arrived.whole = arrived.size == int(arrived.declared)
                sink.release.wait(PATIENCE_SECONDS)
                return self.reply(201)

            def reply(self, status: int) -> None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

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
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def sink() -> Iterator[Sink]:
    made = Sink()
    made.release.set()
    yield made
    made.release.set()
    made.server.shutdown()
    made.server.server_close()


def send(gateway: Any, *pieces: bytes, read: bool = True) -> bytes:
    """Send what there is over one connection and return the answer; without `read`, hang up."""
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=PATIENCE_SECONDS) as connection:
        for piece in pieces:
            connection.sendall(piece)
        return connection.recv(65_536) if read else b""


def of_length(length: int) -> bytes:
    return HEAD + b"Content-Length: %d\r\n\r\n" % length


def test_a_file_arrives_whole_with_its_length_or_in_chunks(running: Start, sink: Sink) -> None:
    gateway = running(ticket=sink)
    assert b" 201 " in send(gateway, of_length(MIB), b"x" * MIB)
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    assert b" 201 " in send(gateway, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 16, b"0\r\n\r\n")
    assert [(each.whole, each.size, each.declared) for each in sink.seen] == [
        (True, MIB, str(MIB)),
        (True, MIB, str(MIB)),
    ]


def test_a_file_that_says_it_is_too_large_reaches_nobody(running: Start, sink: Sink) -> None:
    assert b" 413 " in send(running(ticket=sink), of_length(26 * MIB))
    assert sink.seen == []


def test_a_file_without_a_length_is_counted_and_reaches_nobody(running: Start, sink: Sink) -> None:
    gateway = running(ticket=sink)
    chunk = b"100000\r\n" + b"x" * MIB + b"\r\n"
    assert b" 413 " in send(gateway, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 26)
    assert sink.seen == []


@pytest.mark.parametrize(
    "announced", [b"Content-Length: 2000000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\nF4240\r\n"]
)
def test_a_file_that_is_cut_off_reaches_nobody(running: Start, sink: Sink, announced: bytes) -> None:
    gateway = running(ticket=sink)
    send(gateway, HEAD + announced, b"x" * 500_000, read=False)
    assert b" 201 " in send(gateway, of_length(MIB), b"x" * MIB)
    assert [each.whole for each in sink.seen] == [True]


def test_a_refusal_before_the_body_is_read_reaches_the_client(running: Start, sink: Sink) -> None:
    sink.refuses = True
    gateway = running(ticket=sink)
    assert b" 403 " in send(gateway, of_length(8 * MIB), b"x" * 8 * MIB)
    assert b" 200 " in send(gateway, ASK), "and nobody takes it for down"


def test_a_file_is_sent_once_even_with_an_idempotency_key(running: Start, sink: Sink) -> None:
    sink.hangs_up = True
    gateway = running(ticket=sink, UPSTREAM_BREAKER_FAILURES="100")
    head = HEAD + b"Idempotency-Key: k\r\nContent-Length: %d\r\n\r\n" % (8 * MIB)
    assert b" 503 " in send(gateway, head, b"x" * 8 * MIB)
    assert len(sink.seen) == 1


def test_slow_files_hold_up_no_other_request(running: Start, sink: Sink) -> None:
    gateway = running(ticket=sink)
    slow = [socket.create_connection(("127.0.0.1", gateway.port)) for _ in range(30)]
    try:
        for connection in slow:
            connection.sendall(of_length(MIB) + b"x")
        assert b" 200 " in send(gateway, ASK)
        assert b" 201 " in send(gateway, of_length(MIB), b"x" * MIB)
        assert len(sink.seen) == 1
    finally:
        for connection in slow:
            connection.close()


def memory(gateway: Any) -> float:
    """Return the megabytes that the gateway's processes hold."""
    parent = psutil.Process(gateway.process.pid)
    return sum(each.memory_info().rss for each in (parent, *parent.children(recursive=True))) / MIB


@pytest.mark.slow
def test_many_large_files_at_once_take_no_memory(running: Start, sink: Sink) -> None:
    gateway = running(ticket=sink)
    body = b"x" * 25 * MIB
    assert b" 201 " in send(gateway, of_length(MIB), body[:MIB])
    before, most, done = memory(gateway), 0.0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.05):
            most = max(most, memory(gateway))

    watching = threading.Thread(target=watch)
    watching.start()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: send(gateway, of_length(len(body)), body), range(20)))
    done.set()
    watching.join()
    assert [answer.split()[1] for answer in answers] == [b"201"] * 20
    assert most - before < 50
