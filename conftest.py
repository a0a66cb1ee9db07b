"""The fixtures that every distribution's tests may use, and patience with the machine that they run on."""

from collections.abc import Iterator
from typing import Any

import pytest
from service_kit.database import engine

import launcher  # noqa: F401 - before pytest takes the folder of that name for a namespace package
from tests.reaper import end_with_script

end_with_script()

pytest_plugins = ["service_kit.testing.fixtures", "eventbus.testing.fixtures", "model_kit.testing"]
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
