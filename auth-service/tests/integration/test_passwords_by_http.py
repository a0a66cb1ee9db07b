"""Changed, forgotten and reset passwords, over HTTP on a real database."""

import threading
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from service_kit.identity import AGENT

from ..conftest import Api, People, Published, Rows

NEW = "three green kites above"


def signed_in(people: People, password: str = People.PASSWORD) -> tuple[Api, Any]:
    """Return the service as Ada sees it after a login, and the answer to the login."""
    answer = people.log_in(password=password)
    assert answer.status_code == 200, answer.text
    return people.as_caller(answer.json["access_token"]), answer.json


@pytest.fixture
def ada(people: People) -> Api:
    people.found()
    return signed_in(people)[0]


def change(who: Api, current: Any = People.PASSWORD, new: Any = NEW, **headers: str) -> Any:
    body = {"current_password": current, "new_password": new}
    return who.call("POST", "/api/auth/password/change", body, **headers)


def link_for(admin: Api, user_id: int | None = None) -> str:
    user_id = user_id or int(admin.subject.partition(":")[2])
    answer = admin.call("POST", f"/api/users/{user_id}/password-reset")
    assert answer.status_code == 201, answer.text
    token: str = answer.json["token"]
    return token


def reset(people: People, token: Any, new: Any = NEW, **more: Any) -> Any:
    return people.post("/api/auth/password/reset", {"token": token, "new_password": new, **more})


def test_a_changed_password_replaces_the_old_one(people: People, ada: Api, published: Published) -> None:
    assert change(ada).status_code == 204
    assert people.log_in().status_code == 401
    assert people.log_in(password=NEW).status_code == 200
    (updated,) = published("user.updated")
    assert NEW not in str(updated)


def test_a_change_ends_all_sessions_but_the_callers(people: People, ada: Api) -> None:
    other, _ = signed_in(people)
    refresh_of_other = signed_in(people)[1]["refresh_token"]
    assert change(ada).status_code == 204
    assert people.refresh(refresh_of_other).status_code == 401
    alive = [session["id"] for session in ada.get("/api/sessions")["items"]]
    assert alive == [ada.session]
    assert other.session not in alive


def test_a_change_needs_the_current_password(people: People, ada: Api) -> None:
    answer = change(ada, current="not the current one")
    assert (answer.status_code, answer.json["code"]) == (403, "wrong_password")
    assert answer.json["errors"] == [{"field": "current_password", "message": "Wrong."}]
    assert people.log_in().status_code == 200


def test_a_stolen_session_guesses_the_password_five_times_at_most(ada: Api) -> None:
    answers = [change(ada, current=f"guess number {number}") for number in range(6)]
    assert [answer.status_code for answer in answers] == [403] * 5 + [429]
    assert 890 <= int(answers[-1].headers["Retry-After"]) <= 901
    assert change(ada).status_code == 429


def test_a_repeated_change_with_the_same_key_answers_as_the_first(people: People, ada: Api) -> None:
    answers = [change(ada, Idempotency_Key="once") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]
    assert "Idempotency-Replayed" in answers[1].headers
    assert people.log_in(password=NEW).status_code == 200


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        ("too short", "Shorter"),
        ("aaaaaaaaaaaaaaaa", "repeated"),
        ("with\x00a NUL inside", "NUL"),
        (People.PASSWORD, "current"),
        pytest.param("long" * 300, "bytes", id="1,200 bytes"),
        (None, "null"),
        (12, "string"),
        (["seven small blue boats"], "string"),
    ],
)
def test_unacceptable_new_passwords_are_400_with_the_field(ada: Api, new: Any, reason: str) -> None:
    answer = change(ada, new=new)
    assert answer.status_code == 400, answer.text
    (error,) = answer.json["errors"]
    assert error["field"] == "new_password"
    assert reason in error["message"]


