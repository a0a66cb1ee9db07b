"""An auth-service on a real PostgreSQL, and callers of several companies."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
import smartticket_contracts
from auth_service.adapters import passwords
from auth_service.service import SERVICE
from auth_service.settings import Settings
from eventbus.contracts import Contracts
from flask import Flask
from service_kit.database.engine import Database
from service_kit.testing.access_tokens import TokenReader
from service_kit.testing.calls import Calls
from service_kit.testing.fixtures import ServiceDatabaseFactory
from service_kit.testing.postgres import ServiceDatabase

CONTRACTS = Contracts.load(smartticket_contracts.folder())
CHEAP_MEMORY_KIB = 512

Rows = Callable[..., list[tuple[Any, ...]]]
Published = Callable[[str], list[dict[str, Any]]]


class Api(Calls):
    """The service as one caller sees it."""

    name = SERVICE.name

    def add_team(self, name: str, **more: Any) -> Any:
        """Add a team and return it."""
        response = self.call("POST", "/api/teams", {"name": name, **more})
        assert response.status_code == 201, response.text
        return response.json


class People:
    """The service as people without a token see it, and as they see it once they logged in."""

    PASSWORD = "seven small blue boats"

    def __init__(self, app: Flask) -> None:
        self.app = app

    def post(self, path: str, body: Any, **headers: str) -> Any:
        """Send a POST without a token."""
        return self.app.test_client().post(path, json=body, headers=headers)

    def found(self, email: str = "ada@acme.example", company: str = "Acme", **more: Any) -> Any:
        """Found a company and return the answer."""
        body = {"email": email, "username": email.partition("@")[0], "password": self.PASSWORD, "company": company}
        return self.post("/api/auth/register", body | more)

    def log_in(self, email: str = "ada@acme.example", password: str = PASSWORD, **more: Any) -> Any:
        """Log in and return the answer."""
        return self.post("/api/auth/login", {"email": email, "password": password, **more})

    def refresh(self, token: str) -> Any:
        """Exchange a refresh token and return the answer."""
        return self.post("/api/auth/refresh", {"refresh_token": token})

    def as_caller(self, access_token: str) -> "Api":
        """Return the service as the owner of an access token sees it behind the gateway."""
        caller = self.verifier().verify(access_token).caller
        return Api(self.app.test_client(), caller.company_id, caller.role, caller.subject, session=caller.session)

    def verifier(self) -> TokenReader:
        """Return a reader with the published keys."""
        return TokenReader("smart-ticket", self.app.test_client().get("/.well-known/jwks.json").json)


@pytest.fixture(scope="session")
def made(service_database: ServiceDatabaseFactory) -> ServiceDatabase:
    """The service's schema in a database of its own."""
    return service_database(SERVICE.schema, "auth_service.migrations")


@pytest.fixture(scope="session")
def settings(made: ServiceDatabase) -> Settings:
    """Settings for that database."""
    return SERVICE.read_settings(
        {"SMARTTICKET_ENV": "development", "DATABASE_URL": made.url, "RELAY_DATABASE_URL": made.relay_url}
    )


@contextmanager
def cheap_hashes() -> Iterator[None]:
    """Let the hasher that is made meanwhile take a millisecond; the tests of hashes make one of the real cost."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "MEMORY_KIB", CHEAP_MEMORY_KIB)
        yield


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    """The service's app."""
    with cheap_hashes():
        process = SERVICE.instance(settings)
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
def people(app: Flask, database: Database) -> People:
    """An empty service as people without a token see it."""
    return People(app)


@pytest.fixture
def rows(made: ServiceDatabase) -> Rows:
    """Give a function that runs a query without row-level security."""
    return made.rows


@pytest.fixture
def published(rows: Rows) -> Published:
    """Give a function that returns the stored events of the types that match a pattern, oldest first.

    Each is held against its contract; `revision` and `subject` are added to its body.
    """

    def run(kinds: str) -> list[dict[str, Any]]:
        found = rows("select type, subject, revision, body from outbox where type like %s order by seq", kinds)
        events = []
        for kind, subject, revision, body in found:
            content = orjson.loads(body)
            CONTRACTS.validate(kind, content)
            events.append(content | {"revision": revision, "subject": subject})
        return events

    return run
