"""Forwarding: which parts of a request reach the service, and which parts of its response the client."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from service_kit.identity import ADMIN, TokenVerifier, public_key
from service_kit.service_settings import development_signing_key
from werkzeug.test import Client

Make = Callable[..., Client]
SECURITY_HEADERS = {
    "Cache-Control",
    "Content-Security-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "X-Request-ID",
}


def test_a_request_arrives_as_it_was_sent(gateway: Make, upstream: Any) -> None:
    service = upstream()
    answer = gateway(ticket=service).post("/api/tickets?dry=1", json={"title": "Ü"})
    assert answer.status_code == 200
    assert answer.json == {"method": "POST", "target": "/api/tickets?dry=1", "body": '{"title": "\\u00dc"}'}
    assert service.seen[0].header("Content-Type") == "application/json"


def test_a_value_never_becomes_another_parameter(gateway: Make, upstream: Any) -> None:
    service = upstream()
    client = gateway(ticket=service)
    client.get("/api/tickets?department=a%26status%3Dresolved&q=%23%2F%3F")
    assert service.seen[0].target == "/api/tickets?department=a%26status%3Dresolved&q=%23%2F%3F"
    client.get("/api/departments/IT%20Support%3Fx=1/tickets")
    assert service.seen[1].target == "/api/departments/IT%20Support%3Fx%3D1/tickets"


def test_the_services_learn_who_is_calling_from_the_signed_token_alone(gateway: Make, upstream: Any) -> None:
    ticket, analytics = upstream(), upstream()
    client = gateway(ticket=ticket, analytics=analytics)
    forged = {"X-Internal-Token": "forged", "X-User-Id": "7", "X-Company-Id": "2", "Connection": "X-Internal-Token"}
    client.get("/api/tickets/1", headers=forged)
    client.get("/api/dashboard/summary")
    trusted = {"api-gateway": public_key(development_signing_key("api-gateway"))}
    for service, name in ((ticket, "ticket-service"), (analytics, "analytics-service")):
        tokens = [value for header, value in service.seen[0].headers if header.lower() == "x-internal-token"]
        assert len(tokens) == 1
        caller = TokenVerifier(name, trusted).verify(tokens[0])
        assert (caller.company_id, caller.role, caller.subject) == (1, ADMIN, "development")
        assert not [header for header, _ in service.seen[0].headers if header.lower() in ("x-user-id", "x-company-id")]


def test_a_request_id_is_taken_on_carried_and_echoed(gateway: Make, upstream: Any) -> None:
    service = upstream()
    answer = gateway(ticket=service).get("/api/tickets/1", headers={"X-Request-ID": "abc-1"})
    assert answer.headers["X-Request-ID"] == service.seen[0].header("X-Request-ID") == "abc-1"


@pytest.mark.parametrize("given", [None, "", "a b", "a\tb", "x" * 129, "\xfc", "<script>", "a,b"])
def test_a_missing_or_bad_request_id_is_replaced(gateway: Make, upstream: Any, given: str | None) -> None:
    service = upstream()
    headers = {} if given is None else {"X-Request-ID": given}
    answer = gateway(ticket=service).get("/api/tickets/1", headers=headers)
    made = answer.headers["X-Request-ID"]
    assert made == service.seen[0].header("X-Request-ID")
    assert made != given
    assert len(made) == 32


def test_a_trace_goes_on_with_a_span_of_our_own(gateway: Make, upstream: Any) -> None:
    service = upstream()
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    gateway(ticket=service).get("/api/tickets/1", headers={"traceparent": parent})
    sent = service.seen[0].header("traceparent") or ""
    assert sent[:36] == parent[:36]
    assert sent != parent


@pytest.mark.parametrize(("prefer", "seconds"), [("", 10), ("wait=10", 20), ("respond-async", 10)])
def test_the_service_receives_the_deadline(gateway: Make, upstream: Any, prefer: str, seconds: float) -> None:
    service = upstream()
    gateway(ticket=service).post("/api/tickets", json={}, headers={"Prefer": prefer, "X-Request-Deadline": "1"})
    deadlines = [value for name, value in service.seen[0].headers if name == "X-Request-Deadline"]
    assert len(deadlines) == 1
    assert seconds - 2 < float(deadlines[0]) - time.time() <= seconds


def test_a_problem_of_a_service_passes_unchanged(gateway: Make, upstream: Any, replied: Any) -> None:
    problem = {"title": "Not Found", "status": 404, "code": "not_found"}
    service = upstream(lambda handler, body: replied(handler, problem, 404))
    answer = gateway(ticket=service).get("/api/tickets/1")
    assert (answer.status_code, answer.json) == (404, problem)


def test_a_redirect_is_not_followed(gateway: Make, upstream: Any, replied: Any) -> None:
    elsewhere = upstream()
    service = upstream(lambda handler, body: replied(handler, {}, 302, [("Location", elsewhere.url + "/x")]))
    answer = gateway(ticket=service).get("/api/tickets/1")
    assert answer.status_code == 302
    assert "Location" not in answer.headers
    assert elsewhere.seen == []


def test_a_service_that_refuses_our_token_is_not_the_clients_fault(gateway: Make, upstream: Any, replied: Any) -> None:
    refusal = [("WWW-Authenticate", "Internal")]
    service = upstream(lambda handler, body: replied(handler, {"code": "unauthorized"}, 401, refusal))
    answer = gateway(ticket=service).get("/api/tickets/1")
    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")


def test_a_wrong_password_is_the_clients_fault(gateway: Make, upstream: Any, replied: Any) -> None:
    problem = {"title": "Unauthorized", "status": 401, "code": "wrong_password"}
    service = upstream(lambda handler, body: replied(handler, problem, 401, [("WWW-Authenticate", "Bearer")]))
    answer = gateway(ticket=service).get("/api/tickets/1")
    assert (answer.status_code, answer.json) == (401, problem)
    assert answer.headers.getlist("WWW-Authenticate") == ["Bearer"]


def test_head_and_answers_without_a_body_pass(gateway: Make, upstream: Any, replied: Any) -> None:
    service = upstream()
    client = gateway(ticket=service)
    for _ in range(2):  # twice on one connection: nothing of the first answer may be left on it
        answer = client.head("/api/tickets/1")
        assert (answer.status_code, answer.data) == (200, b"")

    def not_modified(handler: Any, body: bytes) -> None:
        handler.send_response(304)
        handler.send_header("ETag", '"3"')
        handler.end_headers()

    service.behave = not_modified
    answer = client.get("/api/tickets/1", headers={"If-None-Match": '"3"'})
    assert (answer.status_code, answer.headers["ETag"]) == (304, '"3"')

    def no_content(handler: Any, body: bytes) -> None:
        handler.send_response(204)
        handler.end_headers()

    service.behave = no_content
    assert client.delete("/api/tickets/1").status_code == 204


def test_a_kept_connection_is_used_again(gateway: Make, upstream: Any) -> None:
    service = upstream()
    client = gateway(ticket=service)
    assert [client.get(f"/api/tickets/{n}").json["target"] for n in range(20)] == [
        f"/api/tickets/{n}" for n in range(20)
    ]


@pytest.mark.parametrize("path", ["/api/tickets/1", "/nothing", "/api/tickets/..%2f", "/api/health", "/docs", "/"])
def test_every_answer_carries_the_security_headers(gateway: Make, path: str) -> None:
    answer = gateway().get(path)
    names = [name for name, _ in answer.headers]
    assert set(names) >= SECURITY_HEADERS
    assert len(names) == len(set(names))
    assert "Server" not in names


@pytest.mark.parametrize(
    "path", ["/internal/trace/1", "/api/internal/x", "/admin", "/.env", "/api", "/static/x", "/ready/x"]
)
def test_what_is_not_on_the_list_is_404_and_reaches_nobody(gateway: Make, upstream: Any, path: str) -> None:
    service = upstream()
    client = gateway(ticket=service, ai=service, routing=service, analytics=service, auth=service, rag=service)
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]
    assert service.seen == []


DOTS = ("..", ".", "%2e%2e", "%2E%2E", ".%2e", "%2e.", "..%00", "..;", "%252e%252e", "%c0%ae%c0%ae", "..%20", "....")
SLASHES = ("/", "\\", "%2f", "%5c", "//", "%252f", "%c0%af", "/./")
PLACES = ("/api/tickets/{}", "/api/departments/{}", "/api/departments/{}/tickets")
CLIMBS = [
    place.format(f"{dots}{slash}{dots}{slash}internal{slash}files")
    for place in PLACES for dots in DOTS for slash in SLASHES
]  # fmt: skip


def test_no_spelling_of_a_climb_reaches_another_address_of_a_service(gateway: Make, upstream: Any) -> None:
    service = upstream()
    client = gateway(ticket=service, routing=service)
    assert len(CLIMBS) >= 200
    answers = {target: client.get("/", environ_overrides={"RAW_URI": target}).status_code for target in CLIMBS}
    assert set(answers.values()) <= {200, 404}
    assert service.seen, "a name may hold dots and slashes"
    # It stays one segment then, so that the service finds it under the same route.
    here = re.compile(r"/api/(?:tickets|departments)/(?!\.{1,2}(?:/|$))[^/\\]+(?:/tickets)?")
    assert [seen.target for seen in service.seen if not here.fullmatch(seen.target)] == []


def test_a_body_over_the_limit_is_413_and_reaches_nobody(gateway: Make, upstream: Any) -> None:
    service = upstream()
    client = gateway(ticket=service)
    assert client.post("/api/tickets", data=b"x" * (1024 * 1024 + 1)).status_code == 413
    assert service.seen == []
    assert client.post("/api/tickets", data=b"x" * (1024 * 1024)).status_code == 200


def test_headers_over_sixteen_kilobytes_are_431(gateway: Make) -> None:
    headers = {f"X-Filler-{n}": "x" * 1000 for n in range(17)}
    answer = gateway().get("/api/statuses", headers=headers)
    assert (answer.status_code, answer.json["code"]) == (431, "headers_too_large")


def test_a_parameter_that_names_no_service_is_404(gateway: Make, upstream: Any) -> None:
    service = upstream()
    client = gateway(ai=service)
    assert client.get("/api/dead-letters/ai-service/7").json["target"] == "/api/dead-letters/7"
    assert client.post("/api/dead-letters/ai-service/7/replay").json["target"] == "/api/dead-letters/7/replay"
    assert client.post("/api/refill/ai-service.categorize").json["target"] == "/api/refill/ai-service.categorize"
    for path in ("/api/dead-letters/evil.example/7", "/api/dead-letters/127.0.0.1:80/7", "/api/dead-letters/%40/7"):
        answer = client.get(path)
        assert (answer.status_code, answer.json["code"]) == (404, "service_not_found")
    for queue in ("nix", "nix.categorize", "%40"):
        answer = client.post(f"/api/refill/{queue}")
        assert (answer.status_code, answer.json["code"]) == (404, "queue_not_found")
    assert len(service.seen) == 3
