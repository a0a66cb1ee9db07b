"""A rag-service on a real PostgreSQL with embedded vectors: its HTTP side, and its worker on a bus in memory."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import smartticket_contracts
from eventbus.bus.memory import MemoryBus
from eventbus.bus.port import Outgoing, Queue
from eventbus.contracts import Contracts
from eventbus.event import Message
from eventbus.testing.events import make_message
from eventbus.worker import Worker
from operations_kit.service import ServiceInstance
from rag_service.adapters.vectors.edge import shards_in
from rag_service.dependencies import Dependencies
from rag_service.domain.document import Unreadable
from rag_service.service import SERVICE
from rag_service.settings import Settings
from service_kit.testing.calls import Calls
from service_kit.testing.fixtures import ServiceDatabaseFactory
from service_kit.testing.postgres import ServiceDatabase

CONTRACTS = Contracts.load(smartticket_contracts.folder())
ANNOUNCED = (
    "ticket.solution.proposed", "document.ingested", "document.failed", "document.deleted", "model.used",
)  # fmt: skip
WATCHED = Queue("test.watch", ANNOUNCED)
SECONDS = 180.0

HANDBOOK = """\
# VPN

To repair the VPN connection, open the client and choose Forget this connection.
Then restart the computer and sign in to the VPN again.

# Printer

Turn the printer off, wait for ten seconds, and turn it on again.
"""
QUESTION = "How do I repair the VPN connection?"

Rows = Callable[..., list[tuple[Any, ...]]]


class Api(Calls):
    """The service as one caller sees it."""

    name = SERVICE.name

    def found(self, query: str, **more: Any) -> list[Any]:
        """Return what is found for a question."""
        response = self.call("POST", "/rag/retrieve", {"query": query, **more})
        assert response.status_code == 200, response.text
        items: list[Any] = response.json["items"]
        return items

    def chat(self, message: str, **more: Any) -> list[tuple[str, Any]]:
        """Send a message; return the events of the answer by name."""
        response = self.call("POST", "/rag/chat", {"message": message, **more})
        assert response.status_code == 200, response.text
        assert response.content_type == "text/event-stream; charset=utf-8"
        events = []
        for block in response.text.strip().split("\n\n"):
            name, _, data = block.partition("\n")
            events.append((name.removeprefix("event: "), orjson.loads(data.removeprefix("data: "))))
        return events

    def final(self, message: str, **more: Any) -> Any:
        """Send a message and return the final event."""
        name, data = self.chat(message, **more)[-1]
        assert name == "final"
        return data


@dataclass
class Kept:
    """The files of ticket-service, by company, file and version."""

    files: dict[tuple[int, UUID, int], bytes] = field(default_factory=dict)
    before: Callable[[], None] = lambda: None
    """Called before bytes are given."""

    def fetch(self, company: int, file: UUID, version: int) -> bytes:
        """Return the bytes."""
        self.before()
        try:
            return self.files[company, file, version]
        except KeyError:
            raise Unreadable("gone", "The file was deleted or replaced before it could be read.") from None


@dataclass
class World:
    """The rest of the system: sends events to this service and receives its events."""

    bus: MemoryBus
    kept: Kept
    worker: Worker

    def __post_init__(self) -> None:
        self._publisher = self.bus.publisher()
        self._consumer = self.bus.consumer(WATCHED, 1_000)
        self.seen: list[Message] = []

    def send(self, event: str, /, *, subject: str, company: int = 1, revision: int = 1, **body: Any) -> Message:
        """Publish an event; `body` changes its contract's example."""
        message = make_message(
            CONTRACTS, event, body, source="ticket-service", subject=subject, company=company, revision=revision
        )
        self.again(message)
        return message

    def again(self, message: Message) -> None:
        """Publish the very same event."""
        self._publisher.publish(None, [Outgoing(message)])  # type: ignore[arg-type]

    def upload(
        self,
        name: str,
        data: bytes | str,
        *,
        kind: str = "markdown",
        company: int = 1,
        file: UUID | None = None,
        version: int = 1,
    ) -> UUID:
        """Store a file and publish its event; return its id."""
        file = file or uuid4()
        raw = data.encode() if isinstance(data, str) else data
        self.kept.files[company, file, version] = raw
        self.send(
            "file.uploaded",
            subject=str(file),
            company=company,
            revision=version,
            file_id=str(file),
            original_name=name,
            kind=kind,
            version=version,
            size_bytes=len(raw),
        )
        return file

    def delete(self, file: UUID, *, company: int = 1) -> None:
        """Publish a file's deletion."""
        self.kept.files = {key: data for key, data in self.kept.files.items() if key[1] != file}
        self.send("file.deleted", subject=str(file), company=company, revision=99, file_id=str(file))

    def announced(self, kind: str, number: int = 1) -> list[dict[str, Any]]:
        """Wait until so many events of a type were announced in all; return their bodies."""
        ends = time.monotonic() + SECONDS
        while len(found := [each for each in self.seen if each.type == kind]) < number and time.monotonic() < ends:
            received = self._consumer.receive(1_000, 0.2)
            self.seen += [incoming.message for incoming in received]
            self._consumer.acknowledge(received)
        assert len(found) >= number, f"{len(found)} of {number} announced"
        bodies = [orjson.loads(message.body) for message in found]
        for body in bodies:
            CONTRACTS.validate(kind, body)
        return bodies

    def announced_about(self, kind: str, /, **fields: Any) -> dict[str, Any]:
        """Wait until an event of a type with these fields was announced; return its body."""
        number = 1
        while True:
            bodies = self.announced(kind, number)
            for body in bodies:
                if fields.items() <= body.items():
                    return body
            number = len(bodies) + 1


