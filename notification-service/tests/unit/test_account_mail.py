"""The texts of mails about accounts."""

from datetime import UTC, datetime

import pytest
from notification_service.domain.account_mail import AccountMail, Link, words_of_link, words_of_notice
from notification_service.domain.company_name import shown_name
from notification_service.domain.delivery import State, before_account_mail
from notification_service.domain.kinds import Kind
from notification_service.domain.template import is_of_events

LINK = Link("stp_secret", "ada@acme.example", datetime(2026, 11, 20, 10, 30, tzinfo=UTC))
FACTS = {"company_name": "Acme {role}\r\nBcc: x", "role": "agent"}


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (AccountMail.PASSWORD_RESET, "/api/auth/password/reset"),
        (AccountMail.EMAIL_VERIFICATION, "/api/auth/email/confirm"),
        (AccountMail.INVITATION, "/api/auth/register"),
    ],
)
def test_a_mail_with_a_link_says_how_to_use_it_and_until_when(kind: AccountMail, path: str) -> None:
    message = words_of_link(kind, LINK, "https://desk.example", FACTS).message
    assert f"\nhttps://desk.example{path}?token=stp_secret\n" in message
    assert f"POST {path} (" in message
    assert "until 2026-11-20 10:30 UTC" in message
    assert "If it wasn't you, ignore this mail" in message


def test_without_a_public_address_the_token_alone_stands_in_the_mail() -> None:
    message = words_of_link(AccountMail.PASSWORD_RESET, LINK, "", {}).message
    assert "?token=" not in message
    assert "\nstp_secret\n" in message


def test_the_old_address_hears_of_the_new_one() -> None:
    words = words_of_notice({"new_email": "ada@new.example", "changed_at": "2026-11-20T10:00:00Z"})
    assert "ada@new.example" in words.message
    assert "tell an admin" in words.message


def test_a_link_shows_no_token_in_logs() -> None:
    assert "stp_secret" not in repr(LINK)


def test_an_address_that_takes_no_mails_gets_none_about_accounts() -> None:
    assert before_account_mail("").state is State.SENDING
    assert before_account_mail("no such address").state is State.SUPPRESSED


@pytest.mark.parametrize("kind", list(AccountMail))
def test_programs_send_no_mails_about_accounts(kind: AccountMail) -> None:
    assert is_of_events(kind)
    assert kind not in set(Kind)


def test_an_invitation_names_the_company_whatever_its_name_holds() -> None:
    words = words_of_link(AccountMail.INVITATION, LINK, "", FACTS)
    assert words.subject == 'Invitation to the help desk of "Acme {role} Bcc: x"'


def test_an_invitation_names_an_inviter_whose_address_is_confirmed() -> None:
    unknown = words_of_link(AccountMail.INVITATION, LINK, "", FACTS).message
    assert "The inviter has confirmed no address." in unknown
    known = words_of_link(AccountMail.INVITATION, LINK, "", FACTS | {"inviter_email": "ada@acme.example"}).message
    assert "comes from ada@acme.example, who has confirmed that address" in known
    assert "confirmed no address" not in known


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Acme Ltd.", "Acme Ltd."),
        ("M\u00fcller & S\u00f6hne", "M\u00fcller & S\u00f6hne"),
        ("Booking.com", "Booking com"),
        ("Win https://evil.example/win now", "Win now"),
        ("Win HTTPS\uff1a//evil.example now", "Win now"),
        ("Pay at www.evil.example/a?b", "Pay at"),
        ("evil\u3002example, 10.0.0.1", "evil example, 10 0 0 1"),
        ("ask boss@evil.example", "ask"),
        ('A" from the "bank', "A' from the 'bank"),
        ("A\u201d B\r\nBcc: x\u202e", "A' B Bcc: x"),
        ("https://evil.example", "a company"),
        ("\u200b", "a company"),
        ("x" * 64, "x" * 64),
        ("x" * 65, "x" * 63 + "\u2026"),
    ],
)
def test_a_company_name_in_a_mail_is_short_and_no_link(name: str, shown: str) -> None:
    assert shown_name(name) == shown
