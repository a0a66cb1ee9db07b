"""Personal data doesn't leave, and a text stays readable."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_kit.claude.redaction import redact


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Write to john.doe+it@mail.company.com please", "Write to [EMAIL_1] please"),
        ("From a@b.example to c@d.example and A@b.example", "From [EMAIL_1] to [EMAIL_2] and [EMAIL_1]"),
        ("Call +49 170 1234567 or 0049-170-1234567.", "Call [PHONE_1] or [PHONE_2]."),
        ("Office (030) 1234 5678", "Office [PHONE_1]"),
        ("My IBAN is DE89 3704 0044 0532 0130 00.", "My IBAN is [IBAN_1]."),
        ("Card 4111 1111 1111 1111 was charged", "Card [CARD_1] was charged"),
        ("Server 192.168.10.20 is down", "Server [IP_1] is down"),
        ("Route to 2001:db8::ff00:42:8329 fails", "Route to [IP_1] fails"),
        ("my password: hunter2!", "my password: [SECRET_1]"),
        ("The PIN is 4711", "The PIN is [SECRET_1]"),
        ("pwd=abc123 user=joe", "pwd=[SECRET_1] user=joe"),
        ("key sk-ant-REDACTED0123 leaked", "key [SECRET_1] leaked"),
        ("header eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl", "header [SECRET_1]"),
    ],
)
def test_it_is_replaced_by_what_it_was(text: str, left: str) -> None:
    assert redact(text) == [left]


@pytest.mark.parametrize(
    "text",
    [
        "My password expired and the VPN rejects it.",
        "The password is wrong since Monday",
        "Ticket 4711, invoice 2026-00123 of 2026-11-21, 14:30:15",
        "Python 3.11.7 on Debian 12.2.0",
        "Order 1234567890123 is late",
        "DE12 is a room, and so is AB99 CDEF",
        "Version 1.2.3.4.5 of the driver",
        "We need 12 chairs, 3 tables and 200 cups",
        "a@b is no address",
        "",
    ],
)
def test_what_is_nobodys_stays(text: str) -> None:
    assert redact(text) == [text]


def test_texts_of_one_ticket_share_their_placeholders() -> None:
    assert redact("Mail of a@b.example", "a@b.example can't log in, c@d.example can") == [
        "Mail of [EMAIL_1]",
        "[EMAIL_1] can't log in, [EMAIL_2] can",
    ]


EMAILS = st.from_regex(r"[a-z]{1,12}(\.[a-z]{1,8})?@[a-z]{1,10}\.(com|org|example)", fullmatch=True)


@given(st.text(max_size=80), EMAILS, st.text(max_size=80))
def test_no_address_survives_in_any_text(before: str, email: str, after: str) -> None:
    [left] = redact(f"{before} {email} {after}")
    assert email not in left


@given(st.text(st.sampled_from("0123456789+-. :/()@abAB[]_=\n"), max_size=300))
def test_any_text_is_read_and_a_second_look_finds_nothing(text: str) -> None:
    [once] = redact(text)
    [twice] = redact(once)
    assert re.sub(r"\[[A-Z]+_\d+\]", "", twice).count("@") <= re.sub(r"\[[A-Z]+_\d+\]", "", once).count("@")


def test_a_long_hostile_text_takes_no_time() -> None:
    for text in (
        "0 " * 50_000,
        "a." * 50_000 + "@",
        "1:" * 50_000,
        "password " * 10_000,
        "DE89 " * 20_000,
        "+1" * 50_000,
    ):
        assert redact(text)
