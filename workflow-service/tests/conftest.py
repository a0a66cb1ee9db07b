"""A workflow-service on a real PostgreSQL, callers of several companies, and events as the bus delivers them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
import smartticket_contracts
from eventbus.contracts import Contracts
from eventbus.event import Message
from eventbus.testing.events import deliver, make_message
from flask import Flask
from service_kit.database.engine import Database
from service_kit.telemetry.metrics import Metrics
from service_kit.testing.calls import Calls
from service_kit.testing.fixtures import ServiceDatabaseFactory
from service_kit.testing.postgres import ServiceDatabase
from workflow_service import service
from workflow_service.settings import Settings
from workflow_service.store import version_cache

pytest_plugins = ["service_kit.testing.fixtures"]

CONTRACTS = Contracts.load(smartticket_contracts.folder())
LINE = [{"name": name, "role": "agent", "order": order} for order, name in enumerate(("New", "Work", "Done"))]
WORKFLOW = {
    "name": "Hardware",
    "category": "IT Support",
    "department": "IT Support",
    "urgent_sla": "PT1H",
    "high_sla": "PT8H",
    "medium_sla": "PT24H",
    "low_sla": "PT40H",
    "steps": LINE,
}


def email_of(subject: str) -> str:
    """Return the address of a subject: `user:7` has user7@example.com."""
    return f"{subject.replace(':', '')}@example.com"


@dataclass
class Api(Calls):
    """The service as one caller sees it; the address follows from the subject."""

    name = service.SERVICE.name

    def __post_init__(self) -> None:
        """Give the caller an address."""
        self.email = self.email or email_of(self.subject)

    def workflow(self, **changes: Any) -> dict[str, Any]:
        """Add a workflow and return it."""
        response = self.call("POST", "/api/workflows", WORKFLOW | changes)
        assert response.status_code == 201, response.text
        return dict(response.json)

    def deployed(self, **changes: Any) -> dict[str, Any]:
        """Add a workflow, deploy it and return it."""
        response = self.call("POST", f"/api/workflows/{self.workflow(**changes)['id']}/deploy")
        assert response.status_code == 200, response.text
        return dict(response.json)


@dataclass
class Events:
    """Makes events by their contracts' examples and hands them to the consumers as the worker does."""

    database: Database
    settings: Settings
    metrics: Metrics = field(default_factory=lambda: Metrics(service.SERVICE.name))

    def make(
        self, kind: str, subject: str, *, revision: int = 1, company: int = 1, source: str = "routing-service",
        **body: Any,
    ) -> Message:  # fmt: skip
        """Return an event; `body` changes the example."""
        return make_message(CONTRACTS, kind, body, source=source, subject=subject, company=company, revision=revision)

    def deliver(self, *messages: Message) -> None:
        """Deliver messages, one batch per queue, as the worker does."""
        subscriptions = service.SERVICE.instance(self.settings, self.metrics).subscriptions()
        deliver(self.database, CONTRACTS, service.SERVICE.name, subscriptions, messages)


class Desk(Events):
    """Events of teams, people and tickets."""

    def team(self, number: int, *names: str, revision: int = 1, company: int = 1, department: str | None = "IT Support",
             kind: str = "created", leads: tuple[str, ...] = (), **body: Any) -> None:  # fmt: skip
        """Deliver a team with members of these names: `ann` has ann@example.com."""
        members = [{"email": f"{name}@example.com", "name": name, "role": "agent"} for name in names]
        members += [{"email": f"{name}@example.com", "name": name, "role": "lead"} for name in leads]
        content = {"team_id": number, "name": f"Team {number}", "department": department, "members": members, **body}
        self.deliver(
            self.make(f"team.{kind}", f"team:{company}:{number}", revision=revision, company=company,
                      source="auth-service", **content)
        )  # fmt: skip

    def user(self, number: int, name: str, *, kind: str = "created", revision: int = 1, company: int = 1,
             role: str = "agent", **body: Any) -> None:  # fmt: skip
        """Deliver a user."""
        content = {"user_id": number, "email": f"{name}@example.com", "username": name, "role": role, **body}
        self.deliver(
            self.make(f"user.{kind}", f"user:{number}", revision=revision, company=company, source="auth-service",
                      **content)
        )  # fmt: skip

    def routed(self, number: int, *, revision: int = 1, company: int = 1, **body: Any) -> Message:
        """Return `ticket.routed`."""
        return self.make("ticket.routed", str(number), revision=revision, company=company, ticket_id=number, **body)

    def deleted(self, number: int, *, company: int = 1) -> Message:
        """Return `ticket.deleted`."""
        return self.make("ticket.deleted", str(number), revision=9, company=company, source="ticket-service",
                         ticket_id=number)  # fmt: skip

    def moved(self, number: int, status: str, *, revision: int) -> Message:
        """Return `ticket.status.updated`."""
        return self.make("ticket.status.updated", str(number), revision=revision, source="ticket-service",
                         ticket_id=number, status=status)  # fmt: skip

    def status(self, number: int, status: str, *, revision: int) -> None:
        """Deliver `ticket.status.updated`."""
        self.deliver(self.moved(number, status, revision=revision))

    def route(self, number: int, *, revision: int = 1, company: int = 1, **body: Any) -> None:
        """Deliver `ticket.routed`."""
        self.deliver(self.routed(number, revision=revision, company=company, **body))

    def delete(self, number: int) -> None:
        """Deliver `ticket.deleted`."""
        self.deliver(self.deleted(number))


@pytest.fixture(scope="session")
def made(service_database: ServiceDatabaseFactory) -> ServiceDatabase:
    """The service's schema in a database of its own."""
    return service_database(service.SERVICE.schema, "workflow_service.migrations")


@pytest.fixture(scope="session")
def settings(made: ServiceDatabase) -> Settings:
    """Settings for that database."""
    mapping = {"SMARTTICKET_ENV": "development", "DATABASE_URL": made.url, "RELAY_DATABASE_URL": made.relay_url}
    return service.SERVICE.read_settings({**mapping, "DB_POOL_SIZE": "24"})


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    """The service's app."""
    process = service.SERVICE.instance(settings)
    yield process.create_app()
    process.close()


@pytest.fixture
def database(app: Flask, made: ServiceDatabase) -> Database:
    """The app's database, emptied; numbers begin anew, so versions are not those that were known."""
    made.clean()
    found: Database = app.extensions["service_kit"].database
    version_cache.connect(found)
    return found


@pytest.fixture
def api(app: Flask, database: Database) -> Api:
    """An empty service as an admin of the demo company sees it."""
    return Api(app.test_client())


@pytest.fixture
def events(database: Database, settings: Settings) -> Events:
    """Events of the demo company."""
    return Events(database, settings)


@pytest.fixture
def desk(database: Database, settings: Settings) -> Desk:
    """Events of the demo company's teams, people and tickets."""
    return Desk(database, settings)


Rows = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def rows(made: ServiceDatabase) -> Rows:
    """Give a function that runs a query without row-level security."""
    return made.rows


@pytest.fixture
def published(rows: Rows) -> Callable[[str], list[dict[str, Any]]]:
    """Give a function that returns the bodies of the stored events of one type, oldest first."""

    def run(kind: str) -> list[dict[str, Any]]:
        found = rows("select body, revision from outbox where type = %s order by seq", kind)
        bodies = [orjson.loads(body) | {"revision": revision} for body, revision in found]
        for body in bodies:
            CONTRACTS.validate(kind, {name: value for name, value in body.items() if name != "revision"})
        return bodies

    return run
