"""Merges components and operations of several OpenAPI documents."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from api_gateway.routes import Route
from api_gateway.routing import parameter_name, pattern_segments

Document = dict[str, Any]

PROBLEM: Document = {
    "type": "object",
    "description": "An error, as RFC 9457 describes it.",
    "required": ["type", "title", "status", "code", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; meant for programs."},
        "request_id": {"type": "string"},
        "detail": {"type": "string", "description": "Meant for people."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


class Components:
    """The components of all documents; a name with two meanings gets its service's name as prefix."""

    def __init__(self, own: Mapping[str, Document]) -> None:
        """`own` are the gateway's own components beside the schema of problems."""
        self.document: Document = {kind: dict(parts) for kind, parts in own.items()}
        self.document["schemas"] = {"Problem": PROBLEM}

    def add(self, service: str, document: Document) -> Document:
        """Add a service's components; return its document with the references renamed accordingly."""
        prefix = "".join(word.capitalize() for word in service.removesuffix("-service").split("-"))
        theirs: Mapping[str, Any] = document.get("components", {})
        renamed: dict[str, str] = {}
        for kind, parts in theirs.items():
            ours = self.document.setdefault(kind, {})
            for name, part in parts.items():
                if name in ours and ours[name] != part:
                    renamed[f"#/components/{kind}/{name}"] = f"#/components/{kind}/{prefix}{name}"
        fitting: Document = _with_references(document, renamed)
        for kind, parts in fitting.get("components", {}).items():
            if kind == "securitySchemes":
                continue
            for name, part in parts.items():
                reference = renamed.get(f"#/components/{kind}/{name}", f"#/components/{kind}/{name}")
                self.document[kind][reference.rpartition("/")[2]] = part
        self.document.pop("securitySchemes", None)
        return fitting

    def used_in(self, paths: Document) -> Document:
        """Return the components that the paths, or other components that they use, refer to."""
        used: set[tuple[str, str]] = set()
        waiting = list(_references(paths))
        while waiting:
            kind, name = waiting.pop()
            if (kind, name) not in used and name in self.document.get(kind, {}):
                used.add((kind, name))
                waiting += _references(self.document[kind][name])
        kept = {kind: {name: part for name, part in sorted(parts.items()) if (kind, name) in used}
                for kind, parts in sorted(self.document.items())}  # fmt: skip
        return {kind: parts for kind, parts in kept.items() if parts}


def operation_at(document: Document, method: str, pattern: str) -> Document | None:
    """Return the operation of a method and pattern, or None; names of path parameters are ignored."""
    shape = _shape(pattern)
    for path, item in document.get("paths", {}).items():
        if _shape(path) == shape and method.lower() in item:
            operation: Document = copy.deepcopy(item[method.lower()])
            shared = copy.deepcopy(item.get("parameters", []))
            if shared:
                operation["parameters"] = [*shared, *operation.get("parameters", [])]
            operation["x-path"] = path
            return operation
    return None


def renamed_parameters(operation: Document, route: Route) -> Document:
    """Return the operation with the route's names for its path parameters, and with the parameters it lacks."""
    theirs = [parameter_name(segment) for segment in pattern_segments(operation.pop("x-path"))]
    ours = [parameter_name(segment) for segment in pattern_segments(route.path or route.pattern)]
    names = {their: our for their, our in zip(theirs, ours, strict=True) if their}
    parameters = operation.get("parameters", [])
    for parameter in parameters:
        if parameter.get("in") == "path":
            parameter["name"] = names.get(parameter["name"], parameter["name"])
    known = {parameter.get("name") for parameter in parameters if parameter.get("in") == "path"}
    parameters += [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for segment in pattern_segments(route.pattern)
        if (name := parameter_name(segment)) and name not in known
    ]
    if parameters:
        operation["parameters"] = parameters
    # Clients send a bearer token; services document the internal token, which clients never see.
    operation.pop("security", None)
    return operation


def _shape(path: str) -> tuple[str, ...]:
    return tuple("{}" if parameter_name(segment) else segment for segment in pattern_segments(path))


def _references(value: Any) -> Iterator[tuple[str, str]]:
    """Yield kind and name of each component that a part of a document refers to."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key == "$ref" and isinstance(part, str):
                _, _, kind, name = part.split("/")
                yield kind, name
            else:
                yield from _references(part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part)


def _with_references(value: Any, renamed: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            key: renamed.get(part, part) if key == "$ref" and isinstance(part, str) else _with_references(part, renamed)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_with_references(part, renamed) for part in value]
    return value
