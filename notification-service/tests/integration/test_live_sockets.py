"""The WebSockets on a real database: messages, rights, limits, slow and vanished clients."""

import json
import socket
from collections.abc import Callable

import pytest
from notification_service.domain.changes import of_ticket
from notification_service.store import live_events
from service_kit.database.engine import Database
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ..conftest import Desk
from ..live_client import WAIT_SECONDS, Live, as_gateway, closed, eventually, headers_of, heard

ANN, BEN, RIA = 7, 8, 9


def test_each_address_has_its_messages(live: Live, desk: Desk) -> None:
    desk.user(ANN)
    with (
        live.socket("/ws/tickets/42", user=ANN) as ticket,
        live.socket("/ws/comments/42", user=ANN) as comments,
        live.socket("/ws/notifications", user=ANN) as notifications,
    ):
        for each in (ticket, comments, notifications):
            assert int(json.loads(each.recv(WAIT_SECONDS))["cursor"]) > 0
        desk.deliver(desk.created(43), desk.created(42), desk.assigned(42, ANN), desk.commented(42, BEN))
        seen = [json.loads(ticket.recv(WAIT_SECONDS)) for _ in range(3)]
        assert [(each["type"], each["ticket_id"]) for each in seen] == [
            ("ticket_update", 42),
            ("ticket_update", 42),
            ("comment_update", 42),
        ]
        assert json.loads(comments.recv(WAIT_SECONDS))["comment_id"] == 3
        desk.deliver(desk.comment_deleted(42, 3))
        assert json.loads(comments.recv(WAIT_SECONDS))["kind"] == "deleted"
        assert {"notification_id", "cursor", "type"} >= json.loads(notifications.recv(WAIT_SECONDS)).keys()


def test_a_requester_hears_of_its_own_ticket_and_of_no_note(live: Live, desk: Desk) -> None:
    with live.socket("/ws/tickets/42", user=RIA, role="requester") as own:
        with live.socket("/ws/tickets/42", user=10, role="requester") as other:
            heard(own, "connection_established")
            heard(other, "connection_established")
            desk.deliver(desk.created(42, RIA), desk.commented(42, ANN, internal=True), desk.commented(42, ANN))
            assert heard(own, "ticket_update")["kinds"] == ["created"]
            assert json.loads(own.recv(WAIT_SECONDS))["type"] == "comment_update"
            other.send(json.dumps({"type": "ping"}))
            assert json.loads(other.recv(WAIT_SECONDS)) == {"type": "pong"}
        own.send(json.dumps({"type": "ping"}))
        assert json.loads(own.recv(WAIT_SECONDS)) == {"type": "pong"}


def test_a_cursor_resumes_and_an_old_one_is_reset(live: Live, desk: Desk) -> None:
    with live.socket("/ws/tickets/42", user=ANN) as first:
        heard(first, "connection_established")
        desk.deliver(desk.created(42))
        cursor = heard(first, "ticket_update")["cursor"]
    desk.deliver(desk.assigned(42, ANN), desk.created(43))
    with live.socket(f"/ws/tickets/42?cursor={cursor}", user=ANN) as back:
        assert heard(back, "connection_established")["cursor"] == cursor
        kinds = []
        while "assigned" not in kinds:
            kinds += heard(back, "ticket_update")["kinds"]
        assert kinds[-1] == "assigned"
    with live.socket("/ws/tickets/42?cursor=99999999999999", user=ANN) as lost:
        assert heard(lost, "reset")


def test_who_types_is_shown_to_colleagues_alone(live: Live, desk: Desk) -> None:
    desk.deliver(desk.created(42, RIA))
    with (
        live.socket("/ws/tickets/42", user=ANN) as ann,
        live.socket("/ws/comments/42", user=BEN) as ben,
        live.socket("/ws/tickets/42", user=RIA, role="requester") as ria,
        live.socket("/ws/tickets/42", user=10, role="requester") as stranger,
    ):
        for each in (ann, ben, ria, stranger):
            heard(each, "connection_established")
        stranger.send(json.dumps({"type": "typing", "typing": True}))
        ann.send(json.dumps({"type": "typing", "typing": True}))
        assert heard(ben, "typing_indicator") | {"cursor": ""} == {
            "type": "typing_indicator", "ticket_id": 42, "user": ANN, "typing": True, "cursor": "",
        }  # fmt: skip
        ria.send(json.dumps({"type": "typing", "typing": True}))
        assert heard(ben, "typing_indicator")["user"] == RIA
        ann.send(json.dumps({"type": "typing", "typing": False}))
        assert heard(ben, "typing_indicator")["typing"] is False
        desk.deliver(desk.created(42, RIA))
        assert json.loads(ria.recv(WAIT_SECONDS))["type"] == "ticket_update", "nothing of who types came before"


