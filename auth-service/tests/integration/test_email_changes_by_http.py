"""Another address takes effect when its token comes back, and an event tells the old one."""

import threading
from typing import Any

import pytest

from ..conftest import Api, People, Published, Rows
from ..credentials import change, link_for, reset, signed_in, user_id

OLD, NEW = "ada@acme.example", "ada@new.example"


def ask(who: Api, email: Any = NEW, password: Any = People.PASSWORD, **headers: str) -> Any:
    """Ask for an address and return the answer."""
    return who.call("POST", "/api/me/email", {"email": email, "password": password}, **headers)


def token_for(admin: Api, of: Api | None = None) -> str:
    """Return the token that an admin makes for a user."""
    answer = admin.call("POST", f"/api/users/{user_id(of or admin)}/email-verification")
    assert answer.status_code == 201, answer.text
    token: str = answer.json["token"]
    return token


def confirm(people: People, token: Any) -> Any:
    """Let an address take effect."""
    return people.post("/api/auth/email/confirm", {"token": token})


def test_the_new_address_counts_when_its_token_comes_back_and_not_before(ada: Api, people: People) -> None:
    assert ask(ada).status_code == 202
    token = token_for(ada)
    assert people.log_in(NEW).status_code == 401
    assert people.log_in(OLD).status_code == 200
    assert confirm(people, token).status_code == 204
    assert people.log_in(OLD).status_code == 401
    again = people.log_in(NEW)
    assert (again.json["user"]["email"], again.json["user"]["email_verified"]) == (NEW, True)


def test_the_sessions_and_links_of_the_old_address_end(ada: Api, people: People) -> None:
    _, tokens = signed_in(people)
    ask(ada)
    link, token = link_for(ada), token_for(ada)
    assert confirm(people, token).status_code == 204
    assert people.refresh(tokens["refresh_token"]).status_code == 401
    assert reset(people, link).status_code == 400
    assert people.log_in(NEW).status_code == 200


def test_the_events_ask_for_the_mail_and_tell_the_old_address(ada: Api, people: People, published: Published) -> None:
    ask(ada)
    token = token_for(ada)
    confirm(people, token)
    [asked] = published("user.email.verification.requested")
    [changed] = published("user.email.changed")
    assert (asked["email"], asked["user_id"]) == (NEW, user_id(ada))
    assert (changed["old_email"], changed["new_email"]) == (OLD, NEW)
    assert published("user.updated")[-1]["email"] == NEW
    assert token not in str(published("%"))


def test_a_token_works_once_and_a_newer_one_replaces_it(ada: Api, people: People) -> None:
    ask(ada)
    first, second = token_for(ada), token_for(ada)
    assert [confirm(people, token).status_code for token in (first, second, second)] == [400, 204, 400]


def test_a_newer_request_replaces_the_earlier_one(ada: Api, people: People) -> None:
    ask(ada)
    token = token_for(ada)
    ask(ada, "ada@third.example")
    assert confirm(people, token).status_code == 400
    assert confirm(people, token_for(ada)).status_code == 204
    assert people.log_in("ada@third.example").status_code == 200


