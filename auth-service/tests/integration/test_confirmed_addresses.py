"""What proves that a person receives mail at an address: `email_confirmed` of users and their events."""

import pytest
from auth_service.api.fields import email_key
from auth_service.command_line import operator_of
from auth_service.settings import Settings
from service_kit.database.engine import Database
from service_kit.identity import SERVICE

from ..conftest import Api, People, Published
from ..credentials import reset, user_id

BEN = {"email": "ben@acme.example", "username": "Ben", "role": "agent"}


@pytest.fixture
def mails(ada: Api) -> Api:
    """Auth-service as notification-service sees it, for Ada's company."""
    return Api(ada.client, company=ada.company, role=SERVICE, subject="notification-service")


def last(published: Published, kind: str = "user.updated") -> tuple[str, bool]:
    """Return the address of the newest event, and whether it is proved."""
    event = published(kind)[-1]
    return event["email"], event["email_confirmed"]


def test_founding_a_company_or_being_added_proves_nothing(ada: Api, published: Published) -> None:
    ben = ada.call("POST", "/api/users", BEN).json
    assert [event["email_confirmed"] for event in published("user.created")] == [False, False]
    assert (ada.get("/api/me")["email_confirmed"], ben["email_confirmed"]) == (False, False)


def test_a_new_password_by_a_mailed_link_proves_the_address(
    people: People, ada: Api, mails: Api, published: Published
) -> None:
    ben = ada.call("POST", "/api/users", BEN).json
    token = mails.call("POST", f"/internal/users/{ben['id']}/password-reset").json["token"]
    assert not ada.get(f"/api/users/{ben['id']}")["email_confirmed"]
    assert reset(people, token).status_code == 204
    (event,) = published("user.updated")
    assert (event["email"], event["email_confirmed"], event["revision"]) == ("ben@acme.example", True, 2)
    after = ada.get(f"/api/users/{ben['id']}")
    assert (after["email_confirmed"], after["email_verified"]) == (True, True)


def test_links_that_an_admin_hands_over_prove_nothing(people: People, ada: Api, published: Published) -> None:
    """A founder is an admin, and could prove the addresses of other people."""
    ben = ada.call("POST", "/api/users", BEN | {"password": People.PASSWORD}).json
    link = ada.call("POST", f"/api/users/{ben['id']}/password-reset").json["token"]
    assert reset(people, link).status_code == 204
    ada.call("POST", "/api/me/email", {"email": "ada@acme.example", "password": People.PASSWORD})
    token = ada.call("POST", f"/api/users/{user_id(ada)}/email-verification").json["token"]
    assert people.post("/api/auth/email/confirm", {"token": token}).status_code == 204
    assert ada.get("/api/me")["email_verified"]
    issued = ada.call("POST", "/api/invitations", {"email": "cem@acme.example", "role": "agent"}).json
    join = {"email": "cem@acme.example", "username": "Cem", "password": People.PASSWORD, "invitation": issued["token"]}
    assert people.post("/api/auth/register", join).status_code == 201
    assert {event["email_confirmed"] for event in published("user.%ated")} == {False}
    assert not any(user["email_confirmed"] for user in ada.every("/api/users"))


def test_the_present_address_is_proved_by_a_mailed_link_and_published_once(
    people: People, ada: Api, mails: Api, published: Published
) -> None:
    path = f"/internal/users/{user_id(ada)}/email-verification"
    for _ in range(2):
        ada.call("POST", "/api/me/email", {"email": "ada@acme.example", "password": People.PASSWORD})
        token = mails.call("POST", path, {"email": "ada@acme.example"}).json["token"]
        assert people.post("/api/auth/email/confirm", {"token": token}).status_code == 204
    (event,) = published("user.updated")
    assert (event["email_confirmed"], event["revision"]) == (True, 2)
    assert ada.get("/api/me")["email_confirmed"]


def test_another_address_is_proved_by_its_own_mail_alone(
    people: People, ada: Api, mails: Api, published: Published
) -> None:
    def change(email: str, *, mailed: bool) -> None:
        caller = people.as_caller(people.log_in(ada_now).json["access_token"])
        caller.call("POST", "/api/me/email", {"email": email, "password": People.PASSWORD})
        path = f"users/{user_id(ada)}/email-verification"
        made = (
            mails.call("POST", f"/internal/{path}", {"email": email}) if mailed else caller.call("POST", f"/api/{path}")
        )
        assert people.post("/api/auth/email/confirm", {"token": made.json["token"]}).status_code == 204

    ada_now = "ada@acme.example"
    change("ada@new.example", mailed=True)
    assert last(published) == ("ada@new.example", True)
    ada_now = "ada@new.example"
    change("victim@elsewhere.example", mailed=False)
    assert last(published) == ("victim@elsewhere.example", False)
    assert [event["old_email_confirmed"] for event in published("user.email.changed")] == [False, True]


def test_an_invitation_that_was_mailed_proves_the_address(
    people: People, ada: Api, mails: Api, published: Published
) -> None:
    issued = ada.call("POST", "/api/invitations", {"email": "ben@acme.example", "role": "agent"}).json
    token = mails.call("POST", f"/internal/invitations/{issued['id']}/token").json["token"]
    join = {"email": "ben@acme.example", "username": "Ben", "password": People.PASSWORD, "invitation": token}
    joined = people.post("/api/auth/register", join)
    assert (joined.status_code, joined.json["user"]["email_confirmed"]) == (201, True), joined.text
    assert last(published, "user.created") == ("ben@acme.example", True)


def test_the_operator_vouches_for_people_added_by_the_command_line(
    settings: Settings, database: Database, published: Published
) -> None:
    key = email_key("ada@desk.example")
    with operator_of(settings) as operator:
        added = operator.add_user(email="ada@desk.example", email_key=key, username="Ada", role="admin", password=None)
    assert added.email_confirmed
    assert last(published, "user.created") == ("ada@desk.example", True)
