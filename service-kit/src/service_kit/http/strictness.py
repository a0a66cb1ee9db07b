"""Requests hold nothing that their route does not know; checked here for every route of every service.

`Blueprint.arguments` records on the view what it accepts, `service_app` calls `refuse_unknown` before each request.
A field that is ignored in silence looks as if it worked: `?tema=Network` would list the rows of every team.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import marshmallow
import orjson
from flask import Request

from service_kit.http.problems import Invalid, Problem

UNKNOWN = "Unknown field."
TWICE = "Given more than once."
NO_BODY = "This address takes no body."
BODYLESS = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_NAMED_FIELDS = 100
MAX_NAMED_CHARACTERS = 100
_MARK = "accepted"


@dataclass(frozen=True)
class Accepted:
    """What a view accepts besides its path."""

    query: Mapping[str, bool] = field(default_factory=dict)
    """The fields of the query; true where one may be given several times."""
    body: bool = False


def accept(view: Any, *, query: marshmallow.Schema | None = None, body: bool = False) -> None:
    """Record on a view that it accepts the fields of a query, or a body, besides what is recorded already."""
    before = accepted(view)
    view.__dict__[_MARK] = Accepted({**before.query, **(_fields(query) if query else {})}, before.body or body)


def accepted(view: Any) -> Accepted:
    """Return what a view accepts."""
    found: Accepted = view.__dict__.get(_MARK, Accepted())
    return found


def refuse_unknown(request: Request, known: Accepted) -> None:
    """Raise Invalid naming what the route does not know in query and body, a 415 problem for an encoded body."""
    if request.query_string:
        _refuse_query(request, known)
    if request.method in BODYLESS:
        return
    refuse_encoding(request.environ.get("HTTP_CONTENT_ENCODING"))
    if not known.body:
        _refuse_body(request)


def refuse_encoding(header: str | None) -> None:
    """Raise a 415 problem naming the content codings of a body, unless it comes as it is (RFC 9110, 15.5.16)."""
    codings = [each.strip().lower() for each in (header or "").split(",")]
    named = ", ".join(each for each in codings if each not in {"", "identity"})[:MAX_NAMED_CHARACTERS]
    if named:
        message = f"Bodies encoded by {named} are not accepted; send the body as it is."
        raise Problem(
            message,
            status=415,
            code="unsupported_media_type",
            errors=[{"field": "Content-Encoding", "message": message}],
            headers={"Accept-Encoding": "identity"},
        )


def _refuse_body(request: Request) -> None:
    """Raise Invalid where a route that takes no body gets one; an empty object says nothing and may come."""
    raw = request.get_data()
    if not raw.strip():
        return
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        value = None
    if value == {}:
        return
    fields = value if isinstance(value, dict) else [*request.form, *request.files]
    errors = [{"field": _shown(str(name)), "message": UNKNOWN} for name in fields][:MAX_NAMED_FIELDS]
    raise Invalid(NO_BODY, errors=errors or [{"field": "body", "message": NO_BODY}])


def _refuse_query(request: Request, known: Accepted) -> None:
    errors = [
        {"field": _shown(name), "message": UNKNOWN if name not in known.query else TWICE}
        for name, values in request.args.lists()
        if name not in known.query or (len(values) > 1 and not known.query[name])
    ]
    if errors:
        raise Invalid("The query can't be accepted.", errors=errors)


def _shown(name: str) -> str:
    return name.replace("\x00", "\\u0000")


def _fields(schema: marshmallow.Schema) -> dict[str, bool]:
    return {
        each.data_key or name: isinstance(each, marshmallow.fields.List) for name, each in schema.load_fields.items()
    }
