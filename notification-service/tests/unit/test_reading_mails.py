"""Mails as they come: each is read right, or refused with a reason."""

import base64
import os

import pytest
from notification_service.adapters.mail_child import LimitedLibraries
from notification_service.adapters.mail_reader import ReaderPool
from notification_service.domain.mail.message import MAX_TEXT_CHARACTERS, NO_SUBJECT, MailKind, Unreadable
from notification_service.domain.mail.parse import MAX_FILES
from notification_service.domain.mail.read_mail import Reading, read

from ..odd_mails import HEAD, ODD, Odd, mutated

LIBRARIES = LimitedLibraries()


def reading_of(raw: bytes) -> Reading:
    return read(raw, LIBRARIES, {"desk@company.example"})


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd.name)
def test_an_odd_mail_is_read_right(odd: Odd) -> None:
    try:
        mail = reading_of(odd.raw).mail
    except Unreadable:
        assert not odd.sender
        return
    assert mail.sender == odd.sender
    assert odd.text is None or mail.text.strip() == odd.text
    assert odd.subject is None or mail.subject == odd.subject


@pytest.mark.parametrize("seed", range(12))
def test_a_hundred_mutated_mails_are_read_or_refused(seed: int) -> None:
    for raw in mutated(seed, 100):
        try:
            found = reading_of(raw)
        except Unreadable:
            continue
        texts = [found.mail.text, found.mail.subject, found.mail.sender, found.answer or ""]
        assert not any("\x00" in text for text in texts)
        assert "".join(texts).encode()  # no lone surrogates
        assert len(found.mail.text) <= MAX_TEXT_CHARACTERS


def test_what_is_no_mail_is_refused() -> None:
    for raw in (b"", b"\x00" * 100, b"hello", b"%PDF-1.7\n" * 50):
        with pytest.raises(Unreadable):
            reading_of(raw)


def test_a_mail_that_is_nested_without_end_is_refused_or_read_without_its_inside() -> None:
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=b0\r\n\r\n"
    for level in range(3_000):
        raw += b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (level, level + 1)
    try:
        reasons = reading_of(raw).mail.faults
    except Unreadable as error:
        reasons = (str(error),)
    assert any("nested" in reason for reason in reasons)


def test_files_have_their_names_and_contents_and_a_limit() -> None:
    part = b"--x\r\nContent-Disposition: attachment; filename=a%d.txt\r\n\r\nabc\r\n"
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nIt jams.\r\n"
    raw += b"".join(part % number for number in range(MAX_FILES + 5)) + b"--x--"
    mail = reading_of(raw).mail
    assert [each.name for each in mail.files] == [f"a{number}.txt" for number in range(MAX_FILES)]
    assert {each.content for each in mail.files} == {b"abc"}
    assert any("files" in fault for fault in mail.faults)


def test_a_text_that_is_too_long_is_cut_and_not_left_out() -> None:
    mail = reading_of(HEAD + b"\r\nIt jams." + b" always" * 2_000_000).mail
    assert mail.text.startswith("It jams. always")
    assert len(mail.text) == MAX_TEXT_CHARACTERS
    assert any("10 MB" in fault for fault in mail.faults)


def test_a_name_of_a_file_is_no_path() -> None:
    raw = HEAD + b'Content-Disposition: attachment; filename="..\\..\\a/b.txt"\r\n\r\nabc'
    assert reading_of(raw).mail.files[0].name == "_.._a_b.txt"


def encoded(text: str) -> bytes:
    return b"=?utf-8?B?" + base64.b64encode(text.encode()) + b"?="


def test_names_and_subjects_hide_nothing() -> None:
    raw = b"From: " + encoded("Ann \u202etxt\u200b\n  Lee") + b" <ann@customer.example>\r\nSubject: "
    raw += encoded("Invoice\u202e fdp.exe\t\u2066!") + b"\r\nContent-Disposition: attachment; filename*=utf-8''a"
    raw += b"%E2%80%AEtxt.exe\r\n\r\nabc"
    mail = reading_of(raw).mail
    assert (mail.sender_name, mail.subject) == ("Ann txt Lee", "Invoice fdp.exe !")
    assert [each.name for each in mail.files] == ["atxt.exe"]


@pytest.mark.parametrize("name", [b"", encoded("\u202e\u200b"), encoded("\u3164")])
def test_a_sender_without_a_name_that_shows_is_named_by_the_address(name: bytes) -> None:
    mail = reading_of(b"From: " + name + b" <ann@customer.example>\r\nSubject: \xe2\x80\x8b\r\n\r\nx").mail
    assert (mail.sender_name, mail.subject) == ("ann@customer.example", NO_SUBJECT)


def test_a_mail_is_read_in_a_process_of_its_own() -> None:
    reader = ReaderPool()
    raw = HEAD + b"In-Reply-To: <2@x>\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nWorks again now." \
        b"\r\n\r\nOn Mon, Nov 2, 2026 at 9:00 Desk <desk@company.example> wrote:\r\n> How is it?\r\n--x\r\n" \
        b"Content-Disposition: attachment; filename=a.bin\r\n\r\n\xff\x00\xfe\r\n--x--"  # fmt: skip
    found = reader.read(raw, {"desk@company.example"})
    assert found.kind is MailKind.HUMAN
    assert found.answer == "Works again now."
    assert found.mail.references == ("2@x",)
    assert [(each.name, each.size) for each in found.mail.files] == [("a.bin", 3)]
    assert reader.file(raw, 0) == b"\xff\x00\xfe"
    with pytest.raises(Unreadable, match="no such file"):
        reader.file(raw, 1)
    with pytest.raises(Unreadable, match="headers"):
        reader.read(b"\x00", ())


def test_a_reason_is_for_people_whatever_a_library_prints() -> None:
    with pytest.raises(Unreadable) as refused:
        ReaderPool().read(b"Subject: x\r\n\r\nbody text here", ())
    assert str(refused.value) == "it names no sender"


@pytest.mark.parametrize("slow", [b"<div>" * 300_000, b"<div " + b"a1b2 " * 300_000 + b">", b"x<b>" * 400_000])
def test_html_that_slows_a_parser_is_read_in_time(slow: bytes) -> None:
    started = os.times()
    raw = HEAD + b"Content-Type: text/html\r\n\r\nIt jams &amp; smells.<br>" + slow + b" Help."
    pool = ReaderPool(1)
    assert pool.read(raw, ()).mail.text.startswith("It jams & smells.")
    pool.close()  # The time of a child counts once it has ended.
    used = os.times()
    assert used.children_user + used.children_system - started.children_user - started.children_system < 10


def test_a_process_that_takes_too_long_is_ended() -> None:
    with pytest.raises(Unreadable, match="more than"):
        ReaderPool(seconds=0.001).read(HEAD, ())
