"""Event streams and WebSockets through the gateway, to a live process that these tests play."""

import contextlib
from typing import Any

import pytest

from ..live_process import UPGRADE, Played, caller_in, eventually, read


def test_a_stream_passes_with_its_cursor_and_the_callers_identity(serve: Any, live: Played) -> None:
    served = serve()
    with served.open("/api/changes", "Last-Event-ID: 17", "X-Internal-Token: forged") as (connection, received):
        head = received.partition(b"\r\n\r\n")[0].decode().lower()
        assert head.startswith("http/1.1 200 ok")
        for line in ("content-type: text/event-stream", "x-accel-buffering: no", "connection: close"):
            assert f"\r\n{line}" in head
        assert "x-secret" not in head
        assert "content-length" not in head
        connection.sendall(b"ping.")
        assert read(connection, b"ping.") == b"ping."
    assert live.heads[0]["last-event-id"] == "17"
    assert caller_in(live.heads[0]).role == "admin"
    eventually(lambda: live.open == 0)


def test_a_websocket_passes_both_ways(serve: Any, live: Played) -> None:
    served = serve()
    with served.open("/ws/tickets/42?cursor=5", *UPGRADE) as (connection, received):
        head = received.partition(b"\r\n\r\n")[0].decode()
        assert head.startswith("HTTP/1.1 101 Switching Protocols")
        assert "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head
        assert "\r\nConnection: Upgrade\r\nUpgrade: websocket" in head
        connection.sendall(b"\x81\x84mask")
        assert read(connection, b"mask") == b"\x81\x84mask"
    assert live.targets == ["/ws/tickets/42?cursor=5"]


def test_many_connections_hold_no_thread_and_are_counted(serve: Any, live: Played) -> None:
    served = serve(TUNNELS_PER_USER="60")
    with contextlib.ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(served.open("/api/changes"))
        assert served.status("/ws/notifications", *UPGRADE)[1]["code"] == "too_many_connections"
        counted = b'service="api-gateway",kind="stream"} 60.0'
        with served.open("/metrics", "Connection: close", until=counted):
            pass
    eventually(lambda: live.open == 0 and not served.server.tunnels)
    with served.open("/ws/notifications", *UPGRADE):
        pass


def test_a_live_process_that_is_down_is_503_and_nothing_else_is_affected(serve: Any, closed_port: str) -> None:
    served = serve(LIVE_URL=closed_port)
    for _ in range(8):
        status, problem = served.status("/api/changes")
        assert (status, problem["code"]) == (503, "upstream_down")
    with served.open("/health", "Connection: close", until=b"}") as (_, received):
        assert received.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(("status", "expected"), [(503, 503), (401, 503), (404, 404)])
def test_a_refusal_of_the_live_process_is_an_ordinary_answer(
    serve: Any, live: Played, status: int, expected: int
) -> None:
    live.status = status
    served = serve()
    assert served.status("/ws/tickets/1", *UPGRADE)[0] == expected
    assert len(served.gateway._real_time._tunnels) == 0


def test_clients_that_are_refused_come_back_soon_and_not_all_at_once(serve: Any, closed_port: str) -> None:
    served = serve(LIVE_URL=closed_port)
    pauses = set()
    for _ in range(40):
        with served.open("/api/changes", until=b"}") as (_, received):
            pauses.add(int(received.decode().lower().partition("retry-after: ")[2].split()[0]))
    assert len(pauses) > 1
    assert max(pauses) <= 5, "the breaker's pause of two seconds does not grow"


def test_the_address_of_a_websocket_answers_others_with_426(serve: Any) -> None:
    status, problem = serve().status("/ws/notifications")
    assert (status, problem["code"]) == (426, "upgrade_required")


def test_where_the_gateway_stops_the_live_process_says_goodbye(serve: Any, live: Played) -> None:
    served = serve()
    with served.open("/api/changes"):
        served.server.stop()
        eventually(lambda: live.goodbyes)
        assert live.goodbyes[0]["code"] == "restarting"
