"""The operations of the document that the client offers, each with its name, arguments and answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scripts.python_client.names import LEFT_OUT, STREAMS, is_parameter, name_of
from scripts.python_client.types import Schema, Types, camel, inlined, sentence

JSON = "application/json"
FORM = "multipart/form-data"
EVENTS = "text/event-stream"
METHODS = {"get", "post", "put", "patch", "delete"}
PAGE_FIELDS = {"count", "next"}
ROWS = "items"
"""The usual name of the rows of a page."""


@dataclass(frozen=True)
class Operation:
    """One method of the client."""

    group: str
    name: str
    method: str
    path: str
    text: str
    path_types: Mapping[str, str]
    query: str = ""
    """The class of its query fields, "" without any."""
    body: str = ""
    """The class of the JSON body's fields."""
    whole_body: str = ""
    """The type of a JSON body that has no fields of its own, such as an array or one of several objects."""
    form: str = ""
    """The class of the form's fields."""
    files: Sequence[str] = ()
    """The form's fields that are files."""
    answer: str = "None"
    kind: str = "json"
    """json, rows, bytes, events or nothing."""
    rows: str = ""
    """The field of the page that holds the rows."""


def operations_of(document: Schema, types: Types) -> list[Operation]:
    """Return all operations by group and name; raise ValueError where two have one name."""
    found: dict[tuple[str, str], Operation] = {}
    paths = inlined(document["paths"], document)
    for path, item in paths.items():
        if path in LEFT_OUT:
            continue
        for method in METHODS & item.keys():
            operation = item[method]
            if operation.get("deprecated"):
                continue
            for made in _operations(method.upper(), path, operation, item, types):
                if (made.group, made.name) in found:
                    other = found[made.group, made.name]
                    raise ValueError(
                        f"{method.upper()} {path} and {other.method} {other.path} are both {made.group}.{made.name}; "
                        "name one of them in scripts/python_client/names.py"
                    )
                found[made.group, made.name] = made
    return [found[key] for key in sorted(found)]


def _operations(method: str, path: str, operation: Schema, item: Schema, types: Types) -> Iterator[Operation]:
    media, schema = _answer(operation)
    rows = _rows_of(operation, types) if method == "GET" else ""
    in_a_list = "get" in item and bool(_rows_of(item["get"], types))
    group, name = name_of(method, path, in_a_list=in_a_list)
    title = camel(f"{group}_{name}")
    made = _arguments(method, path, operation, types, title) | {"group": group}
    properties = types.properties(schema)
    if rows:
        row = types.of(properties.get(rows, {}).get("items", {}), f"{title}Row")
        text = f"List the {rows}, page by page" if properties.keys() - PAGE_FIELDS - {rows} else made["text"]
        # A row that has rows of its own shows them under their own name.
        of_rows = rows if is_parameter(path.rpartition("/")[2]) else name.replace("get", "list", 1)
        yield Operation(**made | {"text": text}, name=of_rows, answer=row, kind="rows", rows=rows)
        if not properties.keys() - PAGE_FIELDS - {rows}:
            return
    answer, kind = _kind(media, schema, types, f"{title}Answer")
    if (method, path) in STREAMS:
        answer, kind = "Iterator[tuple[str, str]]", "events"
    # A list that shows more than its rows; `get` is the name of one row.
    name = "get_overview" if rows and name == "get" and not path.endswith("}") else name
    yield Operation(**made, name=name, answer=answer, kind=kind)


def _arguments(method: str, path: str, operation: Schema, types: Types, title: str) -> dict[str, Any]:
    """Return what an operation takes: the types of its path's parameters, and the classes of its other fields."""
    parameters: Sequence[Schema] = operation.get("parameters", ())
    schemas = {each["name"]: each.get("schema", {}) for each in parameters if each.get("in") == "path"}
    names = [segment[1:-1] for segment in path.split("/") if is_parameter(segment)]
    query = [each for each in parameters if each.get("in") == "query"]
    content = operation.get("requestBody", {}).get("content", {})
    sent = next((media for media in (JSON, FORM) if media in content), "")
    schema = content[sent].get("schema", {}) if sent else {}
    has_fields = bool(types.properties(schema))
    fields = types.fields(schema, f"{title}{'Body' if sent == JSON else 'Form'}") if has_fields else ""
    files = [
        name
        for name, inner in types.properties(content.get(FORM, {}).get("schema", {})).items()
        if inner.get("format") == "binary"
    ]
    return {
        "method": method,
        "path": path,
        "text": sentence(operation.get("summary") or operation.get("description")) or f"{method} {path}",
        "path_types": {name: types.of(schemas.get(name) or {"type": "string"}, "") for name in names},
        "query": types.add_query(f"{title}Query", query) if query else "",
        "body": fields if sent == JSON else "",
        "whole_body": types.of(schema, f"{title}Body") if sent == JSON and not has_fields else "",
        "form": fields if sent == FORM else "",
        "files": files,
    }


def _answer(operation: Schema) -> tuple[str, Schema]:
    """Return the media type and the schema of the first successful answer, ("", {}) for one without content."""
    for status, response in sorted(operation["responses"].items()):
        if status.startswith("2"):
            for media, content in response.get("content", {}).items():
                return media, content.get("schema", {})
    return "", {}


def _kind(media: str, schema: Schema, types: Types, name: str) -> tuple[str, str]:
    if not media:
        return "None", "nothing"
    if media == JSON:
        return types.of(schema, name), "json"
    return ("Iterator[tuple[str, str]]", "events") if media == EVENTS else ("bytes", "bytes")


def _rows_of(operation: Schema, types: Types) -> str:
    """Return the name of the field with the rows of a page, "" where an operation answers no pages."""
    properties = types.properties(_answer(operation)[1])
    if properties.keys() >= PAGE_FIELDS:
        arrays = [name for name, inner in properties.items() if inner.get("type") == "array"]
        return ROWS if ROWS in arrays else next(iter(arrays), "")
    # The gateway's own lists don't say what their rows are.
    asked = {each["name"] for each in operation.get("parameters", ())}
    return ROWS if not properties and "cursor" in asked else ""
