"""Fixtures of a running RabbitMQ at `TEST_RABBITMQ_URL`; the repository's outermost `conftest.py` loads them."""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from service_kit.testing.fixtures import skip_or_fail

from eventbus.testing import rabbitmq


@pytest.fixture(scope="session")
def rabbitmq_url() -> str:
    """Address of a running RabbitMQ."""
    url = os.environ.get("TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672/")
    if not rabbitmq.is_reachable(url):
        skip_or_fail("no RabbitMQ")
    return url


@pytest.fixture(scope="session")
def rabbitmq_vhost(rabbitmq_url: str) -> Iterator[str]:
    """Address of an empty virtual host that lives as long as the test run."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(rabbitmq.temporary_vhost(rabbitmq_url))
        except FileNotFoundError as error:
            skip_or_fail(str(error))
        yield url
