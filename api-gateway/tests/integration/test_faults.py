"""Services that are down, hang, drip, break off or talk nonsense: 503 and 504 problems, and nothing leaks."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

Make = Callable[..., Client]
SOON = 20.0  # on a machine that has much else to do
LEAKS = ("Traceback", "127.0.0.1", "Errno", "Connection", "http.client", "site-packages", "Token", "select ")


def timed(
    client: Client, method: str = "GET", path: str = "/api/tickets/1", **request: Any
) -> tuple[TestResponse, float]:
    began = time.monotonic()
    answer = client.open(path, method=method, **request)
    return answer, time.monotonic() - began


def assert_problem(answer: TestResponse, status: int) -> None:
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.json["status"] == status
    assert not [leak for leak in LEAKS if leak in answer.text]


def hang(handler: Any, body: bytes) -> None:
    handler.connection.settimeout(60)
    handler.connection.recv(1)  # until the other side gives up


def cut_off(handler: Any, body: bytes) -> None:
    handler.close_connection = True


def nonsense(handler: Any, body: bytes) -> None:
    handler.wfile.write(b"\x00\x01 this is not HTTP\r\n\r\n")
    handler.close_connection = True


def too_short(handler: Any, body: bytes) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
    handler.close_connection = True


def drip(handler: Any, body: bytes) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(1_000):
        handler.wfile.write(b"x")
        time.sleep(0.05)


def test_a_service_that_is_down_is_503_and_says_when_to_come_back(gateway: Make) -> None:
    answer, seconds = timed(gateway())
    assert_problem(answer, 503)
    assert answer.json["code"] == "upstream_down"
    assert int(answer.headers["Retry-After"]) >= 1
    assert seconds < SOON


@pytest.mark.parametrize("behaviour", [hang, drip])
def test_a_service_that_is_slow_is_504_at_the_deadline(gateway: Make, upstream: Any, behaviour: Any) -> None:
    client = gateway(ticket=upstream(behaviour), UPSTREAM_DEADLINE_SECONDS="0.5")
    answer, seconds = timed(client)
    assert_problem(answer, 504)
    assert answer.json["code"] == "upstream_timeout"
    assert 0.3 < seconds < SOON


@pytest.mark.slow
def test_without_settings_a_hung_service_is_504_after_ten_seconds(gateway: Make, upstream: Any) -> None:
    answer, seconds = timed(gateway(ticket=upstream(hang)))
    assert_problem(answer, 504)
    assert 9.5 < seconds < 10 + SOON


@pytest.mark.parametrize("behaviour", [cut_off, nonsense, too_short])
def test_a_service_that_breaks_off_or_talks_nonsense_is_503(gateway: Make, upstream: Any, behaviour: Any) -> None:
    answer, seconds = timed(gateway(ticket=upstream(behaviour)))
    assert_problem(answer, 503)
    assert seconds < SOON


def test_other_services_answer_while_one_is_down(gateway: Make, upstream: Any) -> None:
    client = gateway(ticket=upstream())
    assert client.get("/api/dashboard/summary").status_code == 503
    assert client.post("/api/tickets", json={}).status_code == 200
    assert client.get("/api/statuses").status_code == 200


@pytest.mark.parametrize(
    ("method", "headers", "times"),
    [("GET", {}, 2), ("HEAD", {}, 2), ("POST", {}, 1), ("POST", {"Idempotency-Key": "k"}, 2), ("PUT", {}, 1),
     ("DELETE", {}, 1)],
)  # fmt: skip
def test_only_what_may_happen_twice_is_tried_again(
    gateway: Make, upstream: Any, method: str, headers: dict[str, str], times: int
) -> None:
    service = upstream(cut_off)
    path = "/api/tickets" if method == "POST" else "/api/tickets/1"
    answer = gateway(ticket=service).open(path, method=method, headers=headers)
    assert answer.status_code == 503
    assert len(service.seen) == times


@pytest.mark.parametrize("status", [502, 503, 504])
@pytest.mark.parametrize(
    ("method", "headers", "times"), [("GET", {}, 2), ("POST", {}, 1), ("POST", {"Idempotency-Key": "k"}, 2)]
)
def test_a_service_out_of_reach_behind_a_proxy_is_tried_again_where_that_is_safe(
    gateway: Make, upstream: Any, replied: Any, status: int, method: str, headers: dict[str, str], times: int
) -> None:
    service = upstream(lambda handler, body: replied(handler, {}, status if len(service.seen) == 1 else 200))
    answer = gateway(ticket=service).open("/api/tickets", method=method, headers=headers)
    assert (answer.status_code, len(service.seen)) == (200 if times == 2 else status, times)


def test_a_service_that_asks_for_a_pause_is_not_tried_again(gateway: Make, upstream: Any, replied: Any) -> None:
    service = upstream(lambda handler, body: replied(handler, {}, 503, [("Retry-After", "2")]))
    answer = gateway(ticket=service).get("/api/tickets/1")
    assert (answer.status_code, answer.headers["Retry-After"], len(service.seen)) == (503, "2", 1)


def test_a_second_try_that_works_is_all_the_client_sees(gateway: Make, upstream: Any, replied: Any) -> None:
    def once(handler: Any, body: bytes) -> None:
        if len(service.seen) == 1:
            cut_off(handler, body)
        else:
            replied(handler, {"id": 1})

    service = upstream(once)
    assert gateway(ticket=service).get("/api/tickets/1").json == {"id": 1}
    assert len(service.seen) == 2


def unavailable(handler: Any, body: bytes) -> None:
    handler.wfile.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize("behaviour", [cut_off, unavailable])
def test_a_failing_service_gets_no_more_than_a_tenth_on_top(gateway: Make, upstream: Any, behaviour: Any) -> None:
    service = upstream(behaviour)
    client = gateway(ticket=service, UPSTREAM_BREAKER_FAILURES="1000", UPSTREAM_BREAKER_CALLS="1000")
    for _ in range(60):
        client.get("/api/tickets/1")
    assert len(service.seen) <= 60 * 1.1 + 1


def test_a_service_that_keeps_failing_is_left_alone_and_found_again(gateway: Make, upstream: Any) -> None:
    service = upstream(cut_off)
    client = gateway(ticket=service, UPSTREAM_BREAKER_FAILURES="3", UPSTREAM_BREAKER_SECONDS="5")
    for _ in range(6):
        client.get("/api/tickets/1")
    tried = len(service.seen)
    answers = [client.get("/api/tickets/1") for _ in range(10)]
    assert {answer.status_code for answer in answers} == {503}
    assert len(service.seen) == tried
    service.behave = None
    deadline = time.monotonic() + 180
    while client.get("/api/tickets/1").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_long_answer_passes_piece_by_piece(gateway: Make, upstream: Any) -> None:
    size = 30 * 1024 * 1024

    def long(handler: Any, body: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(size))
        handler.end_headers()
        for _ in range(size // 65536):
            handler.wfile.write(b"x" * 65536)

    answer = gateway(ticket=upstream(long)).get("/api/tickets", buffered=False)
    pieces = [len(piece) for piece in answer.response]
    assert sum(pieces) == size
    assert max(pieces) <= 1024 * 1024
    assert answer.headers["Content-Length"] == str(size)


def test_streams_of_a_service_take_a_share_of_the_threads_and_leave_the_other_requests_theirs(
    gateway: Make, upstream: Any, replied: Any
) -> None:
    def begin(handler: Any, body: bytes) -> None:
        if handler.path != "/api/tickets":
            replied(handler, {"id": 1})
            return
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        handler.close_connection = True

    client = gateway(ticket=upstream(begin), HTTP_THREADS="10", UPSTREAM_SHARE="0.3")
    streams = [client.get("/api/tickets", buffered=False) for _ in range(3)]
    assert [stream.status_code for stream in streams] == [200, 200, 200]
    refused = client.get("/api/tickets")
    assert_problem(refused, 503)
    assert refused.json["code"] == "overloaded"
    assert client.get("/api/tickets/1").status_code == 200
    for stream in streams:
        stream.close()
        stream.close()
    assert client.get("/api/tickets").data == b"data: 1\n\n"


def test_an_internal_error_reveals_no_details(gateway: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    client = gateway()

    def broken(*_: object) -> None:
        raise RuntimeError("password=hunter2 at /secret/path")

    monkeypatch.setattr(client.application._authenticator, "identify", broken)  # type: ignore[union-attr]
    answer = client.get("/api/tickets/1")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert answer.json["code"] == "internal_error"
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]
