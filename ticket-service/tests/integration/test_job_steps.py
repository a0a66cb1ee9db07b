"""The steps of jobs: kills, turns, cancellation, limits, maintenance."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy.orm import Session
from ticket_service import service
from ticket_service.settings import Settings
from ticket_service.usecases import take_job_step
from ticket_service.usecases.keep_jobs import maintain_jobs

from ..conftest import Api
from .steps import Steps, results, start, titled

Rows = Callable[..., list[tuple[Any, ...]]]
STEP, ITEMS = 10, 24
"""The items of a step and of a job whose worker is killed: two whole steps and a part of a third."""


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_worker_killed_while_it_creates_loses_and_repeats_no_item(
    api: Api, steps: Steps, rows: Rows, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    monkeypatch.setattr(take_job_step, "MAX_ITEMS", STEP)
    job_id = start(api, "POST", titled(*(f"T{number}" for number in range(ITEMS))))
    calls = 0
    insert = take_job_step.insert_tickets

    def dying(session: Session, *arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        made = insert(session, *arguments)
        if calls == at:
            raise Killed
        return made

    monkeypatch.setattr(take_job_step, "insert_tickets", dying)
    with suppress(Killed):
        steps.finish()
    assert calls == at
    assert rows("select count(*) from tickets") == rows("select succeeded from jobs") == [((at - 1) * STEP,)]
    steps.finish()
    items = results(api, job_id)
    assert [item["status"] for item in items] == ["succeeded"] * ITEMS
    shown = rows("select id, title from tickets order by id")
    assert [(item["ticket_id"], f"T{item['index']}") for item in items] == shown
    assert rows("select count(*) from ticket_events") == [(ITEMS,)]


@pytest.mark.parametrize("at", [0, 1, 7, 9, 10, 13, 23])
@pytest.mark.parametrize("missing", [0, 2])
def test_a_worker_killed_at_any_change_loses_and_repeats_none(
    api: Api, steps: Steps, rows: Rows, monkeypatch: pytest.MonkeyPatch, at: int, missing: int
) -> None:
    """With missing tickets the items of each step are processed one by one, after all together failed."""
    monkeypatch.setattr(take_job_step, "MAX_ITEMS", STEP)
    start(api, "POST", titled(*map(str, range(ITEMS - missing * 3))))
    steps.finish()
    numbers = [number for (number,) in rows("select id from tickets order by id")]
    for place in (2, 12, 21)[: missing * 3]:
        numbers[place:place] = [10**6 + place + extra for extra in range(missing)]
    job_id = start(api, "PATCH", {"ids": numbers, "change": {"priority": "high", "status": "on_hold"}})
    changed: dict[int, int] = {}
    alive = True
    edit = take_job_step.apply_edit

    def dying(session: Session, number: int, *arguments: Any) -> Any:
        if alive and numbers.index(number) >= at:
            raise Killed
        changed[number] = changed.get(number, 0) + 1
        return edit(session, number, *arguments)

    monkeypatch.setattr(take_job_step, "apply_edit", dying)
    with suppress(Killed):
        steps.finish()
    done = at // STEP * STEP
    lost = sum(number > 10**6 for number in numbers[:done])
    assert rows("select succeeded, failed from jobs where kind = 'change'") == [(done - lost, lost)]
    assert rows("select count(*) from tickets where version > 1") == [(done - lost,)]
    alive = False
    steps.finish()
    assert rows("select distinct version, revision, priority, status from tickets") == [(2, 3, "high", "on_hold")]
    assert rows("select count(*) from outbox where type = 'ticket.status.updated'") == [(ITEMS - missing * 3,)]
    statuses = [item["status"] for item in results(api, job_id)]
    assert statuses == ["failed" if number > 10**6 else "succeeded" for number in numbers]


def test_a_step_ends_after_the_item_that_takes_too_long(
    api: Api, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [api.create_unrouted() for _ in range(3)]
    monkeypatch.setattr(take_job_step, "MAX_SECONDS", 0.0)
    job_id = start(api, "PATCH", {"ids": numbers, "change": {"status": "closed"}})
    steps.finish()
    assert steps.jobs == [job_id] * 3
    assert api.get(f"/api/jobs/{job_id}")["counts"]["succeeded"] == 3


def test_a_step_that_is_delivered_twice_is_taken_once(api: Api, steps: Steps, rows: Rows) -> None:
    start(api, "POST", titled(*map(str, range(60))))
    first = steps.announced()[0]
    steps.take(first)
    for _ in range(2):
        steps.take(first)
    assert len(steps.announced()) == 1
    steps.finish()
    assert rows("select count(*) from tickets") == [(60,)]


def test_an_unexpected_error_fails_its_item_alone(api: Api, steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    insert = take_job_step.insert_ticket

    def faulty(session: Session, database: Any, draft: Any, context: Any) -> Any:
        if draft.title == "B":
            raise ZeroDivisionError("text of a ticket")
        return insert(session, database, draft, context)

    def together(session: Session, database: Any, drafts: Any, context: Any) -> Any:
        return [faulty(session, database, draft, context).id for draft in drafts]

    monkeypatch.setattr(take_job_step, "insert_ticket", faulty)
    monkeypatch.setattr(take_job_step, "insert_tickets", together)
    job_id = start(api, "POST", titled("A", "B", "C"))
    steps.finish()
    items = results(api, job_id)
    assert [item["status"] for item in items] == ["succeeded", "failed", "succeeded"]
    assert (items[1]["problem"]["status"], items[1]["problem"]["code"]) == (500, "internal_error")
    assert "text of" not in str(items[1])


def test_a_locked_ticket_delays_its_item_and_no_earlier_one(
    api: Api, steps: Steps, made: ServiceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tickets are locked together first; where that fails, the step is tried again as a whole."""
    numbers = [api.create_unrouted() for _ in range(3)]
    job_id = start(api, "PATCH", {"ids": numbers, "change": {"status": "closed"}})
    with made.admin() as connection, connection.cursor() as cursor:
        connection.autocommit = False
        cursor.execute("select from tickets where id = %s for update", (numbers[1],))
        steps.lock_timeout = "1s"
        with pytest.raises(Exception, match="lock"):
            steps.finish()
        connection.rollback()
    steps.finish()
    assert [item["status"] for item in results(api, job_id)] == ["succeeded"] * 3


