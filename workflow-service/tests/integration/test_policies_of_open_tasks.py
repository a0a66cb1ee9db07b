"""A changed calendar, and the targets of a new version, given to open tasks."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from service_kit.database.engine import Database
from workflow_service.usecases import run_applications
from workflow_service.usecases.run_applications import apply_next
from workflow_service.usecases.scan_due import scan_due

from ..calendars import DAILY, document
from ..clock_events import RESPONSES, ROUTED, TARGETS, breaches, clocks, comment, priority
from ..conftest import WORKFLOW, Api, Desk, Rows
from ..history import age, declare, status_now

Published = Callable[[str], list[dict[str, Any]]]
HOUR = timedelta(hours=1)
SHORTER = {"urgent_sla": "PT1M", "high_sla": "PT2H", "medium_sla": "PT12H", "low_sla": "PT20H"}
EVERY_HOUR = document(DAILY, ("00:00", "24:00"), zone="UTC")
HALF_DAYS = document(DAILY, ("00:00", "12:00"), zone="UTC")


def apply(api: Api, path: str, *, preview: bool, **headers: str) -> Any:
    answer = api.call("POST", f"{path}/apply", {"preview": preview}, **headers)
    assert answer.status_code == (200 if preview else 202), answer.text
    return answer.json


def carry_out(database: Database) -> None:
    while apply_next(database):
        pass


def put(api: Api, path: str, body: dict[str, Any]) -> None:
    answer = api.call("PUT", path, body)
    assert answer.status_code == 200, answer.text


@pytest.fixture
def path(api: Api, desk: Desk, rows: Rows, database: Database) -> str:
    """A workflow with a calendar that took ticket 7 three hours ago; return its path."""
    desk.team(1, "ann", leads=("lea",))
    calendar_id = api.call("POST", "/api/calendars", EVERY_HOUR).json["id"]
    workflow = api.deployed(**TARGETS, **RESPONSES, calendar_id=calendar_id)
    desk.route(7, **ROUTED)
    age(rows, 3)
    declare(database, rows)
    return f"/api/workflows/{workflow['id']}"


def started(rows: Rows) -> datetime:
    return rows("select created_at from tasks where ticket_id = 7")[0][0]  # type: ignore[no-any-return]


def test_a_preview_counts_and_changes_nothing(path: str, api: Api, rows: Rows, database: Database) -> None:
    put(api, path, WORKFLOW | SHORTER | RESPONSES | {"urgent_response_sla": "PT1M", "calendar_id": 1})
    before = rows("select * from tasks"), rows("select * from clocks"), rows("select count(*) from outbox")
    found = apply(api, path, preview=True)
    assert (rows("select * from tasks"), rows("select * from clocks"), rows("select count(*) from outbox")) == before
    assert (found["tasks"], found["moved"], found["would_breach_now"], found["truncated"]) == (1, 1, 1, False)
    ((example,)) = found["examples"]
    assert example["ticket_id"] == 7
    resolution = next(each for each in example["clocks"] if each["clock"] == "resolution")
    assert datetime.fromisoformat(resolution["due_at"]) == started(rows) + 8 * HOUR
    assert datetime.fromisoformat(resolution["new_due_at"]) == started(rows) + 2 * HOUR
    assert resolution["breaches"] is True
    carry_out(database)
    assert rows("select policies from tasks") == [(None,)]


def test_a_target_that_is_over_is_breached_now_and_not_before(
    path: str, api: Api, rows: Rows, database: Database, published: Published
) -> None:
    put(api, path, WORKFLOW | SHORTER | RESPONSES | {"urgent_response_sla": "PT1M", "calendar_id": 1})
    before = datetime.now(UTC)
    task = rows("select version, updated_at, workflow_version, step from tasks")
    ordered = apply(api, path, preview=False)
    assert (ordered["state"], ordered["tasks"], ordered["workflow_version"]) == ("pending", 0, 2)
    carry_out(database)
    done = api.get(f"/api/policy-applications/{ordered['id']}")
    assert (done["state"], done["tasks"], done["moved"]) == ("done", 1, 1)
    assert rows("select version, updated_at, workflow_version, step from tasks") == task
    event = published("ticket.assigned")[-1]
    assert (event["action"], event["workflow_version"]) == ("policy", 1)
    scan_due(database, datetime.now(UTC) + timedelta(seconds=5))
    found = {kind: (due, at, reason) for kind, due, at, reason, _ in breaches(rows) if kind in ("resolution", "step")}
    due, at, reason = found["resolution"]
    assert (due, reason) == (started(rows) + 2 * HOUR, "policy")
    assert before <= at <= datetime.now(UTC)
    assert "policy" in [each["reason"] for each in published("sla.breached")]


def test_a_late_fact_after_the_change_leads_to_the_same_clocks(
    path: str, api: Api, desk: Desk, rows: Rows, database: Database
) -> None:
    put(api, path, WORKFLOW | TARGETS | RESPONSES | {"high_sla": "PT9H", "calendar_id": 1})
    apply(api, path, preview=False)
    carry_out(database)
    assert clocks(rows, "resolution")[0][1] == started(rows) + 9 * HOUR
    priority(desk, started(rows) + HOUR, "medium")
    assert clocks(rows, "resolution")[0][1] == started(rows) + 24 * HOUR
    assert rows("select count(*) from breaches where reason = 'policy'") == [(0,)]


def test_a_longer_calendar_moves_the_due_date_and_new_versions_alone_are_applied(
    path: str, api: Api, rows: Rows, database: Database
) -> None:
    assert apply(api, "/api/calendars/1", preview=True)["tasks"] == 0
    put(api, "/api/calendars/1", HALF_DAYS)
    found = apply(api, "/api/calendars/1", preview=True)
    assert found["tasks"] == 1
    apply(api, "/api/calendars/1", preview=False)
    carry_out(database)
    assert rows(
        "select policies -> 0 ->> 'calendar_version', policies -> 0 ->> 'version', calendar_version from tasks"
    ) == [("2", "1", 1)]
    assert apply(api, "/api/calendars/1", preview=True)["tasks"] == 0
    assert apply(api, path, preview=True)["tasks"] == 0
    put(api, path, WORKFLOW | SHORTER | {"calendar_id": 1})
    assert apply(api, path, preview=True)["tasks"] == 1


def test_finished_clocks_and_finished_tasks_stay_as_they_are(
    path: str, api: Api, desk: Desk, rows: Rows, database: Database
) -> None:
    comment(desk, started(rows) + HOUR / 2, "agent")
    desk.route(8, **ROUTED)
    status_now(desk, 8, "resolved")
    answered = clocks(rows, "first_response")
    of_finished = rows("select c.* from clocks c join tasks t on t.id = c.task_id where t.ticket_id = 8 order by c.id")
    put(api, path, WORKFLOW | SHORTER | {"calendar_id": None})
    assert apply(api, path, preview=True)["tasks"] == 1
    apply(api, path, preview=False)
    carry_out(database)
    assert clocks(rows, "first_response") == answered
    assert (
        rows("select c.* from clocks c join tasks t on t.id = c.task_id where t.ticket_id = 8 order by c.id")
        == of_finished
    )
    assert clocks(rows, "resolution")[0][1] == started(rows) + 2 * HOUR, "without a calendar every hour counts"


def test_targets_that_are_taken_away_end_their_clocks_without_a_breach(
    path: str, api: Api, desk: Desk, rows: Rows, database: Database
) -> None:
    desk.route(9, **ROUTED)
    put(api, path, WORKFLOW | TARGETS | {"calendar_id": 1})
    before = rows("select count(*) from breaches where kind = 'first_response'")
    apply(api, path, preview=False)
    carry_out(database)
    scan_due(database, datetime.now(UTC) + 20 * HOUR)
    assert rows("select count(*) from breaches where kind = 'first_response'") == before
    assert {state for state, *_ in clocks(rows, "first_response")} == {"ended"}


def test_several_workers_apply_in_batches_and_each_task_once(
    path: str, api: Api, desk: Desk, rows: Rows, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_applications, "TASKS_PER_BATCH", 7)
    desk.deliver(*[desk.routed(number, **ROUTED) for number in range(100, 140)])
    put(api, path, WORKFLOW | SHORTER | {"calendar_id": 1})
    ordered = [apply(api, path, preview=False)["id"] for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        for result in [pool.submit(carry_out, database) for _ in range(4)]:
            result.result()
    carry_out(database)
    assert rows("select jsonb_array_length(policies), count(*) from tasks group by 1") == [(1, 41)]
    assert sum(api.get(f"/api/policy-applications/{each}")["tasks"] for each in ordered) == 41
    assert rows("select count(*) from policy_applications where state = 'done'") == [(2,)]


def test_a_batch_that_fails_is_found_again(
    path: str, api: Api, rows: Rows, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(api, path, WORKFLOW | SHORTER | {"calendar_id": 1})
    ordered = apply(api, path, preview=False)
    with monkeypatch.context() as broken:
        broken.setattr(run_applications.applications, "advance", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            apply_next(database)
    assert rows("select policies from tasks") == [(None,)]
    carry_out(database)
    assert api.get(f"/api/policy-applications/{ordered['id']}")["tasks"] == 1


def test_another_companys_tasks_stay_and_its_orders_are_not_found(
    path: str, api: Api, desk: Desk, rows: Rows, database: Database
) -> None:
    stranger = Api(api.client, company=2)
    theirs = f"/api/workflows/{stranger.deployed(**TARGETS)['id']}"
    desk.route(7, company=2, **ROUTED)
    for target in (path, "/api/calendars/1", "/api/workflows/999", "/api/calendars/999"):
        assert stranger.call("POST", f"{target}/apply", {"preview": False}).status_code == 404
    put(api, path, WORKFLOW | SHORTER | {"calendar_id": 1})
    ordered = apply(api, path, preview=False)
    carry_out(database)
    assert rows("select company_id, policies is null from tasks order by 1") == [(1, False), (2, True)]
    missing = stranger.call("GET", f"/api/policy-applications/{ordered['id']}")
    assert (missing.status_code, missing.json["code"]) == (404, "policy_application_not_found")
    assert apply(stranger, theirs, preview=True)["tasks"] == 0


def test_the_same_order_twice_under_one_key_is_one_application(path: str, api: Api, rows: Rows) -> None:
    first = apply(api, path, preview=False, Idempotency_Key="k")
    assert apply(api, path, preview=False, Idempotency_Key="k") == first
    assert rows("select count(*) from policy_applications") == [(1,)]


@pytest.mark.parametrize("body", [{}, {"preview": "yes"}, {"preview": True, "all": True}])
def test_a_bad_order_is_refused(path: str, api: Api, body: dict[str, Any]) -> None:
    assert api.call("POST", f"{path}/apply", body).status_code == 400


def test_a_preview_looks_at_no_more_tasks_than_the_setting(
    path: str, api: Api, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.route(8, **ROUTED)
    put(api, path, WORKFLOW | SHORTER | {"calendar_id": 1})
    kit = api.client.application.extensions["service_kit"]
    monkeypatch.setattr(kit, "dependencies", replace(kit.dependencies, dry_run_tasks=1))
    found = apply(api, path, preview=True)
    assert (found["tasks"], found["truncated"]) == (1, True)
