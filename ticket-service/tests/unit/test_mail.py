"""Who writes by mail, and how a mail's text is shown."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from ticket_service.domain.comment_text import MAX_TEXT_BYTES
from ticket_service.domain.comments import AuthorKind
from ticket_service.domain.enums import Priority
from ticket_service.domain.mail import (
    CUT,
    NO_TEXT,
    MailAuthor,
    ReceivedMail,
    author_of,
    comment_texts,
    pause_seconds,
    requester_of,
    takes_part,
)
from ticket_service.domain.ticket import Ticket

ANN, EVE = "ann@customer.example", "eve@evil.example"
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def ticket(**changes: Any) -> Ticket:
    values = {"id": 42, "uuid": uuid4(), "company_id": 1, "title": "t", "description": "d", "priority": Priority.LOW,
              "priority_given": False, "created_at": NOW, "updated_at": NOW, "user_email": ANN}  # fmt: skip
    return Ticket(**values | changes)  # type: ignore[arg-type]


def mail(**changes: Any) -> ReceivedMail:
    values = {"mail_id": 1, "mailbox": "desk@x", "message_id": None, "references": [], "proven_ticket_id": None,
              "proven_user_id": None, "subject_ticket_id": None, "sender_email": ANN, "sender_name": None,
              "sender_user_id": None, "sender_role": None, "automatic": False, "subject": "s", "text": "It jams.",
              "answer": None, "files": [], "received_at": "2026-11-20T10:30:00.000000Z"}  # fmt: skip
    return ReceivedMail(**values | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sent", "owner", "author"),
    [
        ({}, None, MailAuthor(f"mail:{ANN}", AuthorKind.REQUESTER, True)),
        ({"sender_email": ANN.upper()}, None, MailAuthor(f"mail:{ANN.upper()}", AuthorKind.REQUESTER, True)),
        ({"sender_email": EVE}, None, MailAuthor(f"mail:{EVE}", AuthorKind.REQUESTER, False)),
        ({"sender_email": EVE, "sender_user_id": 7}, "user:7", MailAuthor("person:user:7", AuthorKind.REQUESTER, True)),
        ({"sender_email": EVE, "sender_user_id": 8}, "user:7", MailAuthor(f"mail:{EVE}", AuthorKind.REQUESTER, False)),
        # A person writes under its account where the mail that it answers was sent to it alone.
        ({"sender_user_id": 8, "sender_role": "agent", "proven_user_id": 8}, None,
         MailAuthor("person:user:8", AuthorKind.AGENT, True)),
        ({"sender_user_id": 8, "sender_role": "requester", "proven_user_id": 8}, None,
         MailAuthor("person:user:8", AuthorKind.REQUESTER, True)),
        ({"sender_email": EVE, "sender_user_id": 8, "sender_role": "admin", "proven_user_id": 7}, None,
         MailAuthor(f"mail:{EVE}", AuthorKind.REQUESTER, False)),
        ({"sender_email": EVE, "sender_user_id": 8, "sender_role": "admin"}, None,
         MailAuthor(f"mail:{EVE}", AuthorKind.REQUESTER, False)),
        ({"sender_email": EVE, "proven_user_id": 7}, None, MailAuthor(f"mail:{EVE}", AuthorKind.REQUESTER, False)),
        ({"automatic": True, "sender_user_id": 7, "proven_user_id": 7}, "user:7",
         MailAuthor(f"mail:{ANN}", AuthorKind.MACHINE, True)),
    ],
)  # fmt: skip
def test_the_author_of_a_comment_by_mail(sent: dict[str, Any], owner: str | None, author: MailAuthor) -> None:
    assert author_of(mail(**sent), ticket(customer_id=owner), has_written=False) == author


def test_who_has_taken_part_before_takes_part() -> None:
    stranger = mail(sender_email=EVE)
    assert not takes_part(stranger, ticket(), has_written=False)
    assert takes_part(stranger, ticket(), has_written=True)
    assert not takes_part(mail(sender_email=""), ticket(user_email=None), has_written=False)


def test_an_automatic_mail_has_no_requester() -> None:
    assert requester_of(mail(sender_user_id=7)) == "user:7"
    assert requester_of(mail()) is None
    assert requester_of(mail(sender_user_id=7, automatic=True)) is None


def test_a_comment_shows_the_new_part_and_keeps_the_whole() -> None:
    assert comment_texts(mail()) == ("It jams.", None)
    assert comment_texts(mail(text="Works.\r\n> old", answer="Works.")) == ("Works.", "Works.\n> old")
    assert comment_texts(mail(text=" \n ")) == (NO_TEXT, None)
    shown, whole = comment_texts(mail(text="ü" * 50_000))
    assert whole == "ü" * 50_000
    assert shown.endswith(CUT)
    assert len(shown.encode()) <= MAX_TEXT_BYTES


def test_pauses_between_fetches_grow_up_to_an_hour() -> None:
    assert [pause_seconds(attempts) for attempts in (1, 2, 3, 20)] == [5, 10, 20, 3600]
