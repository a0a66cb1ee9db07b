"""Mails as customers send them: plain text, HTML, other charsets, answers, files, programs' mails, each of its own."""

import base64
import hashlib
import hmac
import time
from email.message import EmailMessage
from urllib.parse import urlsplit

DESK = "desk@company.example"
PATH = f"/webhooks/email/inbound/generic?recipient={DESK}"
KINDS = 10
ANSWERED = 200
"""An answer names the mail of so many numbers before."""
_TEXT = (
    "Good morning,\n\nsince yesterday the printer on the second floor takes no job from my computer. The display"
    " shows code {number}.\nI have switched it off and on, and a colleague has the same.\n\nKind regards\nAnn Example\n"
)
_GERMAN = "Guten Tag,\n\nder Drucker im zweiten Stock läuft nicht, Störung {number}. Für Hilfe danke ich.\n\nGrüße\n"
_GREEK = "Καλημέρα,\n\nο εκτυπωτής δεν λειτουργεί, κωδικός {number}. Ευχαριστώ πολύ για τη βοήθεια.\n"
_HTML = (
    "<html><head><style>p {{color: red}}</style></head><body><table><tr><td><p>Hello desk,</p><p>my account is locked"
    " again, case <b>{number}</b>. <a href='https://intranet.example/x'>The page</a> shows nothing else.</p>"
    "<img src='https://pixel.example/1.gif'></td></tr></table></body></html>"
)


def message_id(number: int) -> str:
    """Return the Message-ID of a mail, without brackets."""
    return f"{number}.bench@customer.example"


def is_answer(number: int) -> bool:
    """Return whether a mail answers an earlier one."""
    return number % KINDS in (7, 8) and number >= ANSWERED


def mail(number: int) -> bytes:
    """Write the mail of this number: of ten each other kind, two of them answers."""
    made, kind = EmailMessage(), number % KINDS
    made["From"] = f"Ann Example <ann{number % 500}@customer.example>"
    made["To"], made["Message-ID"] = DESK, f"<{message_id(number)}>"
    made["Subject"] = f"{'Re: ' if is_answer(number) else ''}Mail {number}"
    made["Date"] = "Mon, 30 Nov 2026 09:00:00 +0000"
    text = _TEXT.format(number=number)
    if is_answer(number):
        made["In-Reply-To"] = f"<{message_id(number - ANSWERED)}>"
        quoted = "".join(f"> {line}\n" for line in text.split("\n"))
        text = f"It still does, thank you {number}.\n\nOn Mon, 30 Nov 2026 at 09:00, Desk <{DESK}> wrote:\n{quoted}"
    if kind == 1:
        made.set_content(_HTML.format(number=number), subtype="html")
    elif kind == 2:
        made.set_content(text)
        made.add_alternative(_HTML.format(number=number), subtype="html")
    elif kind == 3:
        made.set_content(_GERMAN.format(number=number), charset="iso-8859-1")
    elif kind == 4:
        made.set_content(_GREEK.format(number=number), charset="iso-8859-7")
    elif kind == 5:
        made.set_content(text)
        made.add_attachment(f"log {number}\n".encode() * 1_500, maintype="text", subtype="plain", filename="log.txt")
    elif kind == 6:
        made.set_content("Größe und Maße: " + _GERMAN.format(number=number))
    else:
        made.set_content(text)
    return made.as_bytes()


def signed(number: int, secret: str, url: str) -> bytes:
    """Write the request that brings a mail, signed now as Standard Webhooks has it."""
    raw, sent_at, name = mail(number), str(int(time.time())), f"msg_{number}"
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(key, f"{name}.{sent_at}.".encode() + raw, hashlib.sha256)).decode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nContent-Type: message/rfc822\r\n"
        f"Content-Length: {len(raw)}\r\nwebhook-id: {name}\r\nwebhook-timestamp: {sent_at}\r\n"
        f"webhook-signature: v1,{signature}\r\n\r\n"
    )
    return head.encode() + raw
