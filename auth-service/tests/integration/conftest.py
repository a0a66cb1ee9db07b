"""Ada, who founded a company, and her second factor."""

import pytest
from auth_service.adapters import one_time_codes

from ..conftest import Api, People
from ..credentials import App, Clock, Factor, confirm, enable


@pytest.fixture
def ada(people: People) -> Api:
    """The service as the admin of a new company sees it."""
    people.found()
    return people.as_caller(people.log_in().json["access_token"])


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time by which the service checks codes."""
    clock = Clock()
    real = one_time_codes.step_of
    monkeypatch.setattr(one_time_codes, "step_of", lambda secret, code, _now: real(secret, code, clock.moment))
    return clock


@pytest.fixture
def factor(ada: Api, clock: Clock) -> Factor:
    """Ada's authenticator app, confirmed, and her recovery codes."""
    app = App(clock, enable(ada).json["secret"])
    answer = confirm(ada, app.next_code())
    assert answer.status_code == 200, answer.text
    return app, answer.json["recovery_codes"]
