"""API keys over HTTP on a real database: made, listed, verified for the gateway, revoked."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from service_kit.identity import AGENT, HEADER, MANAGER, REQUESTER, SERVICE, Caller, TokenSigner
from service_kit.identity.api_keys import checksum, is_well_formed
from service_kit.service_settings import GATEWAY, development_signing_key
from service_kit.testing.api_keys import some_api_key

from ..conftest import Api, People, Rows

SCOPES = ["tickets:read", "files:write"]


@pytest.fixture
def bob(people: People, ada: Api) -> Api:
    """An agent of Ada's company."""
    new = {"email": "bob@acme.example", "username": "bob", "password": People.PASSWORD, "role": AGENT}
    answer = ada.call("POST", "/api/users", new)
    assert answer.status_code == 201, answer.text
    return people.as_caller(people.log_in("bob@acme.example").json["access_token"])


def make(who: Api, name: str = "Export", scopes: Any = SCOPES, **more: Any) -> Any:
    return who.call("POST", "/api/api-keys", {"name": name, "scopes": scopes, **more})


def made(who: Api, **more: Any) -> Any:
    answer = make(who, **more)
    assert answer.status_code == 201, answer.text
    return answer.json


def verify(who: Api, key: Any) -> Any:
    gateway = Api(who.client, company=1, role=SERVICE, subject=GATEWAY)
    return gateway.call("POST", "/internal/api-keys/verify", {"key": key})


def test_a_new_key_is_shown_once_and_stored_as_a_digest(ada: Api, rows: Rows) -> None:
    answer = make(ada)
    key = answer.json["key"]
    assert answer.status_code == 201
    assert is_well_formed(key)
    assert answer.json["id"] == key[4:12]
    assert answer.headers["Location"] == f"/api/api-keys/{answer.json['id']}"
    assert answer.headers["Cache-Control"] == "no-store"
    (shown,) = ada.get("/api/api-keys")["items"]
    assert shown == {name: value for name, value in answer.json.items() if name != "key"}
    assert shown["scopes"] == sorted(SCOPES)
    assert key not in str(rows("select row_to_json(k) from api_keys k"))
    assert rows("select secret_hash from api_keys")[0][0].tobytes() == hashlib.sha256(key.encode()).digest()


def test_a_repeated_request_makes_one_key_and_stores_it_sealed(ada: Api, rows: Rows) -> None:
    body = {"name": "Export", "scopes": SCOPES}
    first, second = (ada.call("POST", "/api/api-keys", body, Idempotency_Key="once") for _ in range(2))
    assert first.json == second.json
    assert rows("select count(*) from api_keys") == [(1,)]
    assert first.json["key"] not in str(rows("select * from idempotency_keys"))


def test_a_key_acts_for_its_owner_within_its_scopes(bob: Api) -> None:
    key = made(bob)
    answer = verify(bob, key["key"])
    assert answer.status_code == 200, answer.text
    assert answer.json == {
        "key_id": key["id"],
        "key_name": key["name"],
        "company_id": bob.company,
        "subject": bob.subject,
        "role": AGENT,
        "name": "bob",
        "email": "bob@acme.example",
        "scopes": sorted(SCOPES),
        "expires_at": key["expires_at"],
    }


def test_a_key_has_the_role_that_its_owner_has_now(ada: Api, bob: Api) -> None:
    key = made(bob)["key"]
    path = f"/api/users/{bob.subject.partition(':')[2]}"
    assert ada.call("PATCH", path, {"role": MANAGER}).status_code == 200
    assert verify(bob, key).json["role"] == MANAGER


@pytest.mark.parametrize(("days", "expected"), [(None, 90), (1, 1), (365, 365)])
def test_a_key_expires_after_ninety_days_or_as_requested(ada: Api, days: int | None, expected: int) -> None:
    key = made(ada, **({} if days is None else {"expires_in_days": days}))
    lifetime = datetime.fromisoformat(key["expires_at"]) - datetime.now(UTC)
    assert abs(lifetime - timedelta(days=expected)) < timedelta(minutes=1)


@pytest.mark.parametrize("days", [0, -1, 366, 10**15, "90", 1.5, True, None])
def test_other_lifetimes_are_400(ada: Api, days: Any) -> None:
    answer = make(ada, expires_in_days=days)
    assert answer.status_code == 400
    assert answer.json["errors"][0]["field"] == "expires_in_days"


