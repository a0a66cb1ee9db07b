"""People through the whole system: who logs in, what they may do, and when that ends."""

import base64
import contextlib
import time
from dataclasses import dataclass
from typing import Any

import orjson
import psycopg2
import pytest
import requests
from auth_service.adapters.access_tokens import AccessTokenSigner
from auth_service.settings import DEVELOPMENT_SECRET
from outbound_kit.sealing import Sealer
from service_kit.identity import Caller

from tests.stack import Stack, admin_url, eventually

PASSWORD = "seven small blue boats"
WITHIN_SECONDS = 5.0
"""Time for a poll and the requests around it on a busy machine; far below the life of a token."""


@dataclass
class Person:
    """Somebody with a session."""

    stack: Stack
    email: str
    tokens: dict[str, Any]

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        """Send a request with the access token."""
        return send(self.stack, method, path, body, self.tokens["access_token"])

    def refused(self) -> bool:
        """Return whether the access token is refused."""
        return self.call("GET", "/api/me").status_code == 401


def send(stack: Stack, method: str, path: str, body: Any = None, token: str = "") -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.request(method, stack.url + path, json=body, headers=headers, timeout=60)


def done(response: requests.Response) -> Any:
    assert response.ok, response.text
    return response.json()


def log_in(stack: Stack, email: str, password: str = PASSWORD) -> Person:
    body = {"email": email, "password": password}
    return Person(stack, email, done(send(stack, "POST", "/api/auth/login", body)))


def somebody(stack: Stack, role: str, name: str) -> Person:
    """Add a person to the demo company and log in."""
    email = f"{name}@desk.example"
    body = {"email": email, "username": name, "role": role, "password": PASSWORD}
    assert send(stack, "POST", "/api/users", body).status_code == 201
    return log_in(stack, email)


@pytest.fixture(scope="module")
def stack(polling: Stack) -> Stack:
    return polling


def ticket_of(person: Person, title: str) -> Any:
    return person.call("POST", "/api/tickets", {"title": title, "description": "Outlook asks for my password."})


def test_a_requester_logs_in_and_writes_a_ticket_that_an_agent_works_on(stack: Stack) -> None:
    requester, agent = somebody(stack, "requester", "rita"), somebody(stack, "agent", "anton")
    me = done(requester.call("GET", "/api/me"))
    assert (me["email"], me["role"]) == ("rita@desk.example", "requester")
    body = {
        "title": "Cannot access email", "description": "Outlook asks for my password again.",
        "user_name": "Rita", "user_email": "rita@desk.example",
    }  # fmt: skip
    ticket = done(requester.call("POST", "/api/tickets", body))
    assert done(requester.call("GET", f"/api/tickets/{ticket['id']}"))["title"] == "Cannot access email"
    assert done(agent.call("PUT", f"/api/tickets/{ticket['id']}/status", {"status": "in_progress"}))
    trail = done(agent.call("GET", f"/api/tickets/{ticket['id']}/events"))
    assert {"created", "status_change"} <= {item["event_type"] for item in trail["items"]}


def test_the_wrong_role_is_403_and_the_token_means_its_owner_in_development_mode_too(stack: Stack) -> None:
    requester = somebody(stack, "requester", "remo")
    team = {"name": "Network", "description": "Cables"}
    assert requester.call("POST", "/api/teams", team).status_code == 403
    assert requester.call("GET", "/api/users").status_code == 403
    assert requester.call("GET", "/api/dead-letters").status_code == 403
    assert send(stack, "GET", "/api/dead-letters").status_code == 200  # no token: development mode's admin