@pytest.mark.parametrize("path", ["/api/auth/password/change", "/api/auth/login", "/api/auth/password/reset"])
def test_a_lone_surrogate_is_400(ada: Api, path: str) -> None:
    for name in ("current_password", "new_password", "password"):
        raw = f'{{"{name}": "lone \\ud83d surrogate here"}}'
        answer = ada.send("POST", path, data=raw, content_type="application/json")
        assert answer.status_code == 400
        assert answer.json["errors"][0]["field"] == name


def test_a_password_of_a_megabyte_is_refused_before_it_is_hashed(people: People, ada: Api) -> None:
    started = time.monotonic()
    answer = people.log_in(password="x" * 1_000_000)
    assert answer.status_code == 400
    assert answer.json["errors"][0]["field"] == "password"
    assert people.log_in(password="x" * 1_100_000).status_code == 413
    assert change(ada, new="x" * 500_000, current="y" * 500_000).status_code == 400
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "password", ["🐘🦒🐊🦓🐘🦒🐊🦓🐘🦒🐊🦓", "  blanks around it  ", "パスワードは十二文字以上です"]
)
def test_odd_but_long_passwords_work_as_typed(people: People, ada: Api, password: str) -> None:
    assert change(ada, new=password).status_code == 204
    assert people.log_in(password=password).status_code == 200
    assert people.log_in(password=password.strip() + " ").status_code == 401


def test_composed_and_decomposed_letters_log_in_alike(people: People, ada: Api) -> None:
    composed, decomposed = (unicodedata.normalize(form, "Übergrößenträger") for form in ("NFC", "NFD"))
    assert change(ada, new=decomposed).status_code == 204
    assert people.log_in(password=composed).status_code == 200
    assert people.log_in(password=decomposed).status_code == 200


# Forgotten passwords


def forget(people: People, email: str) -> Any:
    return people.post("/api/auth/password/forgot", {"email": email})


def test_a_request_for_a_link_is_published_without_a_token(people: People, published: Published, rows: Rows) -> None:
    user_id = people.found().json["user"]["id"]
    answer = forget(people, "ADA@Acme.example")
    assert (answer.status_code, answer.data) == (202, b"")
    (event,) = published("user.password.%")
    assert (event["company_id"], event["user_id"]) == (2, user_id)
    assert set(event) == {"event", "event_id", "company_id", "user_id", "requested_at", "revision", "subject"}
    assert "stp_" not in str(event)
    assert rows("select token_hash from password_resets") == []


def test_everybody_gets_the_same_answer_after_the_same_time(people: People, published: Published, rows: Rows) -> None:
    people.found()
    people.found("bob@other.example", "Other")
    rows("update users set is_active = false where email = 'bob@other.example' returning id")
    answers, seconds = [], []
    for email in ("ada@acme.example", "nobody@acme.example", "bob@other.example", "no address", "x" * 10_000):
        started = time.perf_counter()
        answer = forget(people, email)
        seconds.append(time.perf_counter() - started)
        headers = {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}
        answers.append((answer.status_code, answer.data, headers))
    assert answers == [answers[0]] * 5
    assert min(seconds) >= 0.1
    assert [event["user_id"] for event in published("user.password.%")] == [1]


def test_three_requests_an_hour_are_published_for_an_address(people: People, published: Published) -> None:
    people.found()
    assert {forget(people, "ada@acme.example").status_code for _ in range(5)} == {202}
    assert len(published("user.password.%")) == 3


# Links


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
    assert 29 * 60 < lifetime.total_seconds() <= 30 * 60
    dump = str(rows("select row_to_json(r) from password_resets r")) + str(rows("select body from outbox"))
    assert token not in dump


def test_a_repeated_request_for_a_link_gives_the_same_link_which_is_stored_sealed(ada: Api, rows: Rows) -> None:
    path = f"/api/users/{ada.subject.partition(':')[2]}/password-reset"
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
    ada_id = ada.subject.partition(":")[2]
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
