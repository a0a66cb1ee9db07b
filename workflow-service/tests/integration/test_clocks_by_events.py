"""Clocks follow the facts of events, in any order of arrival."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from eventbus.wire import rfc3339
from service_kit.database.engine import Database
from service_kit.telemetry.cause import Cause
from workflow_service.store.facts import Fact
from workflow_service.usecases.take_facts import take_facts

from ..calendars import document
from ..clock_events import RESPONSES, ROUTED, TARGETS, clocks, comment, now_of, priority, status
from ..conftest import Api, Desk, Rows

Published = Callable[[str], list[dict[str, Any]]]
PATIENCE_SECONDS = 60
HOUR = timedelta(hours=1)


@pytest.fixture
def started(api: Api, desk: Desk, rows: Rows) -> datetime:
    """The task of ticket 7 with three steps and targets of its responses; return its start."""
    desk.team(1, "ann", leads=("lea",))
    api.deployed(**TARGETS, **RESPONSES)
    desk.route(7, **ROUTED)
    return now_of(rows)


def test_a_new_task_shows_the_clocks_of_its_step_its_response_and_its_resolution(
    started: datetime, rows: Rows, published: Published
) -> None:
    ((deadline, breached, shown),) = rows("select sla_deadline, is_sla_breached, clocks from tasks")
    assert (deadline, breached) == (started + 8 * HOUR / 2, False)
    assert [(each["clock"], each["step"], each["due_at"], each["state"], each["breached"]) for each in shown] == [
        ("first_response", None, rfc3339(started + HOUR), "running", False),
        ("resolution", None, rfc3339(started + 8 * HOUR), "running", False),
        ("step", "New", rfc3339(started + 8 * HOUR / 2), "running", False),
    ]
    (event,) = published("ticket.assigned")
    assert (event["due"], event["breached"], event["clocks"]) == (rfc3339(deadline), False, shown)


def test_a_calendar_counts_and_the_task_keeps_its_version(api: Api, desk: Desk, rows: Rows) -> None:
    body = document(["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ("00:00", "12:00"), zone="UTC")
    calendar_id = api.call("POST", "/api/calendars", body).json["id"]
    api.deployed(**TARGETS, calendar_id=calendar_id)
    desk.route(7, **ROUTED)
    ((before,),) = rows("select due_at from clocks where kind = 'resolution'")
    assert before.hour < 12 or (before.hour, before.minute) == (12, 0)
    api.call("PUT", f"/api/calendars/{calendar_id}", body | {"weekly": {"mon": [["00:00", "04:00"]]}})
    priority(desk, now_of(rows) + timedelta(seconds=1), "urgent")
    priority(desk, now_of(rows) + timedelta(seconds=2), "high", revision=3)
    assert rows("select due_at from clocks where kind = 'resolution'") == [(before,)]
    assert rows("select calendar_version from tasks") == [(1,)]


def test_a_hold_pauses_and_a_release_moves_the_due_date_by_the_times_of_the_events(
    started: datetime, desk: Desk, rows: Rows, published: Published
) -> None:
    status(desk, started + HOUR, "on_hold")
    assert clocks(rows, "resolution") == [("paused", None, None, False)]
    assert clocks(rows, "first_response")[0][0] == "running"
    events = published("ticket.assigned")
    assert [(event["action"], event["revision"]) for event in events] == [("created", 1), ("clocks", 2)]
    assert events[1]["due"] is None
    assert rows("select version from tasks") == [(1,)], "who edits the task isn't disturbed"
    status(desk, started + 3 * HOUR, "in_progress", revision=3)
    assert clocks(rows, "resolution") == [("running", started + 10 * HOUR, None, True)]
    revisions = [event["revision"] for event in published("ticket.assigned")]
    assert revisions == list(range(1, len(revisions) + 1))


def test_facts_that_arrive_before_the_task_and_out_of_order_count(api: Api, desk: Desk, rows: Rows) -> None:
    api.deployed(**TARGETS)
    at = datetime.now(UTC) + HOUR
    status(desk, at + 2 * HOUR, "in_progress", revision=3)
    status(desk, at, "on_hold", revision=2)
    desk.route(7, **ROUTED)
    assert clocks(rows, "resolution")[0][1] == now_of(rows) + 10 * HOUR


def test_a_fact_and_the_start_of_its_task_at_the_same_time_are_both_counted(
    api: Api, desk: Desk, rows: Rows, database: Database
) -> None:
    """The task begins while the transaction of the fact is open."""
    api.deployed(**TARGETS)
    at = datetime.now(UTC) + HOUR
    beginning = Thread(target=lambda: desk.route(7, **ROUTED))
    with database.session(1) as session, session.begin():
        take_facts(session, [Fact(1, 7, "status", at, 2, "on_hold")], {(1, 7): Cause(request_id="x")})
        beginning.start()
        waiting = (
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        )
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not rows(waiting)[0][0] and beginning.is_alive():
            assert time.monotonic() < deadline
            time.sleep(0.01)
    beginning.join(PATIENCE_SECONDS)
    assert clocks(rows, "resolution")[0][0] == "paused"


def test_the_same_event_twice_changes_nothing(started: datetime, desk: Desk, rows: Rows, published: Published) -> None:
    status(desk, started + HOUR, "on_hold")
    status(desk, started + HOUR, "on_hold")
    assert len(published("ticket.assigned")) == 2
    assert rows("select count(*) from ticket_facts where kind = 'status'") == [(1,)]


def test_a_persons_priority_gives_another_target_from_the_same_start(
    started: datetime, desk: Desk, rows: Rows, published: Published
) -> None:
    priority(desk, started + timedelta(minutes=1), "medium", given=False)
    assert clocks(rows, "resolution")[0][1] == started + 8 * HOUR
    priority(desk, started + timedelta(minutes=2), "urgent", revision=3)
    assert clocks(rows, "resolution")[0][1] == started + HOUR
    assert published("ticket.assigned")[-1]["priority"] == "urgent"
    desk.route(7, revision=2, **ROUTED | {"priority": "low"})
    assert clocks(rows, "resolution")[0][1] == started + HOUR
    assert rows("select priority from tasks") == [("urgent",)]


def test_a_public_reply_ends_the_first_response_and_a_question_starts_the_next(
    started: datetime, desk: Desk, rows: Rows
) -> None:
    comment(desk, started + timedelta(minutes=5), "agent", internal=True)
    comment(desk, started + timedelta(minutes=6), "machine", revision=2)
    assert clocks(rows, "first_response")[0][0] == "running"
    reply, question = started + timedelta(minutes=10), started + timedelta(minutes=30)
    comment(desk, reply, "agent", revision=3)
    comment(desk, question, "requester", revision=4)
    assert clocks(rows, "first_response") == [("ended", started + HOUR, reply, False)]
    assert clocks(rows, "next_response") == [("running", question + HOUR, None, True)]
    # A late reply from before the question takes the clock's ground away; one after it ends the clock.
    comment(desk, question + timedelta(minutes=1), "agent", revision=5)
    assert clocks(rows, "next_response")[0][0] == "ended"
