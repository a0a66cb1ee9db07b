"""The behaviour that all services share for every request."""

import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from openapi_spec_validator import validate
from service_kit.http.app import service_app
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import NoPolicy, public
from service_kit.identity import ADMIN, AGENT, HEADER, REQUESTER, SERVICE, Caller, TokenSigner, anonymous
from service_kit.service_settings import development_signing_key
from service_kit.telemetry.logs import current_cause
from service_kit.telemetry.tracing import trace_id
from service_kit.testing.policies import policy_table
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from .conftest import settings_for, token
from .test_bad_input import problem

Send = Callable[..., Any]


def test_no_token_is_a_401(client: FlaskClient) -> None:
    response = client.get("/whoami")
    assert problem(response, 401)["code"] == "unauthorized"
    # The gateway tells by it a refused internal token from a wrong password.
    assert response.headers["WWW-Authenticate"] == "Internal"


@pytest.mark.parametrize("bad", ["", "x", "a.b.c", "x" * 5000])
def test_a_bad_token_is_a_401_even_where_a_good_one_is_not_needed_for_others(client: FlaskClient, bad: str) -> None:
    problem(client.get("/whoami", headers={HEADER: bad}), 401)


def test_a_role_that_may_not_is_a_403(client: FlaskClient) -> None:
    assert problem(client.get("/things/1", headers={HEADER: token(AGENT)}), 403)["code"] == "forbidden"
    problem(client.get("/whoami", headers={HEADER: token(REQUESTER)}), 403)


def test_a_key_needs_the_scope_of_the_route(client: FlaskClient) -> None:
    def status(method: str, path: str, *scopes: str) -> int:
        caller = Caller(1, ADMIN, "user:1", "Ada", scopes=frozenset(scopes))
        signed = TokenSigner("api-gateway", development_signing_key("api-gateway")).sign(caller, "ai-service")
        return int(client.open(path, method=method, headers={HEADER: signed}).status_code)

    assert status("GET", "/things/1", "things:read") == 200
    assert status("HEAD", "/things/1", "things:read") == 200
    assert status("POST", "/things/1/start", "things:write") == 202
    assert status("POST", "/things/1/start", "things:read") == 403
    assert status("GET", "/things/1", "things:write") == 403
    assert status("GET", "/things/1") == 403


def test_a_missing_scope_is_named(client: FlaskClient) -> None:
    caller = Caller(1, ADMIN, "user:1", "Ada", scopes=frozenset({"names:read"}))
    signed = TokenSigner("api-gateway", development_signing_key("api-gateway")).sign(caller, "ai-service")
    body = problem(client.delete("/things/1/start", headers={HEADER: signed}), 403)
    assert body["code"] == "scope_missing"
    assert "things:write" in body["detail"]


def test_an_anonymous_caller_passes_public_routes_only(client: FlaskClient) -> None:
    signed = TokenSigner("api-gateway", development_signing_key("api-gateway")).sign(
        anonymous("192.0.2.7"), "ai-service"
    )
    assert client.get("/from", headers={HEADER: signed}).json == {"address": "192.0.2.7"}
    assert client.get("/from").json == {"address": ""}
    problem(client.get("/from", headers={HEADER: "forged"}), 401)
    problem(client.get("/things/1", headers={HEADER: signed}), 403)


def test_a_service_passes_only_where_it_is_named(client: FlaskClient) -> None:
    problem(client.get("/whoami", headers={HEADER: token(SERVICE, issuer="routing-service")}), 403)


def test_a_valid_request_id_is_kept_and_another_replaced(admin: Send) -> None:
    assert admin("GET", "/whoami", headers={"X-Request-ID": "abc-1"}).headers["X-Request-ID"] == "abc-1"
    for bad in ("", "a b", "x" * 129, "ä", "'; drop"):
        made = admin("GET", "/whoami", headers={"X-Request-ID": bad}).headers["X-Request-ID"]
        assert len(made) == 32


def test_a_trace_is_continued_with_a_span_of_our_own(admin: Send) -> None:
    theirs = f"00-{'a' * 32}-{'b' * 16}-01"
    ours = admin("GET", "/whoami", headers={"traceparent": theirs}).json["cause"]["traceparent"]
    assert trace_id(ours) == "a" * 32
    assert ours != theirs


def test_an_expired_deadline_is_a_504_at_once(admin: Send) -> None:
    late = {"X-Request-Deadline": str(time.time() - 1)}
    assert problem(admin("GET", "/whoami", headers=late), 504)["code"] == "deadline_exceeded"
    assert admin("GET", "/whoami", headers={"X-Request-Deadline": "soon"}).status_code == 200


def test_an_unexpected_error_shows_only_the_request_id(client: FlaskClient) -> None:
    response = client.get("/broken")
    assert problem(response, 500)["code"] == "internal_error"
    text = response.get_data(as_text=True)
    assert "hunter2" not in text
    assert "Traceback" not in text


def test_a_domain_error_gets_the_status_it_was_given(client: FlaskClient) -> None:
    body = problem(client.get("/teapot"), 409)
    assert body["code"] == "teapot_empty"
    assert body["detail"] == "The teapot is empty."


def test_unknown_paths_methods_and_slashes_are_problems_never_pages(client: FlaskClient) -> None:
    problem(client.get("/nowhere"), 404)
    problem(client.get("//health"), 404)
    problem(client.get("/health/"), 404)
    response = client.delete("/health")
    assert problem(response, 405)["code"] == "method_not_allowed"
    assert "GET" in response.headers["Allow"]