@pytest.fixture(scope="session")
def made(service_database: ServiceDatabaseFactory) -> ServiceDatabase:
    """The service's schema in a database of its own."""
    return service_database(SERVICE.schema, "rag_service.migrations")


@pytest.fixture
def kept() -> Kept:
    """The files of ticket-service."""
    return Kept()


@pytest.fixture
def read_settings(made: ServiceDatabase, tmp_path: Path, encoder_folder: Path) -> Iterator[Callable[..., Settings]]:
    """Give a function that reads settings for that database, and others by name."""
    made.clean()

    def read(**more: str) -> Settings:
        return SERVICE.read_settings(
            {
                "SMARTTICKET_ENV": "development",
                "DATABASE_URL": made.url,
                "RELAY_DATABASE_URL": made.relay_url,
                "VECTORS_DIR": str(tmp_path / "vectors"),
                "MODELS_DIR": str(encoder_folder.parent),
                "BUS": "postgres",
                "AI_SERVICE_URL": "http://127.0.0.1:9",
                "TICKET_SERVICE_URL": "http://127.0.0.1:9",  # not one that runs on this machine
                **more,
            }
        )

    yield read
    shards_in(tmp_path / "vectors").close()


@pytest.fixture
def make_api(read_settings: Callable[..., Settings]) -> Iterator[Callable[..., Api]]:
    """Give a function that makes the HTTP side with other settings."""
    processes: list[ServiceInstance[Settings, Dependencies]] = []

    def make(**more: str) -> Api:
        process = SERVICE.instance(read_settings(**more))
        processes.append(process)
        return Api(process.create_app().test_client())

    yield make
    for process in processes:
        process.close()


@pytest.fixture
def api(make_api: Callable[..., Api]) -> Api:
    """The HTTP side without a key for Claude, as an admin of the demo company sees it."""
    return make_api()


@pytest.fixture
def make_world(read_settings: Callable[..., Settings], kept: Kept) -> Iterator[Callable[..., World]]:
    """Give a function that starts the service's worker on a bus in memory."""
    running: list[tuple[Worker, ServiceInstance[Settings, Dependencies]]] = []

    def make(bus: MemoryBus | None = None, **more: str) -> World:
        settings = read_settings(**more)
        process = SERVICE.instance(settings, replace=lambda deps: replace(deps, fetch_upload=kept.fetch))
        bus = bus or MemoryBus([*CONTRACTS.deployed_queues(), WATCHED])
        worker = Worker(
            settings, process.database, bus, CONTRACTS, process.subscriptions(), process.metrics, retry_seconds=(0.2,)
        )
        running.append((worker, process))
        worker.start()
        return World(bus, kept, worker)

    yield make
    for worker, process in running:
        worker.stop(60)
        process.close()


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """The system around a running worker without a key for Claude."""
    return make_world()


@pytest.fixture
def rows(made: ServiceDatabase) -> Rows:
    """Return a function that runs a query without row-level security."""
    return made.rows


@pytest.fixture
def read(world: World) -> World:
    """A world with a handbook that was read."""
    world.upload("handbook.md", HANDBOOK)
    world.announced("document.ingested")
    return world


def eventually(done: Callable[[], bool]) -> None:
    """Wait until something is so; fail after a while."""
    ends = time.monotonic() + SECONDS
    pause = 0.01
    while not done():
        assert time.monotonic() < ends, "it never came"
        time.sleep(pause)
        pause = min(pause * 1.3, 0.4)  # Looking often would take the processor from what is waited for.
