"""One real system for all tests that only use it; those that break something start their own."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.stack import Stack

SHARED: list[Stack] = []


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The system on PostgreSQL and RabbitMQ, a process tree per service."""
    with Stack() as running:
        SHARED.append(running)
        yield running


def shares(item: Any) -> bool:
    """Tell whether a test uses the shared system."""
    found = item._fixtureinfo.name2fixturedefs.get("stack", ())
    return bool(found) and found[-1].scope == "session"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Let the tests that share a system come first, in the order that they have."""
    items.sort(key=lambda item: not shares(item))


def pytest_runtest_setup(item: Any) -> None:
    """End the shared system when nobody needs it any more: two of them leave PostgreSQL no connection for others."""
    while SHARED and not shares(item):
        SHARED.pop().__exit__()
