"""Signing in by a provider: accounts, roles, sessions, second factors."""

from typing import Any

import pytest

from tests.identity_provider import Provider, new_key

from ...conftest import Rows
from ...credentials import App as Authenticator
from ...credentials import Clock, confirm, enable, finish
from .conftest import Browser, Connect, Desk, NewProvider


def test_a_person_signs_in_and_gets_an_account(
    desk: Desk, browser: Browser, connection: Any, provider: Provider
) -> None:
    tokens = browser.sign_in(connection, provider)
    ben = desk.as_caller(tokens["access_token"]).get("/api/me")
    assert (ben["email"], ben["username"], ben["role"]) == ("ben@acme.example", "Ben Bell", "requester")
    assert ben["email_verified"]
    assert ben["company"]["company_id"] == desk.admin.company
    assert desk.refresh(tokens["refresh_token"]).status_code == 200


def test_the_same_person_gets_the_same_account_whatever_the_address(
    desk: Desk, browser: Browser, connection: Any, provider: Provider
) -> None:
    first = browser.sign_in(connection, provider)["user"]
    provider.person |= {"email": "changed@elsewhere.example", "email_verified": False, "name": "Another"}
    assert browser.sign_in(connection, provider)["user"]["id"] == first["id"]
    del provider.person["email"]
    assert browser.sign_in(connection, provider)["user"]["email"] == "ben@acme.example"
    assert len(desk.users()) == 2


def test_the_cookie_is_the_browsers_alone(browser: Browser, connection: Any) -> None:
    cookie = browser.start(connection).headers["Set-Cookie"]
    assert cookie.startswith("__Host-smart-ticket-sign-in=stb_")
    for attribute in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=600"):
        assert attribute in cookie
    assert "Domain" not in cookie


def test_a_code_comes_back_to_the_return_path(browser: Browser, connection: Any, provider: Provider) -> None:
    back = browser.come_back(connection, provider, "?return_to=/console/tickets%3Fopen=1")
    assert back.status_code == 303
    path, _, code = back.headers["Location"].partition("&sign_in_code=")
    assert path == "/console/tickets?open=1"
    assert browser.exchange(code).status_code == 200


def test_an_existing_account_is_linked_by_a_verified_address_of_the_connections_domain(
    desk: Desk, browser: Browser, connection: Any, provider: Provider
) -> None:
    added = desk.admin.call("POST", "/api/users", {"email": "BEN@Acme.example", "username": "B", "role": "manager"})
    signed_in = browser.sign_in(connection, provider)["user"]
    assert (signed_in["id"], signed_in["role"], signed_in["email_verified"]) == (added.json["id"], "manager", True)


def unverified(person: dict[str, Any], value: Any) -> None:
    person["email_verified"] = value


@pytest.mark.parametrize("verified", [False, "true", 1, None])
@pytest.mark.parametrize("exists", [True, False])
def test_cve_2026_84458_an_unverified_address_is_never_linked(
    desk: Desk, browser: Browser, connection: Any, provider: Provider, rows: Rows, verified: Any, exists: bool
) -> None:
    """Zammad: a person who entered another's address at the provider got the other's account."""
    if exists:
        desk.admin.call("POST", "/api/users", {"email": "ben@acme.example", "username": "B", "role": "admin"})
    unverified(provider.person, verified)
    back = browser.come_back(connection, provider)
    assert (back.status_code, back.json["code"]) == (403, "sign_in_refused")
    assert rows("select count(*) from user_identities") == [(0,)]
    assert len(desk.users()) == 1 + exists


@pytest.mark.parametrize("email", ["ben@other.example", "ben@sub.acme.example", "ben@acme.example.evil.example", "ben"])
def test_an_address_of_another_domain_is_neither_linked_nor_added(
    desk: Desk, browser: Browser, connection: Any, provider: Provider, email: str
) -> None:
    desk.admin.call("POST", "/api/users", {"email": "ben@other.example", "username": "B", "role": "agent"})
    provider.person["email"] = email
    assert browser.come_back(connection, provider).status_code == 403
    assert len(desk.users()) == 2


