"""An application's response as bytes on the wire (RFC 9112, PEP 3333)."""

import time
from collections.abc import Iterable, Iterator
from typing import Any
from wsgiref.validate import validator

import pytest
from http_server.exchange import Application, ClientGone, Exchange
from http_server.head import Addresses, Head
from http_server.reader import Request
from http_server.spool import Body, Spool

HERE = Addresses("127.0.0.1", "127.0.0.1", 5000)


class Collected:
    """Implements `Sink` and keeps the parts."""

    reusable = True
    stopping = False

    def __init__(self, gone_after: int = 1000) -> None:
        self.parts: list[bytes] = []
        self.keep_alive: bool | None = None
        self.complete: bool | None = None
        self._gone_after = gone_after

    def send(self, data: bytes) -> None:
        if len(self.parts) >= self._gone_after:
            raise ClientGone
        self.parts.append(data)

    def finish(self, data: bytes, *, keep_alive: bool, complete: bool) -> None:
        assert self.complete is None, "finished twice"
        self.parts.append(data)
        self.keep_alive, self.complete = keep_alive, complete

    @property
    def head(self) -> list[str]:
        return b"".join(self.parts).partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")

    @property
    def body(self) -> bytes:
        return b"".join(self.parts).partition(b"\r\n\r\n")[2]


def answer(
    application: Application, method: bytes = b"GET", version: str = "1.1", sink: Collected | None = None
) -> Collected:
    found = sink or Collected()
    request = Request(Head(method, b"/", version, [(b"Host", b"a")]), Body(Spool(10**6, 0)), True)
    Exchange(request, HERE, found).run(application)
    return found


def app(pieces: Iterable[bytes], *headers: tuple[str, str], status: str = "200 OK") -> Application:
    def application(_environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        start(status, list(headers))
        return pieces

    return application


def test_the_application_knows_how_long_its_request_waited_and_whether_the_server_stops() -> None:
    seen: list[dict[str, Any]] = []

    def application(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        seen.append(environ)
        start("200 OK", [])
        return [b""]

    sink = Collected()
    sink.stopping = True
    exchange = Exchange(Request(Head(b"GET", b"/", "1.1", [(b"Host", b"a")]), Body(Spool(10**6, 0)), True), HERE, sink)
    time.sleep(0.05)
    exchange.run(application)
    assert seen[0]["http_server.waited_seconds"] >= 0.05
    assert seen[0]["http_server.stopping"] is True


def test_a_list_gets_its_length() -> None:
    found = answer(app([b"ab", b"", b"c"]))
    assert found.head[0] == "HTTP/1.1 200 OK"
    assert "Content-Length: 3" in found.head
    assert found.body == b"abc"
    assert len(found.parts) == 1
    assert found.keep_alive


def test_a_stream_is_sent_piece_by_piece() -> None:
    found = answer(app(iter([b"one", b"two"])))
    assert "Transfer-Encoding: chunked" in found.head
    assert [part.rpartition(b"\r\n\r\n")[2] if index == 0 else part for index, part in enumerate(found.parts)] == [
        b"3\r\none\r\n", b"3\r\ntwo\r\n", b"0\r\n\r\n",
    ]  # fmt: skip


def test_a_stream_for_http_1_0_ends_with_the_connection() -> None:
    found = answer(app(iter([b"one", b"two"])), version="1.0")
    assert found.body == b"onetwo"
    assert "Connection: close" in found.head
    assert found.keep_alive is False


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_some_statuses_have_no_body(status: str) -> None:
    found = answer(app([b"not sent"], status=status))
    assert found.body == b""
    assert not [line for line in found.head if line.startswith(("Content-Length", "Transfer"))]


def test_head_has_the_length_and_no_body() -> None:
    found = answer(app([b"abc"], ("Content-Length", "3")), method=b"HEAD")
    assert "Content-Length: 3" in found.head
    assert found.body == b""
    assert found.keep_alive


def test_an_empty_stream_has_length_zero() -> None:
    assert "Content-Length: 0" in answer(app(iter([]))).head


def test_a_long_answer_is_sent_in_pieces_that_wait_for_the_client() -> None:
    piece = b"x" * 30_000
    found = answer(app(iter([piece] * 10), ("Content-Length", "300000")))
    assert found.body == piece * 10
    assert len(found.parts) == 4
    assert found.complete


@pytest.mark.parametrize("declared", ["2", "4"])
def test_a_response_of_another_length_than_declared_is_an_error_or_aborted(declared: str) -> None:
    found = answer(app(iter([b"abc"]), ("Content-Length", declared)))
    assert found.head[0] == "HTTP/1.1 500 Internal Server Error"
    long = answer(app(iter([b"x" * 70_000, b"y"]), ("Content-Length", "80000")))
    assert long.complete is False


def test_an_error_before_the_head_is_500_and_after_it_cuts_the_stream_off() -> None:
    def failing(first: bytes) -> Iterator[bytes]:
        yield first
        raise RuntimeError("secret detail")

    early = answer(app(failing(b"")))
    assert early.head[0].startswith("HTTP/1.1 500")
    assert b"secret" not in b"".join(early.parts)
    late = answer(app(failing(b"x")))
    assert late.complete is False


def test_the_result_is_closed_whatever_happens() -> None:
    class Result:
        closed = 0

        def __iter__(self) -> Iterator[bytes]:
            yield b"a"
            yield b"b"

        def close(self) -> None:
            self.closed += 1

    whole, left = Result(), Result()
    answer(app(whole))
    gone = answer(app(left), sink=Collected(gone_after=1))
    assert (whole.closed, left.closed) == (1, 1)
    assert gone.complete is False


def test_hop_by_hop_headers_and_the_server_are_left_out() -> None:
    found = answer(app([b"x"], ("Server", "me"), ("Connection", "close"), ("X-A", "b"), ("Keep-Alive", "timeout=5")))
    assert "X-A: b" in found.head
    assert not [line for line in found.head if line.startswith(("Server", "Keep-Alive"))]
    assert found.keep_alive is False


def test_a_header_with_a_line_end_is_an_error() -> None:
    found = answer(app([b"x"], ("X-A", "b\r\nSet-Cookie: c")))
    assert found.head[0].startswith("HTTP/1.1 500")


def test_it_keeps_the_rules_that_the_standard_librarys_validator_checks() -> None:
    found = answer(validator(app([b"hello"], ("Content-Type", "text/plain"))))
    assert found.body == b"5\r\nhello\r\n0\r\n\r\n"
