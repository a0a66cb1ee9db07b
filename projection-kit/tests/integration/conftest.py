"""A schema for the tables of the tests."""

import pytest
from service_kit.testing.fixtures import ServiceDatabaseFactory
from service_kit.testing.postgres import ServiceDatabase


@pytest.fixture
def kit(service_database: ServiceDatabaseFactory) -> ServiceDatabase:
    """The schema, emptied."""
    made = service_database("kit", "service_kit.testing.migrations")
    made.clean()
    return made