def test_the_jobs_of_companies_take_turns_and_so_do_those_of_one(api: Api, steps: Steps) -> None:
    large = [start(api, "POST", titled(*map(str, range(200)))) for _ in range(3)]
    small = start(api, "POST", titled("small"))
    other = start(Api(api.client, company=2), "POST", titled("other"))
    steps.finish()
    assert steps.jobs.index(other) == 1, "after one step of the first company"
    assert steps.jobs.index(small) <= 4, "after one step of each job before it"
    for job_id in large:
        assert api.get(f"/api/jobs/{job_id}")["counts"]["succeeded"] == 200


def test_a_cancelled_job_leaves_its_other_items_alone(api: Api, steps: Steps, rows: Rows) -> None:
    job_id, next_job = start(api, "POST", titled(*map(str, range(70)))), start(api, "POST", titled("next"))
    steps.take(steps.announced()[0])
    for _ in range(2):
        assert api.call("DELETE", f"/api/jobs/{job_id}").status_code == 204
    steps.finish()
    job = api.get(f"/api/jobs/{job_id}")
    assert (job["state"], job["counts"]["succeeded"], job["counts"]["cancelled"]) == ("cancelled", 50, 20)
    assert api.get(f"/api/jobs/{job_id}?status=cancelled&limit=100")["count"] == 20
    assert api.get(f"/api/jobs/{next_job}")["state"] == "done"
    assert rows("select count(*) from job_items where draft is not null") == [(0,)]
    refused = api.call("DELETE", f"/api/jobs/{next_job}")
    assert (refused.status_code, refused.json["code"]) == (409, "job_finished")


