"""A body that comes piece by piece is passed on once, and never half as if it were whole."""

import socket
import threading
from collections.abc import Iterator

import pytest
from service_kit.http_client import Breaker, ServiceClient, UpstreamTimeout, UpstreamUnavailable

from .test_calls import FINE, free_port, says, serving


def pieces(*texts: bytes) -> Iterator[bytes]:
    yield from texts


def test_a_body_in_pieces_is_sent_as_it_comes() -> None:
    with serving(says(FINE)) as server:
        neighbour = server.neighbour()
        neighbour.request("POST", "/", body=pieces(b"ab", b"cd"), headers={"Content-Length": "4"})
        assert server.requests[0].endswith(b"\r\n\r\nabcd")
        assert b"transfer-encoding" not in server.requests[0].lower()
        neighbour.request("POST", "/", body=pieces(b"ab", b"cd"))
        assert b"Transfer-Encoding: chunked" in server.requests[1]


def test_a_body_in_pieces_is_tried_again_only_where_nothing_of_it_was_sent() -> None:
    with serving(lambda _connection, _request: False) as server:
        headers = {"Content-Length": "4", "Idempotency-Key": "k"}
        with pytest.raises(UpstreamUnavailable):
            server.neighbour().request("POST", "/", body=pieces(b"ab", b"cd"), headers=headers)
        assert server.connections == 1
    body = pieces(b"ab", b"cd")
    with pytest.raises(UpstreamUnavailable, match="ConnectionRefused"):
        ServiceClient("it", f"http://127.0.0.1:{free_port()}").request("POST", "/", body=body)
    assert next(body) == b"ab"


def test_what_goes_wrong_with_the_pieces_is_the_callers_and_frees_the_place() -> None:
    def broken() -> Iterator[bytes]:
        yield b"ab"
        raise KeyError("gone")

    with serving(says(FINE)) as server:
        neighbour = server.neighbour(max_in_flight=1, breaker=Breaker(failures=1))
        with pytest.raises(KeyError):
            neighbour.request("POST", "/", body=broken(), headers={"Content-Length": "4"})
        assert neighbour.breaker.closed
        assert neighbour.request("GET", "/").status == 200
        assert not [request for request in server.requests if request.startswith(b"POST")], "half a body is none"


def test_whoever_answers_before_the_body_is_sent_is_heard_and_the_connection_left() -> None:
    refusal = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(100)
            connection.sendall(refusal)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        neighbour = ServiceClient("it", f"http://127.0.0.1:{listener.getsockname()[1]}")
        body = (b"x" * 65_536 for _ in range(1_000))
        answer = neighbour.request("POST", "/", body=body, headers={"Content-Length": "65536000"})
        assert (answer.status, answer.body) == (403, b"no")
        assert next(body, b"")
        neighbour.close()


def test_hanging_up_on_a_body_says_nothing_of_the_neighbours_health() -> None:
    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        connection.recv(100)
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        neighbour = ServiceClient("it", url, breaker=Breaker(failures=1))
        with pytest.raises(UpstreamUnavailable):
            neighbour.request("POST", "/", body=(b"x" * 65_536 for _ in range(1_000)))
        assert neighbour.breaker.closed


def test_whoever_reads_nothing_of_a_body_is_slow() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        neighbour = ServiceClient("it", f"http://127.0.0.1:{listener.getsockname()[1]}", idle_seconds=0.2)
        with pytest.raises(UpstreamTimeout):
            neighbour.request("POST", "/", body=(b"x" * 65_536 for _ in range(1_000)))
