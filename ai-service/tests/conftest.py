"""Fixtures: ai-service on a real PostgreSQL, its HTTP API, and its worker on a bus in memory."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
import smartticket_contracts
from ai_service.adapters.claude.testing import MessagesApi
from ai_service.dependencies import Dependencies
from ai_service.service import SERVICE
from ai_service.settings import Settings
from eventbus.bus.memory import MemoryBus
from eventbus.bus.port import Outgoing, Queue
from eventbus.contracts import Contracts
from eventbus.event import Message
from eventbus.testing.events import make_message
from eventbus.worker import Worker
from operations_kit.service import ServiceInstance
from service_kit.testing.calls import Calls
from service_kit.testing.fixtures import ServiceDatabaseFactory
from service_kit.testing.postgres import ServiceDatabase
from werkzeug.test import TestResponse

CONTRACTS = Contracts.load(smartticket_contracts.folder())
WATCHED = Queue("test.watch", ("ticket.categorized",))
SECONDS = 240.0
RULES = "/api/priority-rules"
SOURCES = {
    "ticket": "ticket-service",
    "department": "routing-service",
    "company": "auth-service",
    "team": "auth-service",
    "model": "rag-service",
}

Rows = Callable[..., list[tuple[Any, ...]]]


class Api(Calls):
    """The HTTP API, for one caller."""

    name = SERVICE.name

    def categorize(self, body: Any, **headers: str) -> TestResponse:
        """Categorize a text."""
        return self.call("POST", "/api/categorize", body, **headers)

    def add_rule(self, name: str, words: list[str], priority: str, **more: Any) -> Any:
        """Add a rule for priorities and return it."""
        answered = self.call("POST", RULES, {"name": name, "words": words, "priority": priority, **more})
        assert answered.status_code == 201, answered.text
        return answered.json

    def rules(self) -> list[Any]:
        """Return the company's rules."""
        items: list[Any] = self.call("GET", RULES).json["items"]
        return items


@dataclass
class World:
    """The other services: sends events to this service and collects those that it publishes."""

    bus: MemoryBus
    sent: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._publisher = self.bus.publisher()
        self._consumer = self.bus.consumer(WATCHED, 1_000)
        self.seen: list[Message] = []

    def send(
        self, kind: str, *, subject: str, company: int = 1, revision: int = 1, actor_kind: str = "system",
        at: str | None = None, **body: Any,
    ) -> Message:  # fmt: skip
        """Publish an event of a time, by default now; `body` changes its contract's example."""
        message = make_message(
            CONTRACTS,
            kind,
            body,
            source=SOURCES[kind.partition(".")[0]],
            subject=subject,
            company=company,
            revision=revision,
            actorkind=actor_kind,
            traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            **({} if at is None else {"time": at}),
        )
        self.again(message)
        return message

    def again(self, message: Message) -> None:
        """Publish the very same event."""
        self._publisher.publish(None, [Outgoing(message)])  # type: ignore[arg-type]

    def ticket(self, ticket_id: int, title: str, *, company: int = 1, **body: Any) -> Message:
        """Publish `ticket.created`."""
        more = {"ticket_id": ticket_id, "title": title, "description": ""} | body
        return self.send("ticket.created", subject=str(ticket_id), company=company, **more)

    def department(self, kind: str, number: int, name: str, *, company: int = 1, **more: Any) -> Message:
        """Publish an event about a department."""
        body = {"department_id": number, "name": name, "description": "", "is_active": True} | more
        return self.send(f"department.{kind}", subject=f"department:{company}:{number}", company=company, **body)

    def company(self, kind: str, *, company: int = 1, revision: int = 1, **switches: bool) -> Message:
        """Publish an event about a company; automation settings that aren't named are on."""
        body = dict.fromkeys(("auto_categorize", "auto_prioritize", "auto_assign"), True) | switches
        return self.send(f"company.{kind}", subject=f"company:{company}", company=company, revision=revision, **body)

    def team(self, kind: str, number: int, name: str, *, company: int = 1, **more: Any) -> Message:
        """Publish an event about a team."""
        body = {"team_id": number, "name": name} | more
        return self.send(f"team.{kind}", subject=f"team:{company}:{number}", company=company, **body)

    def categorized(self, number: int = 1) -> list[dict[str, Any]]:
        """Wait for a total number of `ticket.categorized`; return their bodies, with the revision."""
        ends = time.monotonic() + SECONDS
        while len(self.seen) < number and time.monotonic() < ends:
            received = self._consumer.receive(1_000, 0.2)
            self.seen += [incoming.message for incoming in received]
            self._consumer.acknowledge(received)
        assert len(self.seen) >= number, f"{len(self.seen)} of {number} announced"
        bodies = [orjson.loads(message.body) for message in self.seen]
        for body in bodies:
            CONTRACTS.validate("ticket.categorized", body)
        return [
            body | {"revision": int(message.attributes["revision"]), "attributes": message.attributes}
            for body, message in zip(bodies, self.seen, strict=True)
        ]


