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
from threading import Timer

from notification_service.adapters.mail_message import WireAddress, compose, to_lines, wire_address
from notification_service.domain.delivery import Outcome, Result
from notification_service.ports import Mail

STARTTLS, IMPLICIT, NONE = "starttls", "implicit", "none"
WHOLE_FACTOR = 4
"""A whole try may take this many times as long as one answer of the server."""
MAX_REASON_CHARACTERS = 300
NO_UTF8 = Outcome(
    Result.REFUSED,
    "the mail server does not offer SMTPUTF8, which an address with letters beyond ASCII before the @ needs",
)
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
            to = wire_address(mail.address, inside=self.inside)
            content = to_lines(compose(mail, self.sender, to))
        except ValueError as error:
            return Outcome(Result.REFUSED, _reason(str(error)))
        connection = self._new()
        watchdog = Timer(self.timeout_seconds * WHOLE_FACTOR, _cut, [connection])
        watchdog.daemon = True
        watchdog.start()
        is_handed_over = False
        try:
            self._open(connection)
            if to.needs_utf8 and not connection.has_extn("SMTPUTF8"):
                return NO_UTF8
            _expect(connection.mail(self.sender, _options(to, connection)))
            _expect_recipient(connection.rcpt(to.address))
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


def _options(to: WireAddress, connection: smtplib.SMTP) -> list[str]:
    """Return the options of MAIL FROM."""
    if not to.needs_utf8:
        return []
    # RFC 6531 wants both offered; a server that offers the first alone isn't asked for the second.
    return ["SMTPUTF8", *(["BODY=8BITMIME"] if connection.has_extn("8BITMIME") else [])]


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
