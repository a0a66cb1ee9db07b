"""WebSockets that break the protocol, flood, read nothing or vanish: clear codes, and others notice nothing."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from notification_service.domain.changes import of_ticket
from notification_service.store import live_events
from service_kit.database.engine import Database
from websockets.sync.client import ClientConnection

from ..conftest import Desk
from ..live_client import WAIT_SECONDS, Live, closed, eventually, headers_of, heard

ANN, BEN = 7, 8
SOCKETS = b'live_connections{kind="socket"} %.1f'


@contextmanager
def unaffected(live: Live, desk: Desk) -> Iterator[None]:
    """Check that a well-behaved client is connected throughout and sees a change in the end."""
    with live.socket("/ws/tickets/42", user=BEN) as other:
        heard(other, "connection_established")
        yield
        desk.deliver(desk.created(42))
        assert heard(other, "ticket_update")["ticket_id"] == 42


@contextmanager
def raw(live: Live, receive_bytes: int = 65536) -> Iterator[socket.socket]:
    """Yield the connection of a WebSocket that a test plays frame by frame."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        connection.settimeout(WAIT_SECONDS)
        connection.connect(("127.0.0.1", live.port))
        head = ["GET /ws/tickets/43 HTTP/1.1", "Host: a", "Connection: Upgrade", "Upgrade: websocket"]
        head += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
        head += [f"{name}: {value}" for name, value in headers_of(user=ANN).items()]
        connection.sendall("\r\n".join([*head, "", ""]).encode())
        yield connection


def bad_frame(connection: ClientConnection, *frame: bytes) -> tuple[int, str]:
    """Send bytes in place of a frame; return code and reason of the close."""
    heard(connection, "connection_established")
    connection.socket.sendall(b"".join(frame))
    return closed(connection)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x81\xff" + (100 * 1024 * 1024).to_bytes(8, "big") + b"mask" + b"x" * 5000, 1009),
        (b"\x81\x82\x00\x00\x00\x00\xff\xfe", 1007),
        (b"\x81\x02{}", 1002),
        (b"\x83\x80\x00\x00\x00\x00", 1002),
        (b"\x80\x80\x00\x00\x00\x00", 1002),
    ],
    ids=["100 MB", "invalid UTF-8", "without a mask", "an unknown opcode", "a continuation of nothing"],
)
def test_a_bad_frame_ends_its_own_socket_with_a_clear_code(live: Live, desk: Desk, frame: bytes, code: int) -> None:
    with unaffected(live, desk), live.socket("/ws/tickets/42", user=ANN) as bad:
        assert bad_frame(bad, frame)[0] == code


def test_ten_thousand_frames_at_once_end_their_own_socket(live: Live, desk: Desk) -> None:
    with unaffected(live, desk), raw(live) as flood:
        ping = json.dumps({"type": "ping"}).encode()
        frame = bytes([0x81, 0x80 | len(ping)]) + b"\x00" * 4 + ping
        received = b""
        while b"connection_established" not in received:
            received += flood.recv(65536)
        with suppress(ConnectionError):
            flood.sendall(frame * 10_000)
        with suppress(ConnectionError):
            while b"too_many_frames" not in received and (piece := flood.recv(65536)):
                received += piece
        assert b"too_many_frames" in received
        assert received.count(b'"pong"') <= live.settings.live_frames_per_second


def test_a_fragmented_message_over_four_kilobytes_ends_its_socket(live: Live) -> None:
    piece = b"\xfe" + (1000).to_bytes(2, "big") + bytes(4) + b"x" * 1000
    with live.socket("/ws/tickets/42", user=ANN) as connection:
        # No more than what is too much: bytes that the server leaves unread reset the connection.
        assert bad_frame(connection, b"\x01" + piece, *[b"\x00" + piece] * 4)[0] == 1009


def test_a_socket_that_reads_nothing_is_dropped(start: Callable[..., Live], desk: Desk, database: Database) -> None:
    live = start(live_queue=8, live_silence_seconds=2)
    with raw(live, receive_bytes=2048):
        eventually(lambda: SOCKETS % 1 in live.get("/metrics")[1])
        with unaffected(live, desk):
            flood = [of_ticket(1, 43, None, "ticket.updated", 1)] * 300
            while SOCKETS % 2 in live.get("/metrics")[1]:
                with database.session(1) as session, session.begin():
                    live_events.add(session, flood)


def test_a_socket_that_vanishes_in_its_handshake_leaves_nothing(live: Live, desk: Desk) -> None:
    with unaffected(live, desk):
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", live.port), timeout=WAIT_SECONDS) as connection:
                connection.sendall(b"GET /ws/tickets/42 HTTP/1.1\r\nHost: a\r\nUpgr")
        eventually(lambda: SOCKETS % 1 in live.get("/metrics")[1])
