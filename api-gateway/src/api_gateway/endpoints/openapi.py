"""Merges the OpenAPI documents of all services into one."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from service_kit.http.operations import STRICT

from api_gateway.aliases import Alias
from api_gateway.endpoints import conventions
from api_gateway.endpoints.examples import describe
from api_gateway.endpoints.local_endpoint import TEXT, LocalEndpoint
from api_gateway.endpoints.merging import Components, operation_at, renamed_parameters
from api_gateway.endpoints.response_examples import illustrate
from api_gateway.fan_out import ParallelCalls
from api_gateway.messages import Request, Response, json_response
from api_gateway.routes import Route
from api_gateway.routing import parameter_name, pattern_segments
from api_gateway.upstreams import Upstreams

FRESH_SECONDS = 30.0
RETRY_SECONDS = 2.0
FAN_OUT_SECONDS = 1.5
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An access token, or an API key."},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "An API key."},
}
"""How a request proves its caller; an API key may be sent in either way."""

Document = dict[str, Any]
Entries = Sequence[Route | LocalEndpoint | Alias]


class OpenApi:
    """`/openapi.json`: what the gateway lets through, as the services describe it.

    A service that is down keeps its last document; without one its paths are left out and `x-missing` names it.
    """

    def __init__(self, upstreams: Upstreams, *, token_needed: bool) -> None:
        self._upstreams = upstreams
        self._token_needed = token_needed
        self._entries: Entries = ()
        self._calls: ParallelCalls[str, Document] = ParallelCalls(self._fetch, threads=8, name="openapi")
        self._seen: dict[str, Document] = {}
        self._cached: Document | None = None
        self._fresh_until = 0.0
        self._lock = threading.Lock()

    def describe(self, entries: Entries) -> None:
        """Set the entries to document."""
        self._entries = entries

    def show(self, _request: Request) -> Response:
        """Show the document."""
        return json_response(self.document())

    def document(self) -> Document:
        """Return the merged document, cached for 30 seconds (2 where a service was missing)."""
        with self._lock:
            if self._cached is None or time.monotonic() > self._fresh_until:
                responses = self._calls.run([upstream.name for upstream in self._upstreams], FAN_OUT_SECONDS)
                self._seen |= {name: found for name, found in responses.items() if isinstance(found, dict)}
                self._cached = merged(
                    self._entries,
                    self._seen,
                    [upstream.name for upstream in self._upstreams],
                    token_needed=self._token_needed,
                )
                complete = all(isinstance(found, dict) for found in responses.values())
                self._fresh_until = time.monotonic() + (FRESH_SECONDS if complete else RETRY_SECONDS)
            return self._cached

    def _fetch(self, name: str) -> Document:
        response = self._upstreams[name].checks.request("GET", "/openapi.json")
        document = orjson.loads(response.body)
        if response.status != 200 or not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
            raise ValueError(f"{name} answers {response.status}, no OpenAPI document")
        return document


def merged(
    entries: Entries, documents: Mapping[str, Document], services: Sequence[str], *, token_needed: bool = True
) -> Document:
    """Return one document of all entries; services without a document are named in `x-missing`."""
    missing = [name for name in services if name not in documents]
    components = Components(conventions.components())
    described = {name: components.add(name, document) for name, document in documents.items()}
    paths: dict[str, dict[str, Any]] = {}
    for entry in entries:
        for operation in _operations(entry, entries, described):
            operation["operationId"] = _operation_id(entry)
            describe(operation.get("parameters", ()))
            paths.setdefault(entry.pattern, {})[entry.method.lower()] = operation
    used = components.used_in(paths)
    illustrate(paths, used.get("schemas", {}))
    note = f" At the moment {', '.join(missing)} can't be reached; its part is left out." if missing else ""
    document: Document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Smart Ticket",
            "version": "1",
            "description": f"A self-hosted help desk. Everything is reached through the gateway. {STRICT}{note}",
        },
        "servers": [{"url": "/"}],
        "security": [*([] if token_needed else [{}]), *({name: []} for name in SCHEMES)],
        "tags": [{"name": name} for name in (*services, "api-gateway")],
        "paths": dict(sorted(paths.items())),
        "components": used | {"securitySchemes": SCHEMES},
    }
    if missing:
        document["x-missing"] = missing
    return document


def _operations(
    entry: Route | LocalEndpoint | Alias, entries: Entries, described: Mapping[str, Document]
) -> Iterator[Document]:
    """Yield the entry's operation, nothing where its service isn't known."""
    if isinstance(entry, LocalEndpoint):
        yield _local(entry)
    elif isinstance(entry, Alias):
        target = next(
            found
            for found in entries
            if not isinstance(found, Alias) and (found.method, found.pattern) == (entry.to_method, entry.to_pattern)
        )
        for operation in _operations(target, entries, described):
            operation |= {"deprecated": True, "summary": f"The same as {entry.to_method} {entry.to_pattern}"}
            if entry.body is not None:
                operation.pop("requestBody", None)
            if entry.answer:
                operation["responses"] = operation["responses"] | {"200": _renamed(entry.answer)}
            documented = {each["name"] for each in operation.get("parameters", ()) if each.get("in") == "path"}
            # The target has no such parameter: it is the caller's company, which the gateway checks and removes.
            missing = [each for each in path_parameters(entry.pattern) if each["name"] not in documented]
            yield operation | ({"parameters": [*operation.get("parameters", ()), *missing]} if missing else {})
    else:
        yield from _route(entry, described)


def _route(route: Route, described: Mapping[str, Document]) -> Iterator[Document]:
    # Where a parameter names the service, all of them answer alike.
    names = list(described) if route.service.startswith("{") else [route.service]
    for name in names:
        found = operation_at(described.get(name, {}), route.method, route.path or route.pattern)
        if found is not None:
            tag = "api-gateway" if route.service.startswith("{") else name
            # An empty list overrides the document's: no token is needed.
            security: Document = {"security": []} if route.public else {}
            operation = renamed_parameters(found, route) | {"tags": [tag]} | security
            yield conventions.complete(operation, route.method.lower(), waits=route.waits, needs_token=not route.public)
            return


def path_parameters(pattern: str, schemas: Mapping[str, Mapping[str, Any]] | None = None) -> list[Document]:
    """Return the OpenAPI parameters of a pattern's path; a name without a schema is a text."""
    return [
        {"name": name, "in": "path", "required": True, "schema": (schemas or {}).get(name, TEXT)}
        for segment in pattern_segments(pattern)
        if (name := parameter_name(segment))
    ]


