"""Mails come in by webhook: each is stored, read once, published once, or parked with its reason."""

import json
import time
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from notification_service.domain.inbound import AUTOMATIC_PER_HOUR, MAX_ATTEMPTS
from notification_service.usecases import take_mail
from notification_service.usecases.take_mail import Intake, take_next

from ..conftest import Api, Desk, Rows
from ..mails import DESK, Sender, mail


@pytest.fixture
def intake(app: Flask) -> Intake:
    """What the worker reads mails with."""
    found: Intake = app.extensions["service_kit"].dependencies.intake
    return found


@pytest.fixture
def sender(api: Api) -> Sender:
    """The sender of a mailbox."""
    return Sender(api, add_mailbox(api)["secret"])


def add_mailbox(api: Api, **changes: Any) -> dict[str, Any]:
    response = api.call("POST", "/api/mailboxes", {"address": DESK, "provider": "generic"} | changes)
    assert response.status_code == 201, response.text
    return dict(response.json)


def take_all(intake: Intake) -> None:
    while take_next(intake):
        pass


def published(rows: Rows) -> list[dict[str, Any]]:
    return [
        json.loads(row[0])
        for row in rows("select body from outbox where type = 'mail.received' order by (body::json ->> 'mail_id')::int")
    ]


def test_a_mail_is_stored_read_and_published(api: Api, sender: Sender, intake: Intake, rows: Rows) -> None:
    response = sender.generic(mail("It jams.", files={"log.txt": b"abc"}))
    assert (response.status_code, response.json) == (200, {"state": "stored"})
    assert published(rows) == []
    take_all(intake)
    (event,) = published(rows)
    assert (event["subject"], event["text"], event["answer"]) == ("Printer", "It jams.", None)
    assert (event["sender_email"], event["sender_name"], event["mailbox"]) == ("ann@customer.example", "Ann", DESK)
    (file,) = event["files"]
    assert (file["position"], file["name"], file["size_bytes"]) == (0, "log.txt", 3)
    assert event["proven_ticket_id"] is None
    (shown,) = api.get("/api/inbound-mails")["items"]
    assert (shown["state"], shown["kind"], shown["subject"]) == ("published", "human", "Printer")
    service = Api(api.client, role="service")
    path = f"/internal/mails/{shown['id']}/files"
    assert service.call("GET", f"{path}/0").data == b"abc"
    assert service.call("GET", f"{path}/1").status_code == 404
    assert Api(api.client, role="service", company=2).call("GET", f"{path}/0").status_code == 404


def test_the_same_mail_twice_is_one_mail(sender: Sender, intake: Intake, rows: Rows) -> None:
    raw = mail()
    assert [sender.generic(raw).status_code for _ in range(2)] == [200, 200]
    take_all(intake)
    assert sender.generic(raw).status_code == 200
    take_all(intake)
    assert len(published(rows)) == 1
    assert rows("select count(*) from inbound_mails") == [(1,)]


