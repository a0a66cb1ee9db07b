"""Bulk requests: a job per request, a result per ticket."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import DRAFT, Api
from .steps import STEP, Steps, results, start, titled
from .test_change import outbox_of
from .test_consume import Inside

Rows = Callable[..., list[tuple[Any, ...]]]


def test_tickets_are_created_as_by_single_calls(api: Api, steps: Steps, rows: Rows) -> None:
    single = api.create(title="Alone", priority="high", metadata={"n": 1e300})
    same = DRAFT | {"title": "Alone", "priority": "high", "metadata": {"n": 1e300}}
    job_id = start(api, "POST", {"tickets": [same, DRAFT]}, X_Request_ID="r-bulk")
    queued = api.get(f"/api/jobs/{job_id}")
    assert (queued["state"], queued["kind"], queued["created_by"]) == ("queued", "create", "7")
    assert queued["counts"] == {"total": 2, "pending": 2, "succeeded": 0, "failed": 0, "cancelled": 0}
    steps.finish()
    job = api.get(f"/api/jobs/{job_id}")
    assert job["state"] == "done"
    assert job["counts"] == {"total": 2, "pending": 0, "succeeded": 2, "failed": 0, "cancelled": 0}
    assert job["created_at"] <= job["finished_at"]
    assert [(item["index"], item["status"], item["problem"]) for item in job["items"]] == [
        (0, "succeeded", None), (1, "succeeded", None),
    ]  # fmt: skip
    made = api.get(f"/api/tickets/{job['items'][0]['ticket_id']}")
    differing = {name for name in single if made[name] != single[name]}
    assert differing == {"id", "uuid", "number", "created_at", "updated_at"}
    (entry,) = api.trail(made["id"])
    assert (entry["event_type"], entry["actor"], entry["request_id"]) == ("created", "person:7", "r-bulk")
    events = outbox_of(rows, "ticket.created")
    assert [body["ticket_id"] for _, body in events[1:]] == [item["ticket_id"] for item in job["items"]]
    assert rows("select distinct request_id, actor_kind from outbox where seq > 1") == [("r-bulk", "person")]
    assert rows("select count(*) from job_items where draft is not null") == [(0,)], "the text is in the ticket alone"
    assert steps.metric("tickets_created_total") == 2


def test_the_audit_names_the_caller_for_every_ticket_of_a_job(api: Api, steps: Steps, rows: Rows) -> None:
    creation = start(api, "POST", {"tickets": [DRAFT, DRAFT]}, X_Request_ID="r-1")
    steps.finish()
    numbers = [item["ticket_id"] for item in results(api, creation)]
    start(api, "PATCH", {"ids": numbers, "change": {"status": "closed"}}, X_Request_ID="r-2")
    steps.finish()
    recorded = rows(
        "select action, ticket_id, actor_kind, actor, request_id from audit where record = 'ticket' order by id"
    )
    made = [("ticket.created", number, "user", "7", "r-1") for number in numbers]
    assert recorded == made + [("ticket.updated", number, "user", "7", "r-2") for number in numbers]


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (DRAFT | {"title": " "}, "title"),
        (DRAFT | {"title": "x" * 501}, "title"),
        (DRAFT | {"user_email": "nobody"}, "user_email"),
        (DRAFT | {"priority": "maximal"}, "priority"),
        (DRAFT | {"prio": "low"}, "prio"),
        (DRAFT | {"metadata": {"deep": [[[[[[[[1]]]]]]]]}}, "metadata"),
        ({"title": "t"}, "description"),
        ({"title": "t", "description": "d"}, "user_name"),
        ({}, "title"),
    ],
)
def test_a_bad_item_gets_its_problem_and_stops_no_other(api: Api, steps: Steps, bad: Any, field: str) -> None:
    job_id = start(api, "POST", {"tickets": [DRAFT, bad, DRAFT]})
    steps.finish()
    items = results(api, job_id)
    assert [item["status"] for item in items] == ["succeeded", "failed", "succeeded"]
    problem = items[1]["problem"]
    assert (problem["status"], problem["code"]) == (400, "invalid")
    assert field in [error["field"] for error in problem["errors"]]
    assert api.get(f"/api/jobs/{job_id}")["state"] == "done"
    single = api.call("POST", "/api/tickets", bad).json
    assert {name: single[name] for name in problem} == problem


def test_a_job_without_one_good_item_has_failed_at_once(api: Api, rows: Rows) -> None:
    job_id = start(api, "POST", {"tickets": [{}, {"title": ""}]})
    job = api.get(f"/api/jobs/{job_id}")
    assert (job["state"], job["counts"]["failed"]) == ("failed", 2)
    assert job["finished_at"]
    assert outbox_of(rows, STEP) == []


@pytest.mark.parametrize(
    ("method", "body", "field"),
    [
        ("POST", {}, "tickets"),
        ("POST", {"tickets": []}, "tickets"),
        ("POST", {"tickets": {}}, "tickets"),
        ("POST", {"tickets": None}, "tickets"),
        ("POST", {"tickets": [DRAFT, "text"]}, "tickets.1"),
        ("POST", {"tickets": [None]}, "tickets.0"),
        ("POST", {"tickets": [[]]}, "tickets.0"),
        ("POST", {"tickets": [DRAFT], "wait": True}, "wait"),
        ("POST", {"tickets": [DRAFT | {"title": "a\x00b"}]}, "tickets.0.title"),
        ("PATCH", {"change": {"status": "closed"}}, "ids"),
        ("PATCH", {"ids": [1], "filter": {"status": ["pending"]}, "change": {"status": "closed"}}, "ids"),
        ("PATCH", {"ids": [], "change": {"status": "closed"}}, "ids"),
        ("PATCH", {"ids": [1, "2"], "change": {"status": "closed"}}, "ids.1"),
        ("PATCH", {"ids": [1], "items": [{"id": 1}], "change": {"status": "closed"}}, "ids"),
        ("PATCH", {"items": [], "change": {"status": "closed"}}, "items"),
        ("PATCH", {"items": [1], "change": {"status": "closed"}}, "items.0"),
        ("PATCH", {"items": [{}], "change": {"status": "closed"}}, "items.0.id"),
        ("PATCH", {"items": [{"id": 1}, {"id": "2"}], "change": {"status": "closed"}}, "items.1.id"),
        ("PATCH", {"items": [{"id": 1}, {"id": 1}], "change": {"status": "closed"}}, "items.1.id"),
        ("PATCH", {"items": [{"id": 1, "version": 3}], "change": {"status": "closed"}}, "items.0.version"),
        ("PATCH", {"items": [{"id": 1, "if_match": "three"}], "change": {"status": "closed"}}, "items.0.if_match"),
        ("PATCH", {"items": [{"id": 1, "if_match": ""}], "change": {"status": "closed"}}, "items.0.if_match"),
        ("PATCH", {"items": [{"id": 1, "if_match": 3}], "change": {"status": "closed"}}, "items.0.if_match"),
        ("PATCH", {"items": [{"id": 1, "if_match": None}], "change": {"status": "closed"}}, "items.0.if_match"),
        ("PATCH", {"items": [{"id": 1, "if_match": '"3",' * 300}], "change": {"status": "closed"}}, "items.0.if_match"),
        ("PATCH", {"ids": [0], "change": {"status": "closed"}}, "ids.0"),
        ("PATCH", {"ids": [2**63], "change": {"status": "closed"}}, "ids.0"),
        ("PATCH", {"ids": [1], "change": {}}, "change"),
        ("PATCH", {"ids": [1]}, "change"),
        ("PATCH", {"ids": [1], "change": {"title": "all the same"}}, "change.title"),
        ("PATCH", {"ids": [1], "change": {"status": "done"}}, "change.status"),
        ("PATCH", {"ids": [1], "change": {"department": "Ministry"}}, "change.department"),
        ("PATCH", {"ids": [1], "change": {"team": "Nobodies"}}, "change.team"),
        ("PATCH", {"filter": {}, "change": {"status": "closed"}}, "filter"),
        ("PATCH", {"filter": {"q": " "}, "change": {"status": "closed"}}, "filter"),
        ("PATCH", {"filter": {"status": []}, "change": {"status": "closed"}}, "filter"),
        ("PATCH", {"filter": {"status": "done"}, "change": {"status": "closed"}}, "filter.status"),
        ("PATCH", {"filter": {"department": ["Ministry"]}, "change": {"status": "closed"}}, "filter.department"),
        ("PATCH", {"filter": {"limit": 3}, "change": {"status": "closed"}}, "filter.limit"),
    ],
)
def test_a_request_that_is_no_job_names_its_field(api: Api, rows: Rows, method: str, body: Any, field: str) -> None:
    response = api.call(method, "/api/tickets/bulk", body)
    assert response.status_code == 400, response.text
    assert [error["field"] for error in response.json["errors"]] == [field]
    assert rows("select count(*) from jobs") == [(0,)]


def test_tickets_are_changed_as_by_single_calls(api: Api, steps: Steps, rows: Rows) -> None:
    numbers = [api.create_unrouted() for _ in range(3)]
    api.call("PUT", f"/api/tickets/{numbers[1]}/status", {"status": "closed"})
    change = {"status": "on_hold", "priority": "urgent", "department": "HR"}
    job_id = start(api, "PATCH", {"ids": [*numbers, numbers[0], 9_999], "change": change}, X_Request_ID="r-bulk")
    steps.finish()
    items = results(api, job_id)
    assert [(item["ticket_id"], item["status"]) for item in items] == [
        (numbers[0], "succeeded"), (numbers[1], "failed"), (numbers[2], "succeeded"), (9_999, "failed"),
    ]  # fmt: skip
    codes = [item["problem"] and item["problem"]["code"] for item in items]
    assert codes == [None, "illegal_move", None, "ticket_not_found"]
    for number in (numbers[0], numbers[2]):
        ticket = api.get(f"/api/tickets/{number}")
        assert (ticket["status"], ticket["priority"], ticket["version"]) == ("on_hold", "urgent", 2)
        entries = api.trail(number)[1:]
        assert [(entry["event_type"], entry["actor"], entry["request_id"]) for entry in entries] == [
            ("updated", "person:7", "r-bulk"), ("status_change", "person:7", "r-bulk"),
        ]  # fmt: skip
    assert api.get(f"/api/tickets/{numbers[1]}")["priority"] == "low", "nothing of a failed item stays"
    assert [body["wanted_department"] for _, body in outbox_of(rows, "ticket.updated")] == ["HR", "HR"]


def test_an_item_whose_etag_is_stale_fails_alone(api: Api, steps: Steps) -> None:
    numbers = [api.create_unrouted() for _ in range(6)]
    tags = [api.call("GET", f"/api/tickets/{number}").headers["ETag"] for number in numbers]
    assert api.call("PATCH", f"/api/tickets/{numbers[1]}", {"priority": "high"}).status_code == 200
    given = [tags[0], tags[1], '"7", "1"', f"W/{tags[3]}", "*"]
    items: list[dict[str, Any]] = [
        {"id": number, "if_match": tag} for number, tag in zip(numbers, given, strict=False)
    ] + [{"id": numbers[5]}]
    job_id = start(api, "PATCH", {"items": items, "change": {"status": "on_hold"}})
    # Between the request and its step, as single calls see the version at the time of the change.
    assert api.call("PATCH", f"/api/tickets/{numbers[0]}", {"priority": "urgent"}).status_code == 200
    steps.finish()
    done = results(api, job_id)
    assert [item["ticket_id"] for item in done] == numbers
    assert [item["problem"] and item["problem"]["code"] for item in done] == [
        "stale_version", "stale_version", None, "stale_version", None, None,
    ]  # fmt: skip
    single = api.call("PATCH", f"/api/tickets/{numbers[1]}", {"status": "on_hold"}, If_Match=tags[1])
    problem = done[1]["problem"]
    assert (single.status_code, problem["status"]) == (412, 412)
    assert {name: single.json[name] for name in problem} == problem
    statuses = [api.get(f"/api/tickets/{number}")["status"] for number in numbers]
    assert statuses == ["pending", "pending", "on_hold", "pending", "on_hold", "on_hold"]
    assert api.get(f"/api/jobs/{job_id}")["state"] == "done"


def test_a_routing_makes_no_item_stale(api: Api, steps: Steps, made: ServiceDatabase) -> None:
    number = api.create_unrouted()
    tag = api.call("GET", f"/api/tickets/{number}").headers["ETag"]
    Inside(made).route(number, 1)
    assert api.call("GET", f"/api/tickets/{number}").headers["ETag"] != tag
    job_id = start(api, "PATCH", {"items": [{"id": number, "if_match": tag}], "change": {"priority": "high"}})
    steps.finish()
    assert [item["status"] for item in results(api, job_id)] == ["succeeded"]


def test_a_filter_chooses_the_tickets_when_the_job_starts(api: Api, steps: Steps) -> None:
    api.create(title="Printer on fire", priority="high")
    chosen = [api.create(title=f"Printer {n}")["id"] for n in range(3)]
    api.create(title="Keyboard")
    job_id = start(
        api, "PATCH", {"filter": {"q": "printer", "priority": ["low", "medium"]}, "change": {"priority": "high"}}
    )
    later = api.create(title="Printer later")["id"]
    steps.finish()
    assert sorted(item["ticket_id"] for item in results(api, job_id)) == chosen
    assert api.get(f"/api/tickets/{later}")["priority"] == "low"
    nothing = start(api, "PATCH", {"filter": {"q": "unheard of"}, "change": {"priority": "high"}})
    assert api.get(f"/api/jobs/{nothing}") | {"state": "done", "items": []} == api.get(f"/api/jobs/{nothing}")


@pytest.mark.parametrize(("value", "matching"), [(True, 1), (False, 0), ("true", 1), ("0", 0)])
def test_a_filter_takes_the_true_and_false_of_json_and_the_words_of_a_query(
    api: Api, value: bool | str, matching: int
) -> None:
    api.create()
    bulk = {"filter": {"need_admin": value}, "change": {"priority": "high"}}
    assert api.call("PATCH", "/api/tickets/bulk", bulk).json["counts"]["total"] == matching


def test_a_ticket_can_not_be_reopened_beside_its_open_duplicate(api: Api, steps: Steps) -> None:
    mail = {"subject": "VPN", "body": "It drops.", "customer_id": "c-1"}
    api.call("POST", "/tickets", mail)
    (first,) = api.get("/api/tickets")["tickets"]
    api.call("PUT", f"/api/tickets/{first['id']}/status", {"status": "closed"})
    api.call("POST", "/tickets", mail)
    other = api.create_unrouted()
    job_id = start(api, "PATCH", {"ids": [first["id"], other], "change": {"status": "in_progress"}})
    steps.finish()
    assert [item["problem"] and item["problem"]["code"] for item in results(api, job_id)] == ["duplicate_open", None]


def test_another_companys_tickets_and_jobs_do_not_exist(api: Api, steps: Steps) -> None:
    foreign = Api(api.client, company=2)
    theirs, ours = foreign.create_unrouted(), api.create_unrouted()
    job_id = start(api, "PATCH", {"ids": [theirs, ours], "change": {"status": "closed"}})
    steps.finish()
    assert [item["problem"] and item["problem"]["code"] for item in results(api, job_id)] == ["ticket_not_found", None]
    assert foreign.get(f"/api/tickets/{theirs}")["status"] == "pending"
    for method in ("GET", "DELETE"):
        assert foreign.call(method, f"/api/jobs/{job_id}").status_code == 404
    assert foreign.get("/api/jobs")["items"] == []


def test_a_requester_creates_own_tickets_and_changes_none(api: Api, steps: Steps) -> None:
    requester = Api(api.client, role="requester", subject="user:5")
    job_id = start(requester, "POST", {"tickets": [{"title": "Mine", "description": "d"}]})
    steps.finish()
    (item,) = results(requester, job_id)
    assert requester.get(f"/api/tickets/{item['ticket_id']}")["customer_id"] == "user:5"
    change = {"ids": [item["ticket_id"]], "change": {"status": "closed"}}
    assert requester.call("PATCH", "/api/tickets/bulk", change).status_code == 403
    assert Api(api.client, role="agent", subject="user:6").call("GET", f"/api/jobs/{job_id}").status_code == 404


def test_a_repeated_request_starts_one_job(api: Api, rows: Rows) -> None:
    for method, body in (("POST", titled("A")), ("PATCH", {"ids": [1], "change": {"status": "closed"}})):
        first = start(api, method, body, Idempotency_Key=f"k-{method}")
        assert start(api, method, body, Idempotency_Key=f"k-{method}") == first
        other = api.call(method, "/api/tickets/bulk", titled("B") if method == "POST" else body | {"ids": [2]},
                         Idempotency_Key=f"k-{method}")  # fmt: skip
        assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")
    assert rows("select count(*) from jobs") == [(2,)]


def test_jobs_are_listed_in_pages(api: Api) -> None:
    agent = Api(api.client, role="agent", subject="user:6")
    own = [start(agent, "POST", titled("a")) for _ in range(3)]
    others = start(api, "POST", titled("b"))
    assert [job["id"] for job in agent.every("/api/jobs?limit=2")] == own[::-1]
    assert [job["id"] for job in api.every("/api/jobs?limit=2")] == [others, *own[::-1]]
    assert agent.call("GET", f"/api/jobs/{uuid4()}").status_code == 404
