"""The audit says which API key of a person acted, on a real database."""

from typing import Any

import pytest
from service_kit.identity import SERVICE
from service_kit.service_settings import GATEWAY

from ..conftest import Api, Rows


def made(ada: Api, name: str) -> Any:
    answer = ada.call("POST", "/api/api-keys", {"name": name, "scopes": ["teams:write"]})
    assert answer.status_code == 201, answer.text
    return answer.json


def program(ada: Api, key: str) -> Api:
    """Return the service as a program with that key sees it behind the gateway."""
    gateway = Api(ada.client, company=1, role=SERVICE, subject=GATEWAY)
    owner = gateway.call("POST", "/internal/api-keys/verify", {"key": key}).json
    return Api(
        ada.client, owner["company_id"], owner["role"], owner["subject"], scopes=frozenset(owner["scopes"]),
        api_key=owner["key_id"], api_key_name=owner["key_name"],
    )  # fmt: skip


def done_by(api: Api, **wanted: str) -> list[tuple[str, Any]]:
    """Return what was done and the id and name of the API key, the oldest first."""
    query = "&".join(f"{name}={value}" for name, value in wanted.items())
    found = reversed(api.every(f"/api/audit?{query}"))
    return [(each["action"], (each["actor"]["api_key_id"], each["actor"]["api_key_name"])) for each in found]


def test_two_keys_of_one_person_are_told_apart_and_their_owner_beside_them(ada: Api, rows: Rows) -> None:
    nightly, sync = made(ada, "Nightly export"), made(ada, "Größe ☃ sync")
    team = program(ada, nightly["key"]).add_team("Printers")["id"]
    by_sync = program(ada, sync["key"])
    assert by_sync.call("PATCH", f"/api/teams/{team}", {"name": "Plotters"}).status_code == 200
    assert ada.call("DELETE", f"/api/teams/{team}").status_code == 204
    first, second = ((key["id"], key["name"]) for key in (nightly, sync))
    assert done_by(ada, record=f"team:{team}") == [
        ("team.created", first), ("team.updated", second), ("team.deleted", (None, None)),
    ]  # fmt: skip
    assert done_by(ada, api_key_id=sync["id"]) == [("team.updated", second)]
    assert done_by(ada, api_key_id=nightly["id"], user_id=ada.subject.removeprefix("user:")) == [
        ("team.created", first)
    ]
    kinds = [(each["actor"]["kind"], each["actor"]["id"]) for each in ada.every(f"/api/audit?record=team:{team}")]
    assert kinds == [("user", ada.subject), ("api_key", ada.subject), ("api_key", ada.subject)]
    stored = "\n".join(row for (row,) in rows("select a::text from audit a"))
    assert nightly["key"] not in stored
    assert sync["key"] not in stored


def test_a_revoked_key_stays_named(ada: Api) -> None:
    key = made(ada, "Import")
    program(ada, key["key"]).add_team("Printers")
    assert ada.call("DELETE", f"/api/api-keys/{key['id']}").status_code == 204
    assert done_by(ada, api_key_id=key["id"]) == [("team.created", (key["id"], "Import"))]


def test_another_company_finds_nothing_by_the_id_of_a_key(ada: Api) -> None:
    key = made(ada, "Import")
    program(ada, key["key"]).add_team("Printers")
    assert done_by(Api(ada.client, ada.company + 1), api_key_id=key["id"]) == []


@pytest.mark.parametrize("given", ["", "abc", "abcd efg", "abcdefgh%0A", "%C3%A9bcdefgh", "stk_abcdefgh"])
def test_only_an_id_is_taken_not_a_key(ada: Api, given: str) -> None:
    answer = ada.call("GET", f"/api/audit?api_key_id={given}")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json["errors"]] == ["api_key_id"]


def test_a_manager_lists_and_revokes_keys_of_others_and_the_audit_says_so(ada: Api, rows: Rows) -> None:
    key = made(ada, "Import")
    manager = Api(ada.client, ada.company, "manager", "user:99")
    (listed,) = manager.call("GET", "/api/api-keys").json["items"]
    assert (listed["id"], f"user:{listed['user_id']}") == (key["id"], ada.subject)
    assert key["key"] not in str(listed)
    assert manager.call("DELETE", f"/api/api-keys/{key['id']}").status_code == 204
    assert ada.call("GET", "/api/api-keys").json["items"] == []
    (revoked,) = ada.every(f"/api/audit?record=api_key:{key['id']}&user_id=99")
    assert revoked["action"] == "api_key.updated"
    ((before, after),) = [(each["old"], each["new"]) for each in revoked["changes"] if each["field"] == "revoked_at"]
    assert before is None
    assert after is not None


@pytest.mark.parametrize("role", ["requester", "agent"])
def test_others_reach_their_own_keys_alone(ada: Api, role: str) -> None:
    key = made(ada, "Import")
    other = Api(ada.client, ada.company, role, "user:99")
    assert other.call("GET", "/api/api-keys").json["items"] == []
    assert other.call("DELETE", f"/api/api-keys/{key['id']}").status_code == 404


def test_keys_of_another_company_are_out_of_a_managers_reach(ada: Api) -> None:
    key = made(ada, "Import")
    foreign = Api(ada.client, ada.company + 1, "manager", "user:99")
    assert foreign.call("GET", "/api/api-keys").json["items"] == []
    assert foreign.call("DELETE", f"/api/api-keys/{key['id']}").status_code == 404
