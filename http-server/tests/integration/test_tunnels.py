"""Connections that the application hands over: both directions, their ends, slow readers, shutdown."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from http_server.tunnel import HandOver

from .conftest import WAIT_SECONDS, Serve, eventually, until_closed

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
MIB = 1024 * 1024


class Upstream:
    """An application that hands every connection over to a socket, whose other end a test holds."""

    def __init__(self, first: bytes = b"") -> None:
        self.first = first
        self.ends: list[socket.socket] = []
        self.aborts: list[Callable[[], None]] = []
        self.stops: list[int] = []
        self.closed = 0

    def __call__(self, _environ: dict[str, Any], start: Any) -> HandOver:
        listener = socket.create_server(("127.0.0.1", 0))
        ours = socket.create_connection(listener.getsockname())
        theirs, _ = listener.accept()
        listener.close()
        theirs.settimeout(WAIT_SECONDS)
        number = len(self.ends)
        self.ends.append(theirs)
        start("101 Switching Protocols", [("X-Kind", "tunnel"), ("Connection", "close")])
        fields = (("Connection", "Upgrade"), ("Upgrade", "echo"))
        return HandOver(
            ours,
            fields,
            self.first,
            on_stop=lambda: self.stops.append(number),
            on_close=self._close,
            on_open=self.aborts.append,
        )

    def _close(self) -> None:
        self.closed += 1


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    made = Upstream(first=b"hello ")
    yield made
    for end in made.ends:
        end.close()


def read(connection: socket.socket, ending: bytes) -> bytes:
    received = b""
    while not received.endswith(ending):
        piece = connection.recv(65536)
        assert piece, received
        received += piece
    return received


def test_bytes_pass_in_both_directions_and_the_head_comes_first(serve: Serve, upstream: Upstream) -> None:
    served = serve(upstream)
    with served.connect(GET) as client:
        head, _, rest = read(client, b"hello ").partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 Switching Protocols\r\nDate: ")
        assert head.endswith(b"X-Kind: tunnel\r\nConnection: Upgrade\r\nUpgrade: echo")
        assert rest == b"hello "
        (end,) = upstream.ends
        client.sendall(b"ping")
        assert read(end, b"ping") == b"ping"
        end.sendall(b"pong")
        assert read(client, b"pong") == b"pong"
    assert until_closed(end) == b""
    end.close()
    eventually(lambda: upstream.closed == 1)
    assert not served.server.tunnels


def test_what_the_upstream_sent_before_its_end_arrives(serve: Serve, upstream: Upstream) -> None:
    served = serve(upstream)
    with served.connect(GET) as client:
        read(client, b"hello ")
        (end,) = upstream.ends
        end.sendall(b"x" * MIB)
        end.close()
        assert until_closed(client) == b"x" * MIB
    eventually(lambda: upstream.closed == 1)


def test_tunnels_hold_no_thread(serve: Serve, upstream: Upstream) -> None:
    served = serve(upstream, threads=2)
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(served.connect(GET)) for _ in range(200)]
        for client in clients:
            read(client, b"hello ")
        for end in upstream.ends:
            end.sendall(b"all")
        for client in clients:
            assert read(client, b"all") == b"all"
        assert len(served.server.tunnels) == 200
    eventually(lambda: upstream.closed == 200)


def test_a_client_that_reads_nothing_costs_little_and_is_cut_off(serve: Serve, upstream: Upstream) -> None:
    served = serve(upstream, tunnel_stall_seconds=2)
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(served.connect(GET, receive_buffer=4096))
        read(client, b"hello ")
        other = stack.enter_context(served.connect(GET))
        read(other, b"hello ")
        slow, quick = upstream.ends
        slow.settimeout(0.5)
        sent = 0
        with contextlib.suppress(TimeoutError, ConnectionError):
            while True:
                sent += slow.send(b"x" * 65536)
                quick.sendall(b"x")
                assert sent < 64 * MIB
        assert sent < 16 * MIB
        eventually(lambda: upstream.closed == 1)
        quick.sendall(b"!")
        read(other, b"!")


def test_a_tunnel_can_be_ended_from_any_thread(serve: Serve, upstream: Upstream) -> None:
    served = serve(upstream)
    with served.connect(GET) as client:
        read(client, b"hello ")
        threading.Thread(target=upstream.aborts[0]).start()
        with contextlib.suppress(ConnectionError):
            assert until_closed(client) == b""
    eventually(lambda: upstream.closed == 1)


def test_a_client_that_left_before_the_hand_over_leaves_no_socket(serve: Serve, upstream: Upstream) -> None:
    go = threading.Event()

    def late(environ: dict[str, Any], start: Any) -> HandOver:
        go.wait(WAIT_SECONDS)
        return upstream(environ, start)

    served = serve(late)
    served.connect(GET).close()
    go.set()
    eventually(lambda: upstream.closed == 1)
    assert not served.server.tunnels


def test_where_the_server_stops_both_ends_are_asked_to_part(serve: Serve, upstream: Upstream) -> None:
    served = serve(upstream, graceful_seconds=60)
    with served.connect(GET) as client:
        read(client, b"hello ")
        served.server.stop()
        eventually(lambda: upstream.stops == [0])
        upstream.ends[0].sendall(b"bye")
        upstream.ends[0].close()
        assert until_closed(client) == b"bye"
    eventually(lambda: upstream.closed == 1)
    assert upstream.stops == [0]


def test_a_tunnel_whose_ends_do_not_part_is_ended_with_the_server(serve: Serve, upstream: Upstream) -> None:
    served = serve(upstream, graceful_seconds=1)
    with served.connect(GET) as client:
        read(client, b"hello ")
        served.server.stop()
        with contextlib.suppress(ConnectionError):
            assert until_closed(client) == b""
    eventually(lambda: upstream.closed == 1)


def test_a_request_behind_the_one_that_was_handed_over_ends_the_connection(serve: Serve, upstream: Upstream) -> None:
    served = serve(upstream)
    with served.connect(GET + GET) as client, contextlib.suppress(ConnectionError):
        assert until_closed(client) == b""
    eventually(lambda: upstream.closed == 1)
