"""One internal note, and every outlet of the system: it appears where staff discuss the ticket, and nowhere else."""

from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import requests
from ai_service.adapters.claude.testing import MessagesApi, says
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from launcher.ports import free_port
from psycopg2 import sql

from tests.stack import Stack, admin_url, eventually

SECRET = "Zebrafink"
PASSWORD = "seven small blue boats"
MAY_HOLD_IT = {("ticket", "comments"), ("ticket", "comment_revisions"), ("ticket", "idempotency_keys")}
"""The note and the texts before it, and the answers of a repeated request, which are kept for a day."""
OF_REQUESTERS = (
    "/api/tickets", f"/api/tickets?q={SECRET}", "/api/tickets/{ticket}", "/tickets/{uuid}",
    "/api/tickets/{ticket}/events?limit=100", "/tickets/{uuid}/events", "/api/tickets/{ticket}/comments?limit=100",
    "/api/comments/{note}", "/api/comments/{note}/revisions", "/api/audit?ticket_id={ticket}", "/api/files",
    "/api/notifications?limit=100", "/api/notifications/history?limit=100", "/api/dashboard/summary", "/api/documents",
)  # fmt: skip
OF_STAFF = (
    "/api/tickets", f"/api/tickets?q={SECRET}", "/api/tickets/{ticket}", "/api/tickets/{ticket}/events?limit=100",
    "/api/audit?ticket_id={ticket}", "/api/notifications?limit=100", "/api/notifications/history?limit=100",
    "/api/dashboard/summary", "/api/dashboard/routing", "/api/analytics/performance", "/api/analytics/trends",
    "/api/analytics/tickets", "/api/tickets/{ticket}/explanation", "/api/tickets/{ticket}/trace",
    "/api/routing/history/{ticket}", "/api/tasks", "/api/documents", "/api/evaluation", "/api/dead-letters",
)  # fmt: skip
"""What staff read besides the comments themselves: lists, records, figures and exports."""


