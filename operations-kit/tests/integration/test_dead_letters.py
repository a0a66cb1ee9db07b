"""Admins see and handle only their own company's dead letters."""

from collections.abc import Callable
from typing import Any

import pytest
from service_kit.testing.postgres import ServiceDatabase

Send = Callable[..., Any]


@pytest.fixture
def ids(made: ServiceDatabase) -> dict[int, list[int]]:
    """Park three events of company 1 and one of company 2."""
    found: dict[int, list[int]] = {1: [], 2: []}
    with made.admin() as admin, admin.cursor() as cursor:
        for number, company in enumerate((1, 1, 1, 2)):
            cursor.execute(
                "insert into kit.parked (queue, event_id, company_id, subject, type, message_headers, body,"
                " reason, state) values ('ai-service.categorize', %s, %s, '7', 'thing.made', '{\"id\": \"x\"}', %s,"
                " 'broke', %s) returning id",
                (f"event-{number}", company, b'{"a": 1}', "waiting" if number == 0 else "dead"),
            )
            found[company].append(cursor.fetchone()[0])
    return found


def test_dead_letters_are_listed_newest_first_by_page_and_by_state(send: Send, ids: dict[int, list[int]]) -> None:
    body = send("GET", "/api/dead-letters?limit=2").json
    assert [item["id"] for item in body["items"]] == ids[1][:0:-1]
    second = send("GET", f"/api/dead-letters?limit=2&cursor={body['next']}").json
    assert [item["id"] for item in second["items"]] == ids[1][:1]
    assert second["next"] is None
    assert {item["state"] for item in send("GET", "/api/dead-letters?state=dead").json["items"]} == {"dead"}
    assert send("GET", "/api/dead-letters?queue=other").json["count"] == 0
    assert send("GET", "/api/dead-letters?state=lost").status_code == 400
    item = body["items"][0]
    assert item["service"] == "ai-service"
    assert item["first_failed_at"].endswith("Z")


def test_a_dead_letter_is_shown_with_its_headers_and_body(send: Send, ids: dict[int, list[int]]) -> None:
    shown = send("GET", f"/api/dead-letters/{ids[1][0]}").json
    assert shown["body"] == '{"a": 1}'
    assert shown["headers"] == {"id": "x"}
    assert shown["reason"] == "broke"


def test_replaying_makes_it_due_now(send: Send, ids: dict[int, list[int]]) -> None:
    assert send("POST", f"/api/dead-letters/{ids[1][1]}/replay").status_code == 202
    shown = send("GET", f"/api/dead-letters/{ids[1][1]}").json
    assert (shown["state"], shown["attempts"]) == ("waiting", 0)


def test_discarding_needs_a_reason_and_records_the_actor(
    send: Send, made: ServiceDatabase, ids: dict[int, list[int]]
) -> None:
    path = f"/api/dead-letters/{ids[1][1]}"
    assert send("POST", f"{path}/discard", json={}).status_code == 400
    assert send("POST", f"{path}/discard", json={"reason": "a test"}).status_code == 200
    assert send("GET", path).status_code == 404
    with made.admin() as admin, admin.cursor() as cursor:
        cursor.execute("select action, actor, reason from kit.parked_actions")
        assert cursor.fetchall() == [("discarded", "ada", "a test")]


@pytest.mark.parametrize(("method", "action"), [("GET", ""), ("POST", "/replay"), ("POST", "/discard")])
def test_another_companys_dead_letter_is_a_404(send: Send, ids: dict[int, list[int]], method: str, action: str) -> None:
    options = {"json": {"reason": "x"}} if action == "/discard" else {}
    assert send(method, f"/api/dead-letters/{ids[2][0]}{action}", **options).status_code == 404
    assert send("GET", "/api/dead-letters", company=2).json["count"] == 1


def test_a_trace_shows_only_the_hops_of_the_callers_company(send: Send, ids: dict[int, list[int]]) -> None:
    hops = send("GET", "/internal/trace/7").json["hops"]
    assert len(hops) == 3
    assert {hop["step"] for hop in hops} == {"parked", "dead"}
    assert len(send("GET", "/internal/trace/7", company=2).json["hops"]) == 1
    assert send("GET", "/internal/trace/nothing").json["hops"] == []


def test_an_unknown_queue_can_not_be_refilled(send: Send) -> None:
    assert send("POST", "/api/refill/nonsense").status_code == 404


def test_metrics_and_readiness_come_from_the_database(send: Send, ids: dict[int, list[int]]) -> None:
    assert 'dead_letters{queue="ai-service.categorize"} 3.0' in send("GET", "/metrics").text
    ready = send("GET", "/ready")
    assert ready.status_code == 200
    assert ready.json["checks"]["database"] == {"ok": True}


@pytest.mark.parametrize(("action", "body"), [("replay", None), ("discard", {"reason": "Doppelt gesendet"})])
def test_an_action_that_is_sent_twice_under_one_key_happens_once(
    send: Send, made: ServiceDatabase, ids: dict[int, list[int]], action: str, body: Any
) -> None:
    def act(number: int) -> Any:
        return send("POST", f"/api/dead-letters/{number}/{action}", json=body, headers={"Idempotency-Key": "k-1"})

    first, second = act(ids[1][1]), act(ids[1][1])
    assert first.status_code < 300
    assert (second.status_code, second.json, second.headers["Idempotency-Replayed"]) == (
        first.status_code,
        first.json,
        "true",
    )
    assert made.rows("select count(*) from kit.parked_actions") == [(1,)]
    assert act(ids[1][2]).status_code == 422
