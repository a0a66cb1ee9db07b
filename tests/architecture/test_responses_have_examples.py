"""Every successful JSON response and every JSON body in the API's document has an example that its schema accepts."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from api_gateway.endpoints import local_examples
from jsonschema import Draft202012Validator, FormatChecker

from scripts.openapi_changes import METHODS
from scripts.public_api import current

from .apps import document_of

JSON = "application/json"


@cache
def document() -> dict[str, Any]:
    """Return the API's document."""
    return current()


def contents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the JSON contents of bodies and of successful responses, by a name for failures."""
    for path, item in document()["paths"].items():
        for method in (each for each in METHODS if each in item):
            found = {"body": item[method].get("requestBody", {})}
            found |= {status: each for status, each in item[method]["responses"].items() if status.startswith("2")}
            for name, part in found.items():
                if JSON in part.get("content", {}):
                    yield f"{method.upper()} {path} {name}", part["content"][JSON]


def faults(example: Any, schema: dict[str, Any], components: dict[str, Any]) -> list[str]:
    """Return why a schema doesn't accept an example; every field that it names must be there."""
    whole = {"components": components, **schema}
    found = Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(example)
    return [f"{error.json_path}: {error.message[:200]}" for error in found]


def test_every_example_is_accepted_by_its_schema() -> None:
    found = dict(contents())
    assert [name for name, part in found.items() if "example" not in part] == []
    components = document()["components"]
    wrong = {name: faults(part["example"], part["schema"], components) for name, part in found.items()}
    assert {name: reasons for name, reasons in wrong.items() if reasons} == {}
    assert len(found) > 200


@pytest.mark.parametrize(
    ("path", "example"), [("/api/audit", local_examples.AUDIT), ("/api/dead-letters", local_examples.DEAD_LETTERS)]
)
def test_what_the_gateway_merges_looks_as_a_services_part_of_it(path: str, example: dict[str, Any]) -> None:
    part = document_of("ticket-service")
    components: dict[str, Any] = part["components"]
    schema = part["paths"][path]["get"]["responses"]["200"]["content"][JSON]["schema"]
    own = {name: value for name, value in example.items() if name != "missing"}
    assert faults(own, schema, components) == []
    (item,) = own["items"]
    names = components["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]["items"]["items"]["$ref"]
    assert item.keys() == components["schemas"][names.rpartition("/")[2]]["properties"].keys()


def test_an_example_that_its_schema_refuses_is_told() -> None:
    components = {"schemas": {"A": {"type": "object", "required": ["at"], "properties": {"at": {"format": "date"}}}}}
    for example in ({}, {"at": "yesterday"}):
        assert faults(example, {"$ref": "#/components/schemas/A"}, components)