def test_a_job_cancelled_before_its_first_step_holds_up_no_later_one(api: Api, steps: Steps) -> None:
    cancelled = start(api, "POST", titled("a"))
    api.call("DELETE", f"/api/jobs/{cancelled}")
    later = [start(api, "POST", titled("b")), start(api, "POST", titled("c"))]
    steps.finish()
    assert [api.get(f"/api/jobs/{job_id}")["state"] for job_id in later] == ["done", "done"]


@pytest.fixture
def limited(read: Callable[..., Settings], api: Api) -> Iterator[Api]:
    """A service with small limits."""
    process = service.SERVICE.instance(read(JOB_MAX_ITEMS="3", JOB_MAX_UNFINISHED="2"))
    app: Flask = process.create_app()
    yield Api(app.test_client())
    process.close()


def test_the_limits_are_settings(limited: Api, steps: Steps) -> None:
    numbers = [limited.create_unrouted() for _ in range(4)]
    for method, body, field in (
        ("POST", titled(*"abcd"), "tickets"),
        ("PATCH", {"ids": numbers, "change": {"status": "closed"}}, "ids"),
        ("PATCH", {"filter": {"status": ["pending"]}, "change": {"status": "closed"}}, "filter"),
    ):
        refused = limited.call(method, "/api/tickets/bulk", body)
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, field)
    for _ in range(2):
        start(limited, "POST", titled(*"abc"))
    refused = limited.call("POST", "/api/tickets/bulk", titled("d"))
    assert (refused.status_code, refused.json["code"], refused.headers["Retry-After"]) == (429, "too_many_jobs", "30")
    start(Api(limited.client, company=2), "POST", titled("d"))
    steps.finish()
    start(limited, "POST", titled("d"))


def test_old_jobs_go_and_others_stay(api: Api, steps: Steps, made: ServiceDatabase, rows: Rows) -> None:
    old, young = start(api, "POST", titled("a")), start(api, "POST", titled("b"))
    foreign = start(Api(api.client, company=2), "POST", titled("c"))
    steps.finish()
    waiting = start(api, "POST", titled("d"))
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute(
            "update jobs set finished_at = finished_at - interval '8 days', created_at = created_at - interval '8 days'"
            " where id in (%s, %s)", (old, foreign),
        )  # fmt: skip
        cursor.execute("update jobs set created_at = created_at - interval '8 days' where id = %s", (waiting,))
    maintain_jobs(steps.database, days=7)
    assert {job_id for (job_id,) in rows("select id::text from jobs")} == {young, waiting}
    assert {job_id for (job_id,) in rows("select job_id::text from job_items")} == {young, waiting}
    assert rows("select count(*) from tickets") == [(3,)]


def test_a_lost_announcement_is_repeated(api: Api, steps: Steps, made: ServiceDatabase, rows: Rows) -> None:
    job_id = start(api, "POST", titled("a"))
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute("delete from outbox")
    maintain_jobs(steps.database, days=7)
    assert steps.announced() == []
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute("update jobs set created_at = created_at - interval '16 minutes'")
    for _ in range(2):
        maintain_jobs(steps.database, days=7)
    assert len(steps.announced()) == 1
    steps.finish()
    assert api.get(f"/api/jobs/{job_id}")["state"] == "done"


def test_jobs_that_start_at_once_have_one_step_on_its_way(app: Flask, api: Api, steps: Steps) -> None:
    def begin(number: int) -> str:
        return start(Api(app.test_client()), "POST", titled(*(f"{number}-{item}" for item in range(60))))

    with ThreadPoolExecutor(8) as pool:
        jobs = list(pool.map(begin, range(8)))
    assert len(steps.announced()) == 1
    steps.finish()
    assert [api.get(f"/api/jobs/{job_id}")["counts"]["succeeded"] for job_id in jobs] == [60] * 8
    assert sorted(steps.jobs[:8]) == sorted(jobs), "each has had a step before one has its second"
