"""Which kind a mail is: a person's, a program's, a report of a mail server, or one that this system has sent."""

import re
from collections.abc import Callable, Collection

from notification_service.domain.mail.message import MailKind, ReadMail

LOOP_HEADER = "X-SmartTicket-Loop"
_AUTOMATIC_HEADERS = ("x-auto-response-suppress", "list-id", "x-autoreply", "x-autorespond")
_AUTOMATIC_PRECEDENCES = {"bulk", "junk", "list", "auto_reply"}
_DAEMON = re.compile(r"(?:mailer-daemon|mail-daemon|postmaster)\b.*", re.DOTALL)
_NO_REPLY = re.compile(r"(?:no|do-?not)[-_.]?reply\b.*", re.DOTALL)
_REPORT_WORDS = re.compile(
    r"undeliver|delivery (?:status|fail|problem|error)|(?:mail|message).{0,20}(?:fail|return|not delivered)"
    r"|returned mail|failure notice|delayed|unzustellbar",
    re.IGNORECASE,
)


def classify(mail: ReadMail, own_addresses: Collection[str], reports_failures: Callable[[], bool]) -> MailKind:
    """Return a mail's kind, from strong signs to weak ones.

    `own_addresses` are the addresses that this system sends from; `reports_failures` searches the mail for the report
    of a mail server, which takes longer than the rest.
    """
    if mail.headers.get(LOOP_HEADER.lower()) or mail.sender.lower() in own_addresses:
        # A bounce quotes the header in its content, where it is no header of the bounce.
        return MailKind.LOOP
    if mail.content_type == "multipart/report":
        return MailKind.BOUNCE if mail.report_type in ("delivery-status", "") else MailKind.AUTOMATIC
    if _is_report(mail, reports_failures):
        return MailKind.BOUNCE
    return MailKind.AUTOMATIC if _is_automatic(mail) else MailKind.HUMAN


def _is_report(mail: ReadMail, reports_failures: Callable[[], bool]) -> bool:
    local = mail.sender.lower().partition("@")[0]
    from_daemon = _DAEMON.fullmatch(local) is not None or not mail.sender
    if mail.headers.get("x-failed-recipients"):
        return True
    if from_daemon and (_has_null_path(mail) or _REPORT_WORDS.search(mail.subject)):
        return True
    suspicious = from_daemon or _has_null_path(mail) or _REPORT_WORDS.search(mail.subject) is not None
    return suspicious and reports_failures()


def _is_automatic(mail: ReadMail) -> bool:
    if _has_null_path(mail) or any(mail.headers.get(name) for name in _AUTOMATIC_HEADERS):
        return True
    submitted = mail.header("auto-submitted").partition(";")[0].strip().lower()
    if submitted not in ("", "no"):
        return True
    if mail.header("precedence").strip().lower() in _AUTOMATIC_PRECEDENCES:
        return True
    local = mail.sender.lower().partition("@")[0]
    return bool(_DAEMON.fullmatch(local) or _NO_REPLY.fullmatch(local))


def _has_null_path(mail: ReadMail) -> bool:
    return any(value.strip() == "<>" for value in mail.headers.get("return-path", ()))
