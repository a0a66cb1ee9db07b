"""Which changes from one OpenAPI document to another break clients: less is accepted, or less is answered.

The libraries for this are young and one person's each, or programs in Go; this compares what our documents contain.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Document = Mapping[str, Any]

METHODS = ("get", "post", "put", "patch", "delete")
LOWER, UPPER = ("minimum", "minLength", "minItems"), ("maximum", "maxLength", "maxItems")


def breaking_changes(before: Document, after: Document) -> list[str]:
    """Return a sentence for each change that breaks a client of `before`."""
    return sorted(set(_Comparison(before, after).paths()))


class _Comparison:
    def __init__(self, before: Document, after: Document) -> None:
        self._before, self._after = before, after
        self._seen: set[tuple[str, str, str]] = set()

    def paths(self) -> Iterator[str]:
        for path, item in self._before["paths"].items():
            for method in METHODS:
                if method not in item:
                    continue
                operation = self._after["paths"].get(path, {}).get(method)
                name = f"{method.upper()} {path}"
                if operation is None:
                    yield f"{name} is gone"
                else:
                    yield from self._operation(name, item[method], operation)

    def _operation(self, name: str, before: Document, after: Document) -> Iterator[str]:
        if before["operationId"] != after["operationId"]:
            yield f"{name}: the operationId {before['operationId']} became {after['operationId']}"
        if before.get("security") == [] and after.get("security") != []:
            yield f"{name}: needs a token now"
        for role in set(before.get("x-roles", ())) - set(after.get("x-roles", before.get("x-roles", ()))):
            yield f"{name}: the role {role} may no longer call it"
        yield from self._parameters(name, before, after)
        yield from self._body(name, before.get("requestBody"), after.get("requestBody"))
        for status, response in before.get("responses", {}).items():
            if status.startswith("2"):
                yield from self._response(f"{name}: {status}", response, after.get("responses", {}).get(status))

    def _parameters(self, name: str, before: Document, after: Document) -> Iterator[str]:
        old, new = _by_name(before, self._before), _by_name(after, self._after)
        for key in old.keys() - new.keys():
            yield f"{name}: the {key[0]} parameter {key[1]} is gone"
        for key, parameter in new.items():
            what = f"{name}: the {key[0]} parameter {key[1]}"
            if parameter.get("required") and not old.get(key, {}).get("required"):
                yield f"{what} is required now"
            if key in old:
                yield from self._schema(what, old[key].get("schema", {}), parameter.get("schema", {}), "request")

    def _body(self, name: str, before: Document | None, after: Document | None) -> Iterator[str]:
        if before is None:
            if after is not None and after.get("required"):
                yield f"{name}: a body is required now"
            return
        if after is None:
            yield f"{name}: takes no body any more"
            return
        if after.get("required") and not before.get("required"):
            yield f"{name}: a body is required now"
        yield from self._content(f"{name}: the body", before, after, "request")

    def _response(self, name: str, before: Document, after: Document | None) -> Iterator[str]:
        if after is None:
            yield f"{name} is no longer answered"
            return
        old, new = _resolved(before, self._before), _resolved(after, self._after)
        for header in old.get("headers", {}).keys() - new.get("headers", {}).keys():
            yield f"{name}: the header {header} is gone"
        yield from self._content(name, old, new, "response")

    def _content(self, name: str, before: Document, after: Document, way: str) -> Iterator[str]:
        for media_type, part in before.get("content", {}).items():
            if media_type not in after.get("content", {}):
                yield f"{name}: {media_type} is gone"
            else:
                new = after["content"][media_type]
                yield from self._schema(name, part.get("schema", {}), new.get("schema", {}), way)

    def _schema(self, name: str, before: Document, after: Document, way: str) -> Iterator[str]:
        references = (before.get("$ref", ""), after.get("$ref", ""), way)
        if all(references):
            # The same pair is compared once, which also ends the comparison of schemas that contain themselves.
            if references in self._seen:
                return
            self._seen.add(references)
        old, new = _resolved(before, self._before), _resolved(after, self._after)
        # A request may gain types and lose none; an answer may lose types and gain none.
        narrow, wide = (new, old) if way == "request" else (old, new)
        if _types(narrow) and (_types(wide) - _types(narrow) or not _types(wide)):
            yield f"{name}: its type {_shown(old)} became {_shown(new)}"
        if way == "request":
            yield from _limits(name, old, new)
        yield from self._fields(name, old, new, way)
        if "items" in old and "items" in new:
            yield from self._schema(f"{name}[]", old["items"], new["items"], way)
        for kind in ("anyOf", "oneOf", "allOf"):
            for one, other in zip(old.get(kind, ()), new.get(kind, ()), strict=False):
                yield from self._schema(name, one, other, way)
            if way == "request" and kind != "allOf" and len(new.get(kind, ())) < len(old.get(kind, ())):
                yield f"{name}: accepts fewer forms"

    def _fields(self, name: str, old: Document, new: Document, way: str) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for field in before.keys() - after.keys():
            yield f"{name}: the field {field} is gone"
        needed, given = set(new.get("required", ())), set(old.get("required", ()))
        for field in sorted((needed - given) if way == "request" else (given - needed) & after.keys()):
            yield f"{name}: the field {field} {'is required now' if way == 'request' else 'may be missing now'}"
        for field in before.keys() & after.keys():
            yield from self._schema(f"{name}: {field}", before[field], after[field], way)


def _limits(name: str, old: Document, new: Document) -> Iterator[str]:
    """Yield what a request's value may no longer be."""
    if "enum" in new and (gone := set(map(str, old.get("enum", ["any other"]))) - set(map(str, new["enum"]))):
        yield f"{name}: no longer accepts {', '.join(sorted(gone))}"
    for limit in (*LOWER, *UPPER):
        if limit in new and (
            limit not in old or (new[limit] > old[limit] if limit in LOWER else new[limit] < old[limit])
        ):
            yield f"{name}: {limit} became {new[limit]}"
    for rule in ("pattern", "format"):
        if rule in new and new[rule] != old.get(rule):
            yield f"{name}: {rule} became {new[rule]}"


def _resolved(part: Document, document: Document) -> Document:
    """Return what a reference refers to, or the part itself."""
    while "$ref" in part:
        _, _, kind, name = part["$ref"].split("/")
        part = document["components"][kind][name]
    return part


def _by_name(operation: Document, document: Document) -> dict[tuple[str, str], Document]:
    found = [_resolved(parameter, document) for parameter in operation.get("parameters", ())]
    return {(parameter["in"], parameter["name"]): parameter for parameter in found}


def _types(schema: Document) -> set[str]:
    kind = schema.get("type", ())
    types = {kind} if isinstance(kind, str) else set(kind)
    return types | ({"integer"} if "number" in types else set())


def _shown(schema: Document) -> str:
    kind = schema.get("type", "any")
    return kind if isinstance(kind, str) else " or ".join(sorted(kind))
