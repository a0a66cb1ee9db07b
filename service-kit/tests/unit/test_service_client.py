"""The client limits the cost of a server that is slow, down or unreachable."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from service_kit.circuit_breaker import CircuitBreaker
from service_kit.http_client import ServiceClient, UpstreamTimeout, UpstreamUnavailable, call

Behaviour = Callable[[socket.socket, bytes], bool]
"""Handles one request of a server and returns whether the server keeps the connection."""

FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\nX-A: 2\r\n\r\nok"


class Server:
    """A server with one behaviour that counts connections and requests."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour, self.connections = behaviour, 0
        self.requests: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.clients: list[ServiceClient] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def client(self, *, prefix: str = "", **options: Any) -> ServiceClient:
        self.clients.append(ServiceClient("it", self.url + prefix, **options))
        return self.clients[-1]

    def close(self) -> None:
        self.listener.close()
        for client in self.clients:
            client.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            while request := _read(connection):
                self.requests.append(request)
                try:
                    if not self.behaviour(connection, request):
                        return
                except OSError:
                    return


def _read(connection: socket.socket) -> bytes:
    raw = b""
    try:
        while b"\r\n\r\n" not in raw:
            if not (piece := connection.recv(65536)):
                return b""
            raw += piece
        head, _, body = raw.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
        while len(body) < length:
            body += connection.recv(65536)
    except OSError:
        return b""
    return head + b"\r\n\r\n" + body


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[Server]:
    server = Server(behaviour)
    try:
        yield server
    finally:
        server.close()


def responds_with(response: bytes, *, keep: bool = True) -> Behaviour:
    def behave(connection: socket.socket, _request: bytes) -> bool:
        connection.sendall(response)
        return keep

    return behave


def stays_silent(seconds: float = 30.0) -> Behaviour:
    def behave(connection: socket.socket, _request: bytes) -> bool:
        connection.settimeout(seconds)
        connection.recv(1)  # ends when the caller hangs up
        return False

    return behave


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_many_calls_use_one_connection(method: str) -> None:
    with serving(responds_with(FINE)) as server:
        client = server.client(prefix="/prefix/")
        for _ in range(5):
            response = client.request(method, "/x", body=b"{}", headers={"X-B": "1"}, query={"a": "ä b"})
            assert (response.status, response.body, response.header("x-a")) == (200, b"ok", "1, 2")
        assert [value for name, value in response.headers if name == "X-A"] == ["1", "2"]
        assert server.connections == 1
        assert server.requests[0].startswith(method.encode() + b" /prefix/x?a=%C3%A4+b HTTP/1.1\r\n")
        assert b"X-Request-Deadline: " in server.requests[0]


def test_a_connection_the_server_closed_is_replaced_unnoticed() -> None:
    with serving(responds_with(FINE, keep=False)) as server:
        client = server.client()
        for _ in range(3):
            assert client.request("POST", "/x").status == 200
            time.sleep(0.05)  # let the server's FIN arrive; nothing depends on it but which branch is taken
        assert client.breaker.closed


def test_a_response_that_closes_the_connection_is_read_to_its_end() -> None:
    with serving(responds_with(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 100_000, keep=False)) as server:
        assert len(server.client().request("GET", "/").body) == 100_000


def test_redirects_are_returned() -> None:
    with serving(responds_with(b"HTTP/1.1 302 Found\r\nLocation: http://evil/\r\nContent-Length: 0\r\n\r\n")) as server:
        assert server.client().request("GET", "/").status == 302
        assert len(server.requests) == 1


def test_a_closed_port_is_unavailable_at_once() -> None:
    began = time.monotonic()
    with pytest.raises(UpstreamUnavailable):
        ServiceClient("it", f"http://127.0.0.1:{free_port()}").request("POST", "/")
    assert time.monotonic() - began < 20


def test_a_silent_server_is_a_timeout_without_a_retry() -> None:
    with serving(stays_silent()) as server:
        began = time.monotonic()
        with pytest.raises(UpstreamTimeout):
            (client := server.client(deadline_seconds=0.3, max_in_flight=1)).request("GET", "/")
        assert 0.25 < time.monotonic() - began < 20
        assert len(server.requests) == 1
        with pytest.raises(UpstreamTimeout):  # its slot is free again
            client.request("GET", "/")


def test_a_slow_body_ends_at_the_deadline() -> None:
    def drip(connection: socket.socket, _request: bytes) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b"x")
            time.sleep(0.05)
        return False

    with serving(drip) as server:
        began = time.monotonic()
        with pytest.raises(UpstreamTimeout):
            server.client(deadline_seconds=0.4).request("GET", "/")
        assert time.monotonic() - began < 20


