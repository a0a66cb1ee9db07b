"""Connections by HTTP: what admins set, and what nobody reads back."""

from typing import Any

import pytest

from tests.identity_provider import CLIENT_SECRET, Provider

from ...conftest import Api, Rows
from .conftest import PUBLIC_URL, Browser, Connect, Desk

PATH = "/api/sso/connections"
GOOD = {"name": "N", "issuer": "https://idp.example/realms/a", "client_id": "c", "domains": ["acme.example"]}


def test_a_connection_is_added_listed_changed_and_deleted(desk: Desk) -> None:
    added = desk.admin.call("POST", PATH, GOOD)
    one = added.json
    assert (added.status_code, one["scopes"], one["default_role"]) == (201, ["openid", "email", "profile"], "requester")
    assert one["redirect_uri"] == f"{PUBLIC_URL}/api/auth/sso/{one['id']}/callback"
    assert desk.admin.every(PATH) == [one] == [desk.admin.get(f"{PATH}/{one['id']}")]
    change = {"name": "Other", "domains": ["ACME.example", "bücher.example"]}
    changed = desk.admin.call("PATCH", f"{PATH}/{one['id']}", change, If_Match=added.headers["ETag"])
    assert (changed.json["name"], changed.json["domains"]) == ("Other", ["acme.example", "xn--bcher-kva.example"])
    assert changed.json["revision"] == 2
    stale = desk.admin.call("PATCH", f"{PATH}/{one['id']}", {"name": "X"}, If_Match=added.headers["ETag"])
    assert stale.status_code == 412
    assert desk.admin.call("DELETE", f"{PATH}/{one['id']}").status_code == 204
    assert desk.admin.call("DELETE", f"{PATH}/{one['id']}").status_code == 404
    assert desk.admin.every(PATH) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("issuer", issuer) for issuer in (
            "http://idp.example", "https://", "idp.example", "https://user:pw@idp.example", "https://idp.example?x=1",
            "https://idp.example#x", "file:///etc/passwd", "https://idp.example:99999", "https://[::1", "ftp://x",
            "https://idp.example/\\x", "https://idp\u3002example", "javascript:1", "https://a b", "x" * 600, "", None,
            7, "http://127.0.0.2", "http://localhost.evil.example", "https://idp.example\n",
        )),
        *(("domains", each) for each in ([], ["@acme.example"], ["a b"], ["*"], ["acme.example/x"], "acme", [7])),
        ("scopes", []), ("scopes", ["email"]), ("scopes", ["openid email"]), ("scopes", ["openid", "a\nb"]),
        ("role_map", {"g": "owner"}), ("role_map", {"g": "service"}), ("role_map", {"": "agent"}), ("role_map", []),
        ("role_map", {"g": "agent"}), ("default_role", "admin"), ("default_role", "agent"), ("default_role", None),
        ("verified_claim", "email"), ("create_users", "yes"), ("client_id", ""), ("client_id", "a\r\nb"), ("name", " "),
        ("client_secret", ""), ("client_secret", "a\nb"), ("client_secret", "x" * 501),
    ],
)  # fmt: skip
def test_a_bad_field_is_named(desk: Desk, field: str, value: Any) -> None:
    answer = desk.admin.call("POST", PATH, GOOD | {field: value})
    assert (answer.status_code, answer.json["errors"][0]["field"].partition(".")[0]) == (400, field), answer.text
    assert desk.admin.every(PATH) == []


def test_the_secret_is_never_read_back(desk: Desk, connection: Any, rows: Rows) -> None:
    for answer in (
        desk.admin.call("GET", f"{PATH}/{connection['id']}"),
        desk.admin.call("GET", PATH),
        desk.admin.call("PATCH", f"{PATH}/{connection['id']}", {"name": "B"}),
    ):
        assert answer.status_code == 200
        assert CLIENT_SECRET not in answer.text
        assert "sealed" not in answer.text
    [(sealed,)] = rows("select client_secret_sealed from sso_connections")
    assert CLIENT_SECRET.encode() not in bytes(sealed)
    assert CLIENT_SECRET not in str(rows("select body from outbox"))


def test_a_repeated_post_makes_one_connection_and_keeps_no_secret(desk: Desk, rows: Rows) -> None:
    body = GOOD | {"client_secret": CLIENT_SECRET}
    first, second = (desk.admin.call("POST", PATH, body, Idempotency_Key="k") for _ in range(2))
    assert first.json == second.json
    assert len(desk.admin.every(PATH)) == 1
    assert CLIENT_SECRET not in str(rows("select * from idempotency_keys"))


def test_the_secret_isnt_sent_to_another_issuer(desk: Desk, connection: Any) -> None:
    path = f"{PATH}/{connection['id']}"
    moved = desk.admin.call("PATCH", path, {"issuer": "https://evil.example"})
    assert (moved.status_code, moved.json["errors"][0]["field"]) == (400, "client_secret")
    assert desk.admin.call("PATCH", path, {"issuer": "https://x.example", "client_secret": "new"}).status_code == 200


@pytest.mark.parametrize("role", ["requester", "agent", "manager", "service"])
def test_only_admins_see_and_change_connections(desk: Desk, connection: Any, role: str) -> None:
    other = Api(desk.app.test_client(), desk.admin.company, role)
    for method, path in (("GET", PATH), ("POST", PATH), ("PATCH", f"{PATH}/{connection['id']}")):
        assert other.call(method, path, None if method == "GET" else {}).status_code == 403


def test_an_api_key_gets_no_right_on_connections(desk: Desk) -> None:
    for scope in ("sso:read", "sso:write"):
        answer = desk.admin.call("POST", "/api/api-keys", {"name": "K", "scopes": [scope]})
        assert answer.status_code == 400


def test_a_company_has_at_most_ten(desk: Desk) -> None:
    statuses = [desk.admin.call("POST", PATH, GOOD).status_code for _ in range(11)]
    assert statuses == [201] * 10 + [409]


def test_an_inactive_or_deleted_connection_signs_nobody_in(
    desk: Desk, browser: Browser, connection: Any, provider: Provider
) -> None:
    query = browser.at_provider(connection, provider)
    desk.admin.call("PATCH", f"{PATH}/{connection['id']}", {"is_active": False})
    assert browser.call_back(connection, query).json["code"] == "sso_connection_not_found"
    assert browser.start(connection).status_code == 404
    desk.admin.call("DELETE", f"{PATH}/{connection['id']}")
    assert browser.start(connection).status_code == 404


def test_a_check_says_what_is_wrong(desk: Desk, connection: Any, connect: Connect, provider: Provider) -> None:
    assert check(desk, connection) == {"usable": True, "problem": None}
    provider.discovery["issuer"] = "https://another.example"
    assert "https://another.example" in check(desk, connection)["problem"]
    provider.behaviours["openid-configuration"] = lambda handler: handler.wfile.write(b"")
    assert check(desk, connection)["usable"] is False


def check(desk: Desk, connection: Any) -> Any:
    answer = desk.admin.call("POST", f"{PATH}/{connection['id']}/check")
    assert answer.status_code == 200, answer.text
    return answer.json
