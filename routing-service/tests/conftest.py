"""A routing-service on a real PostgreSQL, callers of several companies, and events as the bus delivers them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import pytest
import smartticket_contracts
from eventbus.contracts import Contracts
from eventbus.event import Message
from eventbus.testing.events import deliver, make_message
from flask import Flask
from routing_service import service
from routing_service.domain.teams import Team
from routing_service.ports import FoundTicket, OwnerUnavailable
from routing_service.settings import Settings
from service_kit.database.engine import Database
from service_kit.telemetry.metrics import Metrics
from service_kit.testing.calls import Calls
from service_kit.testing.fixtures import ServiceDatabaseFactory
from service_kit.testing.postgres import ServiceDatabase

UUID = "7d444840-9dc0-51d1-b245-5ffdce74fad2"
CONTRACTS = Contracts.load(smartticket_contracts.folder())


@dataclass
class FakeTicketService:
    """A stand-in for ticket-service with the tickets of the events that it records."""

    found: dict[tuple[int, int], FoundTicket] = field(default_factory=dict)
    down: bool = False

    def record(self, message: Message) -> None:
        """Record the ticket as ticket-service had it when it sent this event."""
        kind, company, ticket_id = message.type, int(message.attributes["companyid"]), message.attributes["subject"]
        if not kind.startswith("ticket.") or (kind == "ticket.categorized" and (company, int(ticket_id)) in self.found):
            return
        if kind == "ticket.deleted":
            self.found.pop((company, int(ticket_id)), None)
            return
        revision = 1 if kind == "ticket.categorized" else int(message.attributes["revision"])
        before = self.found.get((company, int(ticket_id)))
        if before is None or before.revision < revision:
            priority = str(orjson.loads(message.body)["priority"])
            self.found[company, int(ticket_id)] = FoundTicket(UUID, "back", priority, revision)

    def find(self, company: int, ticket_id: int) -> FoundTicket | None:
        """Return a ticket or team as the real client does."""
        if self.down:
            raise OwnerUnavailable("unavailable")
        return self.found.get((company, ticket_id))


@dataclass
class FakeAuthService:
    """A stand-in for auth-service; None makes it unavailable."""

    found: dict[tuple[int, int], Team] | None = None

    def find(self, company: int, team_id: int) -> Team | None:
        """Return a ticket or team as the real client does."""
        if self.found is None:
            raise OwnerUnavailable("unavailable")
        return self.found.get((company, team_id))


class Api(Calls):
    """The service as one caller sees it."""

    name = service.SERVICE.name


@dataclass
class Events:
    """Makes events by their contracts' examples and hands them to the consumers as the worker does."""

    database: Database
    settings: Settings
    ticket_service: FakeTicketService
    metrics: Metrics = field(default_factory=lambda: Metrics(service.SERVICE.name))

    def make(self, kind: str, ticket_id: int, *, revision: int = 1, company: int = 1, **body: Any) -> Message:
        """Return an event about a ticket; `body` changes the example."""
        return make_message(
            CONTRACTS,
            kind,
            {"ticket_id": ticket_id, **body},
            source="ai-service" if kind == "ticket.categorized" else "ticket-service",
            subject=str(ticket_id),
            company=company,
            revision=revision,
        )

    def exists(self, ticket_id: int, *, company: int = 1, **body: Any) -> None:
        """Let ticket-service have a ticket of which no event has arrived here."""
        self.ticket_service.record(self.make("ticket.created", ticket_id, company=company, **body))

    def team(
        self, number: int, name: str, *, kind: str = "created", revision: int = 1, company: int = 1, **body: Any
    ) -> None:
        """Deliver an event about a team; by default it takes tickets of every department."""
        event = self.make(
            f"team.{kind}", number, revision=revision, company=company,
            **{"team_id": number, "name": name, "department": None, **body},
        )  # fmt: skip
        self.deliver(event)

    def company(self, kind: str, company: int, *, revision: int = 1) -> None:
        """Deliver an event about a company."""
        event = make_message(
            CONTRACTS, kind, {}, source="auth-service", subject=f"company:{company}", company=company, revision=revision
        )
        self.deliver(event)

    def deliver(self, *messages: Message) -> None:
        """Deliver messages, one batch per queue, as the worker does; ticket_service records them."""
        for message in messages:
            self.ticket_service.record(message)
        subscriptions = service.SERVICE.instance(self.settings, self.metrics).subscriptions()
        deliver(self.database, CONTRACTS, service.SERVICE.name, subscriptions, messages)


@pytest.fixture(scope="session")
def made(service_database: ServiceDatabaseFactory) -> ServiceDatabase:
    """The service's schema in a database of its own."""
    return service_database(service.SERVICE.schema, "routing_service.migrations")


@pytest.fixture(scope="session")
def settings(made: ServiceDatabase) -> Settings:
    """Settings for that database."""
    return service.SERVICE.read_settings(
        {"SMARTTICKET_ENV": "development", "DATABASE_URL": made.url, "RELAY_DATABASE_URL": made.relay_url}
    )


@pytest.fixture(scope="session")
def shared_ticket_service() -> FakeTicketService:
    """The app's ticket-service."""
    return FakeTicketService()


@pytest.fixture
def ticket_service(shared_ticket_service: FakeTicketService) -> FakeTicketService:
    """The app's ticket-service, without tickets."""
    shared_ticket_service.found.clear()
    shared_ticket_service.down = False
    return shared_ticket_service


@pytest.fixture(scope="session")
def shared_auth_service() -> FakeAuthService:
    """The app's auth-service, unavailable."""
    return FakeAuthService()


@pytest.fixture
def auth_service(shared_auth_service: FakeAuthService) -> Iterator[FakeAuthService]:
    """The app's auth-service, without teams."""
    shared_auth_service.found = {}
    yield shared_auth_service
    shared_auth_service.found = None


@pytest.fixture(scope="session")
def app(
    settings: Settings, shared_ticket_service: FakeTicketService, shared_auth_service: FakeAuthService
) -> Iterator[Flask]:
    """The service's app."""
    process = service.SERVICE.instance(
        settings, replace=lambda deps: replace(deps, tickets=shared_ticket_service, teams=shared_auth_service)
    )
    yield process.create_app()
    process.close()


@pytest.fixture
def database(app: Flask, made: ServiceDatabase) -> Database:
    """The app's database, emptied."""
    made.clean()
    found: Database = app.extensions["service_kit"].database
    return found


@pytest.fixture
def api(app: Flask, database: Database, ticket_service: FakeTicketService) -> Api:
    """An empty service as an admin of the demo company sees it."""
    return Api(app.test_client())


@pytest.fixture
def events(database: Database, settings: Settings, ticket_service: FakeTicketService) -> Events:
    """Events of the demo company's tickets."""
    return Events(database, settings, ticket_service)


Rows = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def rows(made: ServiceDatabase) -> Rows:
    """Give a function that runs a query without row-level security."""
    return made.rows


@pytest.fixture
def published(rows: Callable[..., list[tuple[Any, ...]]]) -> Callable[[str], list[dict[str, Any]]]:
    """Give a function that returns the bodies of the stored events of one type, oldest first."""

    def run(kind: str) -> list[dict[str, Any]]:
        found = rows("select body, revision from outbox where type = %s order by seq", kind)
        bodies = [orjson.loads(body) | {"revision": revision} for body, revision in found]
        for body in bodies:
            CONTRACTS.validate(kind, {name: value for name, value in body.items() if name != "revision"})
        return bodies

    return run
