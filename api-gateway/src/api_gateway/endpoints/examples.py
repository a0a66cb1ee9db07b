"""Makes examples for `/docs`: a value that fits a schema, and a curl command to paste into a shell."""

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

MAX_LEVELS = 4
BASE = "http://localhost:5000"
JSON, FORM = "application/json", "multipart/form-data"
EVENTS = "text/event-stream"
PRINTED = ("application/json", "application/problem+json", "text/")
"""Media types that a terminal shows; any other is written to a file."""
FORMATS = {
    "date-time": "2026-01-15T10:30:00Z",
    "date": "2026-01-15",
    "email": "ann@company.example",
    "uuid": "7d1c2a52-3c1e-4f0e-9b7a-2f6d8a3f5b10",
    "uri": "https://desk.example",
    "url": "https://desk.example",
}
NAMES = {
    "name": "IT Support",
    "email": "ann@company.example",
    "queue": "ai-service.categorize",
    "service": "ai-service",
}
"""Examples for text parameters whose schema has no example, format or enum, by parameter name."""
Document = Mapping[str, Any]


def curl(path: str, method: str, operation: Document, document: Document) -> str:
    """Return a curl command with the operation's required parameters and its body."""
    parameters = [resolved(parameter, document) for parameter in operation.get("parameters", [])]
    lines = ["curl" if method == "get" else f"curl -X {method.upper()}"]
    responses = _media_types(operation.get("responses", {}), document)
    if EVENTS in responses:
        lines[0] += " -N"
    lines[0] += f" {_quoted(BASE + _filled(path, parameters, document) + _query(parameters, document))}"
    lines += [
        "-H " + _quoted(f"{parameter['name']}: {_value(parameter, document)}")
        for parameter in parameters
        if parameter.get("in") == "header" and parameter.get("required")
    ]
    lines += _body(resolved(operation.get("requestBody", {}), document).get("content", {}), document)
    if responses and not any(media.startswith(PRINTED) for media in responses):
        lines.append(f"-o {_quoted(path.rpartition('/')[2].strip('{}'))}")
    return " \\\n  ".join(lines)


def _body(content: Mapping[str, Any], document: Document) -> Iterator[str]:
    if not content:
        return
    media = next((kind for kind in (JSON, FORM) if kind in content), next(iter(content)))
    schema = resolved(content[media].get("schema", {}), document)
    if media == FORM:
        # curl writes the Content-Type itself: it holds the boundary between the parts.
        for name in schema.get("required", list(schema.get("properties", {}))[:1]):
            part = resolved(schema["properties"][name], document)
            value = f"@{_file(part)}" if part.get("format") == "binary" else str(example(part, document))
            yield f"-F {_quoted(f'{name}={value}')}"
    elif media == JSON:
        yield f"-H {_quoted(f'Content-Type: {media}')}"
        yield f"-d {_quoted(json.dumps(example(schema, document), ensure_ascii=False))}"
    else:
        yield f"-H {_quoted(f'Content-Type: {media}')}"
        yield f"--data-binary @file.{media.rpartition('/')[2]}"


def _file(part: Mapping[str, Any]) -> str:
    return "tickets.csv" if "CSV" in part.get("description", "") else "manual.pdf"


def _filled(path: str, parameters: list[Any], document: Document) -> str:
    given = {parameter["name"]: parameter for parameter in parameters if parameter.get("in") == "path"}
    for name in [part.partition("}")[0] for part in path.split("{")[1:]]:
        value = _value(given.get(name, {"name": name}), document)
        path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
    return path


def _query(parameters: list[Any], document: Document) -> str:
    needed = [one for one in parameters if one.get("in") == "query" and one.get("required")]
    return "?" + urlencode({one["name"]: _value(one, document) for one in needed}) if needed else ""


def _value(parameter: Mapping[str, Any], document: Document) -> Any:
    schema = resolved(parameter.get("schema", {}), document)
    if parameter.get("example") is not None:
        return parameter["example"]
    if schema.get("type") in (None, "string") and not {"format", "enum", "example", "default"} & schema.keys():
        name = str(parameter["name"])
        return NAMES.get(name, 1 if name.endswith("id") else name)
    return example(schema, document)


def _media_types(responses: Mapping[str, Any], document: Document) -> set[str]:
    return {
        media
        for status, response in responses.items()
        if str(status).startswith("2")
        for media in resolved(response, document).get("content", {})
    }


def _quoted(text: str) -> str:
    """Quote a text for a shell; always, so that a reader can replace it by any other text."""
    quoted = shlex.quote(text)
    return quoted if quoted.startswith("'") else f"'{quoted}'"


def example(schema: Any, document: Document, level: int = 0) -> Any:
    """Return the schema's own example, or a value that fits the schema."""
    schema = resolved(schema, document)
    for given in ("example", "default"):
        if schema.get(given) is not None:
            return schema[given]
    if schema.get("examples"):
        return schema["examples"][0]
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type")
    kind = next((one for one in kind if one != "null"), "null") if isinstance(kind, list) else kind
    if kind == "object" or "properties" in schema:
        if level >= MAX_LEVELS:
            return {}
        return {name: example(part, document, level + 1) for name, part in schema.get("properties", {}).items()}
    if kind == "array":
        return [] if level >= MAX_LEVELS else [example(schema.get("items", {}), document, level + 1)]
    if kind == "string" and schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    return {"integer": 1, "number": 0.5, "boolean": True, "string": "…"}.get(str(kind))


def resolved(value: Any, document: Document) -> Any:
    """Return what a reference points to, or the value itself; an empty mapping for anything else."""
    reference = value.get("$ref") if isinstance(value, Mapping) else None
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return value if isinstance(value, Mapping) else {}
    found: Any = document
    for part in reference[2:].split("/"):
        found = found.get(part, {})
    return found
