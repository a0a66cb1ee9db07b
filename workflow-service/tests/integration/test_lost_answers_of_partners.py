"""Answers that are lost or late, and workers that are killed: nothing is reserved twice."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from service_kit.database.engine import Database
from service_kit.testing.postgres import ServiceDatabase
from workflow_service.ports import Question
from workflow_service.store import external_requests
from workflow_service.usecases import run_external_requests
from workflow_service.usecases.save_verdict import save_verdict

from tests.reaper import kill_with_us

from ..conftest import Api, Desk, Rows
from ..external_requests import Tasks, Worker
from ..partners import FakePartner, fake_partner
from .test_scans_for_real import eventually

STATES = "select state, count(*)::int from external_requests group by 1 order by 1"


@pytest.fixture
def ams() -> Iterator[FakePartner]:
    """A partner that approves."""
    with fake_partner() as served:
        yield served


@pytest.fixture
def tasks(api: Api, desk: Desk) -> Tasks:
    """Tasks with a step that asks AMS."""
    return Tasks(api, desk)


@pytest.mark.parametrize("mode", ["reset after booking", "hang after booking"])
def test_an_answer_that_gets_lost_reserves_nothing_twice(
    tasks: Tasks, ams: FakePartner, database: Database, rows: Rows, mode: str
) -> None:
    task = tasks.asked(1)
    ams.mode = mode
    assert Worker(database, ams.url, seconds=0.5).ask_once() == 1
    external = tasks.external(task)
    assert (external["state"], external["tries"]) == ("unknown", 1)
    assert tasks.api.get(task)["pending_external_approval"] is True
    ams.mode = "approve"
    eventually(lambda: bool(Worker(database, ams.url).ask_once()))
    assert tasks.external(task)["state"] == "approved"
    assert len(ams.calls) == 2
    assert len(set(ams.keys)) == 1
    assert list(ams.booked.values()) == [1]


def test_an_answer_that_is_not_stored_reserves_nothing_twice(
    tasks: Tasks, ams: FakePartner, database: Database, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = tasks.asked(1)

    def killed(*_: object) -> None:
        raise RuntimeError  # the answer goes with the thread

    with monkeypatch.context() as patch:
        patch.setattr(run_external_requests, "save_verdict", killed)
        assert Worker(database, ams.url, lease=timedelta(seconds=1)).ask_once() == 1
    assert len(ams.calls) == 1
    assert tasks.external(task)["state"] == "waiting"
    assert Worker(database, ams.url).ask_once() == 0, "the lease of the killed one still runs"
    eventually(lambda: bool(Worker(database, ams.url).ask_once()))
    assert tasks.external(task)["state"] == "approved"
    assert len(ams.calls) == 2
    assert list(ams.booked.values()) == [1], "AMS knows the key"


def test_a_worker_killed_after_ams_has_reserved_reserves_nothing_twice(
    tasks: Tasks, ams: FakePartner, database: Database, rows: Rows, made: ServiceDatabase
) -> None:
    task = tasks.asked(1)
    ams.mode = "hang after booking"
    mapping = {"SMARTTICKET_ENV": "development", "DATABASE_URL": made.url, "RELAY_DATABASE_URL": made.relay_url}
    mapping |= {"AMS_URL": ams.url, "AMS_API_KEY": "secret", "PARTNER_TIMEOUT_SECONDS": "120"}
    command = [sys.executable, str(Path(__file__).with_name("asker.py")), json.dumps(mapping)]
    worker = subprocess.Popen(command, start_new_session=True)
    kill_with_us("group", worker.pid)
    try:
        eventually(lambda: list(ams.booked.values()) == [1])
    finally:
        worker.kill()
        worker.wait()
    ((state, lease),) = rows("select state, lease_until - now() from external_requests")
    assert state == "waiting"
    assert timedelta(minutes=3) < lease < timedelta(minutes=5), "longer than a call may take"
    assert Worker(database, ams.url).ask_once() == 0, "the killed one might still be calling"
    with database.session(1) as session, session.begin():
        session.connection().exec_driver_sql("update external_requests set lease_until = now()")
    ams.mode = "approve"
    assert Worker(database, ams.url).ask_once() == 1
    assert (tasks.external(task)["state"], tasks.external(task)["tries"]) == ("approved", 2)
    assert len(set(ams.keys)) == 1
    assert list(ams.booked.values()) == [1]


def test_an_answer_after_a_persons_decision_is_kept_beside_it(
    tasks: Tasks, ams: FakePartner, database: Database, rows: Rows, published: Callable[[str], list[dict[str, Any]]]
) -> None:
    task = tasks.asked(1)
    ams.mode = "hang"
    asker = Worker(database, ams.url).asker()
    assert asker.ask_due() == 1
    eventually(lambda: bool(ams.calls))
    tasks.max.call("POST", f"{task}/external/decide", {"approved": False, "reason": "too dear"})
    ams.mode = "approve"
    assert rows("select lease_until is not null from external_requests") == [(True,)]
    with database.session(1) as session, session.begin():
        request = external_requests.lock(session, 1, rows("select id from external_requests")[0][0])
    assert request is not None
    question = Question(request, "IT Support")
    save_verdict(database, asker.partner, question, asker.partner.ask(question), asker.limits)
    external = tasks.external(task)
    assert (external["state"], external["decided_by"]) == ("refused", "person:user:9")
    assert external["answer"]["reservation_id"] == "R-1"
    line = tasks.api.get(task)["history"][0]
    assert line["action"] == "asset answered late"
    assert "refused: approved" in line["notes"]
    assert [event["state"] for event in published("task.external.decided")] == ["refused"]
    ams.released.set()
    asker.join(60)


def test_a_deleted_ticket_ends_its_request(tasks: Tasks, ams: FakePartner, database: Database, rows: Rows) -> None:
    tasks.asked(1)
    ams.mode = "hang"
    asker = Worker(database, ams.url).asker()
    asker.ask_due()
    eventually(lambda: bool(ams.calls))
    tasks.desk.delete(1)
    ams.released.set()
    asker.join(60)
    assert rows("select count(*)::int from external_requests") == [(0,)]


def test_the_loop_ends_when_the_worker_stops_though_the_partner_hangs(
    tasks: Tasks, ams: FakePartner, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_external_requests, "STOP_SECONDS", 0.2)
    tasks.asked(1)
    ams.mode = "hang"
    stopping = Event()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(
            run_external_requests.run_external_requests, [Worker(database, ams.url).asker()], stopping
        )
        eventually(lambda: bool(ams.calls))
        stopping.set()
        running.result(timeout=60)
    ams.released.set()