def test_the_accounts_of_programs_belong_to_no_person(
    desk: Desk, browser: Browser, connect: Connect, provider: Provider
) -> None:
    provider.person["email"] = "command-line@smart-ticket.internal"
    assert browser.come_back(connect(provider, domains=["smart-ticket.internal"]), provider).status_code == 403
    assert len(desk.users()) == 1


def test_an_account_of_another_company_is_never_linked(
    desk: Desk, browser: Browser, connection: Any, provider: Provider, rows: Rows
) -> None:
    desk.found("ben@acme.example", company="Other")
    assert browser.come_back(connection, provider).status_code == 403
    assert rows("select count(*) from user_identities") == [(0,)]
    assert desk.log_in("ben@acme.example").status_code == 200


def test_unknown_people_are_added_only_where_the_company_wants_it(
    desk: Desk, browser: Browser, connect: Connect, provider: Provider
) -> None:
    connection = connect(provider, create_users=False)
    assert browser.come_back(connection, provider).json["code"] == "sign_in_refused"
    desk.admin.call("POST", "/api/users", {"email": "ben@acme.example", "username": "B", "role": "agent"})
    assert browser.sign_in(connection, provider)["user"]["role"] == "agent"


def test_a_deactivated_person_stays_out_and_a_reactivated_one_comes_in(
    desk: Desk, browser: Browser, connection: Any, provider: Provider
) -> None:
    user = browser.sign_in(connection, provider)["user"]
    pending = browser.come_back(connection, provider).json["sign_in_code"]
    desk.admin.call("PATCH", f"/api/users/{user['id']}", {"is_active": False})
    assert browser.exchange(pending).status_code == 400
    assert browser.come_back(connection, provider).json["code"] == "sign_in_refused"
    desk.admin.call("PATCH", f"/api/users/{user['id']}", {"is_active": True})
    assert browser.sign_in(connection, provider)["user"]["id"] == user["id"]


def test_roles_follow_the_groups_at_each_sign_in(
    desk: Desk, browser: Browser, connect: Connect, provider: Provider
) -> None:
    roles = {"helpdesk": "agent", "leads": "manager", "it": "admin"}
    connection = connect(provider, groups_claim="groups", role_map=roles)
    for groups, role in (
        (["helpdesk"], "agent"),
        (["helpdesk", "leads", "unknown"], "manager"),
        ("it", "admin"),
        ([], "requester"),
        ({"helpdesk": True}, "requester"),
        ([["leads"], 7, None, "helpdesk"], "agent"),
    ):
        provider.person["groups"] = groups
        tokens = browser.sign_in(connection, provider)
        assert tokens["user"]["role"] == role
        assert desk.as_caller(tokens["access_token"]).role == role


def test_a_token_without_the_claim_gives_the_default_role(
    browser: Browser, connect: Connect, provider: Provider
) -> None:
    connection = connect(provider, groups_claim="groups", role_map={"helpdesk": "agent"})
    provider.person["groups"] = ["helpdesk"]
    assert browser.sign_in(connection, provider)["user"]["role"] == "agent"
    del provider.person["groups"]
    assert browser.sign_in(connection, provider)["user"]["role"] == "requester"


def test_without_a_groups_claim_a_role_that_was_set_here_stays(
    desk: Desk, browser: Browser, connect: Connect, provider: Provider
) -> None:
    connection = connect(provider)
    user = browser.sign_in(connection, provider)["user"]
    assert user["role"] == "requester"
    desk.admin.call("PATCH", f"/api/users/{user['id']}", {"role": "manager"})
    provider.person["groups"] = ["helpdesk"]
    assert browser.sign_in(connection, provider)["user"]["role"] == "manager"


def test_another_role_ends_the_sessions_of_before(browser: Browser, connect: Connect, provider: Provider) -> None:
    connection = connect(provider, groups_claim="groups", role_map={"helpdesk": "agent"})
    before = browser.sign_in(connection, provider)
    provider.person["groups"] = ["helpdesk"]
    after = browser.sign_in(connection, provider)
    assert browser.desk.refresh(before["refresh_token"]).status_code == 401
    assert browser.desk.refresh(after["refresh_token"]).status_code == 200


