"""Mails through the whole system: from the gateway's webhook to the ticket, its answer and its files."""

import base64
import hashlib
import hmac
import time
from email.message import EmailMessage
from typing import Any

import requests

from tests.stack import Stack, eventually

DESK = "mail-desk@company.example"
ANN = "ann@mail-customer.example"


class Customer:
    """Sends mails to a desk by its webhook."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        made = requests.post(f"{stack.url}/api/mailboxes", json={"address": DESK, "provider": "generic"}, timeout=60)
        assert made.status_code == 201, made.text
        self.key = base64.b64decode(made.json()["secret"].removeprefix("whsec_"))

    def send(self, raw: bytes, *, key: bytes | None = None, **headers: str) -> requests.Response:
        """Send a mail, signed."""
        name, now = f"msg_{time.time_ns()}", str(int(time.time()))
        signature = hmac.digest(key or self.key, f"{name}.{now}.".encode() + raw, hashlib.sha256)
        signed = {
            "webhook-id": name,
            "webhook-timestamp": now,
            "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
            "Content-Type": "message/rfc822",
        }
        url = f"{self.stack.url}/webhooks/email/inbound/generic"
        return requests.post(url, raw, params={"recipient": DESK}, headers={**signed, **headers}, timeout=60)

    def get(self, path: str) -> Any:
        """Return the body of a successful GET."""
        answer = requests.get(self.stack.url + path, timeout=60)
        assert answer.ok, answer.text
        return answer.json()


def mail(text: str, message_id: str, *, answers: str = "", files: tuple[str, ...] = ()) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = ANN, DESK, "Plotter offline"
    message["Message-ID"] = message_id
    if answers:
        message["In-Reply-To"] = answers
    message.set_content(text)
    for name in files:
        message.add_attachment("connection lost", filename=name)
    return message.as_bytes()


def test_a_mail_becomes_a_ticket_and_its_answer_a_comment_with_its_file(stack: Stack) -> None:
    customer = Customer(stack)
    opening = mail("It is offline since noon.", "<1@mail-customer.example>")
    assert customer.send(opening, key=b"another").status_code == 401
    # An access token is no proof here, and a bad one no obstacle.
    answers = [customer.send(opening, Authorization="Bearer bad") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    found = eventually(lambda: customer.get("/api/tickets?q=Plotter")["tickets"], lambda tickets: len(tickets) == 1)
    ticket = found[0]
    assert (ticket["description"], ticket["user_email"]) == ("It is offline since noon.", ANN)
    answer = mail(
        "It is back online.\n\nOn Mon, Nov 2, 2026 at 9:00 Desk <desk@company.example> wrote:\n> Really?\n",
        "<2@mail-customer.example>", answers="<1@mail-customer.example>", files=("log.txt",),
    )  # fmt: skip
    assert customer.send(answer).status_code == 200
    (comment,) = eventually(
        lambda: customer.get(f"/api/tickets/{ticket['id']}/comments")["items"],
        lambda comments: bool(comments) and bool(comments[0]["files"]),
    )
    assert comment["text"] == "It is back online."
    assert comment["mail"]["sender"] == ANN
    content = f"{stack.url}/api/comments/{comment['id']}/files/{comment['files'][0]['id']}/content"
    assert requests.get(content, timeout=60).text.strip() == "connection lost"
    states = eventually(
        lambda: [(each["state"], each["ticket_id"]) for each in customer.get("/api/inbound-mails")["items"]],
        lambda found: len(found) == 2 and all(ticket_id for _, ticket_id in found),
    )
    assert states == [("published", ticket["id"])] * 2
    assert len(customer.get("/api/tickets?q=Plotter")["tickets"]) == 1
