"""Mails that are sent: their answers find the ticket, their bounces find the delivery."""

from dataclasses import replace
from email.message import EmailMessage

import pytest
from flask import Flask
from notification_service.domain.mail.quotes import MARKER
from notification_service.usecases.send_mail import send_next
from notification_service.usecases.take_mail import Intake, take_next

from ..conftest import Api, Desk, Rows
from ..mail_server import MailServer
from ..mails import DESK, Sender, mail
from .mail_fixtures import ANN, MAX, RIA, Post, post, server, staffed, text_of
from .test_inbound_mails import add_mailbox, published

__all__ = ["post", "server", "staffed"]
RIA_ADDRESS = f"user{RIA}@example.com"


@pytest.fixture
def intake(app: Flask) -> Intake:
    """What the worker reads mails with."""
    found: Intake = app.extensions["service_kit"].dependencies.intake
    return found


class Desktop:
    """A company with a mailbox, whose mails are sent and whose answers are read."""

    def __init__(self, api: Api, intake: Intake, post: Post, server: MailServer) -> None:
        self.sender = Sender(api, add_mailbox(api)["secret"])
        self.intake, self.post, self.server = intake, post, server

    def send(self) -> EmailMessage:
        """Send what is due and return the last mail."""
        while send_next(replace(self.post.sender, tags=self.intake.tags)):
            pass
        return self.server.mails[-1]

    def take(self, raw: bytes, recipient: str = "") -> None:
        """Let a mail come in, and read it."""
        assert self.sender.generic(raw, recipient=recipient).status_code == 200
        while take_next(self.intake):
            pass


@pytest.fixture
def desktop(api: Api, intake: Intake, post: Post, server: MailServer) -> Desktop:
    """Mails out and in."""
    return Desktop(api, intake, post, server)


def bounce(sent: EmailMessage, *, address: str = RIA_ADDRESS, status: str = "5.1.1", action: str = "failed") -> bytes:
    """Return a mail server's report about a mail."""
    returned = f"Message-ID: {sent['Message-ID']}\r\nX-SmartTicket-Loop: 1\r\nSubject: x\r\n"
    return (
        f"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nTo: {DESK}\r\nSubject: Undelivered Mail\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\n\r\nSorry.\r\n--x\r\n"
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n\r\n--x\r\n"
        f"Content-Type: message/rfc822\r\n\r\n{returned}\r\nhello\r\n--x--\r\n"
    ).encode()


def test_a_mail_about_a_ticket_has_a_reply_address_and_its_answer_proves_the_person(
    staffed: Desk, desktop: Desktop, rows: Rows
) -> None:
    staffed.deliver(staffed.created(42, RIA))
    sent = desktop.send()
    assert sent["Reply-To"].startswith("desk+t42-9.")
    assert text_of(sent).startswith(MARKER)
    desktop.take(mail("Thank you all.", sender=RIA_ADDRESS, to=sent["Reply-To"]))
    (event,) = published(rows)
    assert (event["proven_ticket_id"], event["proven_user_id"], event["sender_user_id"]) == (42, RIA, RIA)


@pytest.mark.parametrize("header", ["Message-ID", "References"])
def test_an_answer_without_the_reply_address_is_found_by_what_it_refers_to(
    staffed: Desk, desktop: Desktop, rows: Rows, header: str
) -> None:
    staffed.deliver(staffed.created(42, RIA))
    sent = desktop.send()
    desktop.take(mail("Thank you all.", sender=RIA_ADDRESS, In_Reply_To=sent[header]))
    assert published(rows)[0]["proven_ticket_id"] == 42


@pytest.mark.parametrize("header", ["Reply-To", "Message-ID"])
def test_an_answer_to_an_internal_note_is_internal(staffed: Desk, desktop: Desktop, rows: Rows, header: str) -> None:
    staffed.deliver(staffed.created(42, RIA))
    desktop.send()
    staffed.deliver(staffed.commented(42, MAX, ANN, internal=True))
    sent = desktop.send()
    assert sent["To"] == f"user{ANN}@example.com"
    to, reference = (sent["Reply-To"], "<x@y>") if header == "Reply-To" else (DESK, sent[header])
    desktop.take(mail("Thank you all.", sender=f"user{ANN}@example.com", to=to, In_Reply_To=reference))
    (event,) = published(rows)
    assert (event["proven_ticket_id"], event["proven_user_id"], event["internal"]) == (42, ANN, True)


def test_without_a_mailbox_there_is_no_reply_address(
    staffed: Desk, intake: Intake, post: Post, server: MailServer
) -> None:
    staffed.deliver(staffed.created(42, RIA))
    while send_next(replace(post.sender, tags=intake.tags)):
        pass
    (sent,) = server.mails
    assert (sent["Reply-To"], sent["References"]) == (None, None)
    assert MARKER not in text_of(sent)


def test_an_own_mail_that_comes_back_is_a_loop(staffed: Desk, desktop: Desktop, api: Api, rows: Rows) -> None:
    staffed.deliver(staffed.created(42, RIA))
    desktop.take(desktop.send().as_bytes())
    assert published(rows) == []
    assert api.get("/api/inbound-mails")["items"][0]["state"] == "ignored"


def test_a_hard_bounce_marks_the_delivery_and_suppresses_the_address(
    staffed: Desk, desktop: Desktop, api: Api, rows: Rows
) -> None:
    staffed.deliver(staffed.created(42, RIA))
    desktop.take(bounce(desktop.send()))
    (shown,) = api.get("/api/notifications/history")["items"]
    assert (shown["state"], shown["reason"]) == ("bounced", "came back: Undelivered Mail")
    assert published(rows) == []
    (suppressed,) = api.get("/api/suppressed-addresses")["items"]
    assert suppressed["address"] == RIA_ADDRESS
    staffed.deliver(staffed.created(43, RIA))
    desktop.send()
    assert len(desktop.server.mails) == 1
    assert "takes no mails" in api.get("/api/notifications/history")["items"][0]["reason"]
    assert api.call("DELETE", f"/api/suppressed-addresses/{suppressed['id']}").status_code == 204
    assert api.call("DELETE", f"/api/suppressed-addresses/{suppressed['id']}").status_code == 404
    staffed.deliver(staffed.created(44, RIA))
    desktop.send()
    assert len(desktop.server.mails) == 2


def test_a_mail_that_is_late_has_not_come_back(staffed: Desk, desktop: Desktop, api: Api) -> None:
    staffed.deliver(staffed.created(42, RIA))
    desktop.take(bounce(desktop.send(), status="4.2.2", action="delayed"))
    assert api.get("/api/notifications/history")["items"][0]["state"] == "sent"
    assert api.get("/api/suppressed-addresses")["count"] == 0
    assert "late" in api.get("/api/inbound-mails")["items"][0]["reason"]


def test_a_forged_bounce_suppresses_nobody(staffed: Desk, desktop: Desktop, api: Api) -> None:
    staffed.deliver(staffed.created(42, RIA))
    sent = desktop.send()
    # Of a mail that was not sent from here, and of an own one about somebody else's address.
    forged = EmailMessage()
    forged["Message-ID"] = "<guessed@desk.example>"
    desktop.take(bounce(forged))
    desktop.take(bounce(sent, address=f"user{ANN}@example.com"))
    assert api.get("/api/suppressed-addresses")["count"] == 0
    reasons = [each["reason"] for each in api.get("/api/inbound-mails")["items"]]
    assert "of no mail that was sent from here" in reasons
