"""Sign-in by a company's own login, through the gateway: an account, its role by a group, work, log out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from tests.identity_provider import CLIENT_ID, CLIENT_SECRET, Provider, new_key
from tests.stack import Stack, eventually

WITHIN_SECONDS = 5.0
"""Time for a poll of what was revoked, on a busy machine; far below the life of a token."""


@dataclass
class Browser:
    """A browser with cookies of its own, which follows no redirect by itself."""

    stack: Stack
    cookies: requests.Session = field(default_factory=requests.Session)

    def open(self, url: str, **query: str) -> requests.Response:
        """Open an address of the desk, which a test reaches under another host."""
        path = url.removeprefix(self.stack.settings["PUBLIC_URL"])
        return self.cookies.get(self.stack.url + path, params=query, allow_redirects=False, timeout=60)

    def come_back(self, connection: Any, provider: Provider) -> requests.Response:
        """Start, sign in at the provider and come back; return the answer to the callback."""
        started = self.open(connection["sign_in_path"])
        assert started.status_code == 303, started.text
        return self.open(connection["redirect_uri"], **provider.authorize(started.headers["Location"]))

    def exchange(self, code: str) -> requests.Response:
        """Exchange a code for tokens."""
        return self.cookies.post(f"{self.stack.url}/api/auth/sso/exchange", json={"code": code}, timeout=60)


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider on this machine, where Nora of the help desk signs in."""
    nora = {"email": "nora@staff.example", "email_verified": True, "name": "Nora Nys", "groups": ["help-desk", "all"]}
    made = Provider(new_key("k1"), person=nora)
    yield made
    made.close()


@pytest.fixture
def connection(polling: Stack, provider: Provider) -> Any:
    """The demo company's connection to it."""
    body = {
        "name": "Staff login", "issuer": provider.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
        "domains": ["staff.example"], "groups_claim": "groups", "role_map": {"help-desk": "agent", "all": "requester"},
    }  # fmt: skip
    answer = send(polling, "POST", "/api/sso/connections", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def send(stack: Stack, method: str, path: str, body: Any = None, token: str = "") -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.request(method, stack.url + path, json=body, headers=headers, timeout=60)


def test_a_person_signs_in_by_the_companys_provider_works_on_tickets_and_logs_out(
    polling: Stack, provider: Provider, connection: Any
) -> None:
    browser = Browser(polling)
    back = browser.come_back(connection, provider)
    assert back.status_code == 200, back.text
    code = back.json()["sign_in_code"]
    assert Browser(polling).exchange(code).status_code == 400, "the code counts in its own browser only"
    tokens = browser.exchange(code).json()
    access = tokens["access_token"]
    me = send(polling, "GET", "/api/me", token=access).json()
    assert (me["email"], me["username"], me["role"]) == ("nora@staff.example", "Nora Nys", "agent")

    body = {"title": "VPN", "description": "It drops.", "user_name": "Ann", "user_email": "ann@staff.example"}
    made = send(polling, "POST", "/api/tickets", body, access)
    assert made.status_code == 201, made.text
    path = f"/api/tickets/{made.json()['id']}"
    assert send(polling, "PUT", f"{path}/status", {"status": "in_progress"}, access).status_code == 200
    assert send(polling, "GET", path, token=access).json()["status"] == "in_progress"
    assert send(polling, "GET", "/api/audit", token=access).status_code == 403, "an agent is no admin"
    audit = send(polling, "GET", f"/api/audit?record=ticket:{made.json()['id']}").json()["items"]
    assert {record["actor"]["id"] for record in audit} == {me["subject"]}

    assert send(polling, "POST", "/api/auth/logout", {"refresh_token": tokens["refresh_token"]}).status_code == 204
    eventually(lambda: send(polling, "GET", "/api/me", token=access).status_code, lambda s: s == 401, WITHIN_SECONDS)
    assert send(polling, "POST", "/api/auth/refresh", {"refresh_token": tokens["refresh_token"]}).status_code == 401

    provider.person["groups"] = ["all"]  # moved to another team at the provider
    again = browser.exchange(browser.come_back(connection, provider).json()["sign_in_code"]).json()
    assert (again["user"]["id"], again["user"]["role"]) == (me["id"], "requester")
