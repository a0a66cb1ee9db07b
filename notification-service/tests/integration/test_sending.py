"""Notifications that programs send, and templates of companies."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from notification_service.usecases.send_mail import send_next

from ..conftest import Api, Desk, Rows
from ..mail_server import MailServer, mail_server
from .mail_fixtures import sender_of, text_of

SEND = "/api/notifications/send"
TEMPLATES = "/api/notification-templates"
MAINTENANCE = {
    "notification_type": "maintenance",
    "subject": "{{ system }} is down",
    "body": "{{ system }} is down on {{ day }}.",
}
MESSAGE = {
    "user_email": "User7@example.com",
    "notification_type": "message",
    "context_data": {"subject": "Printer", "message": "It works again."},
}


@pytest.fixture
def program(api: Api, desk: Desk) -> Api:
    """A program of a company with one agent."""
    desk.user(7)
    return replace(api, role="service", subject="monitor")


def send_all(desk: Desk, server: MailServer) -> None:
    """Send all mails that are due."""
    sender = sender_of(desk.database, server)
    while send_next(sender):
        pass


def test_what_is_sent_is_shown_mailed_and_in_the_history(program: Api, api: Api, desk: Desk) -> None:
    with mail_server() as server:
        sent = program.call("POST", SEND, MESSAGE)
        assert sent.status_code == 201, sent.text
        assert (sent.json["subject"], sent.json["user_id"]) == ("Printer", 7)
        send_all(desk, server)
    (shown,) = replace(api, role="agent").every("/api/notifications")
    assert (shown["id"], shown["kind"], shown["ticket_id"]) == (sent.json["notification_id"], "message", None)
    assert (shown["subject"], shown["message"]) == ("Printer", "It works again.")
    (mail,) = server.mails
    assert mail["Subject"] == "Printer"
    assert text_of(mail).startswith("It works again.")
    (delivery,) = api.every("/api/notifications/history")
    assert (delivery["state"], delivery["kind"]) == ("sent", "message")


def test_the_history_says_that_the_mail_server_knows_no_umlauts_before_the_at(
    program: Api, api: Api, desk: Desk
) -> None:
    desk.user(8, email="jörg@example.com")
    with mail_server(utf8=False) as server:
        assert program.call("POST", SEND, MESSAGE | {"user_email": "jörg@example.com"}).status_code == 201
        send_all(desk, server)
    (delivery,) = api.every("/api/notifications/history")
    assert (delivery["state"], server.offered) == ("failed", 0)
    assert "does not offer SMTPUTF8" in delivery["reason"]


def test_a_type_of_the_companys_own_has_its_template(program: Api, api: Api) -> None:
    assert api.call("POST", TEMPLATES, MAINTENANCE).status_code == 201
    context = {"system": "Mail", "day": "Friday"}
    sent = program.call("POST", SEND, MESSAGE | {"notification_type": "maintenance", "context_data": context})
    assert (sent.json["subject"], sent.json["message"]) == ("Mail is down", "Mail is down on Friday.")


def wrong(field: str, **changes: Any) -> Any:
    return pytest.param(changes, field, id=f"{field} {sorted(changes)}")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        wrong("notification_type", notification_type="unknown"),
        wrong("notification_type", notification_type="assigned"),
        wrong("notification_type", notification_type="Not a type"),
        wrong("body", notification_type="maintenance", context_data={"system": "Mail"}),
        wrong("context_data.subject", context_data={"message": "m"}),
        wrong("context_data.message", context_data={"subject": "s", "message": " "}),
        wrong("context_data", context_data={"subject": ["s"]}),
        wrong("context_data", context_data={"subject": "x" * 2001}),
        wrong("user_email", user_email="nobody"),
        wrong("context_data.message", context_data={"subject": "s", "message": "a\x00b"}),
        wrong("context_data.message", context_data={"subject": "s", "message": "a\x1bb\x7f"}),
        wrong("context_data.subject", context_data={"subject": "s\r\nBcc: x@y.example", "message": "m"}),
        wrong("context_data.subject", context_data={"subject": "s\u202ecod.exe", "message": "m"}),
        wrong(
            "context_data.system",
            notification_type="maintenance",
            context_data={"day": "Friday", "system": "Mail\u202ecod.exe"},
        ),
    ],
)
def test_what_cannot_be_sent_is_named(program: Api, api: Api, rows: Rows, changes: Any, field: str) -> None:
    api.call("POST", TEMPLATES, MAINTENANCE)
    refused = program.call("POST", SEND, MESSAGE | changes)
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, field)
    assert rows("select count(*) from notifications") == [(0,)]


def test_only_active_people_of_the_company_are_notified(program: Api, desk: Desk) -> None:
    desk.user(8, company=2)
    desk.user(9, is_active=False)
    for number in (8, 9, 10):
        refused = program.call("POST", SEND, MESSAGE | {"user_email": f"user{number}@example.com"})
        assert (refused.status_code, refused.json["code"]) == (404, "person_not_found")


def test_a_sender_has_a_limit_a_minute_of_its_own(program: Api, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    deps = api.client.application.extensions["service_kit"]
    monkeypatch.setattr(deps, "dependencies", replace(deps.dependencies, sends_per_minute=2))
    assert [program.call("POST", SEND, MESSAGE).status_code for _ in range(3)] == [201, 201, 429]
    assert program.call("POST", SEND, MESSAGE).headers["Retry-After"] == "60"
    assert api.call("POST", SEND, MESSAGE).status_code == 201


def test_a_template_is_tested_by_a_mail_to_the_caller_alone(api: Api, desk: Desk, rows: Rows) -> None:
    desk.user(7, "admin")
    template = api.call("POST", TEMPLATES, MAINTENANCE).json["id"]
    path = f"{TEMPLATES}/{template}/test"
    missing = api.call("POST", path, {})
    assert (missing.status_code, missing.json["errors"][0]["field"]) == (400, "subject")
    body = {"context_data": {"system": "<Mail>", "day": "Friday"}}
    with mail_server() as server:
        sent = api.call("POST", path, body, Idempotency_Key="k")
        assert (sent.status_code, sent.json["subject"]) == (201, "<Mail> is down"), sent.text
        assert api.call("POST", path, body, Idempotency_Key="k").json == sent.json
        send_all(desk, server)
    (mail,) = server.mails
    assert (mail["To"], mail["Subject"]) == ("user7@example.com", "<Mail> is down")
    html = mail.get_body(("html",))
    assert html is not None
    assert "&lt;Mail&gt; is down on Friday." in html.get_content()
    assert api.every("/api/notifications") == []
    assert rows("select count(*) from audit where action = 'notification.sent'") == [(1,)]


def test_a_template_of_events_is_tested_with_samples(api: Api, desk: Desk) -> None:
    desk.user(7, "admin")
    of_events = {"notification_type": "sla_breach", "subject": "{{ subject }}", "body": "{{ ticket_id }} {{ clock }}"}
    template = api.call("POST", TEMPLATES, of_events).json["id"]
    sent = api.call("POST", f"{TEMPLATES}/{template}/test", {"context_data": {"clock": "step"}})
    assert (sent.json["subject"], sent.json["message"]) == ("The standard subject", "42 step")
    for body in ({}, None):
        sent = api.call("POST", f"{TEMPLATES}/{template}/test", body)
        assert (sent.status_code, sent.json["message"]) == (201, "42 None")


def test_without_a_mail_server_or_an_account_no_template_is_tested(
    api: Api, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = api.call("POST", TEMPLATES, MAINTENANCE).json["id"]
    body = {"context_data": {"system": "Mail", "day": "Friday"}}
    assert api.call("POST", f"{TEMPLATES}/{template}/test", body).json["code"] == "no_person"
    deps = api.client.application.extensions["service_kit"]
    monkeypatch.setattr(deps, "dependencies", replace(deps.dependencies, message_ids=None))
    assert api.call("POST", f"{TEMPLATES}/{template}/test", body).json["code"] == "no_mail_server"
    assert api.call("POST", f"{TEMPLATES}/999/test", body).json["code"] == "template_not_found"


def test_the_limit_holds_for_requests_at_the_same_time(program: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    application = program.client.application
    deps = application.extensions["service_kit"]
    monkeypatch.setattr(deps, "dependencies", replace(deps.dependencies, sends_per_minute=3))
    barrier = Barrier(8)

    def send(_number: int) -> int:
        mine = replace(program, client=application.test_client())
        barrier.wait()
        return int(mine.call("POST", SEND, MESSAGE).status_code)

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(send, range(8))) == [201] * 3 + [429] * 5


def test_who_wants_no_messages_gets_none(program: Api, api: Api, rows: Rows) -> None:
    off = {"channels": {"message": {"in_app": False, "email": False}}}
    assert replace(api, role="agent").call("PUT", "/api/notifications/preferences", off).status_code == 200
    assert program.call("POST", SEND, MESSAGE).json["notification_id"] is None
    assert rows("select count(*) from notifications") == [(0,)]


def test_a_companys_template_makes_the_mails_of_a_kind(api: Api, desk: Desk, rows: Rows) -> None:
    desk.user(7, "manager")
    own = {"notification_type": "sla_breach", "subject": "LATE: {{ ticket_id }}", "body": "{{ message }} {{ clock }}"}
    assert api.call("POST", TEMPLATES, own).status_code == 201
    desk.deliver(desk.clock("sla.breached", 42, None), desk.clock("sla.warning", 42, None))
    with mail_server() as server:
        send_all(desk, server)
    subjects = {mail["Subject"]: text_of(mail) for mail in server.mails}
    assert set(subjects) == {"LATE: 42", "Ticket 42 is due soon"}
    assert "of ticket 42 was due at" in subjects["LATE: 42"]
    assert rows("select template_version from deliveries order by template_version nulls last") == [(1,), (None,)]


def test_the_template_of_a_kind_names_its_variables_alone(api: Api) -> None:
    own = {"notification_type": "comment", "subject": "{{ text }}", "body": "b"}
    refused = api.call("POST", TEMPLATES, own)
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "subject")


def test_templates_are_added_changed_and_deleted(api: Api) -> None:
    added = api.call("POST", TEMPLATES, MAINTENANCE)
    path = f"{TEMPLATES}/{added.json['id']}"
    assert api.call("POST", TEMPLATES, MAINTENANCE).json["code"] == "template_exists"
    changed = api.call("PUT", path, MAINTENANCE | {"body": "Down."}, If_Match=added.headers["ETag"])
    assert (changed.json["version"], changed.json["body"]) == (2, "Down.")
    assert api.call("PUT", path, MAINTENANCE, If_Match=added.headers["ETag"]).status_code == 412
    assert [each["id"] for each in api.every(TEMPLATES)] == [added.json["id"]]
    assert api.call("DELETE", path, If_Match=changed.headers["ETag"]).status_code == 204
    assert api.call("GET", path).json["code"] == "template_not_found"


def test_a_preview_stores_and_sends_nothing(api: Api, rows: Rows) -> None:
    shown = api.call(
        "POST", f"{TEMPLATES}/preview", MAINTENANCE | {"context_data": {"system": "Mail", "day": "Friday"}}
    )
    assert shown.json == {"subject": "Mail is down", "message": "Mail is down on Friday."}
    refused = api.call("POST", f"{TEMPLATES}/preview", MAINTENANCE)
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "subject")
    assert rows("select (select count(*) from templates) + (select count(*) from notifications)") == [(0,)]
