"""The SMTP client against a real server."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from notification_service.adapters.smtp import SmtpMailer
from notification_service.domain.delivery import Result
from notification_service.ports import Mail
from notification_service.settings import read_settings
from service_kit.settings import BadSettings
from service_kit.testing.certificates import write_certificate

from ..mail_server import DROP, HANG, MailServer, mail_server
from .mail_fixtures import text_of

MAIL = Mail("ann@example.com", "Ticket 42 is übrig", "One line\n.\n..\nFrom here\r.\rä\n", "<1@desk.example>")


def mailer(server: MailServer, **options: object) -> SmtpMailer:
    made = SmtpMailer("127.0.0.1", server.port, "none", "desk@desk.example", timeout_seconds=30)
    return replace(made, **options)  # type: ignore[arg-type]


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A server that takes everything."""
    with mail_server() as served:
        yield served


def test_a_mail_arrives_as_it_was_written(server: MailServer) -> None:
    assert mailer(server).send(MAIL).result is Result.SENT
    (mail,) = server.mails
    assert text_of(mail).replace("\r\n", "\n") == "One line\n.\n..\nFrom here\n.\nä\n"
    assert (mail["Subject"], mail["From"], mail["To"]) == (MAIL.subject, "desk@desk.example", "ann@example.com")
    assert (mail["Message-ID"], mail["Auto-Submitted"]) == (MAIL.message_id, "auto-generated")
    assert mail["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert server.recipients == ["ann@example.com"]


def test_a_mail_has_the_same_as_html_with_every_character_escaped(server: MailServer) -> None:
    text = "Line <b>one</b>\nline & two\n\n\n<script>x</script>"
    mailer(server).send(replace(MAIL, subject='"<1>"', text=text, footer="See <preferences>"))
    (mail,) = server.mails
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert text_of(mail).replace("\r\n", "\n") == f"{text}\n\n-- \nSee <preferences>\n"
    body = mail.get_body(("html",))
    assert body is not None
    html = body.get_content().replace("\r\n", "\n")
    assert "<title>&#34;&lt;1&gt;&#34;</title>" in html
    assert "<p>Line &lt;b&gt;one&lt;/b&gt;<br>\nline &amp; two</p>\n<p>&lt;script&gt;x&lt;/script&gt;</p>" in html
    assert "See &lt;preferences&gt;" in html
    assert "<script" not in html


@pytest.mark.parametrize(
    ("answers", "result"),
    [
        ({"rcpt": "451 later"}, Result.POSTPONED),
        ({"rcpt": "550 no such mailbox"}, Result.REFUSED),
        ({"rcpt": DROP}, Result.POSTPONED),
        ({"data": "451 later"}, Result.POSTPONED),
        ({"data": "550 refused"}, Result.REFUSED),
        ({"data": DROP}, Result.UNKNOWN),
    ],
)
def test_what_is_known_after_a_failure(answers: dict[str, str], result: Result) -> None:
    with mail_server(**answers) as server:
        outcome = mailer(server).send(MAIL)
        assert outcome.result is result
        assert outcome.reason


@pytest.mark.parametrize(("answers", "result"), [({"rcpt": HANG}, Result.POSTPONED), ({"data": HANG}, Result.UNKNOWN)])
def test_a_server_that_does_not_answer_costs_a_bounded_time(answers: dict[str, str], result: Result) -> None:
    with mail_server(**answers) as server:
        assert mailer(server, timeout_seconds=0.5).send(MAIL).result is result


def test_a_server_that_sends_octet_by_octet_costs_a_bounded_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            connection, _ = listening.accept()
            connection.settimeout(0.1)
            with connection:
                for _ in range(600):
                    try:
                        connection.sendall(b"2")
                        if connection.recv(1) == b"":
                            return
                    except TimeoutError:
                        continue
                    except OSError:
                        return

        thread = Thread(target=drip)
        thread.start()
        made = SmtpMailer("127.0.0.1", listening.getsockname()[1], "none", "desk@desk.example", timeout_seconds=0.5)
        assert made.send(MAIL).result is Result.POSTPONED
        thread.join(60)
        assert not thread.is_alive()


def test_a_server_that_is_not_there_may_come_back() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert SmtpMailer("127.0.0.1", port, "none", "desk@desk.example").send(MAIL).result is Result.POSTPONED


@pytest.mark.parametrize(
    "address",
    ["a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example", "nobody", "", "<a@b.example>"],
)
def test_what_is_no_single_address_is_never_offered(server: MailServer, address: str) -> None:
    assert mailer(server).send(replace(MAIL, address=address)).result is Result.REFUSED
    assert server.offered == 0


def test_an_address_with_an_umlaut_gets_its_mail_where_the_server_offers_smtputf8(server: MailServer) -> None:
    assert mailer(server).send(replace(MAIL, address="jörg@büro.example")).result is Result.SENT
    assert server.recipients == ["jörg@xn--bro-hoa.example"]
    (content,) = server.contents
    assert "\r\nTo: jörg@xn--bro-hoa.example\r\n".encode() in content
    (mail,) = server.mails
    assert text_of(mail).startswith("One line")


def test_an_address_with_an_umlaut_fails_with_a_reason_where_the_server_lacks_smtputf8() -> None:
    with mail_server(utf8=False) as server:
        outcome = mailer(server).send(replace(MAIL, address="jörg@b.example"))
        assert (outcome.result, outcome.is_bounce, server.offered) == (Result.REFUSED, False, 0)
        assert "SMTPUTF8" in outcome.reason
        assert mailer(server).send(MAIL).result is Result.SENT


def test_an_umlaut_in_the_domain_needs_no_smtputf8() -> None:
    with mail_server(utf8=False) as server:
        assert mailer(server).send(replace(MAIL, address="ann@büro.example")).result is Result.SENT
        assert server.recipients == ["ann@xn--bro-hoa.example"]


def test_a_subject_cannot_become_two_headers(server: MailServer) -> None:
    assert mailer(server).send(replace(MAIL, subject="a\r\nBcc: c@d.example")).result is Result.REFUSED
    assert server.mails == []


def test_without_starttls_nothing_is_sent_in_clear(server: MailServer) -> None:
    outcome = mailer(server, tls="starttls", user="u", password="p").send(MAIL)
    assert outcome.result is Result.POSTPONED
    assert "STARTTLS" in outcome.reason
    assert server.offered == 0


def test_mails_are_encrypted_by_starttls_and_the_certificate_is_checked(certificate: tuple[Path, Path]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with mail_server(context) as server:
        trusting = ssl.create_default_context(cafile=str(certificate[0]))
        assert mailer(server, tls="starttls", context=trusting).send(MAIL).result is Result.SENT
        assert mailer(server, tls="starttls").send(MAIL).result is Result.POSTPONED
        assert len(server.mails) == 1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 that signs itself, and its key."""
    return write_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"SMTP_FROM": ""}, "SMTP_FROM"),
        ({"SMTP_FROM": "Desk <desk@desk.example>"}, "SMTP_FROM"),
        ({"SMTP_HOST": "mail.example", "SMTP_TLS": "none"}, "SMTP_TLS"),
        ({"SMTP_TLS": "maybe"}, "SMTP_TLS"),
        ({"SMTP_USER": "desk"}, "SMTP_PASSWORD"),
    ],
)
def test_settings_that_would_send_in_clear_or_as_nobody_stop_the_start(changes: dict[str, str], fault: str) -> None:
    good = {"SMARTTICKET_ENV": "development", "SMTP_HOST": "127.0.0.1", "SMTP_TLS": "none", "SMTP_FROM": "a@b.example"}
    assert read_settings(good).smtp_host == "127.0.0.1"
    with pytest.raises(BadSettings) as refused:
        read_settings(good | changes)
    assert fault in str(refused.value)
    assert read_settings({"SMARTTICKET_ENV": "development"}).smtp_host == ""
