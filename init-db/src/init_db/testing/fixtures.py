"""The fixtures that make databases. They need a running PostgreSQL at `TEST_DATABASE_ADMIN_URL`."""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import psycopg2
import pytest
from service_kit.testing import postgres
from service_kit.testing.fixtures import ServiceDatabaseFactory, skip_or_fail

from init_db.provision import admin_connection
from init_db.testing import databases


@pytest.fixture(scope="session")
def admin_url() -> str:
    """Address of a PostgreSQL superuser."""
    url = os.environ.get("TEST_DATABASE_ADMIN_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
    try:
        with admin_connection(url):
            pass
    except psycopg2.OperationalError as error:
        skip_or_fail(f"no PostgreSQL: {error}")
    return url


@pytest.fixture(scope="session")
def service_database(admin_url: str) -> Iterator[ServiceDatabaseFactory]:
    """Return `make(schema, migrations_package)`: a provisioned, migrated schema in a database of its own, per run.

    A second call with the same arguments returns the same database; call `.clean()` to isolate tests.
    """
    made: dict[tuple[str, str], postgres.ServiceDatabase] = {}
    with ExitStack() as stack:

        def make(schema: str, migrations_package: str) -> postgres.ServiceDatabase:
            key = (schema, migrations_package)
            if key not in made:
                made[key] = stack.enter_context(databases.service_database(admin_url, schema, migrations_package))
            return made[key]

        yield make