def test_of_equal_tokens_at_once_one_counts(ada: Api, people: People, published: Published) -> None:
    ask(ada)
    token, statuses = token_for(ada), []
    threads = [threading.Thread(target=lambda: statuses.append(confirm(people, token).status_code)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [204] + [400] * 3
    assert len(published("user.email.changed")) == 1


@pytest.mark.parametrize("minutes", [31, 24 * 60])
def test_a_token_lives_half_an_hour(ada: Api, people: People, rows: Rows, minutes: int) -> None:
    ask(ada)
    token = token_for(ada)
    rows("update email_changes set token_expires_at = token_expires_at - %s * interval '1 minute' returning 1", minutes)
    assert confirm(people, token).status_code == 400
    assert people.log_in(OLD).status_code == 200


def test_a_request_waits_seven_days(ada: Api, rows: Rows) -> None:
    ask(ada)
    rows("update email_changes set requested_at = requested_at - interval '7 days 1 minute' returning 1")
    answer = ada.call("POST", f"/api/users/{user_id(ada)}/email-verification")
    assert (answer.status_code, answer.json["code"]) == (404, "email_change_not_found")
    assert "no open request" in answer.json["detail"]


@pytest.mark.parametrize("token", ["", "ste_", "ste_" + "A" * 43, "stp_" + "A" * 43, "x" * 100_000, "\u0130" * 47])
def test_other_tokens_are_refused(people: People, token: str) -> None:
    answer = confirm(people, token)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "token")


def test_an_address_that_somebody_else_has_is_refused_at_the_end_alone(ada: Api, people: People) -> None:
    """Asking reveals nothing; only who receives mail there learns it."""
    people.found(NEW, company="Other")
    assert (ask(ada).status_code, ask(ada, "nobody@new.example").status_code) == (202, 202)
    ask(ada)
    answer = confirm(people, token_for(ada))
    assert (answer.status_code, answer.json["code"]) == (409, "email_taken")
    assert people.log_in(OLD).status_code == 200


def test_the_present_address_is_verified_without_ending_anything(
    ada: Api, people: People, published: Published
) -> None:
    _, tokens = signed_in(people)
    assert ask(ada, OLD).status_code == 202
    assert confirm(people, token_for(ada)).status_code == 204
    assert ada.get("/api/me")["email_verified"] is True
    assert people.refresh(tokens["refresh_token"]).status_code == 200
    assert published("user.email.changed") == []


def test_another_spelling_of_the_same_address_ends_nothing(ada: Api, people: People, published: Published) -> None:
    _, tokens = signed_in(people)
    ask(ada, "Ada@ACME.example")
    assert confirm(people, token_for(ada)).status_code == 204
    assert ada.get("/api/me")["email"] == "Ada@ACME.example"
    assert people.refresh(tokens["refresh_token"]).status_code == 200
    assert published("user.email.changed") == []


@pytest.mark.parametrize("password", ["not this one at all", "", "x" * 2000])
def test_a_stolen_session_alone_changes_no_address(ada: Api, rows: Rows, password: str) -> None:
    assert ask(ada, password=password).status_code in (400, 403)
    assert rows("select count(*) from email_changes") == [(0,)]


@pytest.mark.parametrize(
    "email", ["", "ada", "ada@", "@new.example", "a b@new.example", "x@smart-ticket.internal", "a" * 300]
)
def test_what_is_no_address_of_a_person_is_named(ada: Api, email: str) -> None:
    answer = ask(ada, email)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "email")


def test_nobody_asks_more_than_three_times_an_hour(ada: Api) -> None:
    answers = [ask(ada, f"a{number}@new.example") for number in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    refused = answers[-1].json
    assert refused["code"] == "too_many_tries"
    assert "at most 3 times an hour" in refused["detail"]
    assert "Too many tries failed" not in refused["detail"]


def test_a_repeated_request_counts_once(ada: Api, published: Published) -> None:
    assert [ask(ada, Idempotency_Key="k").status_code for _ in range(5)] == [202] * 5
    assert len(published("user.email.verification.requested")) == 1


def test_only_admins_make_tokens_and_only_of_their_company(ada: Api, people: People) -> None:
    ask(ada)
    path = f"/api/users/{user_id(ada)}/email-verification"
    for role in ("requester", "agent", "manager", "service"):
        assert Api(ada.client, ada.company, role).call("POST", path).status_code == 403
    people.found("eve@other.example", company="Other")
    eve = people.as_caller(people.log_in("eve@other.example").json["access_token"])
    assert eve.call("POST", path).status_code == 404


def test_a_deactivated_users_token_is_worth_nothing(ada: Api, people: People) -> None:
    body = {"email": "ben@acme.example", "username": "Ben", "role": "agent", "password": People.PASSWORD}
    ada.call("POST", "/api/users", body)
    ben = people.as_caller(people.log_in("ben@acme.example").json["access_token"])
    ask(ben, "ben@new.example")
    token = token_for(ada, ben)
    ada.call("PATCH", f"/api/users/{user_id(ben)}", {"is_active": False})
    assert confirm(people, token).status_code == 400


def test_another_password_withdraws_the_request(ada: Api, people: People) -> None:
    """Somebody who knew the old password may have asked."""
    ask(ada)
    token = token_for(ada)
    assert change(ada).status_code == 204
    assert confirm(people, token).status_code == 400


def test_a_change_in_between_makes_the_token_worthless(ada: Api, people: People, rows: Rows) -> None:
    ask(ada)
    token = token_for(ada)
    rows("update users set email_key = sha256('another') returning 1")
    assert confirm(people, token).status_code == 400
