"""Adds to each operation what all of its kind have in common: headers, tags of records, and errors by status."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from service_kit.http.problems import MEDIA_TYPE

Document = dict[str, Any]

CHANGES = frozenset({"post", "put", "patch", "delete"})
PROBLEM_SCHEMA = {"$ref": "#/components/schemas/Problem"}
HEADERS: Document = {
    "ETag": {"description": "The version of the record, for If-Match and If-None-Match.", "schema": {"type": "string"}},
    "Idempotency-Replayed": {
        "description": "true: the first response to this Idempotency-Key.", "schema": {"type": "string"},
    },
    "Preference-Applied": {"description": "The preference that was applied.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds to wait before the next try.", "schema": {"type": "integer"}},
}  # fmt: skip
PARAMETERS: Document = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
        "description": "Makes the request repeatable: a duplicate of the same caller gets the first response, for 24 "
        "hours unless the operator sets another time; another request under the key is 422.",
        "example": "5f0c1e9a-4a8b-4f53-9d0e-0d8f7f3b7c11",
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "schema": {"type": "string"},
        "description": "The ETag of the record, or several separated by commas, or *. 412 where the record was changed "
        "since; without the header the change is made whatever was changed.",
        "example": '"3"',
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "schema": {"type": "string"},
        "description": "The ETag that the caller has: 304 without a body while the record has it.",
        "example": '"3"',
    },
    "Prefer": {
        "name": "Prefer",
        "in": "header",
        "schema": {"type": "string"},
        "description": "respond-async: don't wait for the routing. wait=n: wait for it up to n seconds, at most 10 "
        "(RFC 7240).",
        "example": "respond-async",
    },
}
WAITING = {429, 503}
"""Problems that say when to try again."""


def components() -> Document:
    """Return the components that the references of `complete` name."""
    return {"headers": HEADERS, "parameters": PARAMETERS, "responses": dict(_responses())}


def complete(operation: Document, method: str, *, waits: bool = False, needs_token: bool = True) -> Document:
    """Add headers and errors to an operation, in place, and return it.

    `x-if-match` and `x-etag`, the marks of services, become the headers that they stand for. `waits` says that the
    operation heeds `Prefer`.
    """
    checked, tagged = operation.pop("x-if-match", False), operation.pop("x-etag", False)
    sent = {"IdempotencyKey": method == "post", "IfMatch": checked, "IfNoneMatch": tagged, "Prefer": waits}
    parameters = [{"$ref": f"#/components/parameters/{name}"} for name, is_sent in sent.items() if is_sent]
    if parameters:
        operation["parameters"] = [*operation.get("parameters", ()), *parameters]
    responses = operation["responses"]
    responses.pop("default", None)
    received = {"ETag": tagged or checked, "Idempotency-Replayed": method == "post", "Preference-Applied": waits}
    for status, response in list(responses.items()):
        if status.startswith("2") and "$ref" not in response:
            headers = {name: {"$ref": f"#/components/headers/{name}"} for name, is_sent in received.items() if is_sent}
            if headers and status != "204":
                response["headers"] = response.get("headers", {}) | headers
    for status, response in responses.items():
        if status[0] in "45" and "$ref" not in response:
            response.setdefault("content", {MEDIA_TYPE: {"schema": PROBLEM_SCHEMA}})
    if tagged:
        responses["304"] = {"description": "The caller has this version."}
    for status in problem_statuses(method, needs_token=needs_token):
        responses.setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
    operation["responses"] = dict(sorted(responses.items()))
    return operation


def problem_statuses(method: str, *, needs_token: bool) -> list[int]:
    """Return the statuses of the problems that any operation of a method may answer."""
    statuses = [400, 401, 404, 414, 429, 431, 500, 503, 504]
    if needs_token:
        statuses.append(403)
    if method in CHANGES:
        statuses += [409, 412, 413, 415]
    if method == "post":
        # 410: what the first request with the Idempotency-Key created was deleted since.
        statuses += [410, 422]
    return sorted(statuses)


def _responses() -> Iterator[tuple[str, Document]]:
    for status in sorted({*problem_statuses("post", needs_token=True)}):
        response: Document = {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": PROBLEM_SCHEMA}},
        }
        if status in WAITING:
            response["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
        yield f"Problem{status}", response
