"""The real systems of the tests: one for all that only use it, others for those that need settings or change much.

A test that breaks a system for others starts its own.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from ai_service.adapters.claude.testing import MessagesApi, says

from tests.stack import Stack

from .one_machine import RunningMachine
from .partner_stubs import Partners, partner_stubs

PUBLIC_URL = "http://desk.localhost"
"""Of `polling`: the beginning of its links and the issuer of its tokens. Tests send their requests to 127.0.0.1."""
RUNNING: list[tuple[str, Stack | RunningMachine]] = []
SHARED = ("stack", "polling", "asking", "machine")
"""The systems in the order in which their tests run."""
System = TypeVar("System", Stack, RunningMachine)


def running(name: str, started: System) -> Iterator[System]:
    """Yield a system; it may be ended earlier by `pytest_runtest_setup`."""
    with started:
        RUNNING.append((name, started))
        yield started


@pytest.fixture(scope="session")
def partners() -> Iterator[Partners]:
    """AMS and BMS, which workflow-service of `stack` asks."""
    with partner_stubs() as served:
        yield served


@pytest.fixture(scope="session")
def stack(partners: Partners) -> Iterator[Stack]:
    """The system on PostgreSQL and RabbitMQ, a process tree per service."""
    yield from running("stack", Stack(of={"workflow-service": partners.settings()}))


@pytest.fixture(scope="session")
def polling(encoder_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A system at a public address, with a local model and exports, whose gateway asks twice a second what was revoked.

    A test may stop its services and start them. A training begins by request only.
    """
    exports = tmp_path_factory.mktemp("exports")
    settings = {"REVOCATION_POLL_SECONDS": "0.5", "PUBLIC_URL": PUBLIC_URL}
    of_ai = {
        "MODELS_DIR": str(encoder_folder.parent),
        "TRAINING_DATA_DIR": str(exports),
        "ANALYZE_TRAINING_THRESHOLD": "1000000",
    }
    yield from running("polling", Stack(settings=settings, of={"ai-service": of_ai}))


@pytest.fixture(scope="session")
def messages_api() -> Iterator[MessagesApi]:
    """What `asking` calls instead of Claude."""
    with MessagesApi() as server:
        yield server


@pytest.fixture
def claude(messages_api: MessagesApi) -> MessagesApi:
    """A model that sends everything to Facilities; a test may let it answer otherwise."""
    messages_api.always(says("Facilities", 400, "Something hums."))
    return messages_api


@pytest.fixture(scope="session")
def asking(messages_api: MessagesApi) -> Iterator[Stack]:
    """A system that asks Claude; ai-service has two HTTP processes and the worker."""
    of_ai = {
        "ANTHROPIC_API_KEY": "sk-ant-test",
        "ANTHROPIC_BASE_URL": messages_api.url,
        "ANTHROPIC_DEADLINE_SECONDS": "2",
        "HTTP_WORKERS": "2",
    }
    yield from running("asking", Stack(of={"ai-service": of_ai}))


@pytest.fixture(scope="session")
def machine(encoder_folder: Path) -> Iterator[RunningMachine]:
    """A system that `smart-ticket up` started, with a local model."""
    yield from running("machine", RunningMachine(str(encoder_folder)))


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