@pytest.fixture(scope="session")
def made(service_database: ServiceDatabaseFactory) -> ServiceDatabase:
    """The service's schema in a database of its own."""
    return service_database(SERVICE.schema, "ai_service.migrations")


@pytest.fixture
def read_settings(made: ServiceDatabase) -> Callable[..., Settings]:
    """Return a function that reads settings for that database, and others by name."""
    made.clean()

    def read(**more: str) -> Settings:
        return SERVICE.read_settings(
            {
                "SMARTTICKET_ENV": "development",
                "DATABASE_URL": made.url,
                "RELAY_DATABASE_URL": made.relay_url,
                # A list is read anew for every ticket, so that tests needn't wait.
                "DEPARTMENTS_CACHE_SECONDS": "0",
                # Other tests take all that a nice process leaves.
                "TRAINING_NICENESS": "0",
                **more,
            }
        )

    return read


@pytest.fixture
def make_api(read_settings: Callable[..., Settings]) -> Iterator[Callable[..., Api]]:
    """Return a function that makes the HTTP API with other settings."""
    processes: list[ServiceInstance[Settings, Dependencies]] = []

    def make(**more: str) -> Api:
        processes.append(SERVICE.instance(read_settings(**more)))
        return Api(processes[-1].create_app().test_client())

    yield make
    for process in processes:
        process.close()


@pytest.fixture
def api(make_api: Callable[..., Api]) -> Api:
    """The HTTP API without a key for Claude, for an admin of the demo company."""
    return make_api()


@pytest.fixture
def make_world(read_settings: Callable[..., Settings]) -> Iterator[Callable[..., World]]:
    """Return a function that starts the service's worker on a bus in memory."""
    running: list[tuple[Worker, ServiceInstance[Settings, Dependencies]]] = []

    def make(**more: str) -> World:
        process = SERVICE.instance(read_settings(**more))
        bus = MemoryBus([*CONTRACTS.deployed_queues(), WATCHED])
        worker = Worker(
            process.settings,
            process.database,
            bus,
            CONTRACTS,
            process.subscriptions(),
            process.metrics,
            retry_seconds=(0.2,),
        )
        running.append((worker, process))
        worker.start()
        return World(bus)

    yield make
    for worker, process in running:
        assert worker.stop(60)
        process.close()


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """The other services around a running worker without a key for Claude."""
    return make_world()


@pytest.fixture
def rows(made: ServiceDatabase) -> Rows:
    """Return a function that runs a query without row-level security."""
    return made.rows


@pytest.fixture
def claude() -> Iterator[MessagesApi]:
    """A local server with the Messages API."""
    with MessagesApi() as server:
        yield server


def eventually(done: Callable[[], bool]) -> None:
    """Wait until a condition holds; fail after a while."""
    ends = time.monotonic() + SECONDS
    pause = 0.01
    while not done():
        assert time.monotonic() < ends, "it never came"
        time.sleep(pause)
        pause = min(pause * 1.3, 0.4)  # Looking often would take the processor from what is waited for.