def test_another_company_sees_nothing(stack: Stack) -> None:
    ticket = stack.create().json()
    body = {"email": "olga@other.example", "username": "Olga", "password": PASSWORD, "company": "Other"}
    assert send(stack, "POST", "/api/auth/register", body).status_code == 201
    olga = log_in(stack, "olga@other.example")
    assert done(olga.call("GET", "/api/me"))["role"] == "admin"
    assert done(olga.call("GET", "/api/tickets"))["tickets"] == []
    for path in ("", "/events", "/trace"):
        assert olga.call("GET", f"/api/tickets/{ticket['id']}{path}").status_code == 404
    assert olga.call("DELETE", f"/api/tickets/{ticket['id']}").status_code == 404
    assert {user["email"] for user in done(olga.call("GET", "/api/users"))["items"]} == {"olga@other.example"}
    assert done(olga.call("GET", "/api/dashboard/summary"))["total_tickets"] == 0
    assert done(send(stack, "GET", f"/api/tickets/{ticket['id']}"))["id"] == ticket["id"]


def signed(stack: Stack, caller: Caller, seconds_ago: float) -> str:
    """Return the token that auth-service signed some time ago, by its own key: nobody waits 15 minutes."""
    with contextlib.closing(psycopg2.connect(admin_url(), dbname=stack.name)) as connection:
        cursor = connection.cursor()
        cursor.execute(
            "select kid, private_sealed from auth.signing_keys where signs_from <= now() order by signs_from"
        )
        kid, sealed = cursor.fetchall()[-1]
    secret = base64.b64decode(DEVELOPMENT_SECRET)
    private = orjson.loads(Sealer(secret).unseal(bytes(sealed), f"signing key {kid}"))
    return AccessTokenSigner(stack.settings["PUBLIC_URL"], private).sign(caller, now=time.time() - seconds_ago)


def test_a_token_expires_after_fifteen_minutes(stack: Stack) -> None:
    agent = somebody(stack, "agent", "erna")
    user = agent.tokens["user"]
    caller = Caller(1, "agent", f"user:{user['id']}", "erna", session="00000000-0000-0000-0000-000000000001")
    assert send(stack, "GET", "/api/me", token=signed(stack, caller, 890)).status_code == 200
    answer = send(stack, "GET", "/api/me", token=signed(stack, caller, 906))
    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")


def test_a_session_that_logs_out_is_refused_within_the_poll(stack: Stack) -> None:
    agent = somebody(stack, "agent", "lola")
    other = log_in(stack, agent.email)
    assert not agent.refused()
    refresh = {"refresh_token": agent.tokens["refresh_token"]}
    assert send(stack, "POST", "/api/auth/logout", refresh).status_code == 204
    eventually(agent.refused, bool, WITHIN_SECONDS)
    assert send(stack, "POST", "/api/auth/refresh", refresh).status_code == 401
    assert not other.refused()


def test_another_role_and_deactivation_end_what_was_before(stack: Stack) -> None:
    agent = somebody(stack, "agent", "dora")
    user = agent.tokens["user"]["id"]
    done(send(stack, "PATCH", f"/api/users/{user}", {"role": "requester"}))
    eventually(agent.refused, bool, WITHIN_SECONDS)
    again = log_in(stack, agent.email)
    assert done(again.call("GET", "/api/me"))["role"] == "requester"
    done(send(stack, "PATCH", f"/api/users/{user}", {"is_active": False}))
    eventually(again.refused, bool, WITHIN_SECONDS)
    wrong = send(stack, "POST", "/api/auth/login", {"email": agent.email, "password": PASSWORD})
    assert (wrong.status_code, wrong.json()["detail"]) == (401, "E-mail address or password is wrong.")


def test_a_refresh_gives_the_next_pair(stack: Stack) -> None:
    agent = somebody(stack, "agent", "fred")
    answer = done(send(stack, "POST", "/api/auth/refresh", {"refresh_token": agent.tokens["refresh_token"]}))
    assert answer["refresh_token"] != agent.tokens["refresh_token"]
    assert send(stack, "GET", "/api/me", token=answer["access_token"]).status_code == 200