@pytest.mark.parametrize(
    "scopes",
    [
        [],
        None,
        "tickets:read",
        ["*"],
        ["tickets:*"],
        ["admin"],
        ["tickets:read", "unknown:read"],
        ["api-keys:write"],
        ["users:write"],
        ["invitations:write"],
        ["auth:write"],
        ["sessions:read"],
        ["me:write"],
        ["tickets:read\u0000"],
        [7],
        [["tickets:read"]],
        ["x" * 5000],
        ["tickets:read"] * 101,
    ],
    ids=lambda scopes: repr(scopes)[:40],
)
def test_scopes_that_no_key_may_have_are_400(ada: Api, scopes: Any) -> None:
    answer = make(ada, scopes=scopes)
    assert answer.status_code == 400, answer.text
    assert answer.json["errors"][0]["field"].startswith("scopes")
    assert ada.get("/api/api-keys")["items"] == []


@pytest.mark.parametrize("name", ["", " ", "\u200b", "x" * 101, " Export", "a\nb", None, 7])
def test_bad_names_are_400(ada: Api, name: Any) -> None:
    assert make(ada, name=name).json["errors"][0]["field"] == "name"


def test_keys_that_are_not_valid_are_404_alike(ada: Api, bob: Api, rows: Rows) -> None:
    answers = []
    for change in (
        "update api_keys set expires_at = now() - interval '1 second' where id = %s returning id",
        "update api_keys set revoked_at = now() where id = %s returning id",
        "update users set is_active = false where id = (select user_id from api_keys where id = %s) returning id",
    ):
        key = made(bob)
        assert verify(bob, key["key"]).status_code == 200
        assert rows(change, key["id"])
        answers.append(verify(bob, key["key"]))
    answers.append(verify(bob, some_api_key()))  # well-formed and unknown
    assert {(answer.status_code, answer.json["code"], answer.json["detail"]) for answer in answers} == {
        (404, "api_key_not_found", "the API key is not valid")
    }


def test_the_gateway_is_told_to_verify_keys_of_somebody_with_another_role(ada: Api, bob: Api, rows: Rows) -> None:
    key = made(bob)["key"]
    changed = ada.call("PATCH", f"/api/users/{bob.subject.partition(':')[2]}", {"role": MANAGER})
    assert changed.status_code == 200
    assert rows("select kind, id from revocations where kind = 'role'") == [("role", bob.subject)]
    assert verify(bob, key).json["role"] == MANAGER


def test_a_key_ends_with_its_owners_account(ada: Api, bob: Api, rows: Rows) -> None:
    key = made(bob)["key"]
    assert ada.call("DELETE", f"/api/users/{bob.subject.partition(':')[2]}").status_code == 204
    assert verify(bob, key).status_code == 404
    assert rows("select count(*) from api_keys") == [(0,)]


def test_no_typing_error_goes_unnoticed(ada: Api) -> None:
    key = made(ada)["key"]
    for position in range(len(key)):
        wrong = "x" if key[position] != "x" else "y"
        assert verify(ada, key[:position] + wrong + key[position + 1 :]).status_code == 404, position


def test_a_key_with_the_right_id_and_checksum_and_another_secret_is_refused(ada: Api) -> None:
    key = made(ada)["key"]
    forged = some_api_key()
    # Another secret behind the same id, with a checksum of its own.
    body = f"stk_{key[4:12]}{forged[12:45]}"
    well_formed = body + checksum(body)
    assert is_well_formed(well_formed)
    assert verify(ada, well_formed).status_code == 404


@pytest.mark.parametrize(
    "key",
    ["", "stk_", "Bearer stk_", "🐘" * 51, "stk_" + "A" * 47, pytest.param("stk_" + "A" * 900_000, id="900 kB")],
)
def test_malformed_keys_are_404(ada: Api, key: str) -> None:
    assert verify(ada, key).status_code == 404


@pytest.mark.parametrize("key", [None, 7, ["stk_"], {"key": "stk_"}])
def test_keys_of_another_type_are_400(ada: Api, key: Any) -> None:
    assert verify(ada, key).status_code == 400


def test_a_megabyte_is_413(ada: Api) -> None:
    assert verify(ada, "x" * 1_100_000).status_code == 413


def test_only_services_verify_keys(ada: Api) -> None:
    key = made(ada)["key"]
    assert ada.call("POST", "/internal/api-keys/verify", {"key": key}).status_code == 403


def test_the_last_use_is_noted_to_the_minute(ada: Api, rows: Rows) -> None:
    key = made(ada)["key"]
    assert verify(ada, key).status_code == 200
    (shown,) = ada.get("/api/api-keys")["items"]
    used = datetime.fromisoformat(shown["last_used_at"])
    assert (used.second, used.microsecond) == (0, 0)
    assert timedelta(0) <= datetime.now(UTC) - used < timedelta(minutes=2)


