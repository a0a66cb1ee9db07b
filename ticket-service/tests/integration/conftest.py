"""The steps of jobs, taken in the test's process."""

from collections.abc import Callable, Iterator

import pytest
from service_kit.testing.postgres import ServiceDatabase
from ticket_service.settings import Settings
from ticket_service.usecases import take_job_step

from .steps import Steps


@pytest.fixture
def steps(made: ServiceDatabase, read: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> Iterator[Steps]:
    """Takes steps; no step ends early, however busy the machine is."""
    monkeypatch.setattr(take_job_step, "MAX_SECONDS", 600.0)
    taken = Steps(made, read())
    yield taken
    taken.close()
