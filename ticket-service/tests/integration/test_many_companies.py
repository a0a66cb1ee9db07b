"""Fifty companies over five connections: the short form of `benchmarks/companies.py`."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from service_kit.database import companies, engine
from service_kit.testing.postgres import ServiceDatabase
from ticket_service import service
from ticket_service.settings import Settings

from benchmarks.companies import CONNECTIONS, run

REQUESTS = 1_000


@pytest.fixture
def small_app(made: ServiceDatabase, read: Callable[..., Settings]) -> Iterator[Flask]:
    """The service with a small pool and no tickets."""
    made.clean()
    process = service.SERVICE.instance(read(DB_POOL_SIZE=str(CONNECTIONS)))
    yield process.create_app()
    process.close()


def test_nothing_crosses_between_companies_that_share_connections(small_app: Flask, made: ServiceDatabase) -> None:
    found = run(small_app, made, REQUESTS)
    assert found.foreign == []
    assert found.failed == {}
    assert sum(found.sent.values()) == REQUESTS
    assert found.rows > REQUESTS
    assert min(found.sent.values()) > REQUESTS / 50


def test_a_connection_that_stays_with_a_company_would_be_found(
    small_app: Flask, made: ServiceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A setting for the session instead of the transaction is the usual mistake."""

    def for_the_session(ids: object) -> str:
        return f"select set_config('app.companies', '{','.join(map(str, range(1, 51)))}', false)"

    monkeypatch.setattr(companies, "set_companies_sql", for_the_session)
    monkeypatch.setattr(engine, "set_companies_sql", for_the_session)
    assert run(small_app, made, 200).foreign
