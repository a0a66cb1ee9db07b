"""A company's figures are rebuilt from its log while events come in."""

from threading import Thread
from typing import Any

import pytest
from analytics_service import service
from analytics_service.dependencies import Dependencies
from analytics_service.store import log
from analytics_service.usecases.rebuild import rebuild
from flask import Flask
from service_kit.identity import AGENT, MANAGER, REQUESTER

from ..conftest import Api, Events
from .test_figures_by_http import a_ticket

PATH = "/api/analytics/rebuild"
FIGURES = ("/api/dashboard/summary", "/api/dashboard/routing", "/api/analytics/performance", "/api/analytics/trends")


def figures(api: Api) -> dict[str, Any]:
    return {path: api.get(path) for path in FIGURES}


def run_maintenance(events: Events) -> None:
    service.maintenance(events.settings, Dependencies(events.database))()


def test_a_requested_rebuild_runs_with_the_next_maintenance_and_restores_the_figures(
    api: Api, events: Events, rows: Any
) -> None:
    events.five_departments()
    a_ticket(events, 1, department="HR")
    a_ticket(events, 2, department="Finance")
    a_ticket(events, 3, department="Finance")
    events.deliver(events.make("ticket.deleted", 3, revision=2))
    before = figures(api)
    rows("update ticket_totals set tickets = tickets + 7 where company_id = 1; select 1")
    assert figures(api) != before
    asked = api.call("POST", PATH, {})
    assert (asked.status_code, asked.headers["Location"], asked.json["state"]) == (202, PATH, "requested")
    run_maintenance(events)
    assert figures(api) == before
    done = api.get(PATH)
    assert (done["number"], done["state"], done["done"]) == (1, "done", done["total"])
    assert done["done"] == 7, "six entries of two tickets, and the deletion of the third"
    assert done["finished_at"] >= done["requested_at"]


def test_maintenance_without_a_request_rebuilds_nothing(api: Api, events: Events, rows: Any) -> None:
    a_ticket(events, 1, department="HR")
    rows("update ticket_totals set tickets = tickets + 7 where company_id = 1; select 1")
    run_maintenance(events)
    assert api.get("/api/dashboard/summary")["total_tickets"] > 1


def test_the_same_idempotency_key_requests_one_rebuild(api: Api, events: Events) -> None:
    first = api.call("POST", PATH, {}, Idempotency_Key="rebuild-1")
    again = api.call("POST", PATH, {}, Idempotency_Key="rebuild-1")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json == again.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert api.call("POST", PATH, {}).json["number"] == 2


def test_a_company_without_a_single_event_is_rebuilt_too(api: Api, events: Events) -> None:
    api.call("POST", PATH, {})
    run_maintenance(events)
    assert (api.get(PATH)["state"], api.get(PATH)["done"]) == ("done", 0)


@pytest.mark.parametrize("role", [AGENT, MANAGER, REQUESTER])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_only_admins_rebuild(app: Flask, role: str, method: str) -> None:
    assert Api(app.test_client(), role=role).call(method, PATH, None if method == "GET" else {}).status_code == 403


def test_without_a_rebuild_there_is_none_to_show(api: Api) -> None:
    assert (api.call("GET", PATH).status_code, api.call("GET", PATH).json["code"]) == (404, "rebuild_not_found")


def test_events_that_come_during_a_rebuild_are_counted_once(
    api: Api, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "MAX_CHUNK_ENTRIES", 3)
    events.five_departments()
    for number in range(1, 11):
        a_ticket(events, number, department="HR")
    chunks, meanwhile = log.chunks, []

    def slowly(session: Any, company: int) -> Any:
        for at, entries in enumerate(chunks(session, company)):
            if at == 1:
                late = Thread(target=a_ticket, args=(events, 11), kwargs={"department": "Finance"})
                late.start()
                meanwhile.append(late)
                assert api.get("/api/dashboard/summary")["total_tickets"] == 10, "the old figures are shown"
            yield entries

    monkeypatch.setattr(log, "chunks", slowly)
    rebuild(events.database, 1, number=1)
    for late in meanwhile:
        late.join()
    found = api.get("/api/dashboard/summary")
    assert (found["total_tickets"], found["by_department"]["HR"], found["by_department"]["Finance"]) == (11, 10, 1)


def test_a_rebuild_that_a_crash_interrupts_leaves_the_old_figures_and_begins_again(
    api: Api, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_ticket(events, 1, department="HR")
    before = figures(api)
    api.call("POST", PATH, {})
    with monkeypatch.context() as broken:
        broken.setattr(log, "size", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run_maintenance(events)
    assert figures(api) == before
    assert api.get(PATH)["state"] == "requested"
    run_maintenance(events)
    assert figures(api) == before
    assert api.get(PATH)["state"] == "done"
