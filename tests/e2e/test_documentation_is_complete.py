"""What the gateway lets through, what it documents and what it lists are the same set."""

import requests
from openapi_spec_validator import validate

from tests.stack import Stack


def test_every_listed_address_is_documented_and_no_other(stack: Stack) -> None:
    document = stack.get("/openapi.json")
    validate(document)
    listed = {(one["method"], one["path"]) for one in stack.get("/")["endpoints"]}
    documented = {
        (method.upper(), path)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if not operation.get("deprecated")
    }
    assert documented == listed
    assert "x-missing" not in document


def test_what_a_service_keeps_inside_is_not_there(stack: Stack) -> None:
    document = stack.get("/openapi.json")
    assert [path for path in document["paths"] if path.startswith("/internal")] == []
    assert requests.get(stack.url + "/internal/trace/1", timeout=60).status_code == 404
    inside = requests.get(stack.url_of("ticket-service") + "/internal/trace/1", timeout=60)
    assert (inside.status_code, inside.headers["Content-Type"]) == (401, "application/problem+json")