def _local(endpoint: LocalEndpoint) -> Document:
    parameters = path_parameters(endpoint.pattern, endpoint.path)
    parameters += [
        {"name": name, "in": "query", "description": schema["description"], "schema": schema}
        for name, schema in endpoint.query.items()
    ]
    content = {"schema": dict(endpoint.schema)} | ({} if endpoint.example is None else {"example": endpoint.example})
    operation: Document = {
        "summary": endpoint.summary,
        "tags": ["api-gateway"],
        "responses": {
            "200": {"description": "OK", "content": {endpoint.media_type: content}},
        },
    }
    if parameters:
        operation["parameters"] = parameters
    if endpoint.body:
        fields = {"type": "object", "required": sorted(endpoint.body), "properties": dict(endpoint.body)}
        example = {name: schema["example"] for name, schema in endpoint.body.items()}
        content = {"application/json": {"schema": fields, "example": example}}
        operation["requestBody"] = {"required": True, "content": content}
    if endpoint.roles is None:
        operation["security"] = []
    else:
        operation["x-roles"] = sorted(endpoint.roles)
    return conventions.complete(operation, endpoint.method.lower(), needs_token=endpoint.roles is not None)


def _renamed(answer: Mapping[str, str]) -> Document:
    """Return the response of an alias that gives fields other names; all of them are texts."""
    schema = {"type": "object", "required": sorted(answer), "properties": {name: dict(TEXT) for name in answer}}
    return {"description": "OK", "content": {"application/json": {"schema": schema}}}


def _operation_id(entry: Route | LocalEndpoint | Alias) -> str:
    words = [parameter_name(segment) or segment for segment in pattern_segments(entry.pattern)] or ["index"]
    return "_".join([entry.method.lower(), *words]).replace("-", "_").replace(".", "_")
