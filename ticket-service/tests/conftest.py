"""A ticket-service on a real PostgreSQL, and callers of several companies."""

import shutil
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from service_kit.testing.calls import Calls
from service_kit.testing.fixtures import ServiceDatabaseFactory
from service_kit.testing.postgres import ServiceDatabase
from ticket_service import service
from ticket_service.settings import Settings

pytest_plugins = ["service_kit.testing.fixtures"]

DRAFT = {
    "title": "Cannot access email",
    "description": "I'm unable to log into my email account.",
    "user_name": "John Doe",
    "user_email": "john.doe@company.com",
}


class Api(Calls):
    """The service as one caller sees it."""

    name = service.SERVICE.name

    def create(self, **changes: Any) -> dict[str, Any]:
        """Store a ticket and return it."""
        response = self.call("POST", "/api/tickets", DRAFT | changes)
        assert response.status_code == 201, response.text
        return dict(response.json)

    def create_unrouted(self) -> int:
        """Store a ticket without waiting for its routing and return its number."""
        response = self.call("POST", "/api/tickets", DRAFT, Prefer="respond-async")
        assert response.status_code == 201, response.text
        return int(response.json["id"])

    def upload(self, content: bytes, name: str = "notes.txt", kind: str | None = None, **headers: str) -> Any:
        """Send a file and return the answer."""
        form: dict[str, Any] = {"file": (BytesIO(content), name)}
        if kind is not None:
            form["kind"] = kind
        sent = {header.replace("_", "-"): value for header, value in headers.items()}
        return self.send("POST", "/api/files", sent, data=form, content_type="multipart/form-data")

    def stored(self, content: bytes, name: str = "notes.txt") -> dict[str, Any]:
        """Store a file and return it."""
        response = self.upload(content, name)
        assert response.status_code == 201, response.text
        return dict(response.json["item"])

    def trail(self, ticket_id: int) -> list[dict[str, Any]]:
        """Return the whole trail of a ticket."""
        return list(self.get(f"/api/tickets/{ticket_id}/events?limit=100")["items"])


@pytest.fixture(scope="session")
def made(service_database: ServiceDatabaseFactory) -> ServiceDatabase:
    """The service's schema in a database of its own."""
    return service_database(service.SERVICE.schema, "ticket_service.migrations")


@pytest.fixture(scope="session")
def files_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of stored files."""
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="session")
def read(made: ServiceDatabase, files_dir: Path) -> Callable[..., Settings]:
    """Give a function that reads settings for that database; arguments are further settings."""

    def read_settings(**changes: str) -> Settings:
        mapping = {
            "SMARTTICKET_ENV": "development",
            "DATABASE_URL": made.url,
            "RELAY_DATABASE_URL": made.relay_url,
            "TICKET_CREATE_WAIT_MS": "0",
            "FILES_DIR": str(files_dir),
        }
        return service.SERVICE.read_settings(mapping | changes)

    return read_settings


@pytest.fixture(scope="session")
def app(read: Callable[..., Settings]) -> Iterator[Flask]:
    """The service's app; answers don't wait for routings."""
    process = service.SERVICE.instance(read(DB_POOL_SIZE="24", VIEWS_PER_PERSON="10000", MACROS_PER_COMPANY="10000"))
    yield process.create_app()
    process.close()


@pytest.fixture
def api(app: Flask, made: ServiceDatabase, files_dir: Path) -> Api:
    """An empty service as an admin of the demo company sees it."""
    made.clean()
    for folder in files_dir.iterdir():
        shutil.rmtree(folder)
    return Api(app.test_client())


@pytest.fixture
def rows(made: ServiceDatabase) -> Callable[..., list[tuple[Any, ...]]]:
    """Give a function that runs a query without row-level security."""
    return made.rows


@pytest.fixture
def on_disk(files_dir: Path) -> Callable[[], list[bytes]]:
    """Give a function that returns the content of everything that is stored, temporary files too."""
    return lambda: [path.read_bytes() for path in sorted(files_dir.glob("[0-9]*/*/*"))]
