"""Two gateways that count in one Redis, and what becomes of their limits while it hangs or is down."""

import contextlib
import re
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import Client

Make = Callable[..., Client]


def login(client: Client, email: str = "ada@desk.example", address: str = "192.0.2.1") -> int:
    body = {"email": email, "password": "x" * 12}
    return client.post("/api/auth/login", json=body, environ_base={"REMOTE_ADDR": address}).status_code


@pytest.fixture
def pair(gateway: Make, upstream: Callable[..., Any], redis_server: Any) -> Callable[..., tuple[Client, Client, Any]]:
    """Return a function that makes two gateways with one store in front of one service."""

    def make(**settings: str) -> tuple[Client, Client, Any]:
        service = upstream()
        given = {"RATE_LIMITS": "on", "RATE_LIMIT_STORE_URL": redis_server.url, "RATE_LIMIT_STORE_SECONDS": "5"}
        one, other = (gateway(auth=service, ticket=service, **given | settings) for _ in range(2))
        return one, other, service

    return make


def test_fifty_parallel_logins_at_two_gateways_reach_auth_service_five_times(pair: Any) -> None:
    one, other, service = pair(RATE_LIMIT_LOGINS_PER_ADDRESS="100")
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda number: login(one if number % 2 else other), range(50)))
    assert sorted(statuses) == [200] * 5 + [429] * 45
    assert len(service.seen) == 5


@pytest.mark.parametrize(("setting", "name"), [("ADDRESS", "address"), ("USER", "user"), ("COMPANY", "company")])
def test_gateways_count_an_address_a_user_and_a_company_together(
    pair: Any, redis_server: Any, setting: str, name: str
) -> None:
    one, other, _ = pair(**{f"RATE_LIMIT_PER_{setting}": "4"})
    sent = {"environ_base": {"REMOTE_ADDR": "192.0.2.1"}}
    answers = [client.get("/api/tickets/1", **sent) for _ in range(20) for client in (one, other)]
    assert [answer.status_code for answer in answers[:4]] == [200] * 4
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.headers["RateLimit-Policy"] == f'"{name}";q=4;w=1'
    with contextlib.closing(redis_server.client()) as client:
        keys = {key.removeprefix("smart-ticket:rate:") for key in client.scan_iter("*")}
    # A user of one company is nobody in another.
    assert keys <= {"address:192.0.2.1", "user:1/development", "company:1"}
    assert any(key.startswith(name) for key in keys)


def test_a_request_costs_one_round_trip(pair: Any, redis_server: Any) -> None:
    one, _, _ = pair()
    login(one)  # the script is loaded now
    with contextlib.closing(redis_server.client()) as client:
        before = client.info("commandstats")["cmdstat_evalsha"]["calls"]
        assert one.get("/api/tickets/1").status_code == 200
        assert one.get("/api/statuses").status_code == 200
        assert one.get("/nowhere").status_code == 404
        assert one.get("/api/tickets/1", headers={"Authorization": "Bearer forged"}).status_code in (401, 503)
        assert login(one) == 200
        assert client.info("commandstats")["cmdstat_evalsha"]["calls"] - before == 5


def test_with_the_store_killed_each_gateway_counts_for_itself_and_together_again_when_it_is_back(
    pair: Any, redis_server: Any
) -> None:
    one, other, _ = pair(RATE_LIMIT_LOGINS_PER_ADDRESS="100", HTTP_WORKERS="2")
    assert [login(client) for client in (one, other, one)] == [200] * 3
    redis_server.kill()
    # Each process allows its share of five, and starts to count anew: later rather than never.
    assert [login(one) for _ in range(4)] == [200, 200, 429, 429]
    assert [login(other) for _ in range(4)] == [200, 200, 429, 429]
    counted = re.search(r"^rate_limits_counted_locally_total\{[^}]*\} (\S+)$", one.get("/metrics").text, re.MULTILINE)
    assert counted
    assert float(counted[1]) >= 4
    redis_server.start()
    deadline = time.monotonic() + 180
    while login(one, "bob@desk.example") == 429 or not keys_of(redis_server):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    names = [f"new{number}@desk.example" for number in range(40)]
    together = [[login(client, name) for client in (one, other, one, other, one, other)] for name in names]
    assert [200] * 5 + [429] in together


def keys_of(redis_server: Any) -> list[str]:
    with contextlib.closing(redis_server.client()) as client:
        return [key for key in client.scan_iter("*") if "account" in key]


def test_a_store_that_hangs_delays_few_requests_and_fails_none(pair: Any, redis_server: Any) -> None:
    one, _, _ = pair(RATE_LIMIT_STORE_SECONDS="0.5")
    assert one.get("/api/tickets/1").status_code == 200
    redis_server.send(signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert {one.get("/api/tickets/1").status_code for _ in range(40)} == {200}
        # Three wait half a second, then the breaker is open; all 40 would take 20 s.
        assert time.monotonic() - began < 10
    finally:
        redis_server.send(signal.SIGCONT)


def test_a_gateway_starts_without_its_store(gateway: Make, redis_server: Any) -> None:
    redis_server.kill()
    client = gateway(RATE_LIMITS="on", RATE_LIMIT_STORE_URL=redis_server.url, RATE_LIMIT_PER_ADDRESS="3")
    statuses = [client.get("/api/statuses").status_code for _ in range(12)]
    assert statuses[:3] == [200] * 3
    assert 429 in statuses
