"""A sign-in belongs to one browser, works once, and leads to no other site."""

import threading
from typing import Any

import pytest

from tests.identity_provider import Provider

from ...conftest import Rows
from .conftest import PUBLIC_URL, Browser, Desk


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", ""])
def test_no_other_site_is_a_return_path(desk: Desk, browser: Browser, connection: Any, path: str) -> None:
    answer = browser.client.get(connection["sign_in_path"], query_string={"return_to": path})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "return_to")
    assert {"Location", "Set-Cookie"} & {name for name, _ in answer.headers} == set()
    link = {"password": desk.PASSWORD, "return_to": path}
    assert desk.admin.call("POST", f"{connection['sign_in_path'][:-5]}link", link).status_code == 400


@pytest.mark.parametrize("path", ["/", "/a/b?x=//y&z=%2F"])
def test_paths_of_this_system_are(browser: Browser, connection: Any, provider: Provider, path: str) -> None:
    query = browser.at_provider(connection, provider, "?return_to=" + path.replace("%", "%25").replace("&", "%26"))
    assert browser.call_back(connection, query).headers["Location"].startswith(path)


HEADERS = [
    ("Host", "evil.example"), ("Host", "desk.example@evil.example"), ("X-Forwarded-Host", "evil.example"),
    ("X-Forwarded-Host", "https://desk.example@evil.example/"), ("X-Forwarded-Proto", "javascript"),
    ("Forwarded", "host=evil.example;proto=http"), ("X-Original-URL", "https://evil.example"),
    ("X-Forwarded-Server", "evil.example"), ("Origin", "https://evil.example"), ("Referer", "https://evil.example/"),
    ("X-Host", "evil.example"), ("X-Forwarded-Port", "1"), ("X-Forwarded-Prefix", "//evil.example"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), HEADERS)
def test_no_header_reaches_the_redirect_address(browser: Browser, connection: Any, name: str, value: str) -> None:
    """ZITADEL CVE-2026-135175: a forwarded host sent people elsewhere."""
    location = browser.client.get(connection["sign_in_path"], headers={name: value}).headers["Location"]
    assert "evil" not in location
    assert "javascript" not in location
    assert "redirect_uri=https%3A%2F%2Fdesk.example%2Fapi%2Fauth%2Fsso%2F" in location


def test_no_parameter_reaches_it_either(browser: Browser, connection: Any) -> None:
    answer = browser.client.get(connection["sign_in_path"], query_string={"redirect_uri": "https://evil.example"})
    assert answer.status_code == 400


def test_a_state_works_once(browser: Browser, connection: Any, provider: Provider) -> None:
    query = browser.at_provider(connection, provider)
    assert browser.call_back(connection, query).status_code == 200
    assert browser.call_back(connection, query).json["code"] == "sign_in_expired"


def test_of_equal_callbacks_at_once_one_counts(browser: Browser, connection: Any, provider: Provider) -> None:
    query = browser.at_provider(connection, provider)
    cookie = browser.client.get_cookie("__Host-smart-ticket-sign-in")
    assert cookie is not None
    statuses: list[int] = []

    def call() -> None:
        client = browser.desk.app.test_client()
        client.set_cookie("__Host-smart-ticket-sign-in", cookie.value)
        path = connection["redirect_uri"].removeprefix(PUBLIC_URL)
        statuses.append(client.get(path, query_string=query).status_code)

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [400] * 3


def test_a_code_of_the_provider_works_once(browser: Browser, connection: Any, provider: Provider) -> None:
    first = browser.at_provider(connection, provider)
    browser.call_back(connection, first)
    second = browser.at_provider(connection, provider) | {"code": first["code"]}
    assert browser.call_back(connection, second).json["code"] == "sign_in_denied"


def test_a_code_of_another_sign_in_is_refused(desk: Desk, connection: Any, provider: Provider) -> None:
    """Swapped codes: PKCE and the nonce bind a code to the browser that asked for it."""
    ada, mallory = Browser(desk), Browser(desk)
    stolen = ada.at_provider(connection, provider)["code"]
    query = mallory.at_provider(connection, provider) | {"code": stolen}
    assert mallory.call_back(connection, query).json["code"] == "sign_in_denied"