class Mailbox:
    """A mail server that keeps what it takes."""

    def __init__(self) -> None:
        """Begin empty."""
        self.mails: list[EmailMessage] = []
        self.contents: list[bytes] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep a mail."""
        content = envelope.original_content or b""
        self.contents.append(content)
        self.mails.append(message_from_bytes(content, policy=default))  # type: ignore[arg-type]
        return "250 taken"


@pytest.fixture(scope="module")
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box, port = Mailbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


@pytest.fixture(scope="module")
def claude() -> Iterator[MessagesApi]:
    with MessagesApi() as api:
        api.always(says("IT Support", 400, "Computers."))
        yield api


@pytest.fixture(scope="module")
def stack(mailbox: tuple[Mailbox, int], claude: MessagesApi) -> Iterator[Stack]:
    """A system that sends mails and asks a model, both on this machine."""
    mail = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(mailbox[1]), "SMTP_TLS": "none", "SMTP_FROM": "a@b.example"}
    model = {"ANTHROPIC_API_KEY": "sk-ant-test", "ANTHROPIC_BASE_URL": claude.url}
    with Stack(of={"notification-service": mail, "ai-service": model, "rag-service": model}) as running:
        yield running


class Desk:
    """A requester's ticket with a public comment and an internal note, and the people around it."""

    def __init__(self, stack: Stack) -> None:
        """Add the people and let them discuss."""
        self.stack = stack
        self.ids: dict[str, int] = {}
        self.tokens = {role: self._person(role) for role in ("requester", "agent", "admin")}
        # The services that name people have heard of them.
        eventually(lambda: self.known(), lambda number: number == len(self.tokens) * 3)
        body = {"title": "VPN drops", "description": "The VPN drops every hour."}
        created = self.call("requester", "POST", "/api/tickets", body).json()
        self.ticket, self.uuid = int(created["id"]), str(created["uuid"])
        eventually(lambda: self.call("admin", "GET", f"/api/tickets/{self.ticket}").json()["department"])
        path = f"/api/tickets/{self.ticket}/comments"
        first = {"text": f"{SECRET} one", "internal": True, "mentions": [self.ids["admin"]]}
        self.note = int(self.call("agent", "POST", path, first).json()["id"])
        assert self.call("agent", "PATCH", f"/api/comments/{self.note}", {"text": f"{SECRET} two"}).ok
        assert self.call("agent", "POST", path, {"text": "We look into it."}).ok
        steps = {"steps": ["Restart it."], "comment": {"text": f"{SECRET} three", "internal": True}}
        assert self.call("agent", "POST", f"/api/tickets/{self.ticket}/solve", steps).ok

    def _person(self, role: str) -> str:
        email = f"{role}@inside.example"
        body = {"email": email, "username": f"{role} inside", "role": role, "password": PASSWORD}
        added = requests.post(f"{self.stack.url}/api/users", json=body, timeout=60)
        assert added.status_code == 201, added.text
        self.ids[role] = int(added.json()["id"])
        login = {"email": email, "password": PASSWORD}
        tokens = requests.post(f"{self.stack.url}/api/auth/login", json=login, timeout=60).json()
        return str(tokens["access_token"])

    def call(self, role: str, method: str, path: str, body: Any = None) -> requests.Response:
        """Send a request as a person."""
        headers = {"Authorization": f"Bearer {self.tokens[role]}"}
        return requests.request(method, self.stack.url + path, json=body, headers=headers, timeout=60)

    def read(self, role: str, path: str) -> str:
        """Return what a person reads at an address."""
        return self.call(role, "GET", path.format(ticket=self.ticket, uuid=self.uuid, note=self.note)).text

    def known(self) -> int:
        """Return how many people the services know that name them."""
        return sum(
            len(self.rows(f"select 1 from {schema}.users where user_id = any(%s)", list(self.ids.values())))
            for schema in ("ticket", "workflow", "notification")
        )

    def rows(self, query: Any, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query without row-level security."""
        connection = psycopg2.connect(admin_url(), dbname=self.stack.name)
        with connection, connection.cursor() as cursor:
            cursor.execute(query, values)
            found = cursor.fetchall()
        connection.close()
        return found

    def tables_with(self, text: str) -> set[tuple[str, str]]:
        """Return the tables of the whole database that hold a text in any column."""
        tables = self.rows(
            "select schemaname, tablename from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"
        )
        like = sql.SQL("select 1 from {} t where t::text like %s limit 1")
        return {
            (schema, table)
            for schema, table in tables
            if self.rows(like.format(sql.Identifier(schema, table)), f"%{text}%")
        }


@pytest.fixture(scope="module")
def desk(stack: Stack) -> Desk:
    """The discussion, once everything that follows from it has been handled."""
    desk = Desk(stack)
    kinds = "select kind from notification.notifications where user_id = %s"
    eventually(lambda: desk.rows(kinds, desk.ids["admin"]), lambda found: ("mention",) in found)
    eventually(lambda: desk.rows(kinds, desk.ids["requester"]), lambda found: ("comment",) in found)
    waiting = "select 1 from {}.outbox where published_at is null limit 1"
    schemas = [schema for (schema,) in desk.rows("select schemaname from pg_tables where tablename = 'outbox'")]
    eventually(lambda: not any(desk.rows(waiting.format(schema)) for schema in schemas))
    return desk


@pytest.mark.parametrize("path", OF_REQUESTERS)
def test_a_requester_reads_nothing_of_it(desk: Desk, path: str) -> None:
    assert SECRET not in desk.read("requester", path)


@pytest.mark.parametrize("path", OF_STAFF)
def test_staff_read_it_among_the_comments_alone(desk: Desk, path: str) -> None:
    answer = desk.call("admin", "GET", path.format(ticket=desk.ticket))
    assert answer.ok, answer.text
    assert SECRET not in answer.text


def test_staff_read_it_among_the_comments(desk: Desk) -> None:
    assert desk.read("admin", "/api/tickets/{ticket}/comments?limit=100").count(SECRET) == 2


def test_no_other_table_of_any_service_holds_it(desk: Desk) -> None:
    assert desk.tables_with(SECRET) - MAY_HOLD_IT == set()
    assert ("ticket", "comments") in desk.tables_with(SECRET)


def test_no_knowledge_answer_rests_on_it(desk: Desk) -> None:
    question = {"query": f"What is {SECRET}?", "company_id": 1, "top_k": 50}
    assert SECRET not in desk.call("admin", "POST", "/rag/retrieve", question).json()["items"].__repr__()
    for role in ("requester", "agent"):
        answer = desk.call(role, "POST", "/rag/chat", {"message": "What do you know about the VPN that drops?"})
        assert SECRET not in answer.text


def test_no_prompt_holds_it(desk: Desk, claude: MessagesApi) -> None:
    assert claude.requests, "the model was asked"
    assert SECRET not in repr(claude.requests)


def test_no_mail_holds_it(desk: Desk, mailbox: tuple[Mailbox, int]) -> None:
    box = mailbox[0]
    eventually(lambda: [mail["To"] for mail in box.mails], lambda found: "admin@inside.example" in found)
    desk.rows("update notification.deliveries set next_try_at = now() where state = 'queued' returning 1")
    eventually(lambda: desk.rows("select 1 from notification.deliveries where state in ('queued', 'sending')"), _none)
    to_requester = [mail for mail in box.mails if mail["To"] == "requester@inside.example"]
    assert to_requester, "the public comment was mailed"
    assert not [mail for mail in to_requester if "note" in str(mail)]
    assert not [content for content in box.contents if SECRET.encode() in content]


def test_no_log_and_no_file_holds_it(desk: Desk, stack: Stack) -> None:
    for path in stack.folder.rglob("*"):
        if path.is_file() and not path.is_socket():
            assert SECRET.encode() not in _content(path), path


def _none(found: list[Any]) -> bool:
    return not found


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
