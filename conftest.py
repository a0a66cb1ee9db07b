"""The fixtures that every distribution's tests may use, and patience with the machine that they run on."""

from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from eventbus.bus.rabbitmq.bus import RabbitBus
from service_kit.database import engine

import launcher  # noqa: F401 - before pytest takes the folder of that name for a namespace package
from tests.reaper import end_with_script

end_with_script()
pytest.register_assert_rewrite("tests.security.policy_tests")

# structlog's own default draws a traceback with its local variables, which takes a second of CPU for each.
structlog.configure(
    processors=[
        structlog.stdlib.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(key_order=["level", "event"]),
    ]
)

_FIXTURES = ("service_kit.testing", "init_db.testing", "eventbus.testing")
pytest_plugins = [*(f"{package}.fixtures" for package in _FIXTURES), "model_kit.testing"]
STATEMENT_TIMEOUT_MS = 5_000
"""What a service has that sets nothing else."""


@pytest.fixture(scope="session", autouse=True)
def patient_databases() -> Iterator[None]:
    """Wait for connections, locks and statements as long as a busy machine may need; a test of a limit sets its own."""
    arguments = engine.Database._connect_arguments

    def patient(database: engine.Database) -> dict[str, Any]:
        made = arguments(database)
        if database._statement_timeout_ms == STATEMENT_TIMEOUT_MS:
            made["options"] += " -c statement_timeout=60000 -c lock_timeout=60000"
        return made

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engine, "CONNECT_SECONDS", 60)
        patched.setattr(engine, "POOL_WAIT_SECONDS", 60.0)
        patched.setattr(engine.Database, "_connect_arguments", patient)
        yield


@pytest.fixture(scope="session", autouse=True)
def patient_brokers() -> Iterator[None]:
    """Wait for a connection to RabbitMQ as long as a busy machine may need; a test of that limit sets its own."""
    defaults = RabbitBus.__init__.__kwdefaults__
    assert defaults is not None
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(defaults, "connect_seconds", 60.0)
        yield
