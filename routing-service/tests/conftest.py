"""A routing-service on a real PostgreSQL, callers of several companies, and events as the bus would bring them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
import pytest
import smartticket_contracts
from flask import Flask
from flask.testing import FlaskClient
from routing_service import service
from routing_service.ports import CantKnow, FoundTicket
from routing_service.settings import Settings
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
from service_kit.telemetry.metrics import Metrics
from service_kit.testing.fixtures import ServiceDatabaseFactory
from service_kit.testing.postgres import ServiceDatabase
from werkzeug.test import TestResponse

CONTRACTS = Contracts.load(smartticket_contracts.folder())
GATEWAY = TokenSigner("api-gateway", development_signing_key("api-gateway"))


@dataclass
class Elsewhere:
    """Stands in for ticket-service: knows the tickets it is told of."""

    known: dict[tuple[int, int], FoundTicket] = field(default_factory=dict)
    down: bool = False

    def find(self, company: int, ticket_id: int) -> FoundTicket | None:
        """Answer as the real one would."""
        if self.down:
            raise CantKnow("nobody there")
        return self.known.get((company, ticket_id))


@dataclass
class Api:
    """The service as one caller sees it."""

    client: FlaskClient
    company: int = 1
    role: str = ADMIN
    subject: str = "7"

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Send a request; header names are written with underscores."""
        token = GATEWAY.sign(Caller(self.company, self.role, self.subject, "Somebody"), service.NAME)
        sent = {HEADER: token} | {name.replace("_", "-"): value for name, value in headers.items()}
        options: dict[str, Any] = {} if body is None else {"json": body}
        return self.client.open(path, method=method, headers=sent, **options)

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
    metrics: Metrics = field(default_factory=lambda: Metrics(service.NAME))

    def make(self, kind: str, ticket_id: int, *, revision: int = 1, company: int = 1, **body: Any) -> Message:
        """Return an event about a ticket; `body` changes the example."""
        event_id = str(uuid4())
        content = CONTRACTS.example(kind) | {
            "event_id": event_id,
            "company_id": company,
            "ticket_id": ticket_id,
            **body,
        }
        CONTRACTS.validate(kind, content)
        attributes = {
            "specversion": "1.0",
            "id": event_id,
            "source": "ai-service" if kind == "ticket.categorized" else "ticket-service",
            "type": kind,
            "subject": str(ticket_id),
            "time": rfc3339(datetime.now(UTC)),
            "dataschema": CONTRACTS.schema_id(kind),
            "companyid": str(company),
            "revision": str(revision),
            "requestid": "request-1",
        }
        return Message(event_id, kind, attributes, orjson.dumps(content))

    def team(
        self, number: int, name: str, *, kind: str = "created", revision: int = 1, company: int = 1, **body: Any
    ) -> None:
        """Let a team be known; without more it takes tickets of every department."""
        event = self.make(
            f"team.{kind}", number, revision=revision, company=company,
            **{"team_id": number, "name": name, "department": None, **body},
        )  # fmt: skip
        self.deliver(event)

    def deliver(self, *messages: Message) -> None:
        """Hand over messages: one batch per queue, as the worker does."""
        for subscription in service.subscriptions(self.settings, self.metrics):
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


@pytest.fixture(scope="session")
def made(service_database: ServiceDatabaseFactory) -> ServiceDatabase:
    """The service's schema in a database of its own."""
    return service_database(service.SCHEMA, "routing_service.migrations")


@pytest.fixture(scope="session")
def settings(made: ServiceDatabase) -> Settings:
    """Settings for that database."""
    return service.read_settings(
        {"SMARTTICKET_ENV": "development", "DATABASE_URL": made.url, "RELAY_DATABASE_URL": made.relay_url}
    )


@pytest.fixture(scope="session")
def everywhere() -> Elsewhere:
    """The neighbour of the app."""
    return Elsewhere()


@pytest.fixture
def elsewhere(everywhere: Elsewhere) -> Elsewhere:
    """The neighbour of the app, knowing nothing."""
    everywhere.known.clear()
    everywhere.down = False
    return everywhere


@pytest.fixture(scope="session")
def app(settings: Settings, everywhere: Elsewhere) -> Iterator[Flask]:
    """The service's app."""
    made_app = service.create_app(settings, elsewhere=everywhere)
    yield made_app
    made_app.extensions["service_kit"].database.dispose()
    made_app.extensions["waker"].close()


@pytest.fixture
def database(app: Flask, made: ServiceDatabase) -> Database:
    """The app's database, emptied."""
    made.clean()
    found: Database = app.extensions["service_kit"].database
    return found


@pytest.fixture
def api(app: Flask, database: Database, elsewhere: Elsewhere) -> Api:
    """An empty service as an admin of the demo company sees it."""
    return Api(app.test_client())


@pytest.fixture
def events(database: Database, settings: Settings) -> Events:
    """Events of the demo company's tickets."""
    return Events(database, settings)


Rows = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def rows(made: ServiceDatabase) -> Rows:
    """Give a function that runs a query which no wall stops."""

    def run(query: str, *values: Any) -> list[tuple[Any, ...]]:
        with made.admin() as connection, connection.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall()

    return run


@pytest.fixture
def announced(rows: Callable[..., list[tuple[Any, ...]]]) -> Callable[[str], list[dict[str, Any]]]:
    """Give a function that returns the bodies of the stored events of one type, oldest first."""

    def run(kind: str) -> list[dict[str, Any]]:
        found = rows("select body, revision from outbox where type = %s order by seq", kind)
        bodies = [orjson.loads(body) | {"revision": revision} for body, revision in found]
        for body in bodies:
            CONTRACTS.validate(kind, {name: value for name, value in body.items() if name != "revision"})
        return bodies

    return run
