"""Health, metrics, dead letters, traces and status ports: what operators look at when something is wrong."""

import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from openapi_spec_validator import validate
from werkzeug.test import Client

Make = Callable[..., Client]
READY = {"status": "ready", "checks": {"database": {"ok": True}}}
DOWN = {"status": "unavailable", "checks": {"database": {"ok": False, "reason": "refused"}, "bus": {"ok": True}}}
WAITS = {"status": "degraded", "checks": {"bus": {"ok": False, "reason": "no broker"}}}


def hang(handler: Any, body: bytes) -> None:
    handler.connection.settimeout(20)
    handler.connection.recv(1)


def always(replied: Any, value: Any, status: int = 200) -> Any:
    return lambda handler, body: replied(handler, value, status)


def test_everything_is_healthy_when_every_service_is(gateway: Make, upstream: Any, replied: Any) -> None:
    service = upstream(always(replied, READY))
    answer = gateway(
        ticket=service, ai=service, routing=service, analytics=service, auth=service, rag=service, workflow=service,
        notification=service,
    ).get("/api/health")  # fmt: skip
    assert answer.json["status"] == "healthy"
    assert set(answer.json["services"]) == {
        "api-gateway", "ticket-service", "ai-service", "routing-service", "analytics-service", "auth-service",
        "rag-service",
        "workflow-service",
        "notification-service",
    }  # fmt: skip
    assert {state["status"] for state in answer.json["services"].values()} == {"healthy"}


def test_health_answers_in_time_with_reasons_whatever_is_down(gateway: Make, upstream: Any, replied: Any) -> None:
    client = gateway(
        ticket=upstream(always(replied, DOWN, 503)), ai=upstream(hang), analytics=upstream(always(replied, WAITS))
    )
    began = time.monotonic()
    answer = client.get("/api/health")
    assert time.monotonic() - began < 15
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    states = answer.json["services"]
    assert states["ticket-service"] == {"status": "unhealthy", "reason": "database: refused"}
    assert states["ai-service"] == {"status": "unhealthy", "reason": "no answer in time"}
    assert states["routing-service"] == {"status": "unhealthy", "reason": "can't be reached"}
    assert states["analytics-service"] == {"status": "degraded", "reason": "bus: no broker"}


@pytest.mark.parametrize("nonsense", [[], "ok", {"status": 7}, {"checks": []}, None])
def test_health_survives_an_answer_that_makes_no_sense(
    gateway: Make, upstream: Any, replied: Any, nonsense: Any
) -> None:
    answer = gateway(ticket=upstream(always(replied, nonsense))).get("/api/health")
    assert answer.status_code == 200
    assert answer.json["services"]["ticket-service"]["status"] in ("unhealthy", "degraded")


