"""Load shedding: what can wait is refused once requests wait long for a thread."""

from collections.abc import Callable
from typing import Any

import pytest
from http_server.exchange import WAITED_SECONDS
from werkzeug.test import Client

Make = Callable[..., Client]
LATE, IN_TIME = {WAITED_SECONDS: 1.5}, {WAITED_SECONDS: 0.9}


def test_a_request_that_waited_too_long_is_503_and_reaches_nobody(gateway: Make, upstream: Any) -> None:
    service = upstream()
    answer = gateway(ticket=service).get("/api/tickets", environ_overrides=LATE)
    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "overloaded", "1")
    assert service.seen == []


def test_a_short_wait_costs_nobody_the_answer(gateway: Make, upstream: Any) -> None:
    assert gateway(ticket=upstream()).get("/api/tickets", environ_overrides=IN_TIME).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/tickets"), ("POST", "/tickets"), ("POST", "/api/auth/login"), ("POST", "/token/"),
     ("POST", "/api/auth/refresh"), ("GET", "/health"), ("GET", "/ready"), ("GET", "/metrics")],
)  # fmt: skip
def test_logins_new_tickets_and_health_are_answered_to_the_last(
    gateway: Make, upstream: Any, method: str, path: str
) -> None:
    client = gateway(ticket=upstream(), auth=upstream())
    answer = client.open(path, method=method, json={} if method == "POST" else None, environ_overrides=LATE)
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/api/tickets/1/trace", "/api/dead-letters"])
def test_what_the_gateway_gathers_for_people_can_wait(gateway: Make, path: str) -> None:
    assert gateway().get(path, environ_overrides=LATE).json["code"] == "overloaded"
