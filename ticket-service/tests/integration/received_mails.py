"""Delivers mails to ticket-service, and stands in for the service that has their files."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from eventbus.contracts import Contracts
from eventbus.event import Message
from eventbus.testing.events import deliver, make_message
from service_kit.telemetry.metrics import Metrics
from smartticket_contracts import folder
from ticket_service import service
from ticket_service.ports import MailFileGone, MailFilesDown
from ticket_service.settings import Settings
from ticket_service.usecases.fetch_mail_files import MailFileTools

from ..conftest import Api

Rows = Callable[..., list[tuple[Any, ...]]]
CONTRACTS = Contracts.load(folder())
ANN, EVE = "ann@customer.example", "eve@evil.example"


class Source:
    """The files of mails, and whether they can be had."""

    def __init__(self) -> None:
        self.files: dict[tuple[int, int, int], bytes] = {}
        self.is_down = False

    def content(self, company_id: int, mail_id: int, position: int) -> bytes:
        """Return a file."""
        if self.is_down:
            raise MailFilesDown("down")
        if (company_id, mail_id, position) not in self.files:
            raise MailFileGone
        return self.files[company_id, mail_id, position]


class Mails:
    """Delivers mails as the worker does."""

    def __init__(self, settings: Settings) -> None:
        self.process = service.SERVICE.instance(settings, Metrics(service.SERVICE.name))
        self._database, self._subscriptions = self.process.database, self.process.subscriptions()
        self.source = Source()
        self.tools = MailFileTools(self._database, self.process.dependencies.storage, self.source)
        self._count = 0

    def make(self, *, company: int = 1, files: dict[str, bytes] | None = None, **body: Any) -> Message:
        """Return `mail.received`."""
        self._count += 1
        number = self._count
        listed = [
            {"position": position, "name": name, "content_type": "x/y", "size_bytes": len(content)}
            for position, (name, content) in enumerate((files or {}).items())
        ]
        for position, content in enumerate((files or {}).values()):
            self.source.files[company, number, position] = content
        content = {"mail_id": number, "message_id": f"{number}@x", "files": listed, "sender_email": ANN} | body
        return make_message(
            CONTRACTS, "mail.received", content, source="notification-service", subject=f"mail:{number}",
            company=company,
        )  # fmt: skip

    def deliver(self, *messages: Message) -> None:
        """Deliver messages one by one."""
        for message in messages:
            deliver(self._database, CONTRACTS, service.SERVICE.name, self._subscriptions, [message])

    def send(self, **body: Any) -> None:
        """Deliver one mail."""
        self.deliver(self.make(**body))


@pytest.fixture
def mails(api: Api, read: Callable[..., Settings]) -> Iterator[Mails]:
    """Deliver mails to an empty service."""
    found = Mails(read())
    yield found
    found.process.close()


def comments_of(api: Api, ticket: int = 0) -> list[dict[str, Any]]:
    ticket = ticket or api.get("/api/tickets")["tickets"][0]["id"]
    return list(api.get(f"/api/tickets/{ticket}/comments")["items"])


def the_ticket(api: Api) -> dict[str, Any]:
    (ticket,) = api.get("/api/tickets")["tickets"]
    return dict(ticket)