def test_an_incomplete_response_is_an_error() -> None:
    short = responds_with(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", keep=False)
    with serving(short) as server, pytest.raises(UpstreamUnavailable):
        server.client().request("POST", "/")


@pytest.mark.parametrize(
    ("method", "headers", "tries"), [("GET", {}, 2), ("POST", {}, 1), ("POST", {"Idempotency-Key": "k"}, 2)]
)
def test_only_repeatable_requests_are_retried(method: str, headers: dict[str, str], tries: int) -> None:
    with serving(lambda _connection, _request: False) as server:
        with pytest.raises(UpstreamUnavailable):
            server.client().request(method, "/", headers=headers)
        assert len(server.requests) == tries


def test_retries_add_at_most_a_tenth_to_the_load_of_a_failing_server() -> None:
    with serving(lambda _connection, _request: False) as server:
        client = server.client(breaker=CircuitBreaker(failures=10**6))
        for _ in range(60):
            with pytest.raises(UpstreamUnavailable):
                client.request("GET", "/")
        assert len(server.requests) <= 60 * 1.1 + 2


def test_an_open_breaker_fails_in_no_time_and_recovers() -> None:
    clock = [0.0]
    breaker = CircuitBreaker(failures=3, open_seconds=5, clock=lambda: clock[0])
    with serving(responds_with(FINE)) as server:
        client = server.client(breaker=breaker)
        for _ in range(3):
            breaker.failed()
        began = time.monotonic()
        with pytest.raises(UpstreamUnavailable) as caught:
            client.request("GET", "/")
        assert time.monotonic() - began < 5
        assert caught.value.retry_after == 5
        assert not server.requests
        clock[0] = 5.1
        assert client.request("GET", "/").status == 200
        assert breaker.closed


def test_a_full_bulkhead_refuses_and_frees_up_again() -> None:
    arrived, release, statuses = threading.Event(), threading.Event(), []

    def wait(connection: socket.socket, request: bytes) -> bool:
        arrived.set()
        return release.wait(30) and responds_with(FINE)(connection, request)

    with serving(wait) as server:
        client = server.client(max_in_flight=1, deadline_seconds=60)
        waiting = threading.Thread(target=lambda: statuses.append(client.request("GET", "/").status))
        waiting.start()
        assert arrived.wait(30)
        with pytest.raises(UpstreamUnavailable, match="too many"):
            client.request("GET", "/")
        release.set()
        waiting.join()
        assert statuses == [200]
        assert client.request("GET", "/").status == 200


def test_a_stream_is_passed_on_piece_by_piece_and_its_connection_kept() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"
    with serving(responds_with(chunked)) as server:
        client = server.client(max_in_flight=1)
        for _ in range(2):
            response = client.request("GET", "/", stream=True)
            assert response.streamed
            assert b"".join(response.chunks()) == b"abcdef"
        assert server.connections == 1


def test_an_abandoned_stream_frees_its_slot() -> None:
    with serving(responds_with(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")) as server:
        client = server.client(max_in_flight=1)
        for _ in range(2):
            response = client.request("GET", "/", stream=True)
            assert next(response.chunks()) == b"abc"
            response.close()


def test_a_stream_that_falls_silent_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call, "MAX_SILENCE_SECONDS", 0.2)

    def stall(connection: socket.socket, request: bytes) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
        return stays_silent()(connection, request)

    with serving(stall) as server:
        response = server.client().request("GET", "/", stream=True)
        with pytest.raises(UpstreamTimeout):
            list(response.chunks())


def test_with_max_buffered_only_a_long_response_becomes_a_stream() -> None:
    with serving(responds_with(FINE)) as server:
        client = server.client()
        assert client.request("GET", "/", max_buffered=2).body == b"ok"
        long = client.request("GET", "/", max_buffered=1)
        assert long.streamed
        assert b"".join(long.chunks()) == b"ok"


@pytest.mark.parametrize("url", ["ftp://x", "x:5000", "", "http://"])
def test_a_bad_address_is_refused_at_start(url: str) -> None:
    with pytest.raises(ValueError, match="address"):
        ServiceClient("it", url)


def test_a_header_can_not_smuggle_another() -> None:
    with serving(responds_with(FINE)) as server:
        client = server.client(max_in_flight=1)
        for _ in range(2):
            with pytest.raises(ValueError, match="Invalid header"):
                client.request("GET", "/", headers={"X-A": "1\r\nX-B: 2"})
        assert not server.requests
        assert client.request("GET", "/").status == 200
