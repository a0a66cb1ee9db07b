"""Gives mails to a mail server by SMTP.

Up to the end of the content nothing is taken by the server: a failure then may be tried again. Between the end of the
content and the server's answer nobody knows whether it was taken: a failure then is unknown.
"""

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from threading import Timer

from email_validator import EmailNotValidError, validate_email

from notification_service.adapters.html_mail import html_of
from notification_service.domain.delivery import Outcome, Result
from notification_service.domain.mail.classify import LOOP_HEADER
from notification_service.ports import Mail

STARTTLS, IMPLICIT, NONE = "starttls", "implicit", "none"
WHOLE_FACTOR = 4
"""A whole try may take this many times as long as one answer of the server."""
MAX_REASON_CHARACTERS = 300
WIRE = SMTP.clone(cte_type="7bit")
"""Every server takes seven bits."""
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LINE_WITH_DOT = re.compile(rb"^\.", re.MULTILINE)
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")


class Answered(Exception):
    """The server has answered otherwise than with success."""

    def __init__(self, code: int, text: bytes, *, is_final: bool = True) -> None:
        """`is_final`: a code of 500 and more is about this mail."""
        super().__init__(f"{code} {text.decode('ascii', 'replace')}")
        self.outcome = Outcome(Result.REFUSED if is_final and code >= 500 else Result.POSTPONED, _reason(str(self)))


@dataclass(frozen=True)
class SmtpMailer:
    """One mail per connection: a server that fails delays that mail alone."""

    host: str
    port: int
    tls: str
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    timeout_seconds: float = 30.0
    inside: bool = False
    """Whether addresses are accepted that only a company's own server delivers."""
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    def send(self, mail: Mail) -> Outcome:
        """Offer a mail once and return what is known then."""
        try:
            address = ascii_address(mail.address, inside=self.inside)
            content = to_lines(compose(mail, self.sender, address))
        except ValueError as error:
            return Outcome(Result.REFUSED, _reason(str(error)))
        connection = self._new()
        watchdog = Timer(self.timeout_seconds * WHOLE_FACTOR, _cut, [connection])
        watchdog.daemon = True
        watchdog.start()
        is_handed_over = False
        try:
            self._open(connection)
            _expect(connection.mail(self.sender))
            _expect_recipient(connection.rcpt(address))
            _expect(connection.docmd("DATA"), 354)
            connection.send(content)
            is_handed_over = True  # From here on the line that ends the mail may have arrived.
            connection.send(b".\r\n")
            code, text = connection.getreply()
            return Outcome(Result.SENT, _reason(text.decode("ascii", "replace"))) if code == 250 else _judge(code, text)
        except Answered as answered:
            return answered.outcome
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(Result.UNKNOWN if is_handed_over else Result.POSTPONED, _fault(error))
        finally:
            watchdog.cancel()
            _leave(connection)

    def _new(self) -> smtplib.SMTP:
        domain = self.sender.rpartition("@")[2]
        made: smtplib.SMTP
        if self.tls == IMPLICIT:
            made = smtplib.SMTP_SSL(local_hostname=domain, timeout=self.timeout_seconds, context=self.context)
        else:
            made = smtplib.SMTP(local_hostname=domain, timeout=self.timeout_seconds)
        # The constructor would set it, and connect before the watchdog could see the connection. TLS checks the
        # certificate against it.
        made._host = self.host  # type: ignore[attr-defined]
        return made

    def _open(self, connection: smtplib.SMTP) -> None:
        """Connect, encrypt and sign in. A refusal here is about this program, not about the mail."""
        _expect(connection.connect(self.host, self.port), 220, is_final=False)
        connection.ehlo_or_helo_if_needed()
        if self.tls == STARTTLS:
            connection.starttls(context=self.context)  # raises where the server doesn't offer it
            connection.ehlo_or_helo_if_needed()
        if self.user:
            connection.login(self.user, self.password)


def compose(mail: Mail, sender: str, address: str) -> EmailMessage:
    """Return the message; raise ValueError for a header that would be two."""
    message = EmailMessage(policy=WIRE)
    message["From"] = sender
    message["To"] = address
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = mail.message_id
    if mail.reply_to is not None:
        message["Reply-To"] = mail.reply_to
    if mail.thread_id is not None:
        message["References"] = mail.thread_id
    message[LOOP_HEADER] = "1"
    # Nobody's out-of-office answers it. `All` would suppress bounces too.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    if mail.unsubscribe_url:
        # RFC 8058: mail programs send a POST there, and nothing follows the address before.
        message["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(f"{mail.text}\n\n-- \n{mail.footer}\n" if mail.footer else mail.text)
    message.add_alternative(html_of(mail.subject, mail.text, mail.footer), subtype="html")
    return message


def to_lines(message: EmailMessage) -> bytes:
    """Return the content of a mail as SMTP sends it, without the line that ends it.

    Every line ends with CR and LF, and one that begins with a dot has two: nothing in it can end the mail.
    """
    content = _LINE_END.sub(b"\r\n", message.as_bytes())
    return _LINE_WITH_DOT.sub(b"..", content if content.endswith(b"\r\n") else content + b"\r\n")


def ascii_address(address: str, *, inside: bool) -> str:
    """Return an address with its domain in IDNA's ASCII form; raise ValueError for what is no single address."""
    try:
        found = validate_email(
            address,
            check_deliverability=False,
            globally_deliverable=False,
            allow_quoted_local=inside,
            allow_domain_literal=inside,
        )
    except EmailNotValidError as error:
        raise ValueError(f"not an e-mail address: {error}") from None
    if found.ascii_email is None:
        raise ValueError("the address has letters before the @ that this mail server may not know")
    return str(found.ascii_email)


def _expect(answer: tuple[int, bytes], *accepted: int, is_final: bool = True) -> None:
    code, text = answer
    if code not in (accepted or (250, 251)):
        raise Answered(code, text, is_final=is_final)


def _expect_recipient(answer: tuple[int, bytes]) -> None:
    try:
        _expect(answer)
    except Answered as answered:
        # 5.7 is about what the sender may do, such as a relay that is denied, and not about the address.
        if answer[0] >= 500 and not answer[1].lstrip().startswith(b"5.7."):
            answered.outcome = replace(answered.outcome, is_bounce=True)
        raise


def _judge(code: int, text: bytes) -> Outcome:
    return Answered(code, text).outcome


def _fault(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _reason(f"{error.smtp_code} {error.smtp_error!r}")
    return _reason(f"{type(error).__name__}: {error}")


def _reason(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text)[:MAX_REASON_CHARACTERS].strip()


def _cut(connection: smtplib.SMTP) -> None:
    """End a connection that takes too long: what waits for it then gets an error."""
    if connection.sock is not None:
        with suppress(OSError):
            # Not the method of a TLS socket, which would take the connection from under the thread that reads it.
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


def _leave(connection: smtplib.SMTP) -> None:
    with suppress(OSError, smtplib.SMTPException):
        if connection.sock is not None:
            connection.putcmd("QUIT")  # its answer says nothing about the mail
    connection.close()
