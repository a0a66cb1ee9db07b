"""Fixtures for the tests of every service; the repository's outermost `conftest.py` loads them.

Tests without their server are skipped; in CI (`CI` is set) they fail.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakSet

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.pool import ConnectionPoolEntry, Pool

from service_kit.identity import ADMIN, HEADER, Caller, TokenSigner
from service_kit.service_settings import GATEWAY, development_signing_key
from service_kit.testing import postgres

ServiceDatabaseFactory = Callable[[str, str], postgres.ServiceDatabase]
TokenFactory = Callable[..., str]
ClientFactory = Callable[..., FlaskClient]


def skip_or_fail(reason: str) -> None:
    """Skip a test whose server is missing; in CI it fails."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def pooled_connections() -> Iterator[WeakSet[ConnectionPoolEntry]]:
    """Collect every connection that a pool of this process opens."""
    entries: WeakSet[ConnectionPoolEntry] = WeakSet()

    def opened(_connection: Any, entry: ConnectionPoolEntry) -> None:
        entries.add(entry)

    event.listen(Pool, "connect", opened)
    yield entries
    event.remove(Pool, "connect", opened)


@pytest.fixture(scope="module", autouse=True)
def idle_connections_end(pooled_connections: WeakSet[ConnectionPoolEntry]) -> Iterator[None]:
    """Close the idle pooled connections after each test file; a pool that is still in use opens new ones.

    A server accepts a hundred connections. Idle ones of all services would use them up before the system tests start.
    """
    yield
    for entry in list(pooled_connections):
        if not entry.in_use:
            entry.invalidate()


@pytest.fixture(scope="session")
def token_for() -> TokenFactory:
    """Return `sign(service, company=1, role=ADMIN, subject="tester")`: a token of development mode's gateway."""
    signer = TokenSigner(GATEWAY, development_signing_key(GATEWAY))

    def sign(service: str, company: int = 1, role: str = ADMIN, subject: str = "tester") -> str:
        return signer.sign(Caller(company_id=company, role=role, subject=subject, name=subject), service)

    return sign


@pytest.fixture(scope="session")
def client_for(token_for: TokenFactory) -> ClientFactory:
    """Return `make(app, service, company=1, role=ADMIN)`: a test client whose requests carry such a token."""

    def make(app: Flask, service: str, company: int = 1, role: str = ADMIN, subject: str = "tester") -> FlaskClient:
        client = app.test_client()
        variable = "HTTP_" + HEADER.upper().replace("-", "_")
        client.environ_base[variable] = token_for(service, company, role, subject)
        return client

    return make
