"""Every list is read in pages: {count, items, next}, `cursor` and `limit` (at most 100, 25 by default)."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from .apps import WITH_ROUTES, document_of

NO_PAGES = {
    ("ticket-service", "/api/statuses"): "a vocabulary of five words",
    ("ticket-service", "/api/tickets/{ticket_id}/presence"): "the people who have one ticket open in these seconds",
    ("ai-service", "/api/priority-rules/report"): "a figure for each of four priorities",
    ("ai-service", "/api/tickets/{ticket_id}/explanation"): "what weighed most, of one ticket",
    ("workflow-service", "/api/tasks/{task_id}/explanation"): "the newest twenty choices of one task's assignees",
    ("auth-service", "/.well-known/jwks.json"): "the two or three keys that verify tokens, as RFC 7517 has them",
    ("auth-service", "/api/me"): "the rights of one caller",
    ("analytics-service", "/api/analytics/trends"): "a figure for each of the days asked for",
    ("analytics-service", "/api/analytics/models"): "a figure for each model that was used on the days asked for",
}
"""What holds an array and is no list of rows; the reason beside it."""


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_every_list_has_a_count_a_next_page_and_a_limit(service: str) -> None:
    document = document_of(service)
    found = {path: missing(document, operation) for path, operation in lists(document)}
    for path in [path for path in found if (service, path) in NO_PAGES]:
        assert found.pop(path), f"{path} has pages; take it out of NO_PAGES"
    assert {path: names for path, names in found.items() if names} == {}


def lists(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield what answers GET with an object that holds an array; one row by its id is no list."""
    for path, item in document["paths"].items():
        if path.startswith("/internal/") or ("get" in item and _is_row(path, document, item["get"])):
            continue
        if "get" in item and any(each.get("type") == "array" for each in properties(document, item["get"]).values()):
            yield path, item["get"]


def _is_row(path: str, document: Mapping[str, Any], operation: Mapping[str, Any]) -> bool:
    return path.endswith("}") and "count" not in properties(document, operation)


def missing(document: Mapping[str, Any], operation: Mapping[str, Any]) -> set[str]:
    """Name what a list lacks."""
    asked = {each["name"]: each["schema"] for each in operation.get("parameters", ()) if each.get("in") == "query"}
    lacking = {"count", "next"} - properties(document, operation).keys() | {"cursor"} - asked.keys()
    limit = asked.get("limit", {})
    if (limit.get("minimum"), limit.get("maximum"), limit.get("default")) != (1, 100, 25):
        lacking.add("limit")
    return lacking


def properties(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the properties of an operation's answer."""
    content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
    schema = content.get("schema", {})
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    found: Mapping[str, Any] = schema.get("properties", {})
    return found
