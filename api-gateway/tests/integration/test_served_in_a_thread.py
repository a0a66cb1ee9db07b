"""The gateway served from a thread, as it runs on one machine without containers."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from http_server.server import HttpServer, run_in_thread
from werkzeug.test import Client

Make = Callable[..., Client]


@pytest.fixture
def served(gateway: Make) -> Iterator[Callable[..., Callable[[bytes], bytes]]]:
    """Return a function that serves a gateway and returns one that sends bytes to it."""
    servers: list[tuple[HttpServer, threading.Thread]] = []

    def serve(**given: Any) -> Callable[[bytes], bytes]:
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        server = HttpServer(gateway(**given).application, [listener], threads=4)
        servers.append((server, run_in_thread(server, "gateway")))
        return lambda data: exchange(port, data)

    yield serve
    for server, thread in servers:
        server.stop()
        thread.join(20)


def exchange(port: int, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(data)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received


def request(method: str, path: str, *lines: str, body: bytes = b"") -> bytes:
    head = "\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close", *lines])
    return head.encode("latin-1") + b"\r\n\r\n" + body


def status(received: bytes) -> int:
    found = re.match(rb"HTTP/1\.1 (\d{3}) ", received)
    assert found, received
    return int(found[1])


def test_requests_pass_whole_and_chunked(served: Any, upstream: Any) -> None:
    service = upstream()
    send = served(ticket=service)
    assert status(send(request("POST", "/api/tickets", "Content-Length: 2", body=b"{}"))) == 200
    chunked = request("POST", "/api/tickets", "Transfer-Encoding: chunked", body=b"2\r\n{}\r\n0\r\n\r\n")
    assert status(send(chunked)) == 200
    assert [seen.body for seen in service.seen] == [b"{}", b"{}"]
    assert send(request("HEAD", "/api/statuses")).endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "path", ["/api/tickets%2f1", "/api/tickets/%5c", "/api/tickets/1%2fstatus", "/api/tickets/%0a", "/api/tickets/%ff"]
)
def test_what_could_be_read_in_two_ways_leads_nowhere(served: Any, upstream: Any, path: str) -> None:
    service = upstream()
    assert status(served(ticket=service)(request("GET", path))) == 404
    assert service.seen == []


def test_a_body_over_the_limit_is_413(served: Any, upstream: Any) -> None:
    service = upstream()
    received = served(ticket=service)(request("POST", "/api/tickets", "Content-Length: 99999999", body=b"x"))
    assert status(received) == 413
    assert service.seen == []


@pytest.mark.parametrize(
    "name", ["X-Internal-Token", "X_Internal_Token", "x-user-id", "X_USER_ID", "X-Request_Deadline"]
)
def test_no_spelling_of_an_identity_header_passes(served: Any, upstream: Any, name: str) -> None:
    service = upstream()
    assert status(served(ticket=service)(request("GET", "/api/tickets", f"{name}: forged"))) == 200
    assert "forged" not in str(service.seen[0].headers)


def test_a_file_passes_whole_and_in_chunks_and_never_half(served: Any, upstream: Any) -> None:
    arrived: list[tuple[int, bool]] = []

    def count(handler: Any, body: bytes) -> None:
        if handler.headers.get("Content-Length"):
            whole = len(body) == int(handler.headers["Content-Length"])
        else:
            body, whole = dechunked(handler.rfile)
        arrived.append((len(body), whole))
        reply = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
        handler.wfile.write(reply)

    send = served(ticket=upstream(count))
    data, form = b"x" * 300_000, "Content-Type: multipart/form-data; boundary=b"
    assert status(send(request("POST", "/api/files", form, f"Content-Length: {len(data)}", body=data))) == 201
    chunks = b"".join(b"186A0\r\n" + data[at : at + 100_000] + b"\r\n" for at in range(0, 300_000, 100_000))
    chunked = request("POST", "/api/files", form, "Transfer-Encoding: chunked", body=chunks + b"0\r\n\r\n")
    assert status(send(chunked)) == 201
    assert arrived == [(300_000, True)] * 2
    assert status(send(request("POST", "/api/files", form, "Content-Length: 30000000"))) == 413


def dechunked(stream: Any) -> tuple[bytes, bool]:
    """Read a chunked body; return whether it was complete."""
    body = b""
    while line := stream.readline():
        size = int(line, 16)
        piece = stream.read(size + 2)
        if not size:
            return body, piece == b"\r\n"
        body += piece[:-2]
    return body, False


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (request("GET", "//api/tickets"), 404),
        (request("GET", "http://localhost/api/statuses"), 200),
        (request("POST", "/api/tickets", "Content-Length: abc"), 400),
        (b"GET\r\n\r\n", 400),
        (request("CONNECT", "example.org:443"), 501),
        (request("FROB", "/api/statuses"), 501),
        (b"GET /api/statuses HTTP/3.0\r\nHost: localhost\r\n\r\n", 505),
    ],
)
def test_errors_of_the_protocol_are_problems(served: Any, data: bytes, expected: int) -> None:
    received = served()(data)
    assert status(received) == expected
    assert (b"application/problem+json" in received) == (expected >= 400)
    assert b"Server:" not in received
