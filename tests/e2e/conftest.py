"""One real system for all tests that only use it; those that break something start their own."""

from collections.abc import Iterator

import pytest

from tests.stack import Stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The system on PostgreSQL and RabbitMQ, a process tree per service."""
    with Stack() as running:
        yield running
