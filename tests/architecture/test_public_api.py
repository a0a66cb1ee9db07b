"""The API's document is valid, complete and stable: what clients rely on stays (contracts/openapi.json)."""

import copy
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from openapi_spec_validator import validate

from scripts.openapi_changes import METHODS, breaking_changes
from scripts.public_api import ADVICE, current, relied_on

Change = Callable[[dict[str, Any]], Any]


@cache
def document() -> dict[str, Any]:
    """Return the document as it is now."""
    return current()


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield method and path of each operation, with the operation."""
    for path, item in document()["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def own_operations() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the operations that are no aliases; an alias is sent on as another method."""
    return ((name, operation) for name, operation in operations() if not operation.get("deprecated"))


def parameters(operation: dict[str, Any]) -> list[dict[str, Any]]:
    """Return an operation's parameters, without references."""
    known = document()["components"]["parameters"]
    found = operation.get("parameters", [])
    return [known[each["$ref"].rpartition("/")[2]] if "$ref" in each else each for each in found]


def test_nothing_that_clients_rely_on_is_gone() -> None:
    assert breaking_changes(relied_on(), document()) == [], ADVICE


def test_the_document_is_valid() -> None:
    validate(document())


def test_operation_ids_are_unique_and_names() -> None:
    ids = [operation["operationId"] for _, operation in operations()]
    assert len(ids) == len(set(ids))
    assert [each for each in ids if not each.isidentifier()] == []


def test_every_parameter_is_described_and_every_operation_has_a_sentence() -> None:
    assert [name for name, operation in operations() if not operation.get("summary")] == []
    undescribed = {
        (name, parameter["name"])
        for name, operation in operations()
        for parameter in parameters(operation)
        if not parameter.get("description")
    }
    assert undescribed == set()


def test_errors_are_listed_by_status() -> None:
    for name, operation in operations():
        assert "default" not in operation["responses"], name
        assert {"400", "414", "429", "431", "503", "504"} <= operation["responses"].keys(), name


def test_every_post_documents_its_idempotency_key() -> None:
    for name, operation in own_operations():
        sent = {each["name"] for each in parameters(operation) if each["in"] == "header"}
        assert ("Idempotency-Key" in sent) == name.startswith("POST "), name


def test_every_record_that_can_be_changed_has_a_tag_to_change_it_by() -> None:
    tagged = {name.partition(" ")[2] for name, operation in operations() if "304" in operation["responses"]}
    checked = {
        name for name, operation in own_operations() if "If-Match" in {each["name"] for each in parameters(operation)}
    }
    assert checked
    for name in checked:
        path = name.partition(" ")[2]
        assert any(path == record or path.startswith(f"{record}/") for record in tagged), name


def at(*keys: str) -> Callable[[dict[str, Any]], Any]:
    """Return a function that returns a part of a document."""

    def find(part: dict[str, Any]) -> Any:
        found: Any = part
        for key in keys:
            found = found[key]
        return found

    return find


POST, GET = at("paths", "/things", "post"), at("paths", "/things", "get")
REQUEST = at("paths", "/things", "post", "requestBody", "content", "application/json", "schema")
ANSWER, NAME = at("components", "schemas", "Thing"), at("components", "schemas", "Thing", "properties", "name")


def small() -> dict[str, Any]:
    """Return a small document."""
    thing = {"$ref": "#/components/schemas/Thing"}
    answer = {"200": {"description": "OK", "content": {"application/json": {"schema": thing}}}}
    query = [{"in": "query", "name": "q", "schema": {"type": "string", "maxLength": 100}}]
    new = {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "size": {"type": ["integer", "null"]},
            "kind": {"type": "string", "enum": ["a", "b"]},
        },
    }
    body = {"required": True, "content": {"application/json": {"schema": new}}}
    return {
        "paths": {
            "/things": {
                "get": {"operationId": "get_things", "parameters": query, "responses": answer, "security": []},
                "post": {"operationId": "post_things", "requestBody": body, "responses": answer, "x-roles": ["agent"]},
            }
        },
        "components": {
            "schemas": {
                "Thing": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {"name": {"type": "string"}, "parent": thing},
                }
            }
        },
    }


BREAKING: dict[str, Change] = {
    "POST /things is gone": lambda part: part["paths"]["/things"].pop("post"),
    "the operationId get_things became list": lambda part: GET(part).update(operationId="list"),
    "needs a token now": lambda part: GET(part).pop("security"),
    "the role agent may no longer call it": lambda part: POST(part).update({"x-roles": ["admin"]}),
    "the query parameter q is gone": lambda part: GET(part)["parameters"].clear(),
    "the query parameter q is required now": lambda part: GET(part)["parameters"][0].update(required=True),
    "maxLength became 50": lambda part: GET(part)["parameters"][0]["schema"].update(maxLength=50),
    "takes no body any more": lambda part: POST(part).pop("requestBody"),
    "application/json is gone": lambda part: POST(part)["requestBody"].update(content={}),
    "the field size is required now": lambda part: REQUEST(part)["required"].append("size"),
    "the field kind is gone": lambda part: REQUEST(part)["properties"].pop("kind"),
    "its type integer or null became integer": lambda part: REQUEST(part)["properties"]["size"].update(type="integer"),
    "no longer accepts b": lambda part: REQUEST(part)["properties"]["kind"].update(enum=["a", "c"]),
    "minimum became 1": lambda part: REQUEST(part)["properties"]["size"].update(minimum=1),
    "pattern became x": lambda part: REQUEST(part)["properties"]["name"].update(pattern="x"),
    "the field name is gone": lambda part: ANSWER(part)["properties"].pop("name"),
    "the field name may be missing now": lambda part: ANSWER(part).update(required=[]),
    "its type string became null or string": lambda part: NAME(part).update(type=["string", "null"]),
    "200 is no longer answered": lambda part: GET(part).update(responses={"204": {"description": "gone"}}),
}
HARMLESS: dict[str, Change] = {
    "another path": lambda part: part["paths"].update({"/others": {"get": {"operationId": "x", "responses": {}}}}),
    "another optional parameter": lambda part: GET(part)["parameters"].append({"in": "query", "name": "r"}),
    "a longer text": lambda part: GET(part)["parameters"][0]["schema"].update(maxLength=200),
    "an optional field of a request": lambda part: REQUEST(part)["properties"].update(color={"type": "string"}),
    "one value more": lambda part: REQUEST(part)["properties"]["kind"]["enum"].append("c"),
    "null as well": lambda part: REQUEST(part)["properties"]["name"].update(type=["string", "null"]),
    "a field no longer required of a request": lambda part: REQUEST(part)["required"].clear(),
    "another field of an answer": lambda part: ANSWER(part)["properties"].update(color={"type": "string"}),
    "another role": lambda part: POST(part)["x-roles"].append("manager"),
    "another status": lambda part: GET(part)["responses"].update({"404": {"description": "gone"}}),
    "a description": lambda part: GET(part).update(description="All things."),
}


@pytest.mark.parametrize("sentence", BREAKING)
def test_a_change_that_breaks_clients_is_told(sentence: str) -> None:
    changed = copy.deepcopy(small())
    BREAKING[sentence](changed)
    found = breaking_changes(small(), changed)
    assert any(sentence in each for each in found), found


@pytest.mark.parametrize("change", HARMLESS)
def test_an_addition_breaks_nobody(change: str) -> None:
    changed = copy.deepcopy(small())
    HARMLESS[change](changed)
    assert breaking_changes(small(), changed) == []
