"""Mails by the webhooks of providers: each proves itself in its own way."""

import time

import pytest
from notification_service.usecases.take_mail import Intake

from ..conftest import Api, Rows
from ..mails import Sender, SendGridKey, mail
from .test_inbound_mails import add_mailbox, intake, published, take_all

__all__ = ["intake"]


def test_mailgun_sends_a_mail_once_per_token(api: Api, intake: Intake, rows: Rows) -> None:
    mailgun = Sender(api, "key-1234567890")
    add_mailbox(api, provider="mailgun", secret=mailgun.secret)
    raw = mail("Größe")
    assert mailgun.mailgun(raw, token="abc").status_code == 200
    assert mailgun.mailgun(raw, token="abc").status_code == 200
    # The signature doesn't cover the mail: a stolen one must not bring another mail.
    assert mailgun.mailgun(mail("another"), token="abc").status_code == 401
    assert mailgun.mailgun(raw, signature="0" * 64).status_code == 401
    assert mailgun.mailgun(raw, at=time.time() - 2 * 24 * 3600).status_code == 401
    missing = mailgun.mailgun(raw, **{"body-mime": b""})
    assert (missing.status_code, missing.json["errors"][0]["field"]) == (400, "body-mime")
    take_all(intake)
    assert [event["text"] for event in published(rows)] == ["Größe"]


def test_a_mail_keeps_its_bytes_within_a_form(api: Api, rows: Rows) -> None:
    mailgun = Sender(api, "key-1234567890")
    add_mailbox(api, provider="mailgun", secret=mailgun.secret)
    raw = mail() + b"\xff\xfe\x80 \r\n--x"
    mailgun.mailgun(raw)
    assert bytes(rows("select content from inbound_mails")[0][0]) == raw


def test_postmark_proves_itself_by_its_password(api: Api, intake: Intake, rows: Rows) -> None:
    postmark = Sender(api, add_mailbox(api, provider="postmark")["secret"])
    assert postmark.postmark(mail(), password="other").status_code == 401
    assert postmark.postmark(mail()).status_code == 200
    take_all(intake)
    assert len(published(rows)) == 1
    strange = {"OriginalRecipient": "a\x00@b", "ToFull": [{"Email": 7}, 7], "RawEmail": "x"}
    assert api.client.post("/webhooks/email/inbound/postmark", json=strange).status_code == 401
    missing = api.client.post("/webhooks/email/inbound/postmark", json={})
    assert (missing.status_code, missing.json["errors"][0]["field"]) == (400, "RawEmail")


def test_sendgrid_signs_time_and_body(api: Api, intake: Intake, rows: Rows) -> None:
    key = SendGridKey()
    add_mailbox(api, provider="sendgrid", secret=key.public)
    assert SendGridKey().send(api, mail()).status_code == 401
    assert key.send(api, mail(), tamper=b" ").status_code == 401
    assert key.send(api, mail()).status_code == 200
    take_all(intake)
    assert len(published(rows)) == 1


def test_a_signed_request_without_a_mail_is_refused(api: Api, rows: Rows) -> None:
    missing = Sender(api, add_mailbox(api)["secret"]).generic(b"")
    assert (missing.status_code, missing.json["errors"][0]["field"]) == (400, "body")
    assert rows("select count(*) from inbound_mails") == [(0,)]


@pytest.mark.parametrize("provider", ["mailgun", "sendgrid", "postmark"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"--x", b"\xff" * 100])
def test_a_body_of_nonsense_is_refused(api: Api, provider: str, body: bytes) -> None:
    for kind in ("application/json", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""):
        answer = api.client.post(f"/webhooks/email/inbound/{provider}", data=body, content_type=kind)
        assert answer.status_code in (400, 401), answer.text
