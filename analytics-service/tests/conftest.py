"""An analytics-service on a real PostgreSQL, callers of several companies, and events as the bus delivers them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import smartticket_contracts
from analytics_service import service
from analytics_service.settings import Settings
from eventbus.contracts import Contracts
from eventbus.event import Message
from eventbus.testing.events import deliver, make_message
from eventbus.wire import rfc3339
from flask import Flask
from service_kit.database.engine import Database
from service_kit.testing.calls import Calls
from service_kit.testing.fixtures import ServiceDatabaseFactory
from service_kit.testing.postgres import ServiceDatabase

CONTRACTS = Contracts.load(smartticket_contracts.folder())
FIVE = ("IT Support", "HR", "Facilities", "Finance", "General")
SOURCES = {"ticket.categorized": "ai-service", "ticket.routed": "routing-service"}
TIMES = {
    "ticket.created": "created_at",
    "ticket.updated": "updated_at",
    "ticket.status.updated": "updated_at",
    "ticket.categorized": "categorized_at",
    "ticket.routed": "routed_at",
    "ticket.deleted": "deleted_at",
}


class Api(Calls):
    """The service as one caller sees it."""

    name = service.SERVICE.name


@dataclass
class Events:
    """Makes events by their contracts' examples and hands them to the consumers as the worker does."""

    database: Database
    settings: Settings

    def make(
        self, kind: str, ticket_id: int, *, revision: int = 1, company: int = 1, at: datetime | None = None, **body: Any
    ) -> Message:
        """Return an event about a ticket; `body` changes the example."""
        content = {"ticket_id": ticket_id, TIMES[kind]: rfc3339(at or datetime.now(UTC)), **body}
        source = SOURCES.get(kind, "ticket-service")
        return make_message(
            CONTRACTS, kind, content, source=source, subject=str(ticket_id), company=company, revision=revision
        )

    def department(
        self, kind: str, department_id: int, name: str, *, revision: int = 1, company: int = 1, is_active: bool = True
    ) -> Message:
        """Return an event about a department."""
        content = {"department_id": department_id, "name": name, "is_active": is_active}
        subject = f"department:{company}:{department_id}"
        return make_message(
            CONTRACTS, kind, content, source="routing-service", subject=subject, company=company, revision=revision
        )

    def model(self, kind: str, *, revision: int = 1, company: int = 1, **body: Any) -> Message:
        """Return an event about a company's models."""
        source = "rag-service" if kind == "model.used" else "ai-service"
        subject = f"model:{company}" if kind == "model.promoted" else f"usage:{uuid4()}"
        return make_message(CONTRACTS, kind, body, source=source, subject=subject, company=company, revision=revision)

    def deliver(self, *messages: Message) -> None:
        """Deliver messages, one batch per queue, as the worker does."""
        deliver(
            self.database,
            CONTRACTS,
            service.SERVICE.name,
            service.SERVICE.instance(self.settings).subscriptions(),
            messages,
        )

    def five_departments(self, company: int = 1) -> None:
        """Deliver the departments that a company starts with."""
        numbered = enumerate(FIVE, start=company * 10)
        self.deliver(*(self.department("department.created", n, name, company=company) for n, name in numbered))


@pytest.fixture(scope="session")
def made(service_database: ServiceDatabaseFactory) -> ServiceDatabase:
    """The service's schema in a database of its own."""
    return service_database(service.SERVICE.schema, "analytics_service.migrations")


@pytest.fixture(scope="session")
def settings(made: ServiceDatabase) -> Settings:
    """Settings for that database."""
    return service.SERVICE.read_settings(
        {"SMARTTICKET_ENV": "development", "DATABASE_URL": made.url, "RELAY_DATABASE_URL": made.relay_url}
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
def events(database: Database, settings: Settings) -> Events:
    """Events of the demo company's tickets."""
    return Events(database, settings)


Rows = Callable[..., Sequence[tuple[Any, ...]]]


@pytest.fixture
def rows(made: ServiceDatabase) -> Rows:
    """Give a function that runs a query without row-level security."""
    return made.rows
