"""A notification-service on a real PostgreSQL, callers of several companies, and events as the bus delivers them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import smartticket_contracts
from eventbus.contracts import Contracts
from eventbus.event import Message
from eventbus.testing.events import deliver, make_message
from flask import Flask
from notification_service import service
from notification_service.settings import Settings
from service_kit.database.engine import Database
from service_kit.telemetry.metrics import Metrics
from service_kit.testing.calls import Calls
from service_kit.testing.fixtures import ServiceDatabaseFactory
from service_kit.testing.postgres import ServiceDatabase

from .live_client import Live, live_settings

pytest_plugins = ["service_kit.testing.fixtures"]

MAIL = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": "1", "SMTP_TLS": "none", "SMTP_FROM": "desk@desk.example"}
"""A mail server, so that mails are queued; nothing sends them but tests that name another port."""
WEBHOOKS = {"WEBHOOK_PORTS": "any", "WEBHOOKS_PER_COMPANY": "1000"}
"""Receivers on ports of this machine, and enough webhooks for every cell of the policy."""
CONTRACTS = Contracts.load(smartticket_contracts.folder())


@dataclass
class Api(Calls):
    """The service as one caller sees it."""

    name = service.SERVICE.name
    subject: str = "user:7"


@dataclass
class Desk:
    """Makes events by their contracts' examples and hands them to the consumers as the worker does."""

    database: Database
    settings: Settings
    metrics: Metrics = field(default_factory=lambda: Metrics(service.SERVICE.name))

    def make(
        self, kind: str, subject: str, *, revision: int = 1, company: int = 1, source: str = "ticket-service",
        **body: Any,
    ) -> Message:  # fmt: skip
        """Return an event; `body` changes the example."""
        return make_message(CONTRACTS, kind, body, source=source, subject=subject, company=company, revision=revision)

    def deliver(self, *messages: Message) -> None:
        """Deliver messages, one batch per queue, as the worker does."""
        subscriptions = service.SERVICE.instance(self.settings, self.metrics).subscriptions()
        deliver(self.database, CONTRACTS, service.SERVICE.name, subscriptions, messages)

    def user(self, number: int, role: str = "agent", *, kind: str = "created", revision: int = 1, company: int = 1,
             **body: Any) -> None:  # fmt: skip
        """Deliver a person: the one with the number 7 has the address user7@example.com."""
        content = {"user_id": number, "email": f"user{number}@example.com", "username": "x", "role": role, **body}
        self.deliver(
            self.make(f"user.{kind}", f"user:{number}", revision=revision, company=company, source="auth-service",
                      **content)
        )  # fmt: skip

    def team(self, number: int, *members: int, kind: str = "created", revision: int = 1, **body: Any) -> None:
        """Deliver a team of people."""
        people = [{"email": f"User{each}@example.com", "name": "x", "role": "agent"} for each in members]
        content = {"team_id": number, "members": people, **body}
        self.deliver(self.make(f"team.{kind}", f"team:1:{number}", revision=revision, source="auth-service", **content))

    def created(self, ticket: int, requester: int | None = None, *, company: int = 1) -> Message:
        """Return `ticket.created`, of a person or of nobody known."""
        owner = None if requester is None else f"user:{requester}"
        return self.make("ticket.created", str(ticket), company=company, ticket_id=ticket, requester=owner)

    def assigned(self, ticket: int, user: int | None, *, revision: int = 1, company: int = 1, **body: Any) -> Message:
        """Return `ticket.assigned` to a person or to nobody."""
        address = None if user is None else f"user{user}@example.com"
        return self.make("ticket.assigned", str(ticket), revision=revision, company=company, source="workflow-service",
                         ticket_id=ticket, assignee=address, **body)  # fmt: skip

    def commented(self, ticket: int, author: int, *mentions: int, internal: bool = False, company: int = 1) -> Message:
        """Return `ticket.commented` by a person."""
        return self.make("ticket.commented", str(ticket), company=company, revision=5, ticket_id=ticket,
                         author=f"person:user:{author}", mentions=list(mentions), internal=internal)  # fmt: skip

    def comment_deleted(self, ticket: int, comment: int, *, company: int = 1) -> Message:
        """Return `ticket.comment.deleted`."""
        return self.make("ticket.comment.deleted", str(ticket), company=company, revision=6, ticket_id=ticket,
                         comment_id=comment)  # fmt: skip

    def approval(self, ticket: int, *leads: int, actor: int = 99) -> Message:
        """Return `task.approval.requested` with the leads of the task's team."""
        addresses = [f"user{lead}@example.com" for lead in leads]
        return self.make("task.approval.requested", str(ticket), source="workflow-service", ticket_id=ticket,
                         leads=addresses, actor=f"person:user:{actor}")  # fmt: skip

    def clock(
        self, kind: str, ticket: int, user: int | None, *, company: int = 1, due_at: str = "2999-12-31T10:00:00Z"
    ) -> Message:
        """Return `sla.warning` or `sla.breached`."""
        address = None if user is None else f"user{user}@example.com"
        return self.make(kind, str(ticket), company=company, source="workflow-service", ticket_id=ticket,
                         assignee=address, due_at=due_at)  # fmt: skip

    def deleted(self, ticket: int, *, company: int = 1) -> Message:
        """Return `ticket.deleted`."""
        return self.make("ticket.deleted", str(ticket), company=company, revision=9, ticket_id=ticket)


@pytest.fixture(scope="session")
def made(service_database: ServiceDatabaseFactory) -> ServiceDatabase:
    """The service's schema in a database of its own."""
    return service_database(service.SERVICE.schema, "notification_service.migrations")


@pytest.fixture(scope="session")
def settings(made: ServiceDatabase) -> Settings:
    """Settings for that database."""
    mapping = {"SMARTTICKET_ENV": "development", "DATABASE_URL": made.url, "RELAY_DATABASE_URL": made.relay_url}
    mapping["NOTIFICATION_TRUSTED_COMPANIES"] = "operator"  # as in production
    return service.SERVICE.read_settings(
        {
            **mapping,
            **MAIL,
            **WEBHOOKS,
            "TICKET_SERVICE_URL": "http://127.0.0.1:9",  # not one that runs on this machine
            "DB_POOL_SIZE": "24",
            "NOTIFICATION_SENDS_PER_MINUTE": "1000",
            "NOTIFICATION_STORM": "1000",
        }
    )


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    """The service's app."""
    process = service.SERVICE.instance(settings)
    yield process.create_app()
    process.close()


@pytest.fixture
def database(app: Flask, made: ServiceDatabase) -> Database:
    """The app's database, emptied."""
    made.clean()
    found: Database = app.extensions["service_kit"].database
    return found


@pytest.fixture
def api(app: Flask, database: Database) -> Api:
    """An empty service as an admin of the demo company sees it."""
    return Api(app.test_client())


@pytest.fixture
def desk(database: Database, settings: Settings) -> Desk:
    """Events of the demo company's people and tickets."""
    return Desk(database, settings)


Rows = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def rows(made: ServiceDatabase) -> Rows:
    """Give a function that runs a query without row-level security."""
    return made.rows


@pytest.fixture
def start(database: Database, settings: Settings) -> Iterator[Callable[..., Live]]:
    """Return a function that starts a live process."""
    started: list[Live] = []

    def begin(**changes: Any) -> Live:
        started.append(Live(live_settings(settings, **changes)))
        return started[-1]

    yield begin
    for each in started:
        each.end()


@pytest.fixture
def live(start: Callable[..., Live]) -> Live:
    """A running live process."""
    return start()
