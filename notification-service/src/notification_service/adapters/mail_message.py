"""Mails as they stand on the wire: the recipient's address, the message, its lines."""

import re
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from typing import NamedTuple

from email_validator import EmailNotValidError, validate_email

from notification_service.adapters.html_mail import html_of
from notification_service.domain.mail.classify import LOOP_HEADER
from notification_service.ports import Mail

WIRE = SMTP.clone(cte_type="7bit")
"""Every server takes seven bits."""
WIRE_UTF8 = SMTPUTF8.clone(cte_type="7bit")
"""Headers in UTF-8, for an address that can't be written otherwise."""
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LINE_WITH_DOT = re.compile(rb"^\.", re.MULTILINE)


class WireAddress(NamedTuple):
    """An address with its domain in IDNA's ASCII form."""

    address: str
    needs_utf8: bool
    """Whether letters beyond ASCII stand before the @, which servers with SMTPUTF8 alone take."""


def wire_address(address: str, *, inside: bool) -> WireAddress:
    """Return an address as mail servers get it; raise ValueError for what is no single address."""
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
    if found.ascii_email is not None:
        return WireAddress(str(found.ascii_email), needs_utf8=False)
    return WireAddress(f"{found.local_part}@{found.ascii_domain}", needs_utf8=True)


def compose(mail: Mail, sender: str, to: WireAddress) -> EmailMessage:
    """Return the message; raise ValueError for a header that would be two."""
    message = EmailMessage(policy=WIRE_UTF8 if to.needs_utf8 else WIRE)
    message["From"] = sender
    message["To"] = to.address
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
