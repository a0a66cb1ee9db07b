"""The generator of the Python client reads what OpenAPI allows, and the client has a method for every operation."""

import ast
from typing import Any

import pytest
from smartticket_client import Client
from smartticket_client.generated.resources import OPERATIONS

from scripts.python_client.document import public_document
from scripts.python_client.names import LEFT_OUT, name_of
from scripts.python_client.operations import operations_of
from scripts.python_client.resources import resources_module
from scripts.python_client.types import Types

VIEW = {
    "type": "object",
    "description": 'A "view"',
    "required": ["id", "kind"],
    "properties": {
        "id": {"type": "integer"},
        "kind": {"type": ["string", "null"], "enum": ["a", "b", None]},
        "other": {"anyOf": [{"$ref": "#/components/schemas/Other"}, {"type": "null"}]},
        "rows": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "number"}}}},
        "free": {"type": "object", "additionalProperties": {"type": "string"}},
        "whatever": {},
    },
}
OTHER = {"type": "object", "properties": {"from": {"type": "string"}, "self": {"$ref": "#/components/schemas/Other"}}}


def document(paths: dict[str, Any], **components: Any) -> dict[str, Any]:
    return {"paths": paths, "components": {"schemas": {"View": VIEW, "Other": OTHER}, **components}}


def answer(schema: Any) -> dict[str, Any]:
    return {"200": {"description": "OK", "content": {"application/json": {"schema": schema}}}}


def generated(found: dict[str, Any]) -> tuple[str, str]:
    types = Types(found)
    resources = resources_module(operations_of(found, types))
    return types.module(), resources


def test_types_are_what_the_schemas_say() -> None:
    types, _ = generated(
        document({"/api/views/{id}": {"get": {"responses": answer({"$ref": "#/components/schemas/View"})}}})
    )
    ast.parse(types)
    for line in (
        "    id: int",
        "    kind: Literal['a', 'b', None]",
        '    other: NotRequired["Other | None"]',
        '    rows: NotRequired[list["ViewRows"]]',
        "    free: NotRequired[dict[str, str]]",
        "    whatever: NotRequired[Any]",
        "    n: NotRequired[float]",
    ):
        assert f"{line}\n" in types
    assert "Other = TypedDict('Other', {'from': NotRequired[str]" in types, "`from` can't be a field of a class"


def test_references_and_fields_of_a_path_are_followed() -> None:
    paths = {
        "/api/views/{id}": {
            "parameters": [],
            "patch": {
                "parameters": [{"$ref": "#/components/parameters/Id"}],
                "requestBody": {"$ref": "#/components/requestBodies/Change"},
                "responses": {"200": {"$ref": "#/components/responses/Shown"}},
            },
        }
    }
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Other"}}}}
    shown = answer({"$ref": "#/components/schemas/View"})["200"]
    parameter = {"name": "id", "in": "path", "schema": {"type": "integer"}}
    _, resources = generated(
        document(paths, parameters={"Id": parameter}, requestBodies={"Change": body}, responses={"Shown": shown})
    )
    assert "def update(self, id: int, /, **body: Unpack[types.Other]) -> types.View:" in resources


def test_a_body_without_fields_is_one_argument() -> None:
    several = {"oneOf": [{"$ref": "#/components/schemas/View"}, {"type": "array", "items": {"type": "string"}}]}
    paths = {
        "/api/views": {
            "post": {"requestBody": {"content": {"application/json": {"schema": several}}},
                     "responses": {"204": {"description": "Done"}}}
        }
    }  # fmt: skip
    _, resources = generated(document(paths))
    assert "def create(self, body: types.View | list[str], /) -> None:" in resources


def test_two_operations_of_one_name_are_an_error_that_says_where_to_name_them() -> None:
    done = {"responses": {"204": {"description": "Done"}}}
    with pytest.raises(ValueError, match="name one of them"):
        generated(document({"/api/a-b/{id}": {"get": done}, "/api/a_b/{id}": {"get": done}}))


@pytest.mark.parametrize(
    ("method", "path", "in_a_list", "name"),
    [
        ("GET", "/api/tickets/{ticket_id}", False, ("tickets", "get")),
        ("POST", "/api/tickets", True, ("tickets", "create")),
        ("PATCH", "/api/tickets/{ticket_id}", False, ("tickets", "update")),
        ("PUT", "/api/tickets/{ticket_id}", False, ("tickets", "replace")),
        ("DELETE", "/api/tickets/{ticket_id}", False, ("tickets", "delete")),
        ("PUT", "/api/tickets/{ticket_id}/status", False, ("tickets", "set_status")),
        ("POST", "/api/teams/{team_id}/members", True, ("teams", "add_members")),
        ("DELETE", "/api/teams/{team_id}/members/{email}", False, ("teams", "remove_members")),
        ("POST", "/api/auth/totp/enable", False, ("auth", "totp_enable")),
        ("POST", "/rag/retrieve", False, ("rag", "retrieve")),
        ("GET", "/tickets/{uuid}", False, ("customer_tickets", "get")),
        ("PATCH", "/api/tickets/bulk", False, ("tickets", "update_many")),
    ],
)
def test_an_operation_is_named_after_its_path(method: str, path: str, in_a_list: bool, name: tuple[str, str]) -> None:
    assert name_of(method, path, in_a_list=in_a_list) == name


def test_the_client_has_a_method_for_every_operation() -> None:
    documented = {
        (method.upper(), path)
        for path, item in public_document()["paths"].items()
        for method in item
        if path not in LEFT_OUT
    }
    assert documented == OPERATIONS.keys()
    client = Client()
    for group, name in OPERATIONS.values():
        assert callable(getattr(getattr(client, group), name))
    client.close()