def test_a_sign_in_ends_in_the_browser_where_it_began(desk: Desk, connection: Any, provider: Provider) -> None:
    """Authlib GHSA-fg6f-75jq-6523: a victim's browser finished the attacker's sign-in (login CSRF)."""
    mallory, victim = Browser(desk), Browser(desk)
    query = mallory.at_provider(connection, provider)
    assert victim.call_back(connection, query).json["code"] == "sign_in_expired"
    victim.start(connection)
    assert victim.call_back(connection, query).json["code"] == "sign_in_expired"
    code = mallory.call_back(connection, query).json["sign_in_code"]
    assert victim.exchange(code).json["code"] == "sign_in_expired"
    assert mallory.exchange(code).status_code == 200


def test_a_code_works_once_and_for_a_minute(browser: Browser, connection: Any, provider: Provider, rows: Rows) -> None:
    code = browser.come_back(connection, provider).json["sign_in_code"]
    assert browser.exchange(code).status_code == 200
    assert browser.exchange(code).json["code"] == "sign_in_expired"
    late = browser.come_back(connection, provider).json["sign_in_code"]
    left = rows("update sso_codes set expires_at = expires_at - interval '61 seconds' returning 1")
    assert left == [(1,)]
    assert browser.exchange(late).json["code"] == "sign_in_expired"


def test_a_sign_in_waits_ten_minutes(browser: Browser, connection: Any, provider: Provider, rows: Rows) -> None:
    query = browser.at_provider(connection, provider)
    rows("update sso_attempts set expires_at = expires_at - interval '601 seconds' returning 1")
    assert browser.call_back(connection, query).json["code"] == "sign_in_expired"


@pytest.mark.parametrize("code", ["", "stx_", "stx_" + "A" * 43, "x" * 100_000, "str_" + "A" * 43, "\x00"])
def test_other_codes_are_refused(browser: Browser, connection: Any, code: str) -> None:
    browser.start(connection)
    assert browser.exchange(code).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        {}, {"state": ""}, {"code": "x"}, {"state": "x" * 10_000, "code": "x"},
        {"state": "sts_" + "A" * 43, "code": "x"},
        {"error": "access_denied"}, {"state": "\u0000", "code": "\u0000"},
    ],
)  # fmt: skip
def test_a_callback_that_nobody_asked_for_is_refused(browser: Browser, connection: Any, query: dict[str, str]) -> None:
    browser.start(connection)
    answer = browser.call_back(connection, query)
    assert answer.status_code == 400


def test_a_person_who_cancels_is_sent_back_with_a_sentence(
    browser: Browser, connection: Any, provider: Provider
) -> None:
    query = browser.at_provider(connection, provider)
    del query["code"]
    answer = browser.call_back(connection, query | {"error": "access_denied", "error_description": "<script>"})
    assert (answer.status_code, answer.json["code"]) == (401, "sign_in_denied")
    assert "script" not in answer.text


def test_what_the_database_keeps_finishes_no_sign_in(
    browser: Browser, connection: Any, provider: Provider, rows: Rows
) -> None:
    query = browser.at_provider(connection, provider)
    code = browser.call_back(connection, browser.at_provider(connection, provider)).json["sign_in_code"]
    kept = str(rows("select * from sso_attempts") + rows("select * from sso_codes"))
    assert not any(value[4:] in kept for value in (query["state"], code))


def test_secrets_dont_repeat_and_are_long(browser: Browser, connection: Any) -> None:
    locations = [browser.start(connection).headers["Location"] for _ in range(20)]
    for name in ("state", "nonce", "code_challenge"):
        values = {part for each in locations for part in each.split("&") if part.startswith(f"{name}=")}
        assert len(values) == 20
        assert all(len(value) >= len(name) + 44 for value in values)
