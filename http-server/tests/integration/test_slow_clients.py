"""Slow, silent and careless clients cost others nothing."""

import re
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import orjson
import pytest

from .conftest import Serve, Served, eventually, until_closed

GET = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
HALF_HEAD = b"GET / HTTP/1.1\r\nHos"
HALF_BODY = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc"
HALF_CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"
LARGE = b"x" * 20_000_000


def application(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    body = LARGE if environ["PATH_INFO"] == "/large" else environ["wsgi.input"].read()
    start("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def status(received: bytes) -> int:
    found = re.match(rb"HTTP/1\.1 (\d{3}) ", received)
    assert found, received[:200]
    return int(found[1])


def ended_early(connection: socket.socket) -> bool:
    """Return whether the server closed the connection without a response."""
    try:
        return until_closed(connection) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("sent", [b"", HALF_HEAD, HALF_BODY, HALF_CHUNKED], ids=["silent", "head", "body", "chunked"])
def test_four_hundred_unfinished_requests_hold_no_thread(serve: Serve, sent: bytes) -> None:
    served = serve(application, threads=2, head_seconds=300, grace_seconds=300)
    with ExitStack() as stack:
        for _ in range(400):
            stack.enter_context(served.connect(sent))
        for _ in range(20):
            assert status(served.exchange(GET)) == 200


def test_clients_that_do_not_close_their_connection_hold_no_thread(serve: Serve) -> None:
    served = serve(application, threads=2)
    with ExitStack() as stack:
        for _ in range(100):
            careless = stack.enter_context(served.connect(GET))
            assert until_closed(careless)  # the response and the server's end; the client's end stays open
        for _ in range(20):
            assert status(served.exchange(GET)) == 200


def test_clients_that_do_not_read_hold_no_thread(serve: Serve) -> None:
    served = serve(application, threads=2, grace_seconds=300, max_unsent_bytes=2 * len(LARGE))
    with ExitStack() as stack:
        for _ in range(8):
            stack.enter_context(served.connect(GET.replace(b"/ ", b"/large ", 1), receive_buffer=4096))
        for _ in range(20):
            assert status(served.exchange(GET)) == 200


def test_a_client_that_does_not_read_is_cut_off(serve: Serve) -> None:
    served = serve(application, grace_seconds=1, close_wait_seconds=1, min_bytes_per_second=10_000_000)
    with served.connect(GET.replace(b"/ ", b"/large ", 1), receive_buffer=4096) as slow:
        eventually(lambda: bool(served.server._connections))
        eventually(lambda: not served.server._connections)
        try:
            received = until_closed(slow)
        except ConnectionResetError:
            received = b""
    assert len(received) < len(LARGE)


@pytest.mark.parametrize("sent", [HALF_HEAD, HALF_BODY, HALF_CHUNKED], ids=["head", "body", "chunked"])
def test_an_unfinished_request_ends_with_408(serve: Serve, sent: bytes) -> None:
    served = serve(application, head_seconds=1, grace_seconds=1, close_wait_seconds=1)
    received = served.exchange(sent)
    assert status(received) == 408
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    assert orjson.loads(body)["code"] == "request_timeout"


def test_a_head_that_arrives_byte_by_byte_ends_with_408(serve: Serve) -> None:
    served = serve(application, head_seconds=1)
    with served.connect() as connection:
        stop = threading.Event()

        def drip() -> None:
            while not stop.wait(0.05):
                try:
                    connection.sendall(b"a")
                except OSError:
                    return

        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX: ")
        thread = threading.Thread(target=drip)
        thread.start()
        received = until_closed(connection)
        stop.set()
        thread.join()
    assert status(received) == 408


def test_a_silent_connection_is_closed_without_a_response(serve: Serve) -> None:
    served = serve(application, head_seconds=1)
    assert served.exchange(b"") == b""


def test_a_body_that_keeps_its_pace_may_take_long(serve: Serve) -> None:
    served = serve(application, grace_seconds=1, min_bytes_per_second=1000)
    body = b"y" * 8_000
    with served.connect(
        b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 8000\r\n\r\n"
    ) as connection:
        for start in range(0, len(body), 1000):
            connection.sendall(body[start : start + 1000])
            threading.Event().wait(0.3)  # the pace of this client
        received = until_closed(connection)
    assert status(received) == 200
    assert received.endswith(body)


def test_a_connection_over_the_limit_closes_the_oldest_idle_one(serve: Serve) -> None:
    served = serve(application, max_connections=50, head_seconds=300)
    with ExitStack() as stack:
        slow = [stack.enter_context(served.connect(HALF_HEAD)) for _ in range(80)]
        assert status(served.exchange(GET)) == 200
        assert ended_early(slow[0])
        slow[-1].sendall(b"t: a\r\nConnection: close\r\n\r\n")
        assert status(until_closed(slow[-1])) == 200


def test_slow_uploads_make_room_for_others_and_small_bodies_do_not_wait(serve: Serve) -> None:
    head = (
        b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        b"Content-Type: multipart/form-data\r\nContent-Length: %d\r\n\r\n"
    )
    served = serve(application, max_spooled_bytes=3_000_000, grace_seconds=2, min_bytes_per_second=10_000)
    with ExitStack() as stack:
        slow = [stack.enter_context(served.connect(head % 5_000_000 + b"x" * 1_500_000)) for _ in range(2)]
        eventually(lambda: served.server.spool.full)
        assert status(served.exchange(head % 5 + b"small")) == 200
        assert status(served.exchange(head % 1_000_000 + b"z" * 1_000_000)) == 200
        assert status(slow[0].recv(1000)) == 503


def test_many_large_bodies_at_once_wait_for_each_other(serve: Serve) -> None:
    served = serve(application, max_spooled_bytes=2_000_000)
    body = b"y" * 1_000_000
    head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: served.exchange(head + body), range(20)))
    assert [status(answer) for answer in answers] == [200] * 20
    assert served.server.spool.used_bytes == 0


def slow_application(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    time.sleep(0.5)
    return application(environ, start)


def test_no_body_is_refused_because_the_application_is_slow(serve: Serve) -> None:
    served = serve(slow_application, threads=2, max_spooled_bytes=2_000_000, max_form_bytes=1_000_000, grace_seconds=1)
    body = b"y" * 1_000_000
    head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: served.exchange(head + body), range(20)))
    assert [status(answer) for answer in answers] == [200] * 20


def stream(environ: dict[str, Any], start: Any) -> Iterator[bytes]:
    start("200 OK", [("Content-Type", "text/event-stream")])
    try:
        for _ in range(10_000):
            yield b"x" * 10_000
    finally:
        environ["wsgi.errors"].write("")
        ended.set()


ended = threading.Event()


def test_an_unread_stream_waits_and_ends(serve: Serve) -> None:
    ended.clear()
    served = serve(stream, grace_seconds=1, min_bytes_per_second=10_000_000)
    with served.connect(GET, receive_buffer=4096):
        assert ended.wait(30)


def test_a_stream_ends_when_its_client_leaves(serve: Serve) -> None:
    ended.clear()
    served: Served = serve(stream)
    with served.connect(GET) as connection:
        assert connection.recv(1000)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    assert ended.wait(30)
