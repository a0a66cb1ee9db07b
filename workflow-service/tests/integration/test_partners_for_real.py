"""Partners that fail, hang and come back; workers that are killed; and everything else that goes on meanwhile."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from service_kit.database.engine import Database
from workflow_service.ports import Question
from workflow_service.store import external_requests
from workflow_service.usecases.scan_due import scan_due

from ..conftest import Api, Desk, Rows
from ..external_requests import ASSET, STEPS, WAYS, Tasks, Worker
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


def test_an_approval_lets_the_task_move_on(
    tasks: Tasks, ams: FakePartner, database: Database, published: Callable[[str], list[dict[str, Any]]], rows: Rows
) -> None:
    task = tasks.asked(1)
    version = tasks.api.call("GET", task).headers["ETag"]
    assert Worker(database, ams.url).ask_once() == 1
    external = tasks.external(task)
    assert (external["state"], external["tries"], external["next_try_at"]) == ("approved", 1, None)
    assert external["answer"] == {**external["answer"], "reservation_id": "R-1", "colour": "grey", "asset_id": "A1"}
    assert (ams.calls[0].body["requester_id"], ams.calls[0].body["duration_days"]) == ("ann@example.com", 90)
    shown = tasks.api.call("GET", task)
    assert shown.headers["ETag"] != version
    assert shown.json["pending_external_approval"] is False
    line = shown.json["history"][0]
    assert (line["action"], line["actor"]) == ("asset approved", "ams")
    assert tasks.go(task, "Deliver").status_code == 200
    (event,) = published("task.external.decided")
    assert (event["state"], event["reference"], event["decided_by"]) == ("approved", "R-1", "partner")
    assigned = published("ticket.assigned")
    assert [each["revision"] for each in assigned] == list(range(1, len(assigned) + 1))
    assert Worker(database, ams.url).ask_once() == 0


def test_five_failures_open_the_breaker_and_the_tasks_are_taken_up_again_when_ams_is_back(
    tasks: Tasks, ams: FakePartner, database: Database, rows: Rows
) -> None:
    addresses = [tasks.asked(number) for number in range(1, 9)]
    ams.mode = "503"
    worker = Worker(database, ams.url, threads=1, retry_seconds=5, breaker_seconds=3600)
    asker = worker.asker()

    def is_open() -> bool:
        return b'partner_breaker_open{partner="ams"} 1.0' in worker.metrics.render()

    for calls in range(1, 6):
        assert not is_open()
        assert asker.ask_due() == 1
        asker.join(60)
        assert len(ams.calls) == calls
    assert is_open()
    for _ in range(3):
        asker.ask_due()
        asker.join(60)
    assert len(ams.calls) == 5, "an open breaker makes no call"
    assert b'partner_calls_total{outcome="waiting",partner="ams"} 5.0' in worker.metrics.render()
    assert rows("select tries, count(*)::int from external_requests group by 1 order by 1") == [(0, 3), (1, 5)]
    assert all(tasks.api.get(address)["pending_external_approval"] for address in addresses)
    # The request that the breaker refused is asked after the hour that the breaker is open.
    assert rows("select count(*)::int from external_requests where next_try_at > now() + interval '30 minutes'") == [
        (1,)
    ]

    ams.mode = "approve"
    with database.session(1) as session, session.begin():
        session.connection().exec_driver_sql("update external_requests set next_try_at = now()")
    stop = Worker(database, ams.url, breaker_seconds=0.2).start()
    try:
        eventually(lambda: rows(STATES) == [("approved", 8)])
    finally:
        stop()
    assert len(ams.booked) == 8
    assert not any(tasks.api.get(address)["pending_external_approval"] for address in addresses)


def test_a_partner_that_comes_back_is_asked_again_by_itself(
    tasks: Tasks, ams: FakePartner, database: Database, rows: Rows
) -> None:
    for number in range(1, 7):
        tasks.asked(number)
    ams.mode = "500"
    stop = Worker(database, ams.url, breaker_seconds=0.5).start()
    try:
        eventually(lambda: len(ams.calls) >= 8)  # the breaker opened at five, and probes since
        assert rows("select count(*)::int from external_requests where state in ('waiting', 'unknown')") == [(6,)]
        ams.mode = "approve"
        eventually(lambda: rows(STATES) == [("approved", 6)])
    finally:
        stop()
    assert sorted(ams.booked.values()) == [1] * 6
    assert len(set(ams.keys)) == 6, "every try of a request has its one key"


def _question_of(asker: Any, database: Database) -> Any:

    with database.session(1) as session, session.begin():
        request = external_requests.newest(
            session, 1, session.connection().exec_driver_sql("select id from tasks").scalar_one()
        )
    assert request is not None
    return Question(request, "IT Support")


def test_after_the_last_try_a_request_fails_and_a_manager_sends_it_again(
    tasks: Tasks, ams: FakePartner, database: Database, rows: Rows, published: Callable[[str], list[dict[str, Any]]]
) -> None:
    task = tasks.asked(1)
    ams.mode = "503"
    worker = Worker(database, ams.url, max_tries=3, retry_seconds=0.01)
    eventually(lambda: (worker.ask_once(), tasks.external(task)["state"])[1] == "failed")
    assert tasks.external(task)["tries"] == len(ams.calls) == 3
    assert tasks.api.get(task)["pending_external_approval"] is False
    assert [event["state"] for event in published("task.external.decided")] == ["failed"]
    assert worker.ask_once() == 0
    again = tasks.max.call("POST", f"{task}/external/retry", {"notes": "AMS is back."})
    assert (again.status_code, again.json["external"]["state"], again.json["external"]["tries"]) == (202, "waiting", 0)
    ams.mode = "approve"
    assert worker.ask_once() == 1
    assert tasks.external(task)["state"] == "approved"
    assert len(set(ams.keys)) == 1


def test_a_refused_key_fails_the_request_at_once(tasks: Tasks, ams: FakePartner, database: Database) -> None:
    task = tasks.asked(1)
    ams.mode = "401"
    Worker(database, ams.url).ask_once()
    assert tasks.external(task)["state"] == "failed"
    assert "401" in tasks.external(task)["reason"]


def test_two_workers_ask_each_request_once(tasks: Tasks, ams: FakePartner, database: Database, rows: Rows) -> None:
    for number in range(1, 21):
        tasks.asked(number)
    askers = [Worker(database, ams.url, threads=8).asker() for _ in range(2)]

    def ask(asker: Any) -> None:
        while rows("select count(*)::int from external_requests where state = 'waiting'") != [(0,)]:
            asker.ask_due()
            asker.join(60)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(ask, askers))
    assert rows(STATES) == [("approved", 20)]
    assert len(ams.calls) == 20
    assert len(set(ams.keys)) == 20


def test_requests_of_all_companies_are_asked_and_none_sees_anothers(
    api: Api, desk: Desk, ams: FakePartner, rows: Rows
) -> None:
    first = Tasks(api, desk)
    first.asked(1)
    other = Api(api.client, company=2)
    desk.team(1, "ann", company=2)
    other.deployed(steps=STEPS, transitions=WAYS)
    desk.route(2, company=2, department="IT Support", category="IT Support")
    (task,) = other.every("/api/tasks")
    other.call("POST", f"/api/tasks/{task['task_id']}/transition", {"to": "Reserve", "notes": "x"})
    assert other.call("POST", f"/api/tasks/{task['task_id']}/external", ASSET).status_code == 202
    assert Worker(desk.database, ams.url).ask_once() == 2
    assert rows("select company_id, state from external_requests order by 1") == [(1, "approved"), (2, "approved")]


def test_a_partner_that_hangs_delays_no_scan(tasks: Tasks, ams: FakePartner, database: Database, rows: Rows) -> None:
    for number in range(1, 13):
        tasks.asked(number)
    ams.mode = "hang"

    def scan() -> float:
        began = time.perf_counter()
        scan_due(database, datetime.now(UTC) - timedelta(days=1))
        return time.perf_counter() - began

    quiet = sorted(scan() for _ in range(200))[100]
    asker = Worker(database, ams.url, seconds=180).asker()
    assert asker.ask_due() == 4, "no more calls than threads"
    eventually(lambda: len(ams.calls) == 4)
    assert asker.ask_due() == 0
    busy = sorted(scan() for _ in range(200))[100]
    ams.released.set()
    asker.join(180)
    # Far apart, for a machine with other work on it: a scan that waited for the partner would take minutes.
    assert busy < 5 * quiet + 0.05, (quiet, busy)
    print(f"median of 200 scans: {quiet * 1000:.2f} ms before, {busy * 1000:.2f} ms while AMS hangs")
