"""An analytics-service on a real PostgreSQL, callers of several companies, and events as the bus would bring them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
import pytest
import smartticket_contracts
from analytics_service import service
from analytics_service.settings import Settings
from flask import Flask
from flask.testing import FlaskClient
from service_kit.database.engine import Database
from service_kit.identity import ADMIN, HEADER, Caller, TokenSigner
from service_kit.messaging.batch import Batch, Settlement
from service_kit.messaging.bus.memory import MemoryBus
from service_kit.messaging.bus.port import Incoming, Queue
from service_kit.messaging.contracts import Contracts
from service_kit.messaging.event import Message
from service_kit.messaging.inbox import Inbox
from service_kit.messaging.measures import Measures
from service_kit.messaging.reading import Reading
from service_kit.messaging.wire import rfc3339
from service_kit.service_settings import development_signing_key
from service_kit.testing.fixtures import ServiceDatabaseFactory
from service_kit.testing.postgres import ServiceDatabase
from werkzeug.test import TestResponse

CONTRACTS = Contracts.load(smartticket_contracts.folder())
GATEWAY = TokenSigner("api-gateway", development_signing_key("api-gateway"))
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


@dataclass
class Api:
    """The service as one caller sees it."""

    client: FlaskClient
    company: int = 1
    role: str = ADMIN

    def call(self, method: str, path: str) -> TestResponse:
        """Send a request."""
        token = GATEWAY.sign(Caller(self.company, self.role, "7", "Somebody"), service.NAME)
        return self.client.open(path, method=method, headers={HEADER: token})

    def get(self, path: str) -> Any:
        """Return the body of a successful GET."""
        response = self.call("GET", path)
        assert response.status_code == 200, response.text
        return response.json


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
        return self._message(kind, str(ticket_id), revision, company, SOURCES.get(kind, "ticket-service"), content)

    def department(
        self, kind: str, department_id: int, name: str, *, revision: int = 1, company: int = 1, is_active: bool = True
    ) -> Message:
        """Return an event about a department."""
        content = {"department_id": department_id, "name": name, "is_active": is_active}
        subject = f"department:{company}:{department_id}"
        return self._message(kind, subject, revision, company, "routing-service", content)

    def deliver(self, *messages: Message) -> None:
        """Hand over messages: one batch per queue, as the worker does."""
        for subscription in service.subscriptions(self.settings):
            mine = [message for message in messages if message.type in subscription.handlers]
            if not mine:
                continue
            queue = f"{service.NAME}.{subscription.name}"
            items, broken = Reading(subscription, CONTRACTS).read([Incoming(message, None) for message in mine])
            assert broken == []
            batch = Batch(
                self.database,
                queue,
                guarded=subscription.guarded,
                inbox=Inbox(),
                settlement=Settlement(),
                measures=Measures(None, service.NAME),
            )
            consumer = MemoryBus().consumer(Queue(queue, ()), 200)
            batch.apply(items, [item.incoming for item in items], consumer)

    def five_departments(self, company: int = 1) -> None:
        """Announce the departments that a company starts with."""
        numbered = enumerate(FIVE, start=company * 10)
        self.deliver(*(self.department("department.created", n, name, company=company) for n, name in numbered))

    def _message(
        self, kind: str, subject: str, revision: int, company: int, source: str, body: dict[str, Any]
    ) -> Message:
        event_id = str(uuid4())
        content = CONTRACTS.example(kind) | {"event_id": event_id, "company_id": company, **body}
        CONTRACTS.validate(kind, content)
        attributes = {
            "specversion": "1.0",
            "id": event_id,
            "source": source,
            "type": kind,
            "subject": subject,
            "time": rfc3339(datetime.now(UTC)),
            "dataschema": CONTRACTS.schema_id(kind),
            "companyid": str(company),
            "revision": str(revision),
        }
        return Message(event_id, kind, attributes, orjson.dumps(content))


@pytest.fixture(scope="session")
def made(service_database: ServiceDatabaseFactory) -> ServiceDatabase:
    """The service's schema in a database of its own."""
    return service_database(service.SCHEMA, "analytics_service.migrations")


@pytest.fixture(scope="session")
def settings(made: ServiceDatabase) -> Settings:
    """Settings for that database."""
    return service.read_settings(
        {"SMARTTICKET_ENV": "development", "DATABASE_URL": made.url, "RELAY_DATABASE_URL": made.relay_url}
    )


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    """The service's app."""
    made_app = service.create_app(settings)
    yield made_app
    made_app.extensions["service_kit"].database.dispose()


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
    """Give a function that runs a query which no wall stops."""

    def run(query: str, *values: Any) -> Sequence[tuple[Any, ...]]:
        with made.admin() as connection, connection.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall()

    return run