def test_the_audit_names_the_key_by_which_a_ticket_came_among_two_of_one_person(stack: Stack) -> None:
    agent = somebody(stack, "agent", "karl")
    keys = [
        done(agent.call("POST", "/api/api-keys", {"name": name, "scopes": ["tickets:write"]})) for name in ("In", "Out")
    ]
    body = {"title": "Printer", "description": "It prints nothing.", "user_name": "Ann", "user_email": "a@desk.example"}
    tickets = [done(send(stack, "POST", "/api/tickets", body, key["key"]))["id"] for key in keys]
    for key, ticket in zip(keys, tickets, strict=True):
        (record,) = done(send(stack, "GET", f"/api/audit?api_key_id={key['id']}"))["items"]
        assert (record["record"], record["actor"]["kind"]) == (f"ticket:{ticket}", "api_key")
        assert (record["actor"]["api_key_id"], record["actor"]["api_key_name"]) == (key["id"], key["name"])
        assert key["key"] not in str(record)


def test_a_key_does_what_its_scopes_say_until_it_is_revoked(stack: Stack) -> None:
    agent = somebody(stack, "agent", "kay")
    made = done(agent.call("POST", "/api/api-keys", {"name": "Export", "scopes": ["tickets:read"]}))
    key = made["key"]
    assert send(stack, "GET", "/api/tickets", token=key).status_code == 200
    missing = send(stack, "POST", "/api/tickets", {"title": "x", "description": "y"}, key)
    assert (missing.status_code, missing.json()["code"]) == (403, "scope_missing")
    assert "tickets:write" in missing.json()["detail"]
    assert send(stack, "GET", "/api/api-keys", token=key).status_code == 403
    assert agent.call("DELETE", f"/api/api-keys/{made['id']}").status_code == 204
    eventually(
        lambda: send(stack, "GET", "/api/tickets", token=key).status_code, lambda status: status == 401, WITHIN_SECONDS
    )


def test_the_older_systems_ways_to_log_in_work(stack: Stack) -> None:
    agent = somebody(stack, "agent", "tess")
    pair = done(send(stack, "POST", "/token/", {"username": agent.email, "password": PASSWORD}))
    assert set(pair) == {"access", "refresh"}
    assert send(stack, "GET", "/api/me", token=pair["access"]).status_code == 200
    renewed = done(send(stack, "POST", "/token/refresh/", {"refresh": pair["refresh"]}))
    assert set(renewed) == {"access", "refresh"}
    django = done(send(stack, "POST", "/authentication/login", {"email": agent.email, "password": PASSWORD}))
    assert set(django) == {"token"}
    assert send(stack, "GET", "/api/me", token=django["token"]).status_code == 200
    wrong = send(stack, "POST", "/token/", {"email": agent.email, "password": "wrong wrong wrong"})
    assert wrong.status_code == 401
    assert send(stack, "POST", "/logout/", {"refresh": renewed["refresh"]}).status_code == 204


def test_known_people_go_on_working_while_auth_service_is_down(stack: Stack) -> None:
    agent, left = somebody(stack, "agent", "gina"), somebody(stack, "agent", "lena")
    key = done(agent.call("POST", "/api/api-keys", {"name": "Export", "scopes": ["tickets:read"]}))["key"]
    assert send(stack, "GET", "/api/tickets", token=key).status_code == 200
    send(stack, "POST", "/api/auth/logout", {"refresh_token": left.tokens["refresh_token"]})
    eventually(left.refused, bool, WITHIN_SECONDS)
    stack.kill("auth-service")
    try:
        for _ in range(3):
            assert agent.call("GET", "/api/tickets").status_code == 200
            assert send(stack, "GET", "/api/tickets", token=key).status_code == 200
            assert left.call("GET", "/api/tickets").status_code == 401
        body = {"email": agent.email, "password": PASSWORD}
        down = send(stack, "POST", "/api/auth/login", body)
        assert (down.status_code, down.json()["code"]) == (503, "upstream_down")
    finally:
        stack.launch("auth-service")
        stack.wait_healthy()
    eventually(lambda: send(stack, "POST", "/api/auth/login", body).status_code, lambda status: status == 200)
