"""Which headers the gateway forwards, whatever their spelling."""

import pytest
from api_gateway.headers import filter_request_headers, filter_response_headers, webhook_headers
from api_gateway.routes import INBOUND_MAIL, ROUTES

IDENTITY = [
    "X-Internal-Token", "x-internal-token", "X-INTERNAL-TOKEN", "X_Internal_Token", "X-Internal_Token",
    "X-User-Id", "X-User", "X_User_Id", "X-USER-ID", "X-UserId", "X-User-Email", "X-User-Name", "X-User-Role",
    "X-Tenant-Id", "X-Tenant", "X_Tenant_Id", "X-Company-Id", "X-Company", "X_Company_ID", "X-Role", "X-Roles",
    "X-Internal-User", "X-Internal-Company", "X-Internal-Secret", "X-Auth-User", "X-Auth-Request-User",
    "X-Authenticated-User", "X-Remote-User", "Remote-User", "X-Forwarded-User", "X-Forwarded-Email",
    "X-Forwarded-Access-Token", "X-Forwarded-Client-Cert", "X-Client-Cert", "X-Consumer-Id", "X-Admin",
    "Authorization", "Proxy-Authorization", "Cookie", "X-Request-Deadline", "X-Original-URL", "X-Rewrite-URL",
    "X-HTTP-Method-Override", "X-Real-IP", "Forwarded",
]  # fmt: skip
HOP_BY_HOP = ["Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade"]


def wsgi(name: str) -> str:
    return "HTTP_" + name.upper().replace("-", "_")


def test_there_are_at_least_forty_spellings_to_try() -> None:
    assert len(set(IDENTITY)) >= 40


@pytest.mark.parametrize("name", [*IDENTITY, *HOP_BY_HOP])
def test_a_header_that_nobody_named_ends_at_the_gateway(name: str) -> None:
    assert filter_request_headers({wsgi(name): "somebody", "HTTP_ACCEPT": "*/*"}) == {"Accept": "*/*"}


def test_headers_that_services_need_pass() -> None:
    environ = {
        "CONTENT_TYPE": "application/json",
        "HTTP_IF_MATCH": '"3"',
        "HTTP_IDEMPOTENCY_KEY": "k",
        "HTTP_PREFER": "wait=2",
    }
    assert filter_request_headers(environ) == {
        "Content-Type": "application/json", "If-Match": '"3"', "Idempotency-Key": "k", "Prefer": "wait=2",
    }  # fmt: skip


@pytest.mark.parametrize("connection", ["If-Match", "close, if-match", "keep-alive,IF_MATCH , x", "\tIf-Match"])
def test_what_connection_names_stays_on_that_connection(connection: str) -> None:
    assert filter_request_headers({"HTTP_IF_MATCH": '"3"', "HTTP_ACCEPT": "*/*", "HTTP_CONNECTION": connection}) == {
        "Accept": "*/*"
    }


def test_a_response_keeps_the_listed_headers_alone() -> None:
    answer = [
        ("content-type", "application/json"), ("etag", '"3"'), ("Server", "gunicorn/27"), ("X-Powered-By", "Flask"),
        ("Set-Cookie", "a=b"), ("X-Internal-Token", "t"), ("Connection", "close"), ("Transfer-Encoding", "chunked"),
        ("X-Request-ID", "theirs"), ("WWW-Authenticate", "Internal"), ("Access-Control-Allow-Origin", "*"),
    ]  # fmt: skip
    assert filter_response_headers(answer) == [("Content-Type", "application/json"), ("ETag", '"3"')]


def test_what_the_services_connection_names_is_dropped() -> None:
    assert filter_response_headers([("ETag", '"3"'), ("Connection", "keep-alive, etag")]) == []


@pytest.mark.parametrize(
    ("location", "passes"),
    [("/api/tickets/7", True), ("//evil.example/x", False), ("/\\evil.example", False),
     ("http://ticket-service:5001/x", False), ("tickets/7", False)],
)  # fmt: skip
def test_a_location_never_leads_to_another_host(location: str, passes: bool) -> None:
    assert bool(filter_response_headers([("Location", location)])) is passes


def test_what_proves_a_webhook_passes_on_its_route_alone() -> None:
    environ = {"HTTP_WEBHOOK_ID": "m", "HTTP_AUTHORIZATION": "Basic x", "HTTP_COOKIE": "a=b", "HTTP_X_USER_ID": "7"}
    assert filter_request_headers(environ) == {}
    assert webhook_headers(environ) == {"webhook-id": "m", "Authorization": "Basic x"}
    webhooks = {(route.method, route.pattern) for route in ROUTES if route.webhook}
    assert webhooks == {INBOUND_MAIL, ("POST", "/webhooks/partners/{partner}")}
    # Nobody's token is handed on: such a route takes none.
    assert all(route.public for route in ROUTES if route.webhook)
