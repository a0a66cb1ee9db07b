"""Links for a new password, over HTTP on a real database."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from service_kit.identity import AGENT

from ..conftest import Api, People, Rows
from ..credentials import NEW, change, link_for, reset, signed_in, user_id


def test_an_admins_link_sets_a_new_password_and_signs_out_everywhere(people: People, ada: Api, rows: Rows) -> None:
    refresh_token = signed_in(people)[1]["refresh_token"]
    made = ada.call("POST", "/api/api-keys", {"name": "Export", "scopes": ["tickets:read"]})
    token = link_for(ada)
    answer = reset(people, token)
    assert (answer.status_code, answer.data) == (204, b"")
    assert people.log_in().status_code == 401
    assert people.log_in(password=NEW).status_code == 200
    assert people.refresh(refresh_token).status_code == 401
    revoked = {(kind, name) for kind, name in rows("select kind, id from revocations")}
    assert ("session", ada.session) in revoked
    assert ("key", made.json["id"]) in revoked
    assert ada.get("/api/api-keys")["items"] == []


def test_a_link_is_shown_once_and_stored_as_a_digest(ada: Api, rows: Rows) -> None:
    token = link_for(ada)
    assert token.startswith("stp_")
    assert len(token) == 47
    ((digest, lifetime),) = rows("select token_hash, expires_at - created_at from password_resets")
    assert len(bytes(digest)) == 32
    assert 29 * 60 < lifetime.total_seconds() <= 30 * 60 + 1
    dump = str(rows("select row_to_json(r) from password_resets r")) + str(rows("select body from outbox"))
    assert token not in dump


def test_a_repeated_request_for_a_link_gives_the_same_link_which_is_stored_sealed(ada: Api, rows: Rows) -> None:
    path = f"/api/users/{user_id(ada)}/password-reset"
    first, second = (ada.call("POST", path, Idempotency_Key="once") for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json["token"] == second.json["token"]
    assert first.json["token"] not in str(rows("select * from idempotency_keys"))


def test_a_link_works_once(people: People, ada: Api) -> None:
    token = link_for(ada)
    assert reset(people, token).status_code == 204
    second = reset(people, token, "another good password")
    assert (second.status_code, second.json["code"]) == (400, "invalid")
    assert second.json["errors"][0]["field"] == "token"
    assert people.log_in(password=NEW).status_code == 200


def test_of_parallel_uses_of_a_link_one_wins(people: People, ada: Api) -> None:
    token = link_for(ada)
    begin = threading.Barrier(4)

    def use(number: int) -> int:
        begin.wait(10)
        status: int = reset(people, token, f"password number {number}").status_code
        return status

    with ThreadPoolExecutor(4) as threads:
        statuses = list(threads.map(use, range(4)))
    assert sorted(statuses) == [204, 400, 400, 400]
    winner = statuses.index(204)
    assert people.log_in(password=f"password number {winner}").status_code == 200


def test_a_bad_new_password_does_not_use_the_link_up(people: People, ada: Api) -> None:
    token = link_for(ada)
    assert reset(people, token, "short").json["errors"][0]["field"] == "new_password"
    assert reset(people, token).status_code == 204


@pytest.mark.parametrize(
    "statement",
    [
        "update password_resets set expires_at = now() - interval '1 second' returning id",
        "update users set is_active = false returning id",
        "update users set password_version = password_version + 1 returning id",
        "delete from users returning id",
    ],
    ids=["expired", "inactive", "changed meanwhile", "deleted"],
)
def test_links_that_are_not_valid_any_more_are_refused_alike(
    people: People, ada: Api, rows: Rows, statement: str
) -> None:
    token = link_for(ada)
    unknown = reset(people, "stp_" + "A" * 43).json
    assert rows(statement)
    answer = reset(people, token)
    assert answer.status_code == 400
    assert {**answer.json, "request_id": ""} == {**unknown, "request_id": ""}


def test_a_newer_link_replaces_the_older_one(people: People, ada: Api) -> None:
    older, newer = link_for(ada), link_for(ada)
    assert reset(people, older).status_code == 400
    assert reset(people, newer).status_code == 204


def test_a_change_of_the_password_makes_links_worthless(people: People, ada: Api) -> None:
    token = link_for(ada)
    assert change(ada).status_code == 204
    assert reset(people, token, "another good password").status_code == 400


@pytest.mark.parametrize(
    "more",
    [{"verified": True}, {"step": 2}, {"email": "ada@acme.example"}, {"user_id": 1}, {"execution": "reset"}],
)
def test_no_step_of_a_reset_can_be_skipped_by_claiming_that_it_was_done(
    people: People, ada: Api, more: dict[str, Any]
) -> None:
    """Keycloak's CVE-2026-18963: a flag "verified" of the request stood in for the proof."""
    answer = people.post("/api/auth/password/reset", {"new_password": NEW, **more})
    assert answer.status_code == 400
    assert "token" in {error["field"] for error in answer.json["errors"]}
    assert reset(people, "stp_" + "A" * 43, **more).status_code == 400
    assert people.log_in().status_code == 200


def test_no_token_of_another_purpose_resets_a_password(people: People, ada: Api) -> None:
    _, tokens = signed_in(people)
    invited = ada.call("POST", "/api/invitations", {"email": "eve@acme.example", "role": AGENT}).json
    token = link_for(ada)
    others = [
        tokens["refresh_token"],
        tokens["access_token"],
        tokens["device_token"],
        invited["token"],
        invited["token"].replace("sti_", "stp_"),
        tokens["refresh_token"].replace("str_", "stp_"),
        token[:-1],
        token + "A",
        token.upper(),
        "",
        "stp_" + "🐘" * 43,
        "x" * 900_000,
    ]
    assert [reset(people, other).status_code for other in others] == [400] * len(others)
    assert people.log_in().status_code == 200
    assert reset(people, token).status_code == 204


def test_a_link_is_made_by_admins_for_their_own_companys_people_alone(people: People, ada: Api) -> None:
    people.found("bob@other.example", "Other")
    bob = people.as_caller(people.log_in("bob@other.example").json["access_token"])
    ada_id = user_id(ada)
    assert bob.call("POST", f"/api/users/{ada_id}/password-reset").status_code == 404
    for role in ("requester", "agent", "manager", "service"):
        other = Api(ada.client, ada.company, role, "user:999")
        assert other.call("POST", f"/api/users/{ada_id}/password-reset").status_code == 403


def test_a_link_opens_a_name_that_strangers_closed(people: People, ada: Api, app: Any) -> None:
    for number in range(10):
        stranger = Api(app.test_client(), address=f"10.0.{number}.1")
        stranger.call("POST", "/api/auth/login", {"email": "ada@acme.example", "password": f"guess no {number}"})
    assert people.log_in().status_code == 401
    assert reset(people, link_for(ada)).status_code == 204
    assert people.log_in(password=NEW).status_code == 200
