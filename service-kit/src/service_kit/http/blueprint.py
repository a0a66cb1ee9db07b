"""Blueprints with strict parsing, fast JSON responses and OpenAPI documentation."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import orjson
from flask import Response
from flask_smorest.blueprint import Blueprint as SmorestBlueprint

from service_kit.http.parsing import OPTIONAL, StrictParser
from service_kit.http.strictness import accept

JSON = "application/json"

View = TypeVar("View", bound=Callable[..., Any])
Decorator = Callable[[View], View]


class Blueprint(SmorestBlueprint):
    """A flask-smorest blueprint: `.arguments(Schema, location=…)`, `.response(status, Schema)`.

    Unknown fields of a body or a query are 400 with the field's name (`service_kit.http.strictness`).
    """

    ARGUMENTS_PARSER = StrictParser()
    # flask-smorest's methods without types: `schema` of `response` serializes a result that is no Response.
    response: Callable[..., Decorator[Any]]
    alt_response: Callable[..., Decorator[Any]]

    def __init__(self, name: str, import_name: str, *, description: str = "") -> None:
        """`name` becomes the tag of the routes in OpenAPI, `description` the tag's description."""
        super().__init__(name, import_name, description=description)  # type: ignore[no-untyped-call]

    def arguments(self, schema: Any, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Parse the body (or the query, with `location="query"`) by a marshmallow schema and pass it to the view.

        With `required=False` a request without a body is parsed as an empty object.
        """
        # webargs would instantiate a schema class for every request. Loading doesn't change an instance: one suffices.
        instance = schema() if isinstance(schema, type) else schema
        if not options.get("required", True):
            vars(instance)[OPTIONAL] = True
        decorate: Any = super().arguments(instance, **options)  # type: ignore[no-untyped-call]
        in_query = options.get("location") == "query"

        def decorator(view: Callable[..., Any]) -> Callable[..., Any]:
            decorated: Callable[..., Any] = decorate(view)
            accept(decorated, query=instance if in_query else None, body=not in_query)
            if not in_query:
                decorated.__dict__["body_schema"] = instance
            return decorated

        return decorator

    def doc(self, **options: Any) -> Decorator[Any]:  # type: ignore[override]
        """Add OpenAPI fields to an operation. A route with a `requestBody` accepts a body, which its view reads."""
        decorate: Any = super().doc(**options)  # type: ignore[no-untyped-call]

        def decorator(view: Callable[..., Any]) -> Callable[..., Any]:
            decorated: Callable[..., Any] = decorate(view)
            accept(decorated, body="requestBody" in options)
            return decorated

        return decorator


def json_response(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON response without a schema; `.response(…)` then only documents it.

    It is faster than a schema's dump. Datetimes become RFC 3339 in UTC with Z, UUIDs become text.
    """
    return Response(dumps(body), status=status, headers=headers, content_type=JSON)


def dumps(body: Any) -> bytes:
    """Return JSON in UTF-8; datetimes are in UTC with Z."""
    return orjson.dumps(body, option=orjson.OPT_UTC_Z)
