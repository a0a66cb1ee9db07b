"""Mails with links of accounts: one per request, each link made right before it is sent."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from eventbus.event import Message
from notification_service.domain.delivery import RETRY_SECONDS

from ..auth_server import AuthServer, auth_server
from ..conftest import Api, Desk, Rows
from ..mail_server import MailServer
from .mail_fixtures import ANN, Post, post, sender_of, server, staffed, text_of

__all__ = ["post", "server", "staffed"]

STATES = "select state, tries, reason from deliveries order by id"
NEW = "ann@new.example"


@pytest.fixture
def auth() -> Iterator[AuthServer]:
    """An auth-service that makes tokens."""
    with auth_server() as served:
        yield served


@pytest.fixture
def links(post: Post, server: MailServer, auth: AuthServer) -> Post:
    """Who sends, with links of that auth-service."""
    post.sender = sender_of(post.database, server, auth.url)
    return post


def asked(desk: Desk, kind: str, number: int = 1, **body: Any) -> Message:
    """Return an event of Ann's account."""
    return desk.make(kind, f"request:{number}", source="auth-service", user_id=ANN, **body)


def reset(desk: Desk, number: int = 1) -> Message:
    """Return the event of a forgotten password."""
    return asked(desk, "user.password.reset.requested", number)


def test_a_forgotten_password_makes_one_mail_with_a_fresh_token(
    staffed: Desk, links: Post, server: MailServer, auth: AuthServer, api: Api, rows: Rows
) -> None:
    event = reset(staffed)
    staffed.deliver(event)
    staffed.deliver(event)
    assert auth.calls == []
    links.send()
    links.send()
    assert auth.calls == [(f"/internal/users/{ANN}/password-reset", None)]
    (mail,) = server.mails
    assert server.recipients == ["user7@example.com"]
    assert "https://desk.example/api/auth/password/reset?token=token-1-of-company-1" in text_of(mail)
    assert "List-Unsubscribe" not in mail
    for table in ("deliveries", "delivery_tries", "notifications"):
        assert "token-1" not in str(rows(f"select row_to_json(t) from {table} t"))
    (delivery,) = api.every("/api/notifications/history")
    assert (delivery["kind"], delivery["state"], delivery["user_id"]) == ("password_reset", "sent", ANN)


def test_the_app_shows_no_mail_about_an_account_and_no_preference_stops_it(
    staffed: Desk, links: Post, server: MailServer, api: Api
) -> None:
    ann = replace(api, role="agent")
    off = {"channels": {"message": {"in_app": False, "email": False}}}
    quiet = {"start": "00:00", "end": "23:59", "time_zone": "UTC"}
    assert ann.call("PUT", "/api/notifications/preferences", {**off, "quiet_hours": quiet}).status_code == 200
    assert "password_reset" not in ann.get("/api/notifications/preferences")["channels"]
    staffed.deliver(reset(staffed))
    links.send()
    assert server.recipients == ["user7@example.com"]
    assert ann.get("/api/notifications")["items"] == []


def test_a_new_address_gets_its_token_and_the_old_one_a_notice(
    staffed: Desk, links: Post, server: MailServer, auth: AuthServer
) -> None:
    staffed.deliver(asked(staffed, "user.email.verification.requested", email=NEW))
    links.send()
    staffed.deliver(asked(staffed, "user.email.changed", old_email="user7@example.com", new_email=NEW))
    links.send()
    assert server.recipients == [NEW, "user7@example.com"]
    assert auth.calls == [(f"/internal/users/{ANN}/email-verification", {"email": NEW})]
    verification, notice = map(text_of, server.mails)
    assert "/api/auth/email/confirm?token=token-1-of-company-1" in verification
    assert NEW in notice
    assert "token" not in notice


