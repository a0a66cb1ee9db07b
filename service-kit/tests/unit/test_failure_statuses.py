"""Calls name the statuses that open the breaker; `Retry-After` sets for how long."""

import pytest
from service_kit.circuit_breaker import CircuitBreaker
from service_kit.http_client import SERVER_ERRORS, UpstreamUnavailable, retry_after_seconds

from .test_service_client import FINE, responds_with, serving


def response(status: int, *headers: str) -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status} Status", "Content-Length: 2", *headers])
    return f"{head}\r\n\r\nno".encode()


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 507])
def test_a_status_that_the_call_names_opens_the_breaker_and_is_returned(status: int) -> None:
    with serving(responds_with(response(status))) as server:
        client = server.client(breaker=CircuitBreaker(failures=3, open_seconds=60))
        for _ in range(3):
            # A POST without a key isn't sent again.
            assert client.request("POST", "/", body=b"{}", failure_statuses={status}).status == status
        with pytest.raises(UpstreamUnavailable, match="failed too often"):
            client.request("POST", "/", body=b"{}", failure_statuses={status})
        assert len(server.requests) == 3


@pytest.mark.parametrize("status", [200, 404, 409, 429, 500, 503])
def test_a_status_that_the_call_does_not_name_counts_as_success(status: int) -> None:
    with serving(responds_with(response(status))) as server:
        client = server.client(breaker=CircuitBreaker(failures=1, open_seconds=60))
        for _ in range(5):
            assert client.request("POST", "/", body=b"{}").status == status
        assert client.breaker.closed


def test_a_call_names_its_statuses_for_itself_alone() -> None:
    with serving(responds_with(response(503))) as server:
        client = server.client(breaker=CircuitBreaker(failures=1, open_seconds=60))
        assert client.request("GET", "/").status == 503
        assert client.breaker.closed
        assert client.request("GET", "/", failure_statuses=SERVER_ERRORS).status == 503
        assert not client.breaker.closed


def test_a_stream_that_begins_with_a_failure_status_counts_too() -> None:
    with serving(responds_with(response(500))) as server:
        client = server.client(breaker=CircuitBreaker(failures=1, open_seconds=60))
        reply = client.request("GET", "/", stream=True, failure_statuses=SERVER_ERRORS)
        assert b"".join(reply.chunks()) == b"no"
        assert not client.breaker.closed


def test_a_success_in_between_restarts_the_count() -> None:
    responses = [response(500), response(500), FINE, response(500), response(500), FINE]
    with serving(lambda connection, _request: connection.sendall(responses.pop(0)) is None) as server:
        client = server.client(breaker=CircuitBreaker(failures=3, open_seconds=60))
        for _ in range(6):
            client.request("GET", "/", failure_statuses=SERVER_ERRORS)
        assert client.breaker.closed


def test_the_breaker_stays_open_for_the_retry_after() -> None:
    clock = [0.0]
    breaker = CircuitBreaker(failures=2, open_seconds=1, clock=lambda: clock[0])
    with serving(responds_with(response(503, "Retry-After: 20"))) as server:
        client = server.client(breaker=breaker)
        for _ in range(2):
            client.request("GET", "/", failure_statuses=SERVER_ERRORS)
        clock[0] = 19.0
        with pytest.raises(UpstreamUnavailable) as caught:
            client.request("GET", "/", failure_statuses=SERVER_ERRORS)
        assert caught.value.retry_after == 1.0
        clock[0] = 20.5
        assert client.request("GET", "/", failure_statuses=SERVER_ERRORS).status == 503
        assert len(server.requests) == 3


def test_a_retry_after_of_a_day_does_not_open_the_breaker_for_a_day() -> None:
    clock = [0.0]
    breaker = CircuitBreaker(failures=1, open_seconds=1, clock=lambda: clock[0])
    breaker.failed(86_400.0)
    clock[0] = 61.0
    breaker.admit()


def test_a_later_failure_of_a_call_in_flight_never_shortens_the_pause() -> None:
    clock = [0.0]
    breaker = CircuitBreaker(failures=1, open_seconds=1, clock=lambda: clock[0])
    breaker.failed(30.0)
    breaker.failed()
    clock[0] = 29.0
    with pytest.raises(Exception, match="failed too often"):
        breaker.admit()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("7", 7.0),
        ("1.5", 1.5),
        ("-1", None),
        ("soon", None),
        ("", None),
        ("nan", None),
        ("inf", None),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 60.0),
        ("Thu, 01 Jan 1970 00:00:10 GMT", 0.0),
        ("Thu, 99 Foo 1970", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(text: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(text, now=40.0) == seconds