@pytest.mark.parametrize("path", ["/ws/tickets/0", "/ws/tickets/x", "/ws/other/1", "/ws/tickets/99999999999999999999"])
def test_an_unknown_address_is_404(live: Live, path: str) -> None:
    with pytest.raises(InvalidStatus) as raised:
        live.socket(path, user=ANN)
    assert raised.value.response.status_code == 404


def test_somebody_unknown_is_let_in_and_closed_with_4401(live: Live) -> None:
    with live.socket("/ws/notifications", headers=headers_of(role="service")) as connection:
        assert closed(connection) == (4401, "unauthorized")


def test_a_ticket_is_good_once(live: Live) -> None:
    with live.socket("/ws/notifications", user=ANN, x_connection_ticket="n1") as connection:
        heard(connection, "connection_established")
    with live.socket("/ws/notifications", user=ANN, x_connection_ticket="n1") as connection:
        assert closed(connection)[0] == 4401
    with live.socket("/ws/notifications", user=ANN, x_connection_ticket="n2") as connection:
        heard(connection, "connection_established")


def test_a_socket_ends_by_a_goodbye_where_the_gateway_says_so(live: Live) -> None:
    with live.socket("/ws/notifications", user=ANN, x_connection_id="one") as connection:
        heard(connection, "connection_established")
        body = {"code": "token_expired", "connections": ["one"]}
        assert live.get("/internal/goodbye", as_gateway(), "POST", body)[0] == 200
        assert heard(connection, "goodbye")["code"] == "token_expired"
        assert closed(connection) == (4401, "token_expired")


def test_a_process_that_ends_closes_with_1001(start: Callable[..., Live]) -> None:
    live = start()
    with live.socket("/ws/notifications", user=ANN) as connection:
        heard(connection, "connection_established")
        live.stop.set()
        assert heard(connection, "goodbye")["code"] == "restarting"
        assert closed(connection)[0] == 1001


def test_what_is_not_understood_is_ignored(live: Live) -> None:
    with live.socket("/ws/tickets/42", user=ANN) as connection:
        for frame in ("nonsense", "[]", '{"type": 5}', '{"type": "typing", "typing": 1}', "{}", b"\xff\x00"):
            connection.send(frame)
        connection.send('{"type": "ping"}')
        assert heard(connection, "pong")


def test_more_than_ten_frames_a_second_end_the_socket(start: Callable[..., Live]) -> None:
    live = start(live_frames_per_second=10)
    with live.socket("/ws/tickets/42", user=ANN) as connection:
        for _ in range(40):
            try:
                connection.send("{}")
            except ConnectionClosed:
                break
        assert heard(connection, "goodbye")["code"] == "too_many_frames"
        assert closed(connection)[0] == 4429


def test_a_client_that_answers_no_ping_is_dropped(start: Callable[..., Live]) -> None:
    live = start(live_heartbeat_seconds=0.5, live_silence_seconds=1.5)
    with socket.create_connection(("127.0.0.1", live.port), timeout=WAIT_SECONDS) as connection:
        head = ["GET /ws/notifications HTTP/1.1", "Host: a", "Connection: Upgrade", "Upgrade: websocket"]
        head += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
        head += [f"{name}: {value}" for name, value in headers_of(user=ANN).items()]
        connection.sendall("\r\n".join([*head, "", ""]).encode())
        while connection.recv(65536):
            pass
    eventually(lambda: b'live_connections{kind="socket"} 0.0' in live.get("/metrics")[1])


def test_a_client_that_reads_nothing_is_dropped_and_costs_the_others_nothing(
    start: Callable[..., Live], desk: Desk, database: Database
) -> None:
    live = start(live_queue=8, live_heartbeat_seconds=0.5, live_silence_seconds=2)
    streams = b'live_connections{kind="stream"} %.1f'
    with socket.socket() as slow, live.socket("/ws/tickets/42", user=BEN) as quick:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        slow.connect(("127.0.0.1", live.port))
        head = ["GET /api/changes HTTP/1.1", "Host: a", *(f"{name}: {value}" for name, value in headers_of().items())]
        slow.sendall("\r\n".join([*head, "", ""]).encode())
        eventually(lambda: streams % 1 in live.get("/metrics")[1])
        flood = [of_ticket(1, 1, None, "ticket.updated", 1)] * 4_000
        for number in range(1, 9):
            with database.session(1) as session, session.begin():
                live_events.add(session, flood)
            desk.deliver(desk.assigned(42, ANN, revision=number))
            assert heard(quick, "ticket_update")["version"] == number
        eventually(lambda: streams % 0 in live.get("/metrics")[1])
        quick.send('{"type": "ping"}')
        assert heard(quick, "pong")