def test_a_mail_waits_while_auth_service_is_down_and_each_try_has_a_new_token(
    staffed: Desk, links: Post, server: MailServer, auth: AuthServer, rows: Rows
) -> None:
    auth.refusal = (503, "unavailable")
    staffed.deliver(reset(staffed))
    links.send()
    assert rows(STATES) == [("queued", 1, "auth-service answered 503")]
    auth.refusal, server.data = None, "451 later"
    links.send_later(RETRY_SECONDS[0])
    server.data = "250 taken"
    links.send_later(RETRY_SECONDS[1])
    assert [state[:2] for state in rows(STATES)] == [("sent", 3)]
    assert "token-3" in text_of(server.mails[-1])


def test_a_mail_waits_while_nobody_listens(staffed: Desk, post: Post, server: MailServer, rows: Rows) -> None:
    staffed.deliver(reset(staffed))
    post.send()
    ((state, tries, reason),) = rows(STATES)
    assert (state, tries) == ("queued", 1)
    assert "auth-service" in reason
    assert server.mails == []


@pytest.mark.parametrize("code", ["user_not_found", "user_inactive", "email_change_not_found"])
def test_who_may_have_no_link_any_more_gets_no_mail(
    staffed: Desk, links: Post, server: MailServer, auth: AuthServer, rows: Rows, code: str
) -> None:
    auth.refusal = (409 if code == "user_inactive" else 404, code)
    staffed.deliver(asked(staffed, "user.email.verification.requested", email=NEW))
    links.send()
    assert rows(STATES) == [("failed", 1, f"auth-service answered {code}")]
    assert server.mails == []


def test_an_address_that_takes_no_mails_is_not_asked_a_token_for(
    staffed: Desk, links: Post, server: MailServer, auth: AuthServer, rows: Rows
) -> None:
    rows(f"insert into suppressed_addresses (company_id, address, reason) values (1, '{NEW}', 'gone') returning id")
    staffed.deliver(asked(staffed, "user.email.verification.requested", email=NEW.upper()), reset(staffed, 2))
    links.send()
    assert [state[0] for state in rows(STATES)] == ["suppressed", "sent"]
    assert [path for path, _ in auth.calls] == [f"/internal/users/{ANN}/password-reset"]


def test_without_a_mail_server_nothing_is_queued(staffed: Desk, rows: Rows) -> None:
    without = replace(staffed, settings=replace(staffed.settings, smtp_host=""))
    without.deliver(reset(without))
    assert rows("select count(*) from notifications") == [(0,)]


def test_a_program_sends_no_mail_about_an_account(api: Api, staffed: Desk) -> None:
    body = {"user_email": "user7@example.com", "notification_type": "password_reset", "context_data": {}}
    answer = replace(api, role="service", subject="monitor").call("POST", "/api/notifications/send", body)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "notification_type")


def test_an_invited_address_gets_the_token_of_its_invitation(
    staffed: Desk, links: Post, server: MailServer, auth: AuthServer, api: Api
) -> None:
    auth.email = "cem@company.example"
    event = staffed.make("user.invited", "invitation:3", source="auth-service", invitation_id=3, company_name="Acme")
    staffed.deliver(event, event)
    links.send()
    assert auth.calls == [("/internal/invitations/3/token", None)]
    assert server.recipients == ["cem@company.example"]
    (mail,) = server.mails
    assert mail["Subject"] == 'Invitation to the help desk of "Acme"'
    assert "/api/auth/register?token=token-1-of-company-1" in text_of(mail)
    (delivery,) = api.every("/api/notifications/history")
    assert (delivery["kind"], delivery["user_id"], delivery["state"]) == ("invitation", 0, "sent")


def test_an_invitation_that_is_revoked_before_its_mail_makes_none(
    staffed: Desk, links: Post, server: MailServer, auth: AuthServer, rows: Rows
) -> None:
    auth.refusal = (404, "invitation_not_found")
    staffed.deliver(staffed.make("user.invited", "invitation:3", source="auth-service", invitation_id=3))
    links.send()
    assert rows(STATES) == [("failed", 1, "auth-service answered invitation_not_found")]
    assert server.mails == []
