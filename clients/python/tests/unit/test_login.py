"""Logins: their tokens are refreshed, and a session that ended is replaced."""

import json
import threading
from typing import Any

import pytest
from smartticket_client import Client, Login, Unauthorized

from .conftest import Server, problem


def tokens(number: int, seconds: int = 900) -> dict[str, Any]:
    return {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}", "token_type": "Bearer",
            "expires_in": seconds, "device_token": f"device-{number}"}  # fmt: skip


def paths(server: Server) -> list[str]:
    return [each["path"] for each in server.received]


def test_a_login_is_made_at_the_first_call_and_ended_with_the_client(server: Server) -> None:
    server.answer(200, tokens(1))
    with Client(server.url, login=Login("a@b.example", "secret", totp=lambda: "123456")) as client:
        client.me.get()
        client.me.get()
        server.answer(204)
    assert paths(server) == ["/api/auth/login", "/api/me", "/api/me", "/api/auth/logout"]
    assert json.loads(server.received[0]["body"]) == {
        "email": "a@b.example", "password": "secret", "totp": "123456",
    }  # fmt: skip
    assert server.received[1]["headers"]["Authorization"] == "Bearer access-1"
    assert json.loads(server.last["body"]) == {"refresh_token": "refresh-1"}


def test_a_token_that_ends_is_refreshed_and_the_call_sent_again(server: Server) -> None:
    server.answer(200, tokens(1))
    server.answer(401, problem("token_expired"))
    server.answer(200, tokens(2))
    server.answer(200, {"id": 1})
    client = Client(server.url, login=Login("a@b.example", "secret"))
    assert client.tickets.get(1)["id"] == 1
    assert paths(server) == ["/api/auth/login", "/api/tickets/1", "/api/auth/refresh", "/api/tickets/1"]
    assert server.last["headers"]["Authorization"] == "Bearer access-2"


def test_a_token_is_refreshed_before_it_ends(server: Server) -> None:
    server.answer(200, tokens(1, seconds=10))
    server.answer(200, {})
    server.answer(200, tokens(2))
    client = Client(server.url, login=Login("a@b.example", "secret"))
    client.me.get()
    client.me.get()
    assert paths(server) == ["/api/auth/login", "/api/me", "/api/auth/refresh", "/api/me"]


def test_a_session_that_was_ended_is_followed_by_a_login_from_the_same_device(server: Server) -> None:
    server.answer(200, tokens(1))
    server.answer(401, problem("session_ended"))
    server.answer(401, problem("unauthorized"))
    server.answer(200, tokens(2))
    Client(server.url, login=Login("a@b.example", "secret")).me.get()
    assert paths(server) == ["/api/auth/login", "/api/me", "/api/auth/refresh", "/api/auth/login", "/api/me"]
    assert json.loads(server.received[3]["body"])["device_token"] == "device-1"


def test_a_wrong_password_is_tried_once(server: Server) -> None:
    server.answer(401, problem("invalid_credentials"))
    with pytest.raises(Unauthorized) as raised:
        Client(server.url, login=Login("a@b.example", "wrong")).me.get()
    assert raised.value.code == "invalid_credentials"
    assert paths(server) == ["/api/auth/login"]


def test_a_refused_key_is_not_tried_again(server: Server, client: Client) -> None:
    server.answer(401, problem("unauthorized"))
    with pytest.raises(Unauthorized):
        client.me.get()
    assert len(server.received) == 1


def test_many_threads_refresh_once(server: Server) -> None:
    server.answer(200, tokens(1))
    client = Client(server.url, login=Login("a@b.example", "secret"))
    client.me.get()
    client._transport.credentials._ends_at = 0.0  # type: ignore[attr-defined]
    server.answer(200, tokens(2))
    threads = [threading.Thread(target=client.me.get) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert paths(server).count("/api/auth/refresh") == 1
    assert paths(server).count("/api/me") == 9
