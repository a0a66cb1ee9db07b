"""Who may open an event stream or a WebSocket through the gateway, and until when."""

import contextlib
import json
import socket
from typing import Any

import pytest
from api_gateway.live import tunnels
from service_kit.identity import ANONYMOUS

from ..live_process import PRODUCTION, UPGRADE, WAIT_SECONDS, Played, Served, caller_in, eventually, read


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://localhost", True),
        ("https://desk.example", True),
        ("https://evil.example", False),
        ("null", False),
        ("http://localhost.evil.example", False),
    ],
)
def test_a_page_of_another_origin_may_not_connect(serve: Any, auth_service: Any, origin: str, allowed: bool) -> None:
    served = serve(auth=auth_service.server, CORS_ORIGINS="https://desk.example", **PRODUCTION)
    lines = (*UPGRADE, f"Origin: {origin}", f"Authorization: Bearer {auth_service.token()}")
    if allowed:
        with served.open("/ws/notifications", *lines) as (_, received):
            assert received.startswith(b"HTTP/1.1 101")
    else:
        status, problem = served.status("/ws/notifications", *lines)
        assert (status, problem["code"]) == (403, "origin_refused")


def test_without_a_token_a_stream_is_401_and_a_socket_is_left_to_be_closed(
    serve: Any, auth_service: Any, live: Played
) -> None:
    served = serve(auth=auth_service.server, **PRODUCTION)
    assert served.status("/api/changes")[0] == 401
    for lines in ((), ("Authorization: Bearer nonsense",)):
        with served.open("/ws/notifications", *UPGRADE, *lines):
            pass
        assert caller_in(live.heads[-1], PRODUCTION["INTERNAL_SIGNING_KEY"]).role == ANONYMOUS


def ticket_of(served: Served, path: str, token: str, *lines: str) -> str:
    body = json.dumps({"path": path})
    with socket.create_connection(("127.0.0.1", served.port), timeout=WAIT_SECONDS) as connection:
        head = ["POST /api/ws-tickets HTTP/1.1", "Host: localhost", f"Authorization: Bearer {token}", *lines]
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}", "Connection: close", "", body]
        connection.sendall("\r\n".join(head).encode())
        received = read(connection, b"}")
    assert received.startswith(b"HTTP/1.1 200"), received
    return str(json.loads(received.partition(b"\r\n\r\n")[2])["ticket"])


def test_a_ticket_opens_one_path_for_pages_of_one_origin(serve: Any, auth_service: Any, live: Played) -> None:
    served = serve(auth=auth_service.server, **PRODUCTION, REVOCATION_POLL_SECONDS="0.2", TUNNELS_PER_USER="2000")
    page = "Origin: http://localhost"
    ticket = ticket_of(served, "/ws/tickets/42", auth_service.token(role="agent"), page)
    opened = f"/ws/tickets/42?ticket={ticket}"

    def role(path: str, *lines: str) -> str:
        with served.open(path, *UPGRADE, *lines):
            pass
        return str(caller_in(live.heads[-1], PRODUCTION["INTERNAL_SIGNING_KEY"]).role)

    assert role(opened, page) == "agent"
    assert live.targets[-1] == "/ws/tickets/42"
    first = live.heads[-1]["x-connection-ticket"]
    assert role(opened, page) == "agent"
    assert live.heads[-1]["x-connection-ticket"] == first, "the live process refuses the second use by this number"
    assert role(opened) == ANONYMOUS
    assert role(f"/ws/tickets/43?ticket={ticket}", page) == ANONYMOUS
    assert role(f"/ws/tickets/42?ticket={ticket[:-3]}abc", page) == ANONYMOUS
    assert role(f"/ws/tickets/42?ticket={auth_service.token()}", page) == ANONYMOUS
    auth_service.revoke("session", "session-1")
    eventually(lambda: role(opened, page) == ANONYMOUS)


def test_a_connection_ends_with_a_goodbye_when_its_session_is_revoked(
    serve: Any, auth_service: Any, live: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tunnels, "PARTING_SECONDS", 0.5)
    served = serve(auth=auth_service.server, **PRODUCTION, REVOCATION_POLL_SECONDS="0.1")
    with served.open("/api/changes", f"Authorization: Bearer {auth_service.token()}") as (connection, _):
        auth_service.revoke("session", "session-1")
        eventually(lambda: live.goodbyes)
        assert live.goodbyes == [{"code": "revoked", "connections": [live.heads[0]["x-connection-id"]]}]
        # The live process that these tests play does nothing then, so the gateway cuts the connection.
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(100) == b""
    eventually(lambda: live.open == 0)


def test_a_connection_ends_with_its_access_token(serve: Any, auth_service: Any, live: Played) -> None:
    served = serve(auth=auth_service.server, **PRODUCTION)
    with served.open("/api/changes", f"Authorization: Bearer {auth_service.token(seconds_ago=898)}"):
        eventually(lambda: live.goodbyes)
        assert live.goodbyes[0]["code"] == "token_expired"