def test_without_a_default_role_people_without_a_group_stay_out(
    desk: Desk, browser: Browser, connect: Connect, provider: Provider
) -> None:
    connection = connect(provider, groups_claim="groups", role_map={"helpdesk": "agent"}, default_role=None)
    assert browser.come_back(connection, provider).json["code"] == "sign_in_refused"
    provider.person["groups"] = ["helpdesk"]
    browser.sign_in(connection, provider)
    provider.person["groups"] = []
    assert browser.come_back(connection, provider).json["code"] == "sign_in_refused"
    assert desk.users()["ben@acme.example"]["role"] == "agent"


def test_groups_that_the_token_leaves_out_take_no_role_away(
    desk: Desk, browser: Browser, connect: Connect, provider: Provider
) -> None:
    """Entra ID names a place to ask instead of more than 200 groups."""
    connection = connect(provider, groups_claim="groups", role_map={"helpdesk": "agent"})
    provider.person["groups"] = ["helpdesk"]
    browser.sign_in(connection, provider)
    provider.person = {k: v for k, v in provider.person.items() if k != "groups"} | {"_claim_names": {"groups": "src1"}}
    assert browser.come_back(connection, provider).json["code"] == "sign_in_refused"
    assert desk.users()["ben@acme.example"]["role"] == "agent"


def test_the_last_admin_keeps_the_role(desk: Desk, browser: Browser, connect: Connect, provider: Provider) -> None:
    connection = connect(provider, groups_claim="groups", role_map={"it": "admin"})
    provider.person |= {"email": "ada@acme.example", "groups": []}
    assert browser.sign_in(connection, provider)["user"]["role"] == "admin"
    desk.admin.call("POST", "/api/users", {"email": "eve@acme.example", "username": "Eve", "role": "admin"})
    assert browser.sign_in(connection, provider)["user"]["role"] == "requester"


def test_two_people_of_one_name_get_two_names(
    desk: Desk, browser: Browser, connection: Any, provider: Provider
) -> None:
    names = []
    for number in range(3):
        provider.person |= {"sub": f"p{number}", "email": f"p{number}@acme.example", "name": "  Kim\tLee\n"}
        names.append(browser.sign_in(connection, provider)["user"]["username"])
    assert names == ["Kim Lee", "Kim Lee 2", "Kim Lee 3"]


def test_cve_2026_52848_a_second_factor_holds_on_this_way_in_too(
    desk: Desk, browser: Browser, connection: Any, provider: Provider, clock: Clock
) -> None:
    """GLPI: the second factor held on one way in and not on the other."""
    app = Authenticator(clock, enable(desk.admin).json["secret"])
    assert confirm(desk.admin, app.next_code()).status_code == 200
    provider.person["email"] = "ada@acme.example"
    back = browser.come_back(connection, provider)
    asked = browser.exchange(back.json["sign_in_code"])
    assert (asked.status_code, asked.json["code"]) == (401, "totp_required")
    assert finish(desk, asked.json["half_login_token"], "000000").status_code == 401
    assert finish(desk, asked.json["half_login_token"], app.next_code()).status_code == 200


def test_a_client_without_a_secret_is_protected_by_pkce(
    browser: Browser, connect: Connect, new_provider: NewProvider
) -> None:
    provider = new_provider(secret=None)
    connection = connect(provider)
    assert connection["confidential"] is False
    browser.sign_in(connection, provider)


def test_elliptic_curves_and_two_audiences_and_at_hash_are_accepted(
    browser: Browser, connect: Connect, new_provider: NewProvider
) -> None:
    from tests.identity_provider import CLIENT_ID, half_hash

    provider = new_provider(key=new_key("e1", "EC"), algorithm="ES256")
    provider.person |= {"aud": [CLIENT_ID, "account"], "azp": CLIENT_ID, "at_hash": half_hash("at-1")}
    browser.sign_in(connect(provider), provider)


def test_entras_claim_of_a_verified_domain_counts_where_the_connection_names_it(
    browser: Browser, connect: Connect, provider: Provider
) -> None:
    del provider.person["email_verified"]
    provider.person["xms_edov"] = True
    assert browser.come_back(connect(provider), provider).status_code == 403
    browser.sign_in(connect(provider, verified_claim="xms_edov"), provider)