def test_a_name_server_that_hangs_does_not_hold_health_up(gateway: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    real, over = socket.getaddrinfo, threading.Event()

    def slow(host: Any, *rest: Any, **more: Any) -> Any:
        if host == "ticket-service.invalid":
            over.wait(60)
            raise socket.gaierror("no such name")
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    client = gateway(TICKET_SERVICE_URL="http://ticket-service.invalid:5001")
    for path in ("/api/health", "/metrics"):
        began = time.monotonic()
        assert client.get(path).status_code == 200
        assert time.monotonic() - began < 30
    over.set()


def test_probes_do_not_become_load(gateway: Make, upstream: Any, replied: Any) -> None:
    service = upstream(always(replied, READY))
    client = gateway(ticket=service)
    for _ in range(20):
        client.get("/api/health")
    assert len(service.seen) <= 2


class Letters:
    """A service's list of dead letters, paged as the services page theirs."""

    def __init__(self, replied: Any, count: int) -> None:
        self._replied, self._count = replied, count

    def __call__(self, handler: Any, body: bytes) -> None:
        query = dict(part.split("=") for part in handler.path.partition("?")[2].split("&"))
        begin, limit = int(query.get("cursor", "0")), int(query["limit"])
        items = [{"id": number, "queue": "q"} for number in range(begin, min(begin + limit, self._count))]
        following = str(begin + limit) if begin + limit < self._count else None
        self._replied(handler, {"count": len(items), "items": items, "next": following})


def test_dead_letters_of_all_services_are_one_list(gateway: Make, upstream: Any, replied: Any) -> None:
    client = gateway(
        ticket=upstream(Letters(replied, 3)), ai=upstream(Letters(replied, 0)), analytics=upstream(Letters(replied, 2))
    )
    seen: list[tuple[str, int]] = []
    path: str | None = "/api/dead-letters?limit=2"
    pages = 0
    while path:
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.json["count"] == len(answer.json["items"]) <= 2
        seen += [(item["service"], item["id"]) for item in answer.json["items"]]
        path = answer.headers["Link"].partition(">")[0][1:] if answer.json["next"] else None
        pages += 1
        assert pages < 10
    assert seen == [
        ("ticket-service", 0), ("ticket-service", 1), ("ticket-service", 2), ("analytics-service", 0),
        ("analytics-service", 1),
    ]  # fmt: skip


def test_a_service_that_is_down_is_named_in_the_list_of_dead_letters(
    gateway: Make, upstream: Any, replied: Any
) -> None:
    answer = gateway(ticket=upstream(Letters(replied, 1))).get("/api/dead-letters")
    assert answer.json["count"] == 1
    others = ("ai", "routing", "analytics", "rag", "auth", "workflow", "notification")
    assert answer.json["missing"] == [f"{name}-service" for name in others]


def test_dead_letters_of_one_queue_are_asked_of_its_service(gateway: Make, upstream: Any, replied: Any) -> None:
    ai, ticket = upstream(Letters(replied, 1)), upstream(Letters(replied, 1))
    client = gateway(ai=ai, ticket=ticket)
    assert client.get("/api/dead-letters?queue=ai-service.categorize&state=dead").json["count"] == 1
    assert client.get("/api/dead-letters?service=ai-service").json["count"] == 1
    assert "queue=ai-service.categorize" in ai.seen[0].target
    assert ticket.seen == []


@pytest.mark.parametrize(
    ("query", "field"),
    [("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"), ("limit=1&limit=2", "limit"),
     ("color=red", "color"), ("service=evil", "service"), ("queue=evil.x", "queue"), ("cursor=x", "cursor"),
     ("cursor=WyJldmlsIiwiIl0", "cursor"), ("limit=%C2%B2", "limit")],
)  # fmt: skip
def test_a_bad_question_for_dead_letters_names_the_field(gateway: Make, query: str, field: str) -> None:
    answer = gateway().get(f"/api/dead-letters?{query}")
    assert answer.status_code == 400
    assert answer.json["errors"][0]["field"] == field


def hop(step: str, begun: str, done: str | None, happened: str, queue: str = "", reason: str = "") -> dict[str, Any]:
    return {
        "step": step, "queue": queue, "event_id": "e1", "type": "ticket.created", "event_time": happened,
        "begun_at": begun, "done_at": done, "attempts": 1, "cause_id": "", "request_id": "r1", "reason": reason,
    }  # fmt: skip


def test_a_trace_merges_the_hops_of_all_services_by_time(gateway: Make, upstream: Any, replied: Any) -> None:
    begin, sent = "2026-01-01T10:00:00.000000Z", "2026-01-01T10:00:00.010000Z"
    received, done = "2026-01-01T10:00:00.040000Z", "2026-01-01T10:00:00.050000Z"
    late = "2026-01-01T10:00:05.000000Z"
    ai = {"hops": [hop("consumed", received, done, begin, "ai-service.categorize"),
                   hop("dead", late, None, begin, "ai-service.forget", "KeyError")]}  # fmt: skip
    ticket = upstream(always(replied, {"hops": [hop("published", begin, sent, begin)]}))
    empty = upstream(always(replied, {"hops": []}))
    client = gateway(
        ticket=ticket, ai=upstream(always(replied, ai)), routing=empty, auth=empty, rag=empty, workflow=empty,
        notification=empty,
    )  # fmt: skip
    found = client.get("/api/tickets/7/trace").json
    assert ticket.seen[0].target == "/internal/trace/7"
    assert [(one["service"], one["step"]) for one in found["hops"]] == [
        ("ticket-service", "published"), ("ai-service", "consumed by ai-service.categorize"),
        ("ai-service", "given up by ai-service.forget"),
    ]  # fmt: skip
    assert [one["queue_ms"] for one in found["hops"]] == [None, 40.0, None]
    assert [one["outcome"] for one in found["hops"]] == ["done", "done", "KeyError"]
    assert (found["ticket_id"], found["total_ms"], found["missing"]) == (7, 5000.0, ["analytics-service"])


def test_the_trace_of_an_unknown_ticket_is_404(gateway: Make, upstream: Any, replied: Any) -> None:
    def behave(handler: Any, body: bytes) -> None:
        if handler.path.startswith("/internal/"):
            replied(handler, {"hops": []})
        else:
            replied(handler, {"code": "not_found"}, 404)

    client = gateway(ticket=upstream(behave))
    for ticket_id in ("7", "x", "-1", "9" * 40, "%C2%B2"):
        assert client.get(f"/api/tickets/{ticket_id}/trace").status_code == 404


def test_a_trace_without_permission_is_403(gateway: Make, upstream: Any, replied: Any) -> None:
    client = gateway(ticket=upstream(always(replied, {"code": "forbidden"}, 403)))
    assert client.get("/api/tickets/7/trace").status_code == 403


def test_a_status_port_shows_the_health_of_a_replica(gateway: Make, upstream: Any) -> None:
    ai = upstream()
    client = gateway(ai=ai, STATUS_PORTS="true")

    def ask(port: int, path: str) -> Any:
        return client.get(path, environ_overrides={"SERVER_PORT": str(port)})

    assert ask(5002, "/ready").json["target"] == "/ready"
    assert ask(5001, "/health").status_code == 503
    assert ask(5002, "/api/categorize").status_code == 404
    assert ask(5002, "/internal/trace/1").status_code == 404
    assert ask(5000, "/health").json["service"] == "api-gateway"
    assert len(ai.seen) == 1


def test_the_document_is_put_together_again_when_a_service_is_back(gateway: Make, upstream: Any, replied: Any) -> None:
    document = {"paths": {"/api/categorize": {"post": {"responses": {"200": {"description": "OK"}}}}}}
    ai = upstream(always(replied, {}, 503))
    client = gateway(ai=ai)
    assert "/api/categorize" not in client.get("/openapi.json").json["paths"]
    ai.behave = always(replied, document)
    deadline = time.monotonic() + 180
    while "/api/categorize" not in (found := client.get("/openapi.json").json)["paths"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    validate(found)
    ai.close()
    assert "/api/categorize" in client.get("/openapi.json").json["paths"]


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/openapi.json", "/health", "/ready", "/api/health", "/metrics", "/api/statuses",
             "/api/dead-letters", "/api/audit", "/api/tickets/7/trace"],
)  # fmt: skip
def test_local_endpoints_refuse_unknown_query_fields(gateway: Make, path: str) -> None:
    answer = gateway().get(f"{path}?colour=red&colour=blue&limt=5")
    assert answer.status_code == 400
    assert {error["field"] for error in answer.json["errors"]} == {"colour", "limt"}