def test_twenty_equal_mails_at_once_are_one_mail(sender: Sender, app: Flask, intake: Intake, rows: Rows) -> None:
    raw = mail()
    answers: list[int] = []

    def send() -> None:
        with app.test_client() as client:
            answers.append(Sender(Api(client), sender.secret).generic(raw).status_code)

    threads = [Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 20
    takers = [Thread(target=take_all, args=(intake,)) for _ in range(4)]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()
    assert len(published(rows)) == 1


def test_one_mail_in_two_mailboxes_is_one_mail(api: Api, sender: Sender, intake: Intake, rows: Rows) -> None:
    other = Sender(api, add_mailbox(api, address="help@company.example")["secret"], "help@company.example")
    raw = mail(message_id="<same@x>")
    sender.generic(b"Received: from a\r\n" + raw)
    other.generic(b"Received: from b\r\n" + raw)
    take_all(intake)
    assert len(published(rows)) == 1
    states = sorted(row["state"] for row in api.get("/api/inbound-mails")["items"])
    assert states == ["duplicate", "published"]


def test_another_text_under_the_same_id_is_another_mail(sender: Sender, intake: Intake, rows: Rows) -> None:
    for text in ("one", "two"):
        sender.generic(mail(text, message_id="<same@x>"))
    take_all(intake)
    assert len(published(rows)) == 2


def test_a_bad_signature_is_refused_and_nothing_is_stored(api: Api, sender: Sender, rows: Rows) -> None:
    raw = mail()
    forged = Sender(api, "whsec_" + "A" * 43 + "=")
    answers = [
        forged.generic(raw), sender.generic(raw, at=time.time() - 3600), sender.generic(raw, at=time.time() + 3600),
        sender.generic(raw, webhook_signature="v1,x"), sender.generic(raw, webhook_id="other"),
        sender.generic(raw, webhook_timestamp="soon"), sender.generic(raw, webhook_signature=""),
        sender.generic(raw, recipient="nobody@company.example"),
        api.client.post("/webhooks/email/inbound/generic", data=raw),
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [401] * len(answers)
    assert answers[0].json["code"] == "not_verified"
    assert rows("select count(*) from inbound_mails") == [(0,)]


@pytest.mark.parametrize("provider", ["imap", "nobody", "GENERIC"])
def test_an_unknown_provider_is_not_found(api: Api, provider: str) -> None:
    answer = api.client.post(f"/webhooks/email/inbound/{provider}", data=mail())
    assert (answer.status_code, answer.json["code"]) == (404, "provider_not_found")


def test_a_mail_that_is_too_large_is_refused(sender: Sender) -> None:
    assert sender.generic(b"a" * (26 * 1024 * 1024)).status_code == 413


def test_the_secret_decides_which_company_gets_a_mail(api: Api, sender: Sender, rows: Rows) -> None:
    other = Api(api.client, company=2)
    theirs = Sender(other, add_mailbox(other)["secret"])
    theirs.generic(mail())
    assert rows("select company_id from inbound_mails") == [(2,)]
    sender.generic(mail())
    assert sorted(rows("select company_id from inbound_mails")) == [(1,), (2,)]


def test_an_inactive_mailbox_takes_nothing(api: Api, sender: Sender) -> None:
    (mailbox,) = api.get("/api/mailboxes")["items"]
    api.call("PATCH", f"/api/mailboxes/{mailbox['id']}", {"is_active": False})
    assert sender.generic(mail()).status_code == 401


def test_a_mail_that_cannot_be_read_is_parked_and_stops_nobody(
    api: Api, sender: Sender, intake: Intake, rows: Rows
) -> None:
    sender.generic(b"no mail at all")
    sender.generic(mail())
    take_all(intake)
    assert len(published(rows)) == 1
    (parked,) = api.get("/api/inbound-mails?state=parked")["items"]
    assert "headers" in parked["reason"]
    content = api.call("GET", f"/api/inbound-mails/{parked['id']}/content")
    assert (content.data, content.headers["Content-Type"]) == (b"no mail at all", "application/octet-stream")
    assert content.headers["Content-Disposition"].startswith("attachment")
    answer = api.call("POST", f"/api/inbound-mails/{parked['id']}/retry")
    assert (answer.status_code, answer.json["state"]) == (200, "stored")
    assert api.call("POST", f"/api/inbound-mails/{parked['id']}/retry").status_code == 409
    take_all(intake)
    assert len(api.get("/api/inbound-mails?state=parked")["items"]) == 1
    assert Api(api.client, company=2).call("POST", f"/api/inbound-mails/{parked['id']}/retry").status_code == 404


def test_a_mail_whose_reader_dies_is_taken_again_and_parked_in_the_end(
    api: Api, sender: Sender, intake: Intake, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender.generic(mail())

    def die(*_: object) -> None:
        raise SystemExit  # what a killed process looks like to the database: nothing is concluded

    with monkeypatch.context() as patched:
        patched.setattr(take_mail, "_conclude", die)
        for attempt in range(MAX_ATTEMPTS):
            with pytest.raises(SystemExit):
                take_next(intake)
            # Until the claim ends, nobody else reads it.
            assert not take_next(intake)
            rows("update inbound_mails set claimed_until = now() - interval '1 second' returning id")
            if attempt == 0:
                assert rows("select state, attempts from inbound_mails") == [("stored", 1)]
    take_next(intake)
    assert api.get("/api/inbound-mails?state=parked")["count"] == 1
    api.call("POST", f"/api/inbound-mails/{api.get('/api/inbound-mails')['items'][0]['id']}/retry")
    take_all(intake)
    assert len(published(rows)) == 1


def test_automatic_mails_of_an_address_come_to_an_end(
    api: Api, sender: Sender, intake: Intake, desk: Desk, rows: Rows
) -> None:
    for number in range(AUTOMATIC_PER_HOUR + 3):
        sender.generic(mail(f"I am away {number}", Auto_Submitted="auto-replied"))
        take_all(intake)
        # The tickets that they open make no difference.
        for event in published(rows)[number:]:
            desk.deliver(desk.make("mail.accepted", "mail", mail_id=event["mail_id"], ticket_id=number + 1))
    sender.generic(mail("Still away", sender="bob@customer.example", Auto_Submitted="auto-replied"))
    take_all(intake)
    events = published(rows)
    assert len(events) == AUTOMATIC_PER_HOUR + 1
    assert all(event["automatic"] for event in events)
    parked = api.get("/api/inbound-mails?state=parked")["items"]
    assert len(parked) == 3
    api.call("POST", f"/api/inbound-mails/{parked[0]['id']}/retry")
    take_all(intake)
    assert len(published(rows)) == AUTOMATIC_PER_HOUR + 2


def test_own_mails_and_bounces_open_nothing(api: Api, sender: Sender, intake: Intake, rows: Rows) -> None:
    sender.generic(mail(X_SmartTicket_Loop="1"))
    sender.generic(mail(sender=DESK))
    sender.generic(mail(sender="MAILER-DAEMON@mx.example", subject="Undelivered Mail", Return_Path="<>"))
    take_all(intake)
    assert published(rows) == []
    assert sorted(each["state"] for each in api.get("/api/inbound-mails")["items"]) == ["bounce", "ignored", "ignored"]


def test_a_reply_address_proves_the_ticket_and_the_person(
    sender: Sender, intake: Intake, desk: Desk, rows: Rows
) -> None:
    desk.user(7, role="requester")
    reply_to = intake.tags.reply_address(DESK, 1, 42, 7)
    assert reply_to is not None
    sender.generic(mail("Works again.", sender="User7@example.com"), recipient=reply_to)
    sender.generic(mail("Me too.", sender="eve@evil.example", to=reply_to))
    foreign = intake.tags.reply_address(DESK, 2, 42, 7)
    assert foreign is not None
    sender.generic(mail("Forged.", to=foreign))
    take_all(intake)
    own, stranger, forged = published(rows)
    assert (own["proven_ticket_id"], own["proven_user_id"], own["sender_user_id"]) == (42, 7, 7)
    assert own["sender_role"] == "requester"
    assert (stranger["proven_ticket_id"], stranger["sender_user_id"]) == (42, None)
    assert forged["proven_ticket_id"] is None


def test_mails_go_with_their_ticket_and_are_linked_with_it(
    api: Api, sender: Sender, intake: Intake, desk: Desk, rows: Rows
) -> None:
    sender.generic(mail())
    take_all(intake)
    mail_id = api.get("/api/inbound-mails")["items"][0]["id"]
    desk.deliver(desk.created(42))
    accepted = desk.make("mail.accepted", f"mail:{mail_id}", mail_id=mail_id, ticket_id=42, comment_id=None)
    desk.deliver(accepted)
    assert api.get("/api/inbound-mails")["items"][0]["ticket_id"] == 42
    desk.deliver(desk.deleted(42))
    assert api.get("/api/inbound-mails")["count"] == 0


def test_a_mail_whose_ticket_was_deleted_before_is_removed(
    api: Api, sender: Sender, intake: Intake, desk: Desk
) -> None:
    sender.generic(mail())
    take_all(intake)
    mail_id = api.get("/api/inbound-mails")["items"][0]["id"]
    desk.deliver(desk.deleted(42))
    desk.deliver(desk.make("mail.accepted", f"mail:{mail_id}", mail_id=mail_id, ticket_id=42, comment_id=3))
    assert api.get("/api/inbound-mails")["count"] == 0
