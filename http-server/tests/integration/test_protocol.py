"""Requests and responses over real sockets: order, reuse, refusals, shutdown."""

import gzip
import http.client
import re
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterable
from typing import Any

import pytest
import requests
from http_server.refusal import SECURITY_HEADERS

from .conftest import Serve, Served, eventually, until_closed

MIB = 1024 * 1024


def echo(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    """Respond with the path and the body; refuse a body over 1 MiB by its declared length, as the services do."""
    if int(environ.get("CONTENT_LENGTH") or 0) > MIB and environ["PATH_INFO"] != "/file":
        start("413 Content Too Large", [("Content-Type", "application/problem+json")])
        return [b'{"code": "too_large"}']
    body = environ["wsgi.input"].read()
    start("200 OK", [("X-Path", environ["PATH_INFO"]), ("X-Length", environ.get("CONTENT_LENGTH", "none"))])
    return [body]


def statuses(received: bytes) -> list[int]:
    return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)]


def test_requests_on_one_connection_are_answered_in_their_order(serve: Serve) -> None:
    served = serve(echo)
    one = b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n"
    last = b"GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    received = served.exchange(b"".join(one % number for number in range(300)) + last)
    paths = re.findall(rb"X-Path: /(\w+)", received)
    assert paths == [b"%d" % number for number in range(300)] + [b"last"]


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 40_000 + b"\r\n\r\n", 431),
        (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (b"nonsense\r\n\r\n", 400),
    ],
)
def test_a_refusal_of_the_server_itself_has_the_security_headers(serve: Serve, request_: bytes, status: int) -> None:
    received = serve(echo).exchange(request_)
    assert statuses(received) == [status]
    for name, value in SECURITY_HEADERS:
        assert f"{name}: {value}\r\n".encode() in received


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, MIB])
def test_bodies_arrive_whole_with_a_length_and_chunked(serve: Serve, size: int) -> None:
    served = serve(echo)
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    with requests.Session() as session:
        assert session.post(served.url, data=body, timeout=30).content == body
        pieces = (body[start : start + 10_007] for start in range(0, size, 10_007))
        answer = session.post(served.url, data=pieces, timeout=30)
        assert answer.content == body
        assert answer.headers["X-Length"] == (str(size) if size else "none")


@pytest.mark.parametrize("size", [MIB + 1, 5 * MIB, 30 * MIB])
def test_a_refusal_of_a_large_body_arrives_in_every_client(serve: Serve, size: int) -> None:
    served = serve(echo)
    body = b"x" * size
    assert requests.post(served.url, data=body, timeout=30).status_code == 413
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(served.url, data=body), timeout=30)
    assert refused.value.code == 413
    refused.value.close()
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    connection.request("POST", "/", iter([body[:MIB]] * (size // MIB + 1)), encode_chunked=True,
                       headers={"Transfer-Encoding": "chunked"})  # fmt: skip
    assert connection.getresponse().status == 413
    connection.close()


def test_a_large_form_arrives(serve: Serve) -> None:
    served = serve(echo)
    data = gzip.compress(b"y") + b"\r\n--" * (6 * MIB)
    answer = requests.post(
        f"{served.url}/file", data=data, headers={"Content-Type": "multipart/form-data; boundary=b"}, timeout=30
    )
    assert answer.content == data
    assert served.server.spool.used_bytes == 0


def test_a_client_that_expects_100_continue_gets_it(serve: Serve) -> None:
    served = serve(echo)
    head = b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    with served.connect(head % 5) as connection:
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"hello")
        assert until_closed(connection).endswith(b"hello")
    assert statuses(served.exchange(head % (3 * MIB))) == [413]


def test_a_chunked_request_to_nowhere_leaves_the_connection_usable(serve: Serve) -> None:
    def nowhere(_environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        start("404 Not Found", [])
        return [b"nothing"]

    served = serve(nowhere)
    chunked = b"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    last = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    assert statuses(served.exchange(chunked + chunked + last)) == [404, 404, 404]


def test_a_client_that_closes_its_half_gets_its_answer(serve: Serve) -> None:
    served = serve(echo)
    with served.connect(b"GET /half HTTP/1.1\r\nHost: a\r\n\r\n") as connection:
        connection.shutdown(socket.SHUT_WR)
        assert b"X-Path: /half" in until_closed(connection)
    with served.connect(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc") as connection:
        connection.shutdown(socket.SHUT_WR)
        assert statuses(until_closed(connection)) == [400]


def test_an_ambiguous_request_is_refused_and_closes_the_connection(serve: Serve) -> None:
    served = serve(echo)
    hidden = b"GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"
    for head in (
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 0\r\nContent-Length: 40\r\n",
        b"Content-Length: -1\r\n",
        b"Transfer-Encoding : chunked\r\n",
    ):
        received = served.exchange(b"POST / HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n0\r\n\r\n" + hidden)
        assert statuses(received) == [400]
        assert b"hidden" not in received


def test_requests_before_a_malformed_one_are_answered(serve: Serve) -> None:
    served = serve(echo)
    received = served.exchange(b"GET /good HTTP/1.1\r\nHost: a\r\n\r\nNONSENSE\r\n\r\n")
    assert statuses(received) == [200, 400]


def test_stopping_answers_what_is_under_way_and_refuses_new_connections(serve: Serve) -> None:
    began, release = threading.Event(), threading.Event()

    def slow(_environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        began.set()
        release.wait(30)
        start("200 OK", [])
        return [b"done"]

    served = serve(slow, graceful_seconds=30)
    with served.connect(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n") as connection:
        assert began.wait(30)
        served.server.stop()
        eventually(lambda: served.server.stopping)
        with pytest.raises(ConnectionRefusedError):
            served.connect()
        release.set()
        received = until_closed(connection)
    assert received.endswith(b"done")
    assert b"Connection: close" in received


def refused(served: Served) -> bool:
    try:
        served.connect().close()
    except ConnectionRefusedError:
        return True
    return False


def test_with_a_drain_time_new_connections_are_answered_and_the_application_knows(serve: Serve) -> None:
    def tell(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        start("200 OK", [])
        return [str(environ["http_server.stopping"]).encode()]

    served = serve(tell, graceful_seconds=60, drain_seconds=60)
    assert requests.get(served.url, timeout=30).text == "False"
    served.server.stop()
    eventually(lambda: served.server.stopping)
    answer = requests.get(served.url, timeout=30)
    assert (answer.text, answer.headers["Connection"]) == ("True", "close")
    served.server.stop()
    eventually(lambda: refused(served))


def test_both_ends_of_the_connection_are_shown(serve: Serve) -> None:
    def where(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        start("200 OK", [])
        return [f"{environ['REMOTE_ADDR']} {environ['SERVER_PORT']}".encode()]

    served = serve(where)
    assert requests.get(served.url, timeout=30).text == f"127.0.0.1 {served.port}"
