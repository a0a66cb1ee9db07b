"""A PostgreSQL and a RabbitMQ that the tests may break."""

import logging
import os
from collections.abc import Iterator

import pytest

from tests.chaos.cluster import Ground, ground


@pytest.fixture(scope="session")
def on() -> Iterator[Ground]:
    """What all clusters of this run stand on."""
    # Its complaints while the broker is away would bury what the checker found.
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    try:
        with ground() as made:
            yield made
    except FileNotFoundError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
