"""The scope that an API key needs for a route."""

import pytest
from service_kit.http.policy import missing_scope, scope_of


@pytest.mark.parametrize(
    ("method", "rule", "scope"),
    [
        ("GET", "/api/tickets", "tickets:read"),
        ("HEAD", "/api/tickets/<int:ticket_id>", "tickets:read"),
        ("POST", "/api/tickets", "tickets:write"),
        ("PUT", "/api/tickets/<int:ticket_id>/status", "tickets:write"),
        ("DELETE", "/api/comments/<int:comment_id>", "comments:write"),
        ("GET", "/api/dead-letters", "dead-letters:read"),
        ("GET", "/tickets/<uuid:ticket>", "tickets:read"),
        ("POST", "/rag/retrieve", "rag:write"),
        ("GET", "/rag/health", "rag:read"),
    ],
)
def test_a_scope_is_the_noun_of_the_path_and_read_or_write(method: str, rule: str, scope: str) -> None:
    assert scope_of(method, rule) == scope
    assert missing_scope(frozenset({scope}), method, rule) is None
    assert missing_scope(frozenset({"other:read"}), method, rule) == scope


def test_without_a_list_of_scopes_nothing_is_missing_and_with_an_empty_one_everything() -> None:
    assert missing_scope(None, "GET", "/api/tickets") is None
    assert missing_scope(frozenset(), "GET", "/api/tickets") == "tickets:read"


def test_internal_routes_need_no_scope_because_the_gateway_checks_its_own_route() -> None:
    assert scope_of("GET", "/internal/trace/<int:ticket_id>") is None
    assert missing_scope(frozenset(), "GET", "/internal/trace/<int:ticket_id>") is None
