"""Bounces, automatic mails, loops and people."""

import pytest
from notification_service.adapters.mail_child import LimitedLibraries
from notification_service.domain.mail.message import MailKind
from notification_service.domain.mail.read_mail import read

from ..odd_mails import HEAD, head

OWN = {"desk@company.example"}
DSN = (
    b"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nTo: desk@company.example\r\nSubject: Undelivered Mail\r\n"
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\n\r\nSorry.\r\n--x\r\n"
    b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
    b"Final-Recipient: rfc822; ann@customer.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--x\r\n"
    b"Content-Type: message/rfc822\r\n\r\nFrom: desk@company.example\r\nMessage-ID: <abc@company.example>\r\n"
    b"X-SmartTicket-Loop: 1\r\nSubject: x\r\n\r\nhello\r\n--x--\r\n"
)


def kind_of(raw: bytes) -> MailKind:
    return read(raw, LimitedLibraries(), OWN).kind


@pytest.mark.parametrize(
    "header",
    [
        b"Auto-Submitted: auto-replied", b"Auto-Submitted: auto-generated (rejected)", b"X-Auto-Response-Suppress: All",
        b"Precedence: bulk", b"Precedence: auto_reply", b"List-Id: <a.example>", b"X-Autoreply: yes",
        b"X-Autorespond: out", b"Return-Path: <>",
    ],
)  # fmt: skip
def test_a_program_shows_by_its_headers(header: bytes) -> None:
    assert kind_of(header + b"\r\n" + HEAD + b"\r\nI am away.") is MailKind.AUTOMATIC


@pytest.mark.parametrize("header", [b"Auto-Submitted: no", b"Precedence: first-class", b"X-Priority: 1"])
def test_a_person_may_have_such_headers(header: bytes) -> None:
    assert kind_of(header + b"\r\n" + HEAD + b"\r\nIt jams.") is MailKind.HUMAN


@pytest.mark.parametrize("sender", [b"no-reply@x.example", b"noreply@x.example", b"do-not-reply+7@x.example"])
def test_a_sender_that_takes_no_answers_is_a_program(sender: bytes) -> None:
    assert kind_of(head(**{"from": sender}) + b"\r\nNews.") is MailKind.AUTOMATIC


def test_a_person_whose_name_begins_like_that_is_no_program() -> None:
    assert kind_of(head(**{"from": b"norman@x.example"}) + b"\r\nIt jams.") is MailKind.HUMAN


def test_an_own_mail_is_a_loop() -> None:
    assert kind_of(b"X-SmartTicket-Loop: 1\r\n" + HEAD + b"\r\nx y") is MailKind.LOOP
    assert kind_of(head(**{"from": b"Desk <Desk@Company.example>"}) + b"\r\nx y") is MailKind.LOOP


def test_a_report_is_a_bounce_with_its_addresses_and_the_mail_that_it_returns() -> None:
    found = read(DSN, LimitedLibraries(), OWN)
    assert found.kind is MailKind.BOUNCE
    assert found.failures == ([], ["ann@customer.example"])
    assert found.mail.returned_ids == ("abc@company.example",)


def test_a_report_in_plain_text_is_a_bounce() -> None:
    raw = (
        b"From: Mail Delivery System <Mailer-Daemon@mx.example>\r\nTo: desk@company.example\r\n"
        b"Subject: Mail delivery failed: returning message to sender\r\nX-Failed-Recipients: ann@customer.example\r\n"
        b"\r\nA message that you sent could not be delivered.\r\n\r\n  ann@customer.example\r\n    unknown user\r\n"
    )
    assert kind_of(raw) is MailKind.BOUNCE


def test_a_receipt_for_reading_is_automatic() -> None:
    raw = HEAD + b"Content-Type: multipart/report; report-type=disposition-notification; boundary=x\r\n\r\n--x\r\n\r\nx"
    assert kind_of(raw) is MailKind.AUTOMATIC


def test_a_person_who_writes_about_failed_deliveries_is_a_person() -> None:
    assert kind_of(head(subject=b"Mail delivery failed, please help") + b"\r\nWhy is that?") is MailKind.HUMAN
