"""Gives each successful JSON response of the OpenAPI document an example, made from its schema."""

from collections.abc import Iterator, Mapping
from typing import Any

from api_gateway.endpoints.field_examples import BY_FORMAT, BY_SUFFIX, BY_TYPE, EXAMPLES

JSON = "application/json"
TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}
Document = dict[str, Any]
Schemas = Mapping[str, Mapping[str, Any]]


def illustrate(paths: Mapping[str, Mapping[str, Any]], schemas: Schemas) -> None:
    """Add an example to each successful JSON response that has none, in place."""
    for operation in (each for item in paths.values() for each in item.values()):
        for status, response in operation.get("responses", {}).items():
            content = response.get("content", {}).get(JSON) if status.startswith("2") else None
            if content is not None and "example" not in content and "schema" in content:
                content["example"] = example_of(content["schema"], schemas)


def example_of(schema: Mapping[str, Any], schemas: Schemas, name: str = "", within: tuple[str, ...] = ()) -> Any:
    """Return an example of a schema; `name` is the field's, `within` the schemas around it, the nearest last."""
    if "$ref" in schema:
        target = schema["$ref"].rpartition("/")[2]
        # A schema within itself ends here: the tree of a reply to a reply needs no third level.
        return {} if target in within else example_of(schemas.get(target, {}), schemas, name, (*within, target))
    if "example" in schema:
        return schema["example"]
    for given in _given(name, within):
        if _fits(given, schema):
            return given
    for kind in ("anyOf", "oneOf", "allOf"):
        if kind in schema:
            return example_of(_first(schema[kind]), schemas, name, within)
    types = _types(schema)
    if "object" in types:
        return _object(schema, schemas, within)
    if "array" in types:
        item = example_of(schema.get("items", {}), schemas, name, within)
        return [item] * max(1, schema.get("minItems", 1))
    return _scalar(schema, types, name)


def _object(schema: Mapping[str, Any], schemas: Schemas, within: tuple[str, ...]) -> Document:
    fields = schema.get("properties", {})
    return {field: example_of(part, schemas, field, within) for field, part in fields.items()}


def _scalar(schema: Mapping[str, Any], types: list[str], name: str) -> Any:
    if schema.get("enum"):
        return schema["enum"][0]
    if schema.get("format") in BY_FORMAT:
        return BY_FORMAT[schema["format"]]
    for suffix, value in BY_SUFFIX.items():
        if name.endswith(suffix) and _fits(value, schema):
            return value
    return BY_TYPE[types[0]] if types else {}


def _given(name: str, within: tuple[str, ...]) -> Iterator[Any]:
    for key in (f"{within[-1]}.{name}" if within else "", name):
        if key in EXAMPLES:
            yield EXAMPLES[key]


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Return whether a value is one of a schema without nested schemas."""
    if any(kind in schema for kind in ("anyOf", "oneOf", "allOf")):
        return value is None and {"type": "null"} in schema.get("anyOf", ())
    if "$ref" in schema:
        return False
    if "enum" in schema:
        return value in schema["enum"]
    if schema.get("format") in BY_FORMAT and schema["format"] != "email" and isinstance(value, str):
        return len(value) == len(BY_FORMAT[schema["format"]])
    if isinstance(value, dict) and schema.get("properties"):
        return False
    if isinstance(value, list) and not all(_fits(each, schema.get("items", {})) for each in value):
        return False
    types = _types(schema)
    return not types or any(
        isinstance(value, TYPES[each]) and (each == "boolean") == isinstance(value, bool) for each in types
    )


def _types(schema: Mapping[str, Any]) -> list[str]:
    """Return the types of a schema, null last: an example shows a value where there may be one."""
    types = schema.get("type", "object" if "properties" in schema else [])
    return sorted([types] if isinstance(types, str) else types, key=lambda each: each == "null")


def _first(schemas: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    return next((each for each in schemas if each.get("type") != "null"), {})
