"""Linking an identity from within a session, and removing it."""

from typing import Any

import pytest

from tests.identity_provider import Provider

from ...conftest import Rows
from ...credentials import link_for, reset
from .conftest import PUBLIC_URL, Browser, Desk


@pytest.fixture(autouse=True)
def elsewhere(provider: Provider) -> None:
    """The person at the provider has another, unverified address."""
    provider.person |= {"email": "private@elsewhere.example", "email_verified": False}


def link(desk: Desk, browser: Browser, connection: Any, provider: Provider, **body: Any) -> Any:
    """Link an identity as Ada, in a browser; return the answer to the callback."""
    answer = begin(desk, connection, password=desk.PASSWORD, **body)
    assert answer.status_code == 200, answer.text
    name, _, value = answer.headers["Set-Cookie"].partition(";")[0].partition("=")
    browser.client.set_cookie(name, value)
    return browser.call_back(connection, provider.authorize(answer.json["url"]))


def begin(desk: Desk, connection: Any, **body: Any) -> Any:
    return desk.admin.call("POST", f"{connection['sign_in_path'].removesuffix('start')}link", body)


def test_a_person_links_an_identity_whatever_its_address(
    desk: Desk, browser: Browser, connection: Any, provider: Provider
) -> None:
    assert link(desk, browser, connection, provider).json == {"sign_in_code": None, "expires_at": None}
    assert browser.sign_in(connection, provider)["user"]["email"] == "ada@acme.example"
    assert link(desk, browser, connection, provider, return_to="/me").headers["Location"] == "/me?identity_linked=true"
    [identity] = desk.admin.every("/api/me/identities")
    assert (identity["issuer"], identity["subject"]) == (provider.issuer, "248289761001")


@pytest.mark.parametrize("body", [{}, {"password": "not this one"}, {"password": None}, {"password": ""}])
def test_a_stolen_session_alone_links_nothing(desk: Desk, connection: Any, body: Any) -> None:
    assert begin(desk, connection, **body).status_code in (400, 403)


def test_another_browser_doesnt_finish_it(desk: Desk, browser: Browser, connection: Any, provider: Provider) -> None:
    """Else an attacker could have a victim's identity linked to the attacker's account."""
    url = begin(desk, connection, password=desk.PASSWORD).json["url"]
    browser.start(connection)
    assert browser.call_back(connection, provider.authorize(url)).json["code"] == "sign_in_expired"


def test_an_identity_belongs_to_one_account(
    desk: Desk, browser: Browser, connection: Any, provider: Provider, rows: Rows
) -> None:
    provider.person |= {"email": "ben@acme.example", "email_verified": True}
    browser.sign_in(connection, provider)
    assert link(desk, browser, connection, provider).json["code"] == "sign_in_refused"
    assert rows("select count(*) from user_identities") == [(1,)]


def test_a_removed_identity_signs_nobody_in(desk: Desk, browser: Browser, connection: Any, provider: Provider) -> None:
    link(desk, browser, connection, provider)
    [identity] = desk.admin.every("/api/me/identities")
    assert desk.admin.call("DELETE", f"/api/me/identities/{identity['id']}").status_code == 204
    assert desk.admin.call("DELETE", f"/api/me/identities/{identity['id']}").status_code == 404
    assert browser.come_back(connection, provider).status_code == 403


def test_the_only_way_in_stays(desk: Desk, browser: Browser, connection: Any, provider: Provider) -> None:
    provider.person |= {"email": "ben@acme.example", "email_verified": True}
    ben = desk.as_caller(browser.sign_in(connection, provider)["access_token"])
    [identity] = ben.every("/api/me/identities")
    assert ben.call("DELETE", f"/api/me/identities/{identity['id']}").json["code"] == "only_way_in"
    assert desk.admin.call("DELETE", f"/api/me/identities/{identity['id']}").status_code == 404
    assert len(ben.every("/api/me/identities")) == 1


def test_a_new_password_by_a_link_ends_identities_that_somebody_else_may_have_linked(
    desk: Desk, browser: Browser, connection: Any, provider: Provider
) -> None:
    link(desk, browser, connection, provider)
    assert reset(desk, link_for(desk.admin)).status_code == 204
    assert browser.come_back(connection, provider).status_code == 403
    provider.person |= {"email": "ada@acme.example", "email_verified": True}
    assert browser.sign_in(connection, provider)["user"]["email"] == "ada@acme.example"


def test_the_connection_of_another_company_links_nothing(desk: Desk, connection: Any) -> None:
    desk.found("eve@other.example", company="Other")
    eve = desk.as_caller(desk.log_in("eve@other.example").json["access_token"])
    path = f"{connection['sign_in_path'].removesuffix('start')}link"
    assert eve.call("POST", path, {"password": desk.PASSWORD}).status_code == 404
    assert connection["redirect_uri"].startswith(PUBLIC_URL)


def test_the_audit_names_whom_the_way_back_from_a_provider_changed(
    desk: Desk, browser: Browser, connection: Any, provider: Provider
) -> None:
    """The callback is a GET without credentials."""
    link(desk, browser, connection, provider)
    [recorded] = desk.admin.every("/api/audit?record=identity")
    ada = desk.admin.call("GET", "/api/me").json["id"]
    assert (recorded["action"], recorded["actor"]["id"]) == ("identity.created", f"user:{ada}")
    provider.person |= {"sub": "7", "email": "ben@acme.example", "email_verified": True}
    ben = browser.sign_in(connection, provider)["user"]["id"]
    made = desk.admin.every(f"/api/audit?record=user:{ben}")
    assert made[-1]["action"] == "user.created"
    assert {each["actor"]["id"] for each in made} == {f"user:{ben}"}
