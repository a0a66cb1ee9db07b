"""The people of a help desk: a requester, agents who mention each other, and customers who write mails."""

import base64
import hashlib
import hmac
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import requests

from tests.chaos.people_checker import MailIn, Notice
from tests.chaos.people_servers import put_mail

PASSWORD = "seven small blue boats"
RITA, ANTON, AGATHA = "rita@desk.example", "anton@desk.example", "agatha@desk.example"
ROLES = {RITA: "requester", ANTON: "agent", AGATHA: "agent"}
HOOK_BOX, IMAP_BOX = "desk@hooks.example", "desk@mailbox.example"
PATIENCE_SECONDS = 120
PAUSE_SECONDS = 0.3
CALL_SECONDS = 20
ANSWERS = 0.35
"""The share of mails that answer one of before."""
SENT_TWICE = 0.2
"""The share of mails that go to both mailboxes."""


@dataclass
class Desk:
    """What people use, and what they have done: each act has a mark of its own, by which it is found again."""

    url: str
    folder: Path
    seed: int
    users: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    key: bytes = b""
    """Signs the mails that come by webhook."""
    mails_in: list[MailIn] = field(default_factory=list)
    senders: dict[str, str] = field(default_factory=dict)
    """The address that each mail is from, by its mark."""
    posts: list[str] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    tickets: list[int] = field(default_factory=list)
    """Those of the requester."""
    refused: list[str] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    last_uid: int = 0
    """The number of the newest mail in the mailbox that is read by IMAP."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def mark(self) -> str:
        """Return a text that nothing else has."""
        return f"mark-{self.seed}-{next(self._numbers)}"

    def call(self, who: str, method: str, path: str, body: Any, **headers: str) -> requests.Response | None:
        """Send a request until it is answered with a success; None, and a note, where it never is."""
        sent = {"Authorization": f"Bearer {self.tokens[who]}", "Prefer": "respond-async", **headers}
        return self._until_taken(
            f"{method} {path}",
            lambda: requests.request(method, self.url + path, json=body, headers=sent, timeout=CALL_SECONDS),
        )

    def post(self, who: str, path: str, body: dict[str, Any], mark: str) -> Any:
        """Post something under a key and return it; None where that never succeeded."""
        answer = self.call(who, "POST", path, body, **{"Idempotency-Key": mark})
        if answer is None:
            return None
        self.posts.append(mark)
        return answer.json()

    def send_by_hook(self, mail: MailIn, raw: bytes) -> bool:
        """Send a mail as a provider does, until it is taken; return whether it was."""
        name, url = f"msg_{mail.mark}", f"{self.url}/webhooks/email/inbound/generic"

        def send() -> requests.Response:
            now = str(int(time.time()))
            signature = hmac.digest(self.key, f"{name}.{now}.".encode() + raw, hashlib.sha256)
            headers = {
                "webhook-id": name,
                "webhook-timestamp": now,
                "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
                "Content-Type": "message/rfc822",
            }
            return requests.post(url, raw, params={"recipient": HOOK_BOX}, headers=headers, timeout=CALL_SECONDS)

        return self._until_taken(f"mail {mail.mark}", send) is not None

    def put_by_imap(self, raw: bytes) -> None:
        """Put a mail into the mailbox; a higher number is never there before a lower one."""
        with self._lock:
            put_mail(self.folder, self.last_uid + 1, raw)
            self.last_uid += 1

    def _until_taken(self, what: str, send: Callable[[], requests.Response]) -> requests.Response | None:
        deadline, last = time.monotonic() + PATIENCE_SECONDS, ""
        while time.monotonic() < deadline:
            try:
                answer = send()
            except requests.RequestException as error:
                last = type(error).__name__
            else:
                if answer.ok:
                    return answer
                last = f"{answer.status_code} {answer.text[:200]}"
                if answer.status_code < 500 and answer.status_code not in (409, 429):
                    break
            time.sleep(PAUSE_SECONDS)
        self.refused.append(f"{what}: {last}")
        return None


def write_ticket(desk: Desk, _: Random) -> None:
    """Let the requester write a ticket, whose receipt is a mail."""
    mark = desk.mark()
    body = {"title": f"Plotter {mark}", "description": mark, "user_name": "Rita", "user_email": RITA}
    ticket = desk.post(RITA, "/api/tickets", body, mark)
    if ticket is not None:
        desk.notices.append(Notice("received", RITA, ticket["id"]))
        desk.tickets.append(ticket["id"])


def write_comment(desk: Desk, random: Random) -> None:
    """Let an agent comment on one of the requester's tickets, and perhaps mention the other agent."""
    if not desk.tickets:
        return
    author, other = random.sample([ANTON, AGATHA], 2)
    ticket, mark, mentions = random.choice(desk.tickets), desk.mark(), random.random() < 0.5
    body: dict[str, Any] = {"text": mark, "mentions": [desk.users[other]] if mentions else []}
    if desk.post(author, f"/api/tickets/{ticket}/comments", body, mark) is not None:
        desk.notices.append(Notice("comment", RITA, ticket))
        desk.notices += [Notice("mention", other, ticket)] if mentions else []


