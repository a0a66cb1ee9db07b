"""The real systems of the tests: one for all that only use it, others for those that need settings or change much.

A test that breaks a system for others starts its own.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.stack import Stack

PUBLIC_URL = "http://desk.localhost"
"""Of `polling`: the beginning of its links and the issuer of its tokens. Tests send their requests to 127.0.0.1."""
RUNNING: list[tuple[str, Stack]] = []
SHARED = ("stack", "polling")
"""The systems in the order in which their tests run."""


def running(name: str, started: Stack) -> Iterator[Stack]:
    """Yield a system; it may be ended earlier by `pytest_runtest_setup`."""
    with started:
        RUNNING.append((name, started))
        yield started


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The system on PostgreSQL and RabbitMQ, a process tree per service."""
    yield from running("stack", Stack())


@pytest.fixture(scope="session")
def polling() -> Iterator[Stack]:
    """A system at a public address whose gateway asks twice a second what was revoked.

    A test may stop its services and start them.
    """
    yield from running("polling", Stack(settings={"REVOCATION_POLL_SECONDS": "0.5", "PUBLIC_URL": PUBLIC_URL}))


def systems_of(item: Any) -> list[str]:
    """Return the shared systems that a test uses."""
    definitions = item._fixtureinfo.name2fixturedefs
    return [name for name in SHARED if name in definitions and definitions[name][-1].scope == "session"]


def turn_of(item: Any) -> int:
    """Return what tests are sorted by: those of one system together, those with a system of their own last."""
    used = systems_of(item)
    return SHARED.index(used[0]) if used else len(SHARED)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Let the tests of each shared system follow each other, in the order that they have."""
    items.sort(key=turn_of)


def pytest_runtest_setup(item: Any) -> None:
    """End the systems that nobody needs any more: two of them leave PostgreSQL no connection for others."""
    used = systems_of(item)
    while RUNNING and RUNNING[0][0] not in used:
        RUNNING.pop(0)[1].__exit__()
