"""Blueprints whose routes parse strictly, answer quickly and document themselves."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import orjson
from flask import Response
from flask_smorest.blueprint import Blueprint as SmorestBlueprint

from service_kit.http.parsing import StrictParser
from service_kit.http.strictness import accept

JSON = "application/json"

View = TypeVar("View", bound=Callable[..., Any])
Decorator = Callable[[View], View]


class Blueprint(SmorestBlueprint):
    """A flask-smorest blueprint: `.arguments(Schema, location=…)`, `.response(status, Schema)`.

    Unknown fields of a body or a query are 400 with the field's name (`service_kit.http.strictness`).
    """

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, import_name: str, *, description: str = "", url_prefix: str | None = None) -> None:
        """`name` becomes the tag of the routes in OpenAPI, `description` what is said about it there."""
        super().__init__(name, import_name, description=description, url_prefix=url_prefix)  # type: ignore[no-untyped-call]

    def arguments(self, schema: Any, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Parse a body (or `location="query"`) by a marshmallow schema and hand it to the view."""
        # webargs would make a new schema for every request where it gets a class; loading doesn't change a schema.
        fixed = schema() if isinstance(schema, type) else schema
        decorate: Any = super().arguments(fixed, **options)  # type: ignore[no-untyped-call]
        in_query = options.get("location") == "query"

        def decorator(view: Callable[..., Any]) -> Callable[..., Any]:
            decorated: Callable[..., Any] = decorate(view)
            accept(decorated, query=fixed if in_query else None, body=not in_query)
            if not in_query:
                decorated.__dict__["body_schema"] = fixed
            return decorated

        return decorator

    def response(self, status_code: int, schema: Any = None, **options: Any) -> Decorator[Any]:
        """Document the answer, and make it by `schema` unless the view returns a Response already."""
        decorate: Any = super().response(status_code, schema, **options)  # type: ignore[no-untyped-call]
        return decorate  # type: ignore[no-any-return]

    def doc(self, **options: Any) -> Decorator[Any]:  # type: ignore[override]
        """Document an operation by hand; a route with a `requestBody` takes a body that it reads itself."""
        decorate: Any = super().doc(**options)  # type: ignore[no-untyped-call]

        def decorator(view: Callable[..., Any]) -> Callable[..., Any]:
            decorated: Callable[..., Any] = decorate(view)
            accept(decorated, body="requestBody" in options)
            return decorated

        return decorator

    def alt_response(self, status_code: int, response: Any = None, **options: Any) -> Decorator[Any]:
        """Document another answer."""
        decorate: Any = super().alt_response(status_code, response, **options)  # type: ignore[no-untyped-call]
        return decorate  # type: ignore[no-any-return]


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Make a JSON answer of something already formatted; `.response(…)` then only documents it.

    Quicker than a schema's dump; datetimes become RFC 3339 in UTC with Z, UUIDs text.
    """
    response = Response(dumps(body), status=status, content_type=JSON)
    if headers:
        response.headers.extend(headers)
    return response


def dumps(body: Any) -> bytes:
    """Return JSON as this system writes it everywhere."""
    return orjson.dumps(body, option=orjson.OPT_UTC_Z)
