"""Mails to send to a mailbox, and their signatures by each provider."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from email.message import EmailMessage
from itertools import count
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from werkzeug.test import TestResponse

from .conftest import Api

DESK = "desk@company.example"
_NUMBERS = count(1)


def mail(
    text: str = "It jams.",
    *,
    sender: str = "Ann <ann@customer.example>",
    to: str = DESK,
    subject: str = "Printer",
    message_id: str = "",
    files: dict[str, bytes] | None = None,
    **headers: str,
) -> bytes:
    """Return a mail; `headers` are further ones, with underscores for hyphens."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = message_id or f"<{next(_NUMBERS)}.{time.time_ns()}@customer.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    for name, content in (files or {}).items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


@dataclass
class Sender:
    """Sends mails to one mailbox by a provider's webhook, signed with its secret."""

    api: Api
    secret: str
    address: str = DESK

    def generic(self, raw: bytes, *, recipient: str = "", at: float | None = None, **headers: str) -> TestResponse:
        """Send a mail as the provider `generic`."""
        sent_at = str(int(time.time() if at is None else at))
        name = f"msg_{next(_NUMBERS)}"
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        signature = base64.b64encode(hmac.digest(key, f"{name}.{sent_at}.".encode() + raw, hashlib.sha256)).decode()
        sent = {"webhook-id": name, "webhook-timestamp": sent_at, "webhook-signature": f"v1,{signature}"}
        sent |= {"Content-Type": "message/rfc822"} | {each.replace("_", "-"): value for each, value in headers.items()}
        path = "/webhooks/email/inbound/generic"
        query = {"recipient": recipient or self.address}
        return self.api.client.post(path, data=raw, headers=sent, query_string=query)

    def mailgun(self, raw: bytes, *, token: str = "", at: float | None = None, **changes: Any) -> TestResponse:
        """Send a mail as Mailgun does."""
        sent_at, token = str(int(time.time() if at is None else at)), token or f"token{next(_NUMBERS)}"
        signature = hmac.new(self.secret.encode(), (sent_at + token).encode(), hashlib.sha256).hexdigest()
        form = {"recipient": self.address, "timestamp": sent_at, "token": token, "signature": signature,
                "body-mime": raw} | changes  # fmt: skip
        boundary = b"--frontier"
        body = b"".join(
            boundary + b'\r\nContent-Disposition: form-data; name="%s"\r\n\r\n' % name.encode()
            + (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
            for name, value in form.items()
        ) + boundary + b"--\r\n"  # fmt: skip
        kind = "multipart/form-data; boundary=frontier"
        return self.api.client.post("/webhooks/email/inbound/mailgun?format=mime", data=body, content_type=kind)

    def postmark(self, raw: bytes, *, password: str = "") -> TestResponse:
        """Send a mail as Postmark does."""
        body = {"OriginalRecipient": self.address, "ToFull": [{"Email": self.address}], "RawEmail": raw.decode()}
        return self.api.client.post(
            "/webhooks/email/inbound/postmark", data=json.dumps(body), content_type="application/json",
            auth=("desk", password or self.secret),
        )  # fmt: skip


class SendGridKey:
    """A key of a security policy at SendGrid."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.public = base64.b64encode(
            self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        ).decode()

    def send(self, api: Api, raw: bytes, *, to: str = DESK, tamper: bytes = b"") -> TestResponse:
        """Send a mail as SendGrid does."""
        body = b"".join(
            b'--xYz\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name, value)
            for name, value in ((b"envelope", json.dumps({"to": [to], "from": "a@b"}).encode()), (b"email", raw))
        ) + b"--xYz--\r\n"  # fmt: skip
        sent_at = str(int(time.time()))
        signature = base64.b64encode(self._key.sign(sent_at.encode() + body, ec.ECDSA(SHA256()))).decode()
        headers = {
            "Content-Type": "multipart/form-data; boundary=xYz",
            "X-Twilio-Email-Event-Webhook-Signature": signature,
            "X-Twilio-Email-Event-Webhook-Timestamp": sent_at,
        }
        return api.client.post("/webhooks/email/inbound/sendgrid", data=body + tamper, headers=headers)
