"""The tokens of links that mails bring: made for services alone, by the same rules as those of admins."""

import pytest
from service_kit.identity import SERVICE

from ..conftest import Api, People, Published, Rows
from ..credentials import link_for, reset, user_id

NEW = "ada@new.example"


@pytest.fixture
def mails(ada: Api) -> Api:
    """Auth-service as notification-service sees it, for Ada's company."""
    return Api(ada.client, company=ada.company, role=SERVICE, subject="notification-service")


def test_a_mailed_link_sets_a_new_password_and_replaces_the_one_before(
    people: People, ada: Api, mails: Api, rows: Rows
) -> None:
    earlier = link_for(ada)
    answer = mails.call("POST", f"/internal/users/{user_id(ada)}/password-reset")
    assert (answer.status_code, answer.json["email"]) == (201, "ada@acme.example")
    token = answer.json["token"]
    assert token not in str(rows("select row_to_json(r) from password_resets r")) + str(rows("select body from outbox"))
    assert rows("select created_by from password_resets") == [("notification-service",)]
    assert reset(people, earlier).status_code == 400
    assert reset(people, token).status_code == 204


def test_a_person_who_may_not_sign_in_gets_no_mailed_link(ada: Api, mails: Api) -> None:
    added = ada.call("POST", "/api/users", {"email": "ben@acme.example", "username": "Ben", "role": "agent"}).json
    path = f"/internal/users/{added['id']}/password-reset"
    ada.call("PATCH", f"/api/users/{added['id']}", {"is_active": False})
    answer = mails.call("POST", path)
    assert (answer.status_code, answer.json["code"]) == (409, "user_inactive")
    unknown = mails.call("POST", "/internal/users/99999/password-reset")
    assert (unknown.status_code, unknown.json["code"]) == (404, "user_not_found")


def test_a_mailed_verification_is_for_the_newest_address_alone(people: People, ada: Api, mails: Api) -> None:
    path = f"/internal/users/{user_id(ada)}/email-verification"
    for email in ("ada@older.example", NEW):
        ada.call("POST", "/api/me/email", {"email": email, "password": People.PASSWORD})
    answer = mails.call("POST", path, {"email": NEW})
    assert (answer.status_code, answer.json["email"]) == (201, NEW)
    older = mails.call("POST", path, {"email": "ada@older.example"})
    assert (older.status_code, older.json["code"]) == (404, "email_change_not_found")
    assert people.post("/api/auth/email/confirm", {"token": answer.json["token"]}).status_code == 204
    assert people.log_in(NEW).status_code == 200


@pytest.mark.parametrize("path", ["/api/auth/password/reset", "/api/auth/email/confirm", "/api/auth/register"])
def test_opening_a_link_says_how_to_use_it_and_changes_nothing(people: People, ada: Api, path: str) -> None:
    token = link_for(ada)
    shown = people.app.test_client().get(f"{path}?token={token}")
    assert (shown.status_code, shown.mimetype) == (200, "text/plain")
    assert f"POST {path}" in shown.text
    assert token not in shown.text
    assert reset(people, token).status_code == 204


def test_the_mailed_token_of_an_invitation_counts_beside_the_one_that_is_shown(
    people: People, ada: Api, mails: Api, published: Published, rows: Rows
) -> None:
    issued = ada.call("POST", "/api/invitations", {"email": "ben@acme.example", "role": "agent"}).json
    (event,) = published("user.invited")
    assert (event["invitation_id"], event["email"], event["company_name"]) == (issued["id"], issued["email"], "Acme")
    path = f"/internal/invitations/{issued['id']}/token"
    first, second = (mails.call("POST", path).json["token"] for _ in range(2))
    stored = str(rows("select row_to_json(i) from invitations i")) + str(rows("select body from outbox"))
    assert not any(token in stored for token in (issued["token"], first, second))

    def join(token: str) -> int:
        body = {"email": "ben@acme.example", "username": "Ben", "password": People.PASSWORD, "invitation": token}
        status: int = people.post("/api/auth/register", body).status_code
        return status

    assert [join(first), join(second), join(issued["token"])] == [400, 201, 400]
    gone = mails.call("POST", path)
    assert (gone.status_code, gone.json["code"]) == (404, "invitation_not_found")


def test_the_token_that_the_inviter_was_shown_stays_valid(people: People, ada: Api, mails: Api) -> None:
    issued = ada.call("POST", "/api/invitations", {"email": "ben@acme.example", "role": "agent"}).json
    assert mails.call("POST", f"/internal/invitations/{issued['id']}/token").status_code == 201
    body = {"email": "ben@acme.example", "username": "Ben", "password": People.PASSWORD, "invitation": issued["token"]}
    assert people.post("/api/auth/register", body).status_code == 201
