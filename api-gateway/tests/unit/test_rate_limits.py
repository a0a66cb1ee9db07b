"""Requests per second per address, user and company; logins per minute; and whose address counts."""

import ipaddress
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from api_gateway.rate_limits.addresses import client_address, counted_address
from werkzeug.test import Client

Make = Callable[..., Client]
PROXIES = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8"))


def burst(client: Client, count: int, **request: object) -> list[int]:
    return [client.get("/api/statuses", **request).status_code for _ in range(count)]


def test_one_request_too_many_is_429_and_says_when_to_come_back(gateway: Make) -> None:
    client = gateway(RATE_LIMITS="on", RATE_LIMIT_PER_ADDRESS="5")
    answers = [client.get("/api/statuses") for _ in range(30)]
    assert [answer.status_code for answer in answers[:5]] == [200] * 5
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json["code"] == "rate_limited"
    assert 1 <= int(refused.headers["Retry-After"]) <= 2
    assert refused.headers["RateLimit-Policy"] == '"address";q=5;w=1'
    assert refused.headers["RateLimit"].startswith('"address";r=0;t=')
    assert answers[0].headers["RateLimit"].startswith('"address";r=4;t=')


def test_two_processes_share_a_limit(gateway: Make) -> None:
    client = gateway(RATE_LIMITS="on", RATE_LIMIT_PER_ADDRESS="9", HTTP_WORKERS="2")
    answer = client.get("/api/statuses")
    assert answer.headers["RateLimit-Policy"] == '"address";q=4;w=1'


def test_a_share_is_never_nothing(gateway: Make) -> None:
    assert gateway(RATE_LIMITS="on", RATE_LIMIT_PER_ADDRESS="2", HTTP_WORKERS="4").get("/").status_code == 200


def test_development_mode_limits_nothing_by_default(gateway: Make) -> None:
    assert burst(gateway(RATE_LIMIT_PER_ADDRESS="1"), 20) == [200] * 20


def test_another_address_is_not_punished(gateway: Make) -> None:
    client = gateway(RATE_LIMITS="on", RATE_LIMIT_PER_ADDRESS="3")
    assert 429 in burst(client, 10, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert burst(client, 3, environ_base={"REMOTE_ADDR": "192.0.2.2"}) == [200] * 3


@pytest.mark.parametrize("limit", ["RATE_LIMIT_PER_USER", "RATE_LIMIT_PER_COMPANY"])
def test_a_caller_is_limited_wherever_it_calls_from(gateway: Make, limit: str) -> None:
    client = gateway(RATE_LIMITS="on", **{limit: "3"})
    statuses = [
        client.get("/api/dead-letters?limit=x", environ_base={"REMOTE_ADDR": f"192.0.2.{n}"}).status_code
        for n in range(12)
    ]
    assert statuses[:3] == [400] * 3
    assert 429 in statuses


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),  # not a proxy of ours: what it claims is worth nothing
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.7", "198.51.100.7"),  # only the last hop was seen by our proxy
        ("10.0.0.1", "198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "10.0.0.3", "10.0.0.3"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
    ],
)
def test_a_forwarded_address_is_accepted_from_trusted_proxies_alone(
    peer: str, forwarded: str | None, client: str
) -> None:
    assert client_address(peer, forwarded, PROXIES) == client


def test_an_ipv6_host_has_one_budget_for_its_whole_network() -> None:
    assert counted_address("2001:db8::1") == counted_address("2001:db8::ffff:1") == "2001:db8::/64"
    assert counted_address("192.0.2.1") == "192.0.2.1"


def login(client: Client, email: object, address: str = "192.0.2.1", path: str = "/api/auth/login") -> int:
    answer = client.post(path, json={"email": email, "password": "x" * 12}, environ_base={"REMOTE_ADDR": address})
    return answer.status_code


def test_five_logins_a_minute_are_tried_for_an_account_however_its_name_is_written(
    gateway: Make, upstream: Callable[..., Any]
) -> None:
    client = gateway(auth=upstream(), RATE_LIMITS="on")
    names = ["ada@desk.example", "ADA@desk.example", " ada@desk.example ", "Ada@Desk.Example", "ada@desk.example"]
    assert [login(client, name) for name in names] == [200] * 5
    assert login(client, "ada@desk.example") == 429
    assert login(client, "ada@desk.example", path="/api/auth/password/forgot") == 429
    assert login(client, "eve@desk.example") == 200


@pytest.mark.parametrize("path", ["/api/auth/register", "/api/auth/password/forgot", "/api/auth/password/reset"])
def test_the_refusal_names_more_than_logins(gateway: Make, upstream: Callable[..., Any], path: str) -> None:
    client = gateway(auth=upstream(), RATE_LIMITS="on")
    answers = [client.post(path, json={"email": "ada@desk.example"}) for _ in range(6)]
    assert answers[-1].json["detail"] == "More than 5 logins, registrations and password links a minute of one account."


def test_a_stranger_can_not_use_up_the_tries_of_the_owner(gateway: Make, upstream: Callable[..., Any]) -> None:
    client = gateway(auth=upstream(), RATE_LIMITS="on")
    assert [login(client, "ada@desk.example", "198.51.100.9") for _ in range(9)][5:] == [429] * 4
    assert login(client, "ada@desk.example", "192.0.2.1") == 200


def test_twenty_logins_a_minute_are_tried_for_an_address_whatever_the_accounts(
    gateway: Make, upstream: Callable[..., Any]
) -> None:
    client = gateway(auth=upstream(), RATE_LIMITS="on")
    assert [login(client, f"{n}@desk.example", f"2001:db8::{n}") for n in range(20)] == [200] * 20
    refused = client.post("/api/auth/login", json={"email": 7}, environ_base={"REMOTE_ADDR": "2001:db8::ffff"})
    assert (refused.status_code, refused.json["code"]) == (429, "rate_limited")
    assert refused.headers["RateLimit-Policy"] == '"login";q=20;w=60'
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert client.get("/api/statuses", environ_base={"REMOTE_ADDR": "2001:db8::1"}).status_code == 200


def test_fifty_parallel_logins_reach_auth_service_five_times(gateway: Make, upstream: Callable[..., Any]) -> None:
    service = upstream()
    client = gateway(auth=service, RATE_LIMITS="on", RATE_LIMIT_LOGINS_PER_ADDRESS="100")
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: login(client, "ada@desk.example"), range(50)))
    assert sorted(statuses) == [200] * 5 + [429] * 45
    assert len(service.seen) == 5


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"email": null}', b'{"email": ["a"]}', b'"email"'])
def test_a_login_without_an_account_counts_for_the_address_and_is_answered_by_the_service(
    gateway: Make, upstream: Callable[..., Any], body: bytes
) -> None:
    service = upstream()
    client = gateway(auth=service, RATE_LIMITS="on", RATE_LIMIT_LOGINS_PER_ADDRESS="2")
    sent = {"data": body, "content_type": "application/json"}
    assert [client.post("/api/auth/login", **sent).status_code for _ in range(3)] == [200, 200, 429]
    assert [seen.body for seen in service.seen] == [body, body]