def change_status(desk: Desk, random: Random) -> None:
    """Let an agent begin with a ticket."""
    if desk.tickets:
        ticket = random.choice(desk.tickets)
        desk.call(ANTON, "PUT", f"/api/tickets/{ticket}/status", {"status": "in_progress"})


class MailWriter:
    """Writes mails by one way; some answer earlier ones, some go to both mailboxes."""

    def __init__(self, way: str) -> None:
        """`way` is `hook` or `imap`."""
        self._way = way
        self._sent: list[MailIn] = []

    def __call__(self, desk: Desk, random: Random) -> None:
        """Write a mail and send it."""
        mark = desk.mark()
        answered = random.choice(self._sent) if self._sent and random.random() < ANSWERS else None
        sender = desk.senders[answered.mark] if answered else random.choice([RITA, f"{mark}@customer.example"])
        copies = 2 if random.random() < SENT_TWICE else 1
        mail = MailIn(mark, f"{mark}@customer.example", answered.mark if answered else None, copies)
        raw = _raw(mail, sender, IMAP_BOX if self._way == "imap" else HOOK_BOX, answered)
        desk.senders[mark] = sender
        if self._way == "imap" or copies == 2:
            desk.put_by_imap(raw)
        if (self._way == "hook" or copies == 2) and not desk.send_by_hook(mail, raw):
            return
        desk.mails_in.append(mail)
        if answered is None:
            self._sent.append(mail)


def _raw(mail: MailIn, sender: str, to: str, answered: MailIn | None) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = sender, to
    message["Subject"] = f"Plotter {mail.mark}"
    message["Message-ID"] = f"<{mail.message_id}>"
    if answered is not None:
        message["In-Reply-To"] = f"<{answered.message_id}>"
    message.set_content(mail.mark)
    return message.as_bytes()


class PeopleLoad:
    """Several people at once, `per_second` acts each; ends when the last act has its answer."""

    def __init__(self, desk: Desk, *, per_second: float = 1.0) -> None:
        """Begin with nothing."""
        acts: list[Callable[[Desk, Random], None]] = [
            write_ticket, write_comment, change_status, MailWriter("hook"), MailWriter("imap"),
        ]  # fmt: skip
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(
                target=self._run, args=(desk, act, Random(f"{desk.seed}-{number}"), per_second), daemon=True
            )
            for number, act in enumerate(acts)
        ]

    def __enter__(self) -> "PeopleLoad":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS + CALL_SECONDS)

    def _run(self, desk: Desk, act: Callable[[Desk, Random], None], random: Random, per_second: float) -> None:
        while not self._ended.wait(random.expovariate(per_second)):
            act(desk, random)
