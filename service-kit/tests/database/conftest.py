"""A schema with the kit's tables and one table of a service's own, `notes`."""

from collections.abc import Iterator

import pytest
from service_kit.database.engine import Database
from service_kit.testing.fixtures import ServiceDatabaseFactory
from service_kit.testing.postgres import ServiceDatabase


@pytest.fixture
def kit(service_database: ServiceDatabaseFactory) -> ServiceDatabase:
    """The schema, emptied."""
    made = service_database("kit", "service_kit.testing.migrations")
    made.clean()
    return made


@pytest.fixture
def database(kit: ServiceDatabase) -> Iterator[Database]:
    """A way into it for one test, with a small pool that must not leak from one company to the next."""
    made = Database(kit.url, schema="kit", relay_url=kit.relay_url, pool_size=2)
    yield made
    made.dispose()