def test_head_and_options_work(admin: Send, client: FlaskClient) -> None:
    head = admin("HEAD", "/things/1")
    assert head.status_code == 200
    assert head.data == b""
    assert "POST" in client.options("/things").headers["Allow"]


def test_every_answer_has_its_headers(client: FlaskClient) -> None:
    for path in ("/health", "/nowhere", "/broken", "/whoami"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "Server" not in headers


def test_a_route_without_a_policy_stops_the_app_from_being_made() -> None:
    bare = Blueprint("bare", __name__)
    bare.get("/bare")(lambda: json_response({}))
    with pytest.raises(NoPolicy, match="/bare"):
        service_app(settings_for(), None, [bare])


def operations_of(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    ]


def test_routes_policy_and_openapi_are_the_same_set(app: Flask, client: FlaskClient) -> None:
    document = client.get("/openapi.json").json
    validate(document)
    documented = {(method.upper(), path) for method, path, _ in operations_of(document)}
    table = policy_table(app)
    assert documented == {
        (method, rule.replace("<int:thing_id>", "{thing_id}").replace("<name>", "{name}")) for method, rule in table
    }
    make = document["paths"]["/things"]["post"]
    assert make["x-roles"] == ["admin", "agent"]
    assert document["paths"]["/health"]["get"]["security"] == []


def test_every_operation_documents_problems_as_its_default_response(client: FlaskClient) -> None:
    document = client.get("/openapi.json").json
    responses = document["components"]["responses"]
    for _, _, operation in operations_of(document):
        name = operation["responses"]["default"]["$ref"].rpartition("/")[2]
        assert "application/problem+json" in responses[name]["content"]


def raising(error: Exception) -> FlaskClient:
    failing = Blueprint("failing", __name__)

    @failing.get("/fail")
    @public
    def fail() -> Response:
        """Fail."""
        raise error

    return service_app(settings_for(), None, [failing]).test_client()


@pytest.mark.parametrize("error", [OperationalError("select 1", {}, Exception("gone")), PoolTimeout()])
def test_a_database_that_is_down_is_a_503_with_retry_after(error: Exception) -> None:
    response = raising(error).get("/fail")
    assert problem(response, 503)["code"] == "unavailable"
    assert int(response.headers["Retry-After"]) > 0
    assert "select" not in response.get_data(as_text=True)


def test_a_value_the_database_refuses_is_a_400() -> None:
    problem(raising(DataError("insert", {}, Exception("out of range"))).get("/fail"), 400)


def test_requests_are_counted_by_route_and_never_by_path(admin: Send, client: FlaskClient) -> None:
    for thing in range(5):
        admin("GET", f"/things/{thing}")
        admin("GET", f"/nowhere/{thing}")
    text = client.get("/metrics").text
    labels = 'method="GET",route="/things/<int:thing_id>",service="ai-service",status="200"'
    assert f"http_request_duration_seconds_count{{{labels}}} 5.0" in text
    assert "nowhere" not in text


def test_two_services_in_one_process_count_apart() -> None:
    one, two = (service_app(settings_for(name), None, []).test_client() for name in ("ai-service", "routing-service"))
    one.get("/health")
    assert 'service="ai-service"' in one.get("/metrics").text
    assert "health" not in two.get("/metrics").text


def test_a_quick_request_is_not_logged_and_a_failing_one_is(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    client.get("/health")
    assert capsys.readouterr().out == ""
    client.get("/broken")
    assert "unexpected error" in capsys.readouterr().out


def test_the_logs_have_the_cause_of_the_current_request(admin: Send) -> None:
    admin("GET", "/whoami", headers={"X-Request-ID": "the-one"})
    cause = current_cause.get()
    assert cause is None or cause.request_id == "the-one"


def test_pages_follow_each_other_to_the_end(admin: Send) -> None:
    seen: list[int] = []
    path = "/things?limit=4"
    while path:
        response = admin("GET", path)
        assert response.json["count"] == len(response.json["items"])
        seen += response.json["items"]
        link = response.headers.get("Link", "")
        assert bool(link) == bool(response.json["next"])
        path = link[1 : link.index(">")] if link else ""
    assert seen == list(range(1, 11))


def test_health_is_200_while_a_check_fails_and_ready_gives_the_reason() -> None:
    def down() -> dict[str, Any]:
        raise ConnectionError("no route to host")

    client = service_app(settings_for(), None, [], checks={"model": down}).test_client()
    assert client.get("/health").status_code == 200
    response = client.get("/ready")
    assert (response.status_code, response.json["status"]) == (200, "degraded")
    assert response.json["checks"]["model"] == {"ok": False, "reason": "ConnectionError: no route to host"}


def test_a_bus_that_is_down_degrades_the_service_and_requests_still_work() -> None:
    status = {"bus": {"ok": False, "reason": "refused"}, "relay": {"ok": True, "active": True}}
    client = service_app(settings_for(), None, [], worker_status=lambda: status).test_client()
    response = client.get("/ready")
    assert (response.status_code, response.json["status"]) == (200, "degraded")
    assert response.json["checks"]["bus"]["reason"] == "refused"
    worker_only = service_app(settings_for(ROLE="worker"), None, [], worker_status=lambda: status).test_client()
    assert worker_only.get("/ready").status_code == 503


def test_debug_level_logs_every_request(client: FlaskClient, capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("service_kit.http.app")
    logger.setLevel(logging.DEBUG)
    try:
        client.get("/health")
    finally:
        logger.setLevel(logging.NOTSET)
    assert "/health" in capsys.readouterr().out
