"""A company that anybody may have founded mails to people alone who have proved to receive mail at their address."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import orjson
import pytest

from ..conftest import Api, Desk, Rows
from ..mail_server import MailServer
from .mail_fixtures import Post, post, server

__all__ = ["post", "server"]

SEND = "/api/notifications/send"
TEMPLATES = "/api/notification-templates"
FOUNDED = 2
MESSAGE = {
    "user_email": "user7@example.com",
    "notification_type": "message",
    "context_data": {"subject": "Buy this", "message": "At https://shop.example."},
}
DELIVERIES = "select state, split_part(reason, ':', 1) from deliveries order by id"


@pytest.fixture
def founder(api: Api, desk: Desk) -> Api:
    """A founder as notification-service sees the founder; the founder has added user 7 and proved an own address."""
    desk.user(1, "admin", company=FOUNDED)
    return replace(api, company=FOUNDED, subject="user:1")


def limited(api: Api, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    deps = api.client.application.extensions["service_kit"]
    rules = replace(deps.dependencies.mail_rules, mails_per_day=most)
    monkeypatch.setattr(deps, "dependencies", replace(deps.dependencies, mail_rules=rules))


def test_free_text_reaches_the_app_of_an_unproved_person_and_no_mailbox(
    founder: Api, desk: Desk, post: Post, server: MailServer, rows: Rows
) -> None:
    desk.user(7, company=FOUNDED, email_confirmed=False)
    sent = founder.call("POST", SEND, MESSAGE)
    assert (sent.status_code, sent.json["mail"]) == (201, "address_not_confirmed"), sent.text
    assert "/api/auth/password/forgot" in sent.json["mail_reason"]
    post.send()
    assert (server.mails, rows(DELIVERIES)) == ([], [("suppressed", "address_not_confirmed")])
    (listed,) = founder.every("/api/notifications/history")
    assert (listed["state"], listed["reason"]) == ("suppressed", sent.json["mail_reason"])
    assert listed["ended_at"] is not None
    (shown,) = replace(founder, role="agent", subject="user:7").every("/api/notifications")
    assert shown["subject"] == "Buy this"


@pytest.mark.parametrize("revision", [1, 2])
def test_once_the_address_is_proved_mails_go_there(
    founder: Api, desk: Desk, post: Post, server: MailServer, revision: int
) -> None:
    """An announcement repeats the revision: so it is after an upgrade."""
    desk.user(7, company=FOUNDED, email_confirmed=False)
    desk.user(7, company=FOUNDED, kind="updated", revision=revision, email_confirmed=True)
    sent = founder.call("POST", SEND, MESSAGE).json
    assert (sent["mail"], sent["mail_reason"]) == ("queued", None)
    post.send()
    assert server.recipients == ["user7@example.com"]


def test_another_address_has_to_be_proved_anew(founder: Api, desk: Desk) -> None:
    desk.user(7, company=FOUNDED)
    changed = {"email": "victim@example.com", "email_confirmed": False}
    desk.user(7, company=FOUNDED, kind="updated", revision=2, **changed)
    desk.user(7, company=FOUNDED, kind="updated", revision=1)
    sent = founder.call("POST", SEND, MESSAGE | {"user_email": "victim@example.com"})
    assert sent.json["mail"] == "address_not_confirmed"


def test_an_event_of_before_the_upgrade_proves_nothing(founder: Api, desk: Desk) -> None:
    message = desk.make("user.created", "user:7", company=FOUNDED, source="auth-service",
                        user_id=7, email="user7@example.com", role="agent")  # fmt: skip
    body = orjson.loads(message.body)
    del body["email_confirmed"]
    desk.deliver(replace(message, body=orjson.dumps(body)))
    assert founder.call("POST", SEND, MESSAGE).json["mail"] == "address_not_confirmed"


def test_mails_about_tickets_go_to_proved_addresses_alone(
    founder: Api, desk: Desk, post: Post, server: MailServer, rows: Rows
) -> None:
    own = {"notification_type": "received", "subject": "Buy this", "body": "{{ message }}"}
    assert founder.call("POST", TEMPLATES, own).status_code == 201
    desk.user(8, "requester", company=FOUNDED, email_confirmed=False)
    desk.user(9, "requester", company=FOUNDED)
    desk.deliver(desk.created(41, 8, company=FOUNDED), desk.created(42, 9, company=FOUNDED))
    desk.deliver(desk.commented(41, 1, company=FOUNDED), desk.commented(42, 1, company=FOUNDED))
    post.send_later(200)
    assert server.recipients == ["user9@example.com"] * 2
    assert sorted(rows(DELIVERIES)) == [("sent", "taken")] * 2 + [("suppressed", "address_not_confirmed")] * 2
    assert len(replace(founder, role="requester", subject="user:8").every("/api/notifications")) == 2


def test_a_mail_that_waits_is_sent_if_the_address_is_proved_meanwhile(
    founder: Api, desk: Desk, post: Post, server: MailServer
) -> None:
    desk.user(8, "requester", company=FOUNDED, email_confirmed=False)
    desk.deliver(desk.created(41, 8, company=FOUNDED))
    desk.user(8, "requester", company=FOUNDED, kind="updated", revision=2)
    post.send()
    assert server.recipients == ["user8@example.com"]


def test_links_of_accounts_still_go_to_unproved_addresses(founder: Api, desk: Desk, rows: Rows) -> None:
    desk.user(7, company=FOUNDED, email_confirmed=False)
    events = [
        desk.make(kind, f"{kind}:1", company=FOUNDED, source="auth-service", **body)
        for kind, body in (
            ("user.password.reset.requested", {"user_id": 7}),
            ("user.email.verification.requested", {"user_id": 7, "email": "user7@example.com"}),
            ("user.invited", {"email": "new@example.com"}),
        )
    ]
    desk.deliver(*events)
    assert rows(DELIVERIES) == [("queued", "")] * 3


@pytest.mark.parametrize(("company", "is_confirmed", "mails"), [(1, False, 1), (FOUNDED, False, 0), (FOUNDED, True, 1)])
def test_the_notice_of_another_address_goes_to_an_unproved_old_one_in_trusted_companies_alone(
    desk: Desk, rows: Rows, company: int, is_confirmed: bool, mails: int
) -> None:
    body: dict[str, Any] = {"user_id": 7, "old_email": "victim@example.com", "old_email_confirmed": is_confirmed}
    desk.deliver(desk.make("user.email.changed", "email-change:1", company=company, source="auth-service", **body))
    assert rows("select count(*) from deliveries") == [(mails,)]


def test_the_operators_company_mails_to_every_address_in_any_number(
    api: Api, desk: Desk, monkeypatch: pytest.MonkeyPatch, rows: Rows
) -> None:
    limited(api, monkeypatch, 0)
    desk.user(7, email_confirmed=False)
    assert [api.call("POST", SEND, MESSAGE).json["mail"] for _ in range(2)] == ["queued"] * 2
    assert rows("select * from own_text_mails") == []


def test_a_company_has_a_limit_of_mails_a_day_for_texts_of_its_own(
    founder: Api, desk: Desk, monkeypatch: pytest.MonkeyPatch, rows: Rows
) -> None:
    limited(founder, monkeypatch, 2)
    desk.user(7, company=FOUNDED)
    answers = [founder.call("POST", SEND, MESSAGE).json for _ in range(3)]
    assert [each["mail"] for each in answers] == ["queued", "queued", "limited"]
    assert "NOTIFICATION_MAILS_PER_DAY" in answers[2]["mail_reason"]
    assert rows(DELIVERIES) == [("queued", "")] * 2 + [("suppressed", "limited")]
    assert len(replace(founder, role="agent", subject="user:7").every("/api/notifications")) == 3
    rows("update own_text_mails set day = day - 1 returning 1")
    assert founder.call("POST", SEND, MESSAGE).json["mail"] == "queued"
    assert rows("select number from own_text_mails") == [(1,)]


def test_the_days_limit_holds_for_requests_at_the_same_time_and_counts_mails_alone(
    founder: Api, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(founder, monkeypatch, 3)
    desk.user(7, company=FOUNDED)
    desk.user(8, company=FOUNDED, email_confirmed=False)
    unwanted = {"channels": {"message": {"email": False}}}
    reader = replace(founder, role="agent", subject="user:7")
    assert reader.call("PUT", "/api/notifications/preferences", unwanted).status_code == 200
    assert founder.call("POST", SEND, MESSAGE).json["mail"] == "not_wanted"
    assert reader.call("PUT", "/api/notifications/preferences", {"channels": {}}).status_code == 200
    unproved = founder.call("POST", SEND, MESSAGE | {"user_email": "user8@example.com"})
    assert unproved.json["mail"] == "address_not_confirmed"
    application = founder.client.application

    def send(number: int) -> str:
        program = replace(founder, client=application.test_client(), role="service", subject=f"program-{number}")
        return str(program.call("POST", SEND, MESSAGE).json["mail"])

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(send, range(8))) == ["limited"] * 5 + ["queued"] * 3


def test_without_a_mail_server_the_answer_says_so(founder: Api, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.user(7, company=FOUNDED)
    deps = founder.client.application.extensions["service_kit"]
    monkeypatch.setattr(deps, "dependencies", replace(deps.dependencies, message_ids=None))
    assert founder.call("POST", SEND, MESSAGE).json["mail"] == "no_mail_server"


def test_a_template_is_tested_at_a_proved_address_within_the_days_limit(
    founder: Api, desk: Desk, monkeypatch: pytest.MonkeyPatch, rows: Rows
) -> None:
    limited(founder, monkeypatch, 1)
    desk.user(7, "manager", company=FOUNDED, email_confirmed=False)
    own = {"notification_type": "offer", "subject": "Buy this", "body": "Now."}
    path = f"{TEMPLATES}/{founder.call('POST', TEMPLATES, own).json['id']}/test"
    unproved = replace(founder, role="manager", subject="user:7").call("POST", path, {})
    assert (unproved.status_code, unproved.json["code"]) == (409, "address_not_confirmed")
    assert founder.call("POST", path, {}).status_code == 201
    refused = founder.call("POST", path, {})
    assert (refused.status_code, refused.json["code"]) == (429, "mails_used_up")
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400
    assert rows("select count(*) from notifications") == [(1,)]