def test_a_key_in_steady_use_is_written_once_a_minute(ada: Api, rows: Rows) -> None:
    key = made(ada)["key"]
    # A minute that lasts for the whole test.
    rows("update api_keys set last_used_at = date_trunc('minute', now() + interval '2 minutes') returning id")
    version = rows("select xmin::text from api_keys")
    assert {verify(ada, key).status_code for _ in range(3)} == {200}
    assert rows("select xmin::text from api_keys") == version


# Whose keys they are


def test_people_see_and_revoke_their_own_keys_and_admins_those_of_the_company(ada: Api, bob: Api) -> None:
    of_ada, of_bob = made(ada, name="Ada's"), made(bob, name="Bob's")
    assert [key["name"] for key in bob.every("/api/api-keys")] == ["Bob's"]
    assert [key["name"] for key in ada.every("/api/api-keys?limit=1")] == ["Ada's", "Bob's"]
    assert bob.call("DELETE", f"/api/api-keys/{of_ada['id']}").status_code == 404
    assert ada.call("DELETE", f"/api/api-keys/{of_bob['id']}").status_code == 204
    assert verify(ada, of_bob["key"]).status_code == 404
    assert verify(ada, of_ada["key"]).status_code == 200


def test_a_revoked_key_is_published_to_the_gateway_and_gone(ada: Api, rows: Rows) -> None:
    key = made(ada)
    assert ada.call("DELETE", f"/api/api-keys/{key['id']}").status_code == 204
    assert ada.call("DELETE", f"/api/api-keys/{key['id']}").status_code == 404
    assert ("key", key["id"]) in rows("select kind, id from revocations")
    assert ada.get("/api/api-keys")["items"] == []


def test_another_companys_keys_are_out_of_reach(people: People, ada: Api) -> None:
    key = made(ada)
    people.found("eve@other.example", "Other")
    eve = people.as_caller(people.log_in("eve@other.example").json["access_token"])
    assert eve.get("/api/api-keys")["items"] == []
    assert eve.call("DELETE", f"/api/api-keys/{key['id']}").status_code == 404
    assert verify(eve, key["key"]).json["company_id"] == ada.company


@pytest.mark.parametrize("key_id", ["x", "A" * 8, "../users", "%00", "🐘", "A" * 3000])
def test_revoking_an_unknown_key_is_404(ada: Api, key_id: str) -> None:
    assert ada.call("DELETE", f"/api/api-keys/{key_id}").status_code == 404


def test_a_person_has_twenty_keys_at_most_counting_valid_ones(ada: Api, rows: Rows) -> None:
    keys = [made(ada, name=f"Key {number}") for number in range(20)]
    answer = make(ada)
    assert (answer.status_code, answer.json["code"]) == (409, "too_many_api_keys")
    assert rows("update api_keys set expires_at = now() where id = %s returning id", keys[0]["id"])
    assert make(ada).status_code == 201


def test_a_caller_without_an_account_has_no_keys(people: People, api: Api) -> None:
    for role in (REQUESTER, AGENT, MANAGER):
        nobody = Api(api.client, role=role, subject="operator")
        for answer in (make(nobody), *([] if role == MANAGER else [nobody.call("GET", "/api/api-keys")])):
            assert (answer.status_code, answer.json["code"]) == (403, "account_needed")
    assert make(api).json["code"] == "account_needed"


def test_a_key_makes_no_keys_and_no_people(ada: Api) -> None:
    """Whatever scopes a token of the gateway names: those of these routes can't be granted."""
    signer = TokenSigner(GATEWAY, development_signing_key(GATEWAY))
    scopes = frozenset(made(ada, scopes=["tickets:write", "me:read", "users:read"])["scopes"])
    caller = Caller(ada.company, "admin", ada.subject, "Ada", scopes=scopes)
    ada.headers[HEADER] = signer.sign(caller, Api.name)
    for method, path, body in (
        ("POST", "/api/api-keys", {"name": "More", "scopes": SCOPES}),
        ("GET", "/api/api-keys", None),
        ("POST", "/api/users", {"email": "x@acme.example", "username": "x", "role": AGENT}),
        ("POST", "/api/invitations", {"email": "x@acme.example", "role": AGENT}),
        ("POST", "/api/users/1/password-reset", None),
        ("POST", "/api/auth/password/change", {"current_password": People.PASSWORD, "new_password": "x" * 20}),
        ("DELETE", "/api/sessions", None),
    ):
        answer = ada.call(method, path, body)
        assert (answer.status_code, answer.json["code"]) == (403, "scope_missing"), path
    assert ada.call("GET", "/api/me").status_code == 200
