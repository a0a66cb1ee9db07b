"""A request body in pieces is sent once; an incomplete one never looks complete."""

import socket
import threading
from collections.abc import Iterator

import pytest
from service_kit.circuit_breaker import CircuitBreaker
from service_kit.http_client import ServiceClient, UpstreamTimeout, UpstreamUnavailable, call

from .test_service_client import FINE, free_port, responds_with, serving


def pieces(*texts: bytes) -> Iterator[bytes]:
    yield from texts


def test_a_body_in_pieces_is_sent_piece_by_piece() -> None:
    with serving(responds_with(FINE)) as server:
        client = server.client()
        client.request("POST", "/", body=pieces(b"ab", b"cd"), headers={"Content-Length": "4"})
        assert server.requests[0].endswith(b"\r\n\r\nabcd")
        assert b"transfer-encoding" not in server.requests[0].lower()
        client.request("POST", "/", body=pieces(b"ab", b"cd"))
        assert b"Transfer-Encoding: chunked" in server.requests[1]


def test_a_body_in_pieces_is_retried_only_where_nothing_was_sent() -> None:
    with serving(lambda _connection, _request: False) as server:
        headers = {"Content-Length": "4", "Idempotency-Key": "k"}
        with pytest.raises(UpstreamUnavailable):
            server.client().request("POST", "/", body=pieces(b"ab", b"cd"), headers=headers)
        assert server.connections == 1
    body = pieces(b"ab", b"cd")
    with pytest.raises(UpstreamUnavailable, match="ConnectionRefused"):
        ServiceClient("it", f"http://127.0.0.1:{free_port()}").request("POST", "/", body=body)
    assert next(body) == b"ab"


def test_an_error_of_the_iterable_is_raised_and_frees_the_slot() -> None:
    def broken() -> Iterator[bytes]:
        yield b"ab"
        raise KeyError("gone")

    with serving(responds_with(FINE)) as server:
        client = server.client(max_in_flight=1, breaker=CircuitBreaker(failures=1))
        with pytest.raises(KeyError):
            client.request("POST", "/", body=broken(), headers={"Content-Length": "4"})
        assert client.breaker.closed
        assert client.request("GET", "/").status == 200
        assert not [request for request in server.requests if request.startswith(b"POST")], "half a body is none"


def test_a_response_before_the_end_of_the_body_is_read_and_the_connection_closed() -> None:
    refusal = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(100)
            connection.sendall(refusal)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        client = ServiceClient("it", f"http://127.0.0.1:{listener.getsockname()[1]}")
        body = (b"x" * 65_536 for _ in range(1_000))
        response = client.request("POST", "/", body=body, headers={"Content-Length": "65536000"})
        assert (response.status, response.body) == (403, b"no")
        assert next(body, b"")
        client.close()


def test_a_server_that_closes_during_the_body_is_no_failure_for_the_breaker() -> None:
    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        connection.recv(100)
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        client = ServiceClient("it", url, breaker=CircuitBreaker(failures=1))
        with pytest.raises(UpstreamUnavailable):
            client.request("POST", "/", body=(b"x" * 65_536 for _ in range(1_000)))
        assert client.breaker.closed


def test_a_server_that_reads_nothing_of_a_body_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call, "MAX_SILENCE_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = ServiceClient("it", f"http://127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(UpstreamTimeout):
            client.request("POST", "/", body=(b"x" * 65_536 for _ in range(1_000)))
